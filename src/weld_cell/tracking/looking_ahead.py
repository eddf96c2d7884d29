"""Rotation of the tool about its wire that lets the sensor see the seam ahead, if there is one.

The arc does not care how the tool is turned about the wire; work and travel angle stay as they are.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import LookAheadError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert, transform_points
from weld_cell.records import FloatArray
from weld_cell.tracking.seam_line import SeamLine
from weld_cell.tracking.settings import TrackingSettings

_ITERATIONS = 6
_LEAST_AHEAD_M = 5e-3


@dataclass(frozen=True, eq=False)
class AheadSensor:
    """The line-laser sensor as the welding tool carries it.

    Attributes:
        camera: Intrinsics.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        T_tool_sensor: (4, 4) optical frame in welding_tool.
    """

    camera: CameraModel
    laser_plane: FloatArray
    T_tool_sensor: FloatArray

    @property
    def ahead_m(self) -> float:
        """How far from the wire the laser meets the optical axis, square to the wire."""
        return float(np.linalg.norm(self._focus[:2]))

    @property
    def azimuth_rad(self) -> float:
        """In which direction from the wire, about the tool's z from its x."""
        return float(np.arctan2(self._focus[1], self._focus[0]))

    @property
    def _focus(self) -> FloatArray:
        return transform_points(self.T_tool_sensor, np.array([0.0, 0.0, 1.0 / self.laser_plane[2]]))

    def places_seen(self, poses: FloatArray, line: SeamLine, ahead_of_m: FloatArray) -> FloatArray:
        """(n,) arc lengths at which the laser plane meets the seam, for T_base_tool (n, 4, 4) at arc lengths (n,)."""
        sensors = poses @ self.T_tool_sensor
        normals = sensors[:, :3, :3] @ self.laser_plane
        offsets = 1.0 + np.sum(normals * sensors[:, :3, 3], axis=1)
        s = ahead_of_m + self.ahead_m
        for _ in range(_ITERATIONS):
            miss = offsets - np.sum(normals * line.positions(s), axis=1)
            s = s + miss / np.sum(normals * line.tangents(s), axis=1)
        return np.asarray(s)


def turned_to_look(poses: FloatArray, line: SeamLine, sensor: AheadSensor) -> FloatArray:
    """Tool poses along a seam, turned about the wire so that the sensor looks at the seam ahead.

    Args:
        poses: (n, 4, 4) T_base_tool on the seam.
        line: The seam.
        sensor: On the tool.

    Returns:
        (n, 4, 4) T_base_tool.
    """
    inverse, tips = invert(poses), poses[:, :3, 3]
    s = line.places(tips) + sensor.ahead_m
    for _ in range(_ITERATIONS):
        seen = np.einsum('nij,nj->ni', inverse[:, :3, :3], line.positions(s) - tips)
        s = s + sensor.ahead_m - np.linalg.norm(seen[:, :2], axis=1)
    angles = np.arctan2(seen[:, 1], seen[:, 0]) - sensor.azimuth_rad
    turn = Rotation.from_rotvec(angles[:, None] * np.array([0.0, 0.0, 1.0]))
    turned = poses.copy()
    turned[:, :3, :3] = poses[:, :3, :3] @ turn.as_matrix()
    return turned


def require_ahead(sensor: AheadSensor, settings: TrackingSettings) -> None:
    """Check that the sensor is mounted so that it looks ahead of the wire, and not too far.

    Raises:
        LookAheadError: it is not.
    """
    ahead_mm = 1e3 * sensor.ahead_m
    if not 1e3 * _LEAST_AHEAD_M <= ahead_mm <= settings.max_look_ahead_mm:
        raise LookAheadError(
            f'The laser meets the workpiece {ahead_mm:.0f} mm from the wire; to weld and track, '
            f'{1e3 * _LEAST_AHEAD_M:.0f} to {settings.max_look_ahead_mm:.0f} mm are needed.',
            'Mount the sensor nearer to the tool (config/rig_tracking.yaml shows one), or weld without tracking.',
        )


def require_sight(poses: FloatArray, line: SeamLine, sensor: AheadSensor, settings: TrackingSettings) -> None:
    """Check that the sensor sees the seam ahead from everywhere along a weld.

    Args:
        poses: (n, 4, 4) T_base_tool along the seam.
        line: The seam.
        sensor: On the tool.
        settings: Of the stage.

    Raises:
        LookAheadError: it looks too far ahead, not ahead at all, or the joint leaves its image; says where.
    """
    require_ahead(sensor, settings)
    ahead_mm = 1e3 * sensor.ahead_m
    places = line.places(poses[:, :3, 3])
    seen = sensor.places_seen(poses, line, places)
    on_seam = np.flatnonzero((seen >= 0.0) & (seen <= line.length_m))
    if not len(on_seam):
        raise LookAheadError(
            f'The seam is {1e3 * line.length_m:.0f} mm long and the sensor looks {ahead_mm:.0f} mm ahead: it sees '
            'none of it while it is welded.',
            'Weld it without tracking.',
        )
    pixels = _corners(poses[on_seam], line, seen[on_seam], sensor, settings)
    outside = np.maximum(-pixels, pixels - (np.array(sensor.camera.size_px) - 1)).max(axis=(1, 2))
    if outside.max() > 0.0:
        worst = on_seam[int(outside.argmax())]
        raise LookAheadError(
            f'With the tool {1e3 * places[worst]:.0f} mm along the seam the joint ahead leaves the image by '
            f'{outside.max():.0f} px.',
            'Change the travel angle of the weld procedure, or mount the sensor so that it sees the joint.',
        )


def _corners(
    poses: FloatArray, line: SeamLine, seen_m: FloatArray, sensor: AheadSensor, settings: TrackingSettings
) -> FloatArray:
    """(n, 4, 2) pixels of what must be seen: left and right of the seam, at its height and above."""
    left, out = line.directions(seen_m).swapaxes(0, 1)
    beside, above = 1e-3 * settings.seen_beside_mm, 1e-3 * settings.seen_above_mm
    middle = line.positions(seen_m)
    corners = [middle + side * beside * left + height * out for side in (-1.0, 1.0) for height in (0.0, above)]
    to_sensor = invert(poses @ sensor.T_tool_sensor)
    points = np.einsum('nij,nkj->nki', to_sensor[:, :3, :3], np.stack(corners, axis=1)) + to_sensor[:, None, :3, 3]
    from weld_cell.geometry.projection import project  # numba, only where a sensor looks ahead

    return project(sensor.camera, points.reshape(-1, 3)).reshape(-1, 4, 2)
