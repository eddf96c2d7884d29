"""Scenes: reproducible, as wrong as promised and no more, and over where the seam is over."""

import numpy as np
import pytest

from weld_cell.geometry.transforms import invert
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import T_BASE_MIDDLE, Scene


def scene_of(seed, joint_type=JointType.FILLET, **options):
    options.setdefault('effects', HardEffects.none())
    return Scene.random(joint_type, np.random.default_rng(seed), **options)


@pytest.mark.parametrize('joint_type', JointType)
def test_seeds_reproduce_bytes(joint_type):
    first, second = (scene_of(11, joint_type, effects=HardEffects.hard(np.random.default_rng(1))) for _ in range(2))
    other = scene_of(12, joint_type, effects=HardEffects.hard(np.random.default_rng(1)))
    for i in range(3):
        images = [scene.image(scene.scan_pose(0.03 + 0.01 * i), 0.1 * i) for scene in (first, second, other)]
        assert images[0].tobytes() == images[1].tobytes()
        assert images[0].tobytes() != images[2].tobytes()


def test_image_is_what_a_camera_gives():
    scene = scene_of(1)
    pixels, truth = scene.render(scene.scan_pose(0.05), 0.0)
    assert pixels.shape == (480, 640) and pixels.dtype == np.uint8
    assert truth.joint_type is JointType.FILLET


def test_truth_needs_no_image():
    scene = scene_of(1, effects=HardEffects.nominal())
    pose = scene.scan_pose(0.05)
    alone, (_, beside) = scene.truth_from(pose, 0.4), scene.render(pose, 0.4)
    np.testing.assert_array_equal(alone.stripe_px, beside.stripe_px)
    np.testing.assert_array_equal(alone.seam_base_m, beside.seam_base_m)
    assert alone.seam_visible == beside.seam_visible


@pytest.mark.parametrize('laser_on', [True, False])
def test_image_needs_no_truth(laser_on):
    first, second = scene_of(1, effects=HardEffects.nominal()), scene_of(1, effects=HardEffects.nominal())
    pose = first.scan_pose(0.05)
    alone, (beside, _) = first.image(pose, 0.4, laser_on=laser_on), second.render(pose, 0.4, laser_on=laser_on)
    np.testing.assert_array_equal(alone, beside)


def test_length_can_be_set():
    assert scene_of(1, length_m=0.2).truth.length_m == pytest.approx(0.2)
    straight = scene_of(1, length_m=0.2, curved=False)
    assert np.linalg.norm(straight.nominal_end_m - straight.nominal_start_m) == pytest.approx(0.2)


def test_images_do_not_share_memory():
    scene = scene_of(1)
    first = scene.image(scene.scan_pose(0.05), 0.0)
    kept = first.copy()
    scene.render(scene.scan_pose(0.07), 0.1)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(('position_mm', 'angle_deg'), [(0, 0), (20, 5), (20, 0), (5, 0.5)])
def test_nominal_scan_is_wrong_by_no_more_than_promised(position_mm, angle_deg):
    angles, distances = [], []
    for seed in range(30):
        scene = scene_of(seed, position_error_m=position_mm * 1e-3, angle_error_deg=angle_deg)
        error = invert(scene.T_base_nominal) @ scene.T_base_workpiece
        angles.append(np.degrees(np.arccos(min(1.0, (np.trace(error[:3, :3]) - 1) / 2))))
        for nominal, true in ((scene.nominal_start_m, scene.truth.start_m), (scene.nominal_end_m, scene.truth.end_m)):
            distances.append(np.linalg.norm(true - nominal))  # a fillet's seam is on z = 0, as the nominal one
    assert max(angles) <= angle_deg + 1e-5
    assert max(distances) <= position_mm * 1e-3 + 1e-9
    assert max(distances) >= 0.6 * position_mm * 1e-3


def test_impossible_errors_are_refused():
    with pytest.raises(ValueError, match='position error|more than'):
        for seed in range(50):
            scene_of(seed, position_error_m=0.0001, angle_error_deg=5.0)


def test_nominal_seam_lies_where_the_robot_expects_it():
    scene = scene_of(2)
    np.testing.assert_allclose((scene.nominal_start_m + scene.nominal_end_m) / 2, T_BASE_MIDDLE[:3, 3])
    along = scene.nominal_end_m - scene.nominal_start_m
    np.testing.assert_allclose(along / np.linalg.norm(along), [0, 1, 0], atol=1e-12)
    # Looking square at the plates the tool points down and travels along base_link's y.
    np.testing.assert_allclose(scene.scan_pose(0.0)[:3, :3], [[0, 1, 0], [1, 0, 0], [0, 0, -1]], atol=1e-7)


@pytest.mark.parametrize('joint_type', JointType)
def test_seam_begins_and_ends(joint_type):
    scene = scene_of(5, joint_type, curved=False)
    length = scene.truth.length_m
    visible = [
        scene.render(scene.seam_pose(s), 0.0)[1].seam_visible
        for s in (-0.01, -0.002, 0.002, length - 0.002, length + 0.002, length + 0.01)
    ]
    assert visible == [False, False, True, True, False, False]


def test_beyond_the_end_only_the_table_is_lit():
    scene = scene_of(5, JointType.LAP, curved=False)
    on, truth_on = scene.render(scene.seam_pose(0.5 * scene.truth.length_m), 0.0)
    off, truth_off = scene.render(scene.seam_pose(-0.02), 0.0)
    assert off.max() < 220 < on.max()
    assert truth_off.stripe_px.size == 0 or truth_off.stripe_px[:, 0].min() > truth_on.stripe_px[:, 0].max() + 50


def test_truth_is_dense_and_consistent():
    truth = scene_of(8, curved=True).truth
    steps = np.linalg.norm(np.diff(truth.positions_m, axis=0), axis=1)
    assert steps.max() < 0.3e-3
    assert steps.sum() == pytest.approx(truth.length_m, rel=0.02)  # a seam beside the curve is longer or shorter
    np.testing.assert_allclose(np.linalg.norm(truth.tangents, axis=1), 1.0)
    np.testing.assert_allclose((truth.tangents * truth.normals).sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.diff(truth.positions_m, axis=0) / steps[:, None], truth.tangents[1:], atol=2e-3)


def test_laser_off_shows_no_stripe():
    scene = scene_of(3, effects=HardEffects.nominal())
    pixels, truth = scene.render(scene.scan_pose(0.05), 0.0, laser_on=False)
    assert pixels.max() < 100
    assert not truth.seam_visible and len(truth.stripe_px) == 0


def test_sensor_far_from_the_workpiece_sees_nothing():
    scene = scene_of(3, curved=True)
    away = scene.scan_pose(0.05)
    away[:3, 3] += [0.5, 0, 0]
    pixels, truth = scene.render(away, 0.0)
    assert pixels.max() == 0 and len(truth.stripe_px) == 0 and not truth.seam_visible
