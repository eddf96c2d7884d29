"""The rendered stripe against hand-computed pixels, and its truth back through the code under test."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.geometry.transforms import invert, make_transform, transform_points
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.joints import fillet, lap
from weld_cell.sim.scene import Scene, nominal_pose
from weld_cell.sim.seam_curve import straight_seam
from weld_cell.sim.sensor import LaserSensor, installed_sensor
from weld_cell.sim.workpiece import Workpiece

SQUARE = np.eye(4)


@pytest.fixture(scope='module')
def plain_sensor():
    """The installed sensor without lens distortion, so that pixels can be computed by hand."""
    sensor = installed_sensor()
    camera = CameraModel(sensor.camera.matrix, np.zeros(5), sensor.camera.size_px)
    return LaserSensor(camera, sensor.laser_plane, sensor.T_tool0_sensor)


def ideal_scene(section, sensor, height_m=0.0):
    workpiece = Workpiece(section, straight_seam(0.2), table_m=-0.2)
    pose = nominal_pose(0.2) @ make_transform((0, 0, height_m), Rotation.identity())
    return Scene(workpiece, pose, HardEffects.none(), np.random.default_rng(0), sensor)


def test_stripe_frame_by_hand():
    """30 degrees to the laser plane, 300 mm away; the travel is tool0's x, up is tool0's -z (rig.yaml)."""
    frame = installed_sensor().T_sensor_stripe
    np.testing.assert_allclose(frame[:3, 3], [0, 0, 0.3], atol=1e-8)
    np.testing.assert_allclose(frame[:3, 0], [np.cos(np.pi / 6), 0, -0.5], atol=1e-7)
    np.testing.assert_allclose(frame[:3, 2], [-0.5, 0, -np.cos(np.pi / 6)], atol=1e-7)
    in_tool0 = installed_sensor().T_tool0_sensor @ frame
    np.testing.assert_allclose(in_tool0[:3, 3], [0.2, 0, 0.34], atol=1e-5)
    np.testing.assert_allclose(in_tool0[:3, :3], np.diag([1.0, -1.0, -1.0]), atol=1e-7)


@pytest.mark.parametrize('height_mm', [0.0, 10.0, -10.0])
def test_level_plate_by_hand(plain_sensor, height_mm):
    """At a height h over the nominal plate x = -h/2 and z = 0.3 - 0.866 h in the optical frame."""
    scene = ideal_scene(lap(3e-3), plain_sensor, height_mm * 1e-3)
    _, truth = scene.render(scene.scan_pose(0.1), 0.0)
    h = height_mm * 1e-3
    expected = 320 - 2000 * (h / 2) / (0.3 - np.cos(np.pi / 6) * h)
    lower = truth.stripe_px[truth.stripe_px[:, 1] < 230]  # rows run against the workpiece's y: low plate first
    np.testing.assert_allclose(lower[:, 0], expected, atol=1e-4)
    np.testing.assert_array_equal(lower[:, 1], np.arange(0, 230))
    np.testing.assert_allclose(truth.seam_px, [expected, 240], atol=1e-4)


def test_fillet_arm_by_hand(plain_sensor):
    """On a 90 degree fillet a point 10 mm up its bisector is also 10 mm to the side: v = 240 -+ 2000 * 10 / z."""
    scene = ideal_scene(fillet(3e-3), plain_sensor)
    _, truth = scene.render(scene.scan_pose(0.1), 0.0)
    z = 0.3 - np.cos(np.pi / 6) * 0.01
    for side in (-1, 1):
        row = 240 + side * 2000 * 0.01 / z
        u = np.interp(row, truth.stripe_px[:, 1], truth.stripe_px[:, 0])
        assert u == pytest.approx(320 - 2000 * 0.005 / z, abs=1e-3)


@pytest.mark.parametrize('curved', [False, True])
@pytest.mark.parametrize('joint_type', JointType)
def test_truth_triangulates_onto_plane_and_surface(joint_type, curved):
    rng = np.random.default_rng([list(JointType).index(joint_type), curved])
    scene = Scene.random(joint_type, rng, effects=HardEffects(misalignment=1.0), curved=curved)
    error = make_transform((0, 0.004, 0.01), Rotation.from_euler('xyz', [6, -8, 7], degrees=True))
    pose = scene.seam_pose(0.5 * scene.truth.length_m, error)
    _, truth = scene.render(pose, 0.0)
    sensor = scene.sensor
    points = triangulate(sensor.camera, sensor.laser_plane, truth.stripe_px)
    assert len(points) > 350
    np.testing.assert_allclose(points @ sensor.laser_plane, 1.0, atol=1e-9)
    T_workpiece_sensor = invert(scene.T_base_workpiece) @ pose @ sensor.T_tool0_sensor
    in_workpiece = transform_points(T_workpiece_sensor, points)
    _, y = scene.workpiece.curve.locate(in_workpiece[:, :2])
    distance = distances_from_chain(np.column_stack([y, in_workpiece[:, 2]]), scene.workpiece.section.vertices_m)
    assert distance.max() < 1e-6


@pytest.mark.parametrize('joint_type', JointType)
def test_seam_truth_lies_on_the_laser_plane_and_on_the_seam(joint_type):
    scene = Scene.random(joint_type, np.random.default_rng(4), effects=HardEffects.none(), curved=True)
    for part in (0.1, 0.5, 0.9):
        pose = scene.seam_pose(part * scene.truth.length_m)
        _, truth = scene.render(pose, 0.0)
        in_sensor = transform_points(invert(pose @ scene.sensor.T_tool0_sensor), truth.seam_base_m)
        assert in_sensor @ scene.sensor.laser_plane == pytest.approx(1.0, abs=1e-8)
        assert truth.seam_visible
        to_seam = distances_from_chain(truth.seam_base_m[None], scene.truth.positions_m)
        assert to_seam[0] < 1e-7  # the chain of dense points cuts the curve by (0.25 mm)^2 / 8 / 150 mm
        back = triangulate(scene.sensor.camera, scene.sensor.laser_plane, truth.seam_px[None])
        np.testing.assert_allclose(back[0], in_sensor, atol=1e-8)


@pytest.mark.parametrize('joint_type', [JointType.LAP, JointType.FILLET])
def test_grey_centroid_lies_on_the_truth(joint_type):
    """The image's own centre of light, away from corners, is where the truth says."""
    scene = Scene.random(joint_type, np.random.default_rng(5), effects=HardEffects.none(), curved=False)
    pixels, truth = scene.render(scene.scan_pose(0.06), 0.0)
    rows = truth.stripe_px[:, 1].astype(int)
    away = (np.abs(rows - truth.seam_px[1]) > 15) & (rows > 5) & (rows < 474)
    weights = pixels[rows[away]].astype(float)
    centroid = weights @ np.arange(640) / weights.sum(axis=1)
    miss = centroid - truth.stripe_px[away, 0]
    assert np.abs(miss).max() < 0.12
    assert abs(miss.mean()) < 0.03


def distances_from_chain(points, vertices):
    """(n,) shortest distances of points (n, k) from a chain (m, k)."""
    begin, along = vertices[:-1], np.diff(vertices, axis=0)
    rays = points[:, None] - begin
    part = np.clip((rays * along).sum(-1) / (along**2).sum(-1), 0, 1)
    return np.linalg.norm(rays - part[..., None] * along, axis=-1).min(axis=1)
