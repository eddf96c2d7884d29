"""A workpiece that moves while it is welded: how far, how fast, and the image of it."""

import numpy as np
import pytest

from weld_cell.records import JointType
from weld_cell.sim.drift import FASTEST_M_S, FULL_SHIFT_M, DriftDials, WorkpieceDrift, drift_of_cell
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene

LENGTH_M, WELD_S = 0.2, 25.0


def drift(seed, **dials):
    return WorkpieceDrift(DriftDials(**dials), np.random.default_rng(seed), LENGTH_M, WELD_S)


def test_without_dials_nothing_moves():
    np.testing.assert_array_equal(drift(1).shifts(20.0, np.array([0.0, 0.1, 0.2])), np.zeros((3, 3)))


@pytest.mark.parametrize('kind', ['thermal', 'slip', 'bend'])
@pytest.mark.parametrize('seed', range(5))
def test_it_moves_by_3_mm_at_up_to_1_mm_per_second(kind, seed):
    moving, places = drift(seed, **{kind: 1.0}), np.linspace(0.0, LENGTH_M, 21)
    shifts = np.stack([moving.shifts(t, places) for t in np.arange(0.0, 100.0, 0.05)])
    sizes = np.linalg.norm(shifts, axis=2)
    assert sizes[0].max() == 0.0 and not shifts[..., 0].any()
    assert 0.7 * FULL_SHIFT_M < sizes.max() < 1.2 * FULL_SHIFT_M
    assert np.linalg.norm(np.diff(shifts, axis=0), axis=2).max() / 0.05 < 1.25 * FASTEST_M_S


def test_neighbours_go_with_a_place():
    moving = drift(3, bend=1.0)
    near = np.array([[0.1, 0.0, 0.0], [0.101, 0.0, 0.0]])
    moved = moving.moved(9.0, 0.1, near[0])
    np.testing.assert_allclose(
        near @ moved[:3, :3].T + moved[:3, 3], near + moving.shifts(9.0, near[:, 0]), atol=3e-7
    )


def test_the_truth_and_the_image_move_together():
    scene = Scene.random(
        JointType.FILLET, np.random.default_rng(2), effects=HardEffects.none(), curved=True, length_m=LENGTH_M
    )
    still = scene.truth_from(scene.seam_pose(0.1), 0.0).seam_base_m
    scene.begin_weld(5.0, 0.0, drift(4, slip=1.0))
    np.testing.assert_allclose(scene.truth_at(5.0).positions_m, scene.truth.positions_m, atol=1e-12)
    seen = scene.truth_from(scene.seam_pose(0.1), 40.0).seam_base_m
    apart = np.linalg.norm(scene.truth_at(40.0).positions_m - seen, axis=1).min()
    assert np.linalg.norm(seen - still) > 1e-3 and apart < 0.13e-3  # half the spacing of the truth


def test_after_the_weld_the_arc_is_out_and_the_next_workpiece_has_not_moved():
    scene = Scene.random(JointType.FILLET, np.random.default_rng(3), effects=HardEffects.none())
    lay = scene.truth.positions_m
    scene.begin_weld(1.0, 0.7, drift(4, thermal=1.0))
    assert scene.effects.spatter == scene.effects.arc_glare == 0.7
    scene.end_weld()
    assert scene.effects == HardEffects.none() and np.abs(scene.truth_at(9.0).positions_m - lay).max() > 1e-3
    scene.renew()
    assert np.array_equal(scene.truth_at(9.0).positions_m, lay)


def test_a_cell_moves_the_same_for_who_renders_it_and_for_who_knows_its_truth():
    s = np.linspace(0.0, 0.2, 5)
    one, other, still = (drift_of_cell(kind, 3.0, 7, 0.2, 20.0) for kind in ('slip', 'slip', 'none'))
    assert np.array_equal(one.shifts(20.0, s), other.shifts(20.0, s)) and np.abs(one.shifts(20.0, s)).max() > 1e-3
    assert not still.shifts(20.0, s).any()
    assert np.abs(drift_of_cell('slip', 1.5, 7, 0.2, 20.0).shifts(90.0, s)).max() < 2.4e-3


def test_a_root_gap_opens_about_its_seam():
    """Towards the end of the seam the more; the scan has seen it as it was, and the seam stays in its middle."""
    moving = drift_of_cell('none', 0.0, 7, 0.2, 20.0, opens_mm=1.0)
    assert moving.opened_m(0.0, 0.2) == 0.0 and moving.opened_m(6.0, 0.2) == moving.opened_m(60.0, 0.2) == 1e-3
    assert moving.opened_m(6.0, 0.1) == pytest.approx(0.5e-3) and moving.opened_m(6.0, -0.01) == 0.0
    assert not moving.shifts(20.0, np.array([0.1])).any()


@pytest.mark.parametrize('joint_type', [JointType.BUTT, JointType.V])
def test_the_image_shows_the_wider_gap(joint_type):
    scene = Scene.random(
        joint_type, np.random.default_rng(2), effects=HardEffects.none(), curved=False, length_m=LENGTH_M
    )
    pose, count = scene.seam_pose(0.1), 2 if joint_type is JointType.BUTT else 4
    before = scene.truth_from(pose, 0.0)
    scene.begin_weld(0.0, 0.0, drift_of_cell('none', 0.0, 7, LENGTH_M, 20.0, opens_mm=1.0))
    after = scene.truth_from(pose, 10.0)
    np.testing.assert_allclose(after.seam_base_m, before.seam_base_m, atol=1e-9)
    wider_px = np.linalg.norm(after.feature_points_px - before.feature_points_px, axis=1)
    px_per_mm = 1e-3 * scene.sensor.camera.matrix[1, 1] / scene.sensor.range_m
    assert len(wider_px) == count
    np.testing.assert_allclose(wider_px, 0.25 * px_per_mm, rtol=0.2)  # each side by a quarter of a millimetre
    opened = scene.workpiece.opened(1e-3)
    assert opened.section.gap_m == pytest.approx(scene.workpiece.section.gap_m + 1e-3)
    assert opened.samples.step_m.sum() == pytest.approx(scene.workpiece.samples.step_m.sum() + 1e-3)


def test_a_joint_without_a_gap_stays_as_it_is():
    workpiece = Scene.random(JointType.LAP, np.random.default_rng(2), effects=HardEffects.none()).workpiece
    assert workpiece.opened(1e-3) is workpiece
    with pytest.raises(ValueError, match='root gap was expected'):
        workpiece.section.opened(1e-3)
