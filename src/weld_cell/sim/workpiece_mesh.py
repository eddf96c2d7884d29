"""The simulated workpiece as triangles, for people to see."""

import numpy as np

from weld_cell.geometry.transforms import transform_points
from weld_cell.records import FloatArray
from weld_cell.sim.scene import Scene
from weld_cell.sim.workpiece import Workpiece

_STRAIGHT, _CURVED = 2, 40  # stations along the seam


def workpiece_triangles(scene: Scene) -> FloatArray:
    """(3 n, 3) corners of triangles in base_link, three by three: the surface that the laser can fall on.

    The cross-section is swept along the seam curve; tack welds and the table are left out.
    """
    workpiece = scene.workpiece
    stations = _STRAIGHT if workpiece.curve.is_straight else _CURVED
    grid = np.stack([_section(workpiece, s) for s in np.linspace(0.0, workpiece.curve.length_m, stations)])
    here, next_across, next_along, opposite = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    corners = np.stack([here, next_along, next_across, next_across, next_along, opposite], axis=2)
    return transform_points(scene.T_base_workpiece, corners.reshape(-1, 3))


def _section(workpiece: Workpiece, s_m: float) -> FloatArray:
    """(k, 3) corners of the cross-section at an arc length, frame workpiece."""
    y, z = workpiece.section.vertices_m.T
    return workpiece.points(np.full_like(y, s_m), y, z)
