"""The workpiece as people see it is the one that the laser measures."""

import numpy as np
import pytest

from weld_cell.geometry.transforms import transform_points
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.sim.workpiece_mesh import workpiece_triangles


@pytest.mark.parametrize('curved', [False, True])
def test_the_seam_of_a_fillet_is_an_edge_of_its_mesh(curved):
    """The plates of a fillet meet in its seam point: from start to end it is a corner of triangles."""
    rng = np.random.default_rng(3)
    scene = Scene.random(JointType.FILLET, rng, effects=HardEffects.nominal(), curved=curved)
    triangles = workpiece_triangles(scene)
    assert len(triangles) % 3 == 0 and np.isfinite(triangles).all()
    lengths = np.linspace(0.0, scene.workpiece.curve.length_m, 40 if curved else 2)
    seam = transform_points(scene.T_base_workpiece, scene.workpiece.seam_points(lengths))
    nearest = np.linalg.norm(triangles[None] - seam[:, None], axis=2).min(axis=1)
    assert nearest.max() < 1e-9


def test_triangles_cover_the_plates_once():
    scene = Scene.random(JointType.LAP, np.random.default_rng(1), effects=HardEffects.nominal(), curved=False)
    corners = workpiece_triangles(scene).reshape(-1, 3, 3)
    areas = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    across = np.linalg.norm(np.diff(scene.workpiece.section.vertices_m, axis=0), axis=1).sum()
    assert areas.sum() == pytest.approx(across * scene.workpiece.curve.length_m, rel=1e-9)
