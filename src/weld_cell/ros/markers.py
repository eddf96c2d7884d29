"""RViz markers: the planned weld, labels, the simulated workpiece."""

import numpy as np
from geometry_msgs.msg import Point, Vector3
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.ros.conversions import make_header

_COLOURS = {
    MotionPhase.APPROACH: (0.2, 0.6, 1.0),
    MotionPhase.WELD: (1.0, 0.35, 0.1),
    MotionPhase.DEPARTURE: (0.6, 0.6, 0.7),
    MotionPhase.SCAN: (0.2, 0.9, 0.4),
}
LETTER_M = 0.02
_WIRE_MM = 15.0
_WIRES = 20
_OVER_SEAM_M = np.array([0.0, 0.0, 0.06])
_SPACE_M = 0.01  # width of a space; RViz sets words a metre apart where it is 0


def weld_markers(trajectory: RobotTrajectory, label: str, stamp_ns: int, frame: str) -> MarkerArray:
    """Markers that replace those of the plan before.

    Args:
        trajectory: The planned motion.
        label: Text over the start of the weld.
        stamp_ns: For the headers.
        frame: base_link.
    """
    phases = np.array([str(phase) for phase in trajectory.phases])
    markers = [_clear(stamp_ns, frame)]
    for phase, colour in _COLOURS.items():
        poses = trajectory.tool_poses[phases == str(phase)]
        if len(poses) > 1:
            markers.append(_line(str(phase), poses[:, :3, 3], colour, stamp_ns, frame))
    weld = trajectory.tool_poses[phases == str(MotionPhase.WELD)]
    if len(weld):
        markers += [_wires(weld, stamp_ns, frame), _words(label, weld[0, :3, 3] + _OVER_SEAM_M, stamp_ns, frame)]
    return MarkerArray(markers=markers)


def words_at(text: str, at_m: FloatArray, stamp_ns: int, frame: str, height_m: float = LETTER_M) -> MarkerArray:
    """Words that replace those before; none where the text is empty.

    Args:
        text: The words.
        at_m: (3,) where they stand.
        stamp_ns: For the headers.
        frame: Of the place.
        height_m: Of a letter.
    """
    words = [_words(text, at_m, stamp_ns, frame, height_m)] if text else []
    return MarkerArray(markers=[_clear(stamp_ns, frame), *words])


def surface_marker(triangles_m: FloatArray, name: str, stamp_ns: int, frame: str) -> MarkerArray:
    """A surface that replaces the one before, seen from both sides.

    Args:
        triangles_m: (3 n, 3) corners of its triangles, three by three.
        name: Of it.
        stamp_ns: For the headers.
        frame: Of the corners.
    """
    marker = _marker(name, Marker.ADD, Marker.TRIANGLE_LIST, stamp_ns, frame, (0.55, 0.58, 0.62))
    marker.scale = Vector3(x=1.0, y=1.0, z=1.0)
    both_sides = np.concatenate([triangles_m, triangles_m.reshape(-1, 3, 3)[:, ::-1].reshape(-1, 3)])
    marker.points = _points(both_sides)
    return MarkerArray(markers=[_clear(stamp_ns, frame), marker])


def _clear(stamp_ns: int, frame: str) -> Marker:
    """Deletes all markers of the topic; with a name it would delete those of that name alone."""
    return _marker('', Marker.DELETEALL, Marker.ARROW, stamp_ns, frame, (0.0, 0.0, 0.0))


def _marker(
    name: str,
    action: int,
    kind: int,
    stamp_ns: int,
    frame: str,
    colour: tuple[float, float, float],
) -> Marker:
    marker = Marker(header=make_header(stamp_ns, frame), ns=name, action=action, type=kind)
    marker.pose.orientation.w = 1.0
    marker.color = ColorRGBA(r=colour[0], g=colour[1], b=colour[2], a=1.0)
    return marker


def _line(
    name: str,
    points_m: FloatArray,
    colour: tuple[float, float, float],
    stamp_ns: int,
    frame: str,
) -> Marker:
    marker = _marker(name, Marker.ADD, Marker.LINE_STRIP, stamp_ns, frame, colour)
    marker.scale = Vector3(x=0.002, y=0.0, z=0.0)
    marker.points = _points(points_m)
    return marker


def _wires(poses: FloatArray, stamp_ns: int, frame: str) -> Marker:
    """Short strokes back along the wire, by which work and travel angle are seen."""
    shown = poses[np.linspace(0, len(poses) - 1, _WIRES).round().astype(int)]
    tips = shown[:, :3, 3]
    backs = tips - _WIRE_MM * 1e-3 * shown[:, :3, 2]
    marker = _marker('wire', Marker.ADD, Marker.LINE_LIST, stamp_ns, frame, (1.0, 0.9, 0.2))
    marker.scale = Vector3(x=0.001, y=0.0, z=0.0)
    marker.points = _points(np.stack([tips, backs], axis=1).reshape(-1, 3))
    return marker


def _words(text: str, at_m: FloatArray, stamp_ns: int, frame: str, height_m: float = LETTER_M) -> Marker:
    marker = _marker('words', Marker.ADD, Marker.TEXT_VIEW_FACING, stamp_ns, frame, (1.0, 1.0, 1.0))
    marker.scale = Vector3(x=_SPACE_M, y=0.0, z=height_m)
    marker.pose.position = _points(np.asarray(at_m)[None])[0]
    marker.text = text
    return marker


def _points(points_m: FloatArray) -> list[Point]:
    return [Point(x=x, y=y, z=z) for x, y, z in points_m.tolist()]
