"""Sensor and laser plane from scans without a board: found, its intervals honest, what is open refused by name."""

from dataclasses import replace

import numpy as np
import pytest
from scan_rehearsal import LYING, NOMINAL, RIG, SIZES_M, rehearse
from scipy.spatial.transform import Rotation

from weld_cell.calibration.scans.check import check_step
from weld_cell.calibration.scans.fit import fit_scans
from weld_cell.calibration.scans.model import residuals
from weld_cell.calibration.scans.observability import require_known
from weld_cell.calibration.scans.targets import Sphere, Step
from weld_cell.calibration.scans.views import first_plane, first_sphere, stack_views
from weld_cell.errors import CalibrationError
from weld_cell.evaluation.simulated_scans import Errors, Motions, TrueTarget, off_by, seen_pixels, simulated_views
from weld_cell.geometry.transforms import make_transform
from weld_cell.laser_scans import stripe_view

WIDE = Motions(tilt_deg=35.0)
EXACT = Errors(1e-6, 1e-6, 0.0, 0.0)


def fitted(kind, stripes):
    if kind == 'sphere':
        return fit_scans(stripes, *first_sphere(stripes, NOMINAL, SIZES_M[kind]))
    return fit_scans(stripes, NOMINAL, first_plane(stripes, NOMINAL, SIZES_M[kind] or None))


def seam_errors_mm(sensor, true, stripes):
    rays = stripes.rays[np.isfinite(stripes.sigma_px)]
    return 1e3 * (sensor.tool_points(rays) - true.tool_points(rays))


@pytest.mark.parametrize(
    ('motions', 'count', 'told'),
    [
        (Motions(0.0, 0.0, 0.0, 0.0), 12, 'tilt the sensor about its stripe'),  # all poses alike
        (Motions(5.0), 20, 'tilt'),
    ],
)
def test_poses_that_leave_the_seam_open_are_refused_with_the_motions_to_add(motions, count, told):
    _, stripes = rehearse('plate', 2, count, motions)
    with pytest.raises(CalibrationError, match='The poses leave the seam open') as caught:
        require_known(fitted('plate', stripes))
    assert told in caught.value.remedy


def test_the_motion_that_is_named_is_the_one_that_lacks():
    _, flat = rehearse('sphere', 4, 12, Motions(0.0, 0.0, 10.0, 5.0))
    with pytest.raises(CalibrationError) as caught:
        require_known(fitted('sphere', flat))
    assert 'tilt' in caught.value.remedy or 'turn it' in caught.value.remedy
    _, moved = rehearse('sphere', 4, 20, WIDE)
    require_known(fitted('sphere', moved))


def test_too_few_views_are_refused():
    _, stripes = rehearse('plate', 2, 5, WIDE)
    with pytest.raises(CalibrationError, match='5 views are too few; at least 8'):
        fitted('plate', stripes)


@pytest.mark.parametrize('kind', ['step', 'sphere'])
def test_derivatives_are_those_of_finite_differences(kind):
    _, stripes = rehearse(kind, 5, 3, WIDE)
    target = first_sphere(stripes, NOMINAL, 0.025)[1] if kind == 'sphere' else first_plane(stripes, NOMINAL, 0.010)
    at, seen = residuals(stripes, NOMINAL, target), np.isfinite(stripes.sigma_px)
    for unknown in range(9 + target.unknowns):
        step = np.zeros(9 + target.unknowns)
        step[unknown] = 1e-6
        moved = residuals(stripes, NOMINAL.moved(step[:9]), target.moved(step[9:])).distances_m
        slope = (moved - at.distances_m) / 1e-6
        np.testing.assert_allclose(slope[seen], at.by_unknowns[..., unknown][seen], atol=5e-5, rtol=1e-4)
    for axis in range(3):
        poses = stripes.T_base_tool0.copy()
        poses[:, :3, :3] = poses[:, :3, :3] @ Rotation.from_rotvec(1e-6 * np.eye(3)[axis]).as_matrix()
        turned = residuals(replace(stripes, T_base_tool0=poses), NOMINAL, target).distances_m
        slope = (turned - at.distances_m) / 1e-6
        np.testing.assert_allclose(slope[seen], at.by_pose[..., 3 + axis][seen], atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize('kind', ['plate', 'step', 'sphere'])
def test_without_errors_the_sensor_is_found_to_micrometres(kind):
    true, stripes = rehearse(kind, 1, errors=EXACT, motions=WIDE)
    assert np.linalg.norm(seam_errors_mm(NOMINAL, true, stripes), axis=1).mean() > 5.0  # it begins that far off
    fit = fitted(kind, stripes)
    assert np.linalg.norm(seam_errors_mm(fit.sensor, true, stripes), axis=1).max() < 5e-3
    assert not fit.outliers.any()
    if kind == 'sphere':
        assert isinstance(fit.target, Sphere)
        np.testing.assert_allclose(fit.target.centre_m, [1.0, 0.0, 0.2 - SIZES_M['sphere']], atol=5e-6)
    else:
        assert isinstance(fit.target, Step)
        np.testing.assert_allclose(fit.target.frame[:, 2], LYING[:3, 2], atol=2e-5)


def test_errors_of_image_and_robot_come_out_at_their_size_and_the_intervals_hold():
    errors, inside = [], []
    for seed in range(6):
        true, stripes = rehearse('sphere', 10 + seed, motions=Motions(35.0, 180.0))
        fit = fitted('sphere', stripes)
        off_mm = seam_errors_mm(fit.sensor, true, stripes)
        rays = stripes.rays[np.isfinite(stripes.sigma_px)]
        errors.append(np.sqrt((off_mm**2).sum(axis=1).mean()))
        inside.append(np.abs(off_mm) <= 1e3 * fit.half_width(fit.sensor.tool_point_slopes(rays)))
        assert 0.6 < fit.weighing.robot_factor < 1.6
        assert 0.08 < fit.rms_px < 0.12
    assert np.median(errors) < 0.2
    assert np.mean(inside) > 0.8


def test_a_robot_that_is_three_times_worse_widens_the_intervals():
    _, good = rehearse('step', 3)
    _, poor = rehearse('step', 3, errors=Errors(robot_mm=0.3, robot_deg=0.06))
    widths = [fitted('step', stripes).seam_half_widths_mm().max() for stripes in (good, poor)]
    assert widths[1] > 1.8 * widths[0]


def test_a_wrong_pose_is_named_and_left_out():
    true, stripes = rehearse('sphere', 6, motions=Motions(35.0, 180.0))
    poses = stripes.T_base_tool0.copy()
    poses[7, :3, 3] += [0.004, -0.003, 0.003]
    fit = fitted('sphere', replace(stripes, T_base_tool0=poses))
    assert [stripes.names[view] for view in np.flatnonzero(fit.outliers)] == ['view 7']
    assert np.linalg.norm(seam_errors_mm(fit.sensor, true, stripes), axis=1).mean() < 0.4


def test_a_check_finds_a_sensor_that_was_knocked():
    true, stripes = rehearse('step', 8, 8)
    held = check_step(stripes, true, SIZES_M['step'])
    assert held.holds and held.hand_eye_is_tested and abs(held.height_off_mm) < 0.05
    knocked = true.moved(np.array([0.0, 0.01, 0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.0]))
    off = check_step(stripes, knocked, SIZES_M['step'])
    assert not off.holds and off.surface_off_mm > 0.5
    other_plane = replace(true, laser_plane=true.laser_plane * 1.08)
    assert abs(check_step(stripes, other_plane, SIZES_M['step']).height_off_mm) > 0.5


def test_stray_light_on_a_part_of_the_stripe_does_no_harm():
    true, stripes = rehearse('sphere', 6, motions=Motions(35.0, 180.0), errors=EXACT)
    rays = stripes.rays.copy()
    rays[2:5, :6, 0] += 0.03  # 60 px
    fit = fitted('sphere', replace(stripes, rays=rays))
    assert np.linalg.norm(seam_errors_mm(fit.sensor, true, stripes), axis=1).mean() < 0.05


def drawn(curves, rng):
    """An image with a stripe of Gaussian section along pixels (n, 2), the first curve hiding the others."""
    image, taken = rng.normal(8.0, 2.0, (480, 640)), set()
    for curve in curves:
        rows = set(curve[:, 1].astype(int).tolist()) - taken
        for u, v in curve:
            if int(v) in rows:
                image[int(v)] += 180.0 * np.exp(-0.5 * ((np.arange(640) - u) / 2.0) ** 2)
        taken |= rows
    return image.clip(0, 255).astype(np.uint8)


def test_a_sphere_on_a_table_is_told_from_it_in_the_image():
    rng = np.random.default_rng(3)
    true, motions = off_by(NOMINAL, rng), Motions(35.0, 180.0)
    ball = TrueTarget('sphere', LYING, 0.025)
    seen = simulated_views(true, NOMINAL, RIG.camera, ball, motions, 10, EXACT, rng)
    table = TrueTarget('plate', LYING @ make_transform((0.0, 0.0, -0.045), Rotation.identity()))
    views = []
    for number, view in enumerate(seen):
        behind, _ = seen_pixels(true, RIG.camera, table, view.T_base_tool0, EXACT, rng)
        image = drawn([view.pixels, behind], rng)
        views.append(stripe_view(f'{number}', image, view.T_base_tool0, 'sphere', RIG.camera, NOMINAL, 0.025))
        assert set(views[-1].pixels[:, 1]) <= set(view.pixels[:, 1])
    stripes = stack_views(views, RIG.camera)
    fit = fitted('sphere', stripes)
    require_known(fit)
    assert np.linalg.norm(seam_errors_mm(fit.sensor, true, stripes), axis=1).max() < 0.05
