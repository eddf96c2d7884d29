"""The chain in one process over images of the simulated cell, judged by the scene's truth; and how it can end."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import (
    CalibrationError,
    JointTypeError,
    SeamPathError,
    StripeError,
    TransformError,
)
from weld_cell.geometry.camera import CameraModel
from weld_cell.joint_type import JointTypeSettings
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline, interpolated_stretches
from weld_cell.records import CameraImage, JointType
from weld_cell.settings import PipelineSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.stripe import StripeSettings

IMAGES, STEP_NS = 25, 25_000_000
FIRST_M, SPACING_M = 0.03, 0.003
WITHIN_MM = 0.3


@pytest.fixture(scope='module')
def sensor():
    return load_rig(str(config_file('rig.yaml'))).laser_sensor


@pytest.fixture(scope='module')
def scan(sensor):
    """A fillet joint, scanned: recorded images, the sensor's poses by stamp, the scene."""
    scene = cell_scene(JointType.FILLET, 2)
    recording, poses = [], {}
    for number in range(IMAGES):
        T_base_tool0, stamp_ns = scene.seam_pose(FIRST_M + number * SPACING_M), (number + 1) * STEP_NS
        pixels = scene.image(T_base_tool0, stamp_ns / 1e9)
        recording.append(RecordedImage(CameraImage(pixels, stamp_ns, number), sensor.frame, sensor.camera))
        poses[stamp_ns] = T_base_tool0 @ sensor.T_parent_sensor
    return recording, poses, scene


@pytest.fixture(scope='module')
def pipeline(sensor):
    return LaserPipeline(sensor)


def unknown_pose(stamp_ns):
    raise TransformError(f'no pose at {stamp_ns}')


def off_mm(points_m, scene):
    distances, _ = cKDTree(scene.truth.positions_m).query(np.array(points_m))
    return 1e3 * distances.max()


def test_an_empty_recording_has_no_type_and_no_path(pipeline):
    result = pipeline.replay([], unknown_pose)
    assert result.images == []
    assert isinstance(result.decision, JointTypeError) and result.path is result.decision


def test_another_scan_in_the_recording_is_told(pipeline, scan):
    recording, poses, _ = scan
    later_ns, aside = 60 * 10**9, np.eye(4)
    aside[1, 3] = 0.1
    again = [
        replace(each, image=replace(each.image, stamp_ns=each.image.stamp_ns + later_ns, sequence=IMAGES + number))
        for number, each in enumerate(recording)
    ]
    of_both = poses | {stamp_ns + later_ns: aside @ pose for stamp_ns, pose in poses.items()}
    result = pipeline.replay([*recording, *again], of_both.__getitem__)
    (other,) = result.other_scans
    assert 'another scan, from 60.0 to 60.6 s: fillet, 72 mm' in other and '--start' in other
    assert pipeline.replay(recording, poses.__getitem__).other_scans == []


def test_a_stretch_whose_images_were_not_recorded_is_reported(pipeline, scan):
    recording, poses, _ = scan
    assert interpolated_stretches(pipeline.replay(recording, poses.__getitem__)) == []
    (stretch,) = interpolated_stretches(pipeline.replay([*recording[:10], *recording[15:]], poses.__getitem__))
    begin_mm, end_mm = map(int, re.findall(r'\d+', stretch))
    assert begin_mm == pytest.approx(27, abs=2) and end_mm == pytest.approx(45, abs=2)


def test_a_scan(pipeline, scan):
    recording, poses, scene = scan
    seen = []
    result = pipeline.replay(iter(recording), poses.__getitem__, lambda: seen.append(1))
    assert len(seen) == len(result.images) == IMAGES
    assert [image.stamp_ns for image in result.images] == sorted(poses)
    assert result.decision.joint_type == JointType.FILLET and result.decision.images == IMAGES
    assert all(image.point is not None and image.error is None for image in result.images)  # the vote's too
    assert off_mm([image.point.position_m for image in result.images], scene) < WITHIN_MM
    assert off_mm(result.path.positions_m, scene) < WITHIN_MM
    assert result.path.length_m == pytest.approx((IMAGES - 1) * SPACING_M, abs=1e-3)


@pytest.mark.parametrize('vote_images', [5, 40])  # decided in mid-scan, and at its end
def test_the_light_of_a_root_is_let_go_once_it_is_cut_out(sensor, vote_images):
    scene, recording, poses = cell_scene(JointType.V, 2), [], {}
    for number in range(12):
        T_base_tool0, stamp_ns = scene.seam_pose(FIRST_M + number * SPACING_M), (number + 1) * STEP_NS
        pixels = scene.image(T_base_tool0, stamp_ns / 1e9)
        recording.append(RecordedImage(CameraImage(pixels, stamp_ns, number), sensor.frame, sensor.camera))
        poses[stamp_ns] = T_base_tool0 @ sensor.T_parent_sensor
    settings = PipelineSettings(joint_type=JointTypeSettings(vote_images=vote_images))
    result = LaserPipeline(sensor, settings).replay(recording, poses.__getitem__)
    assert [image.stamp_ns for image in result.images] == list(poses)
    assert all(image.profile.light.size == 0 for image in result.images)
    assert all(image.point.evidence.view is not None for image in result.images if image.point is not None)
    assert off_mm(result.path.positions_m, scene) < WITHIN_MM


@pytest.mark.parametrize('quarters, direction', [(1, 'horizontal'), (3, 'auto'), (2, 'vertical')])
def test_the_same_scan_by_a_sensor_that_is_mounted_turned(sensor, scan, quarters, direction):
    """Turned by quarters about its optical axis: its images, its camera, its laser plane and its pose with it."""
    recording, poses, scene = scan
    turn = np.rint(Rotation.from_euler('z', -90 * quarters, True).as_matrix())  # old optical frame into the new
    camera = turned_camera(sensor.camera, turn)
    mounted = replace(sensor, camera=camera, laser_plane=turn @ sensor.laser_plane)
    T_sensor_mounted = np.eye(4)
    T_sensor_mounted[:3, :3] = turn.T
    images = [
        replace(
            each,
            image=replace(each.image, pixels=np.ascontiguousarray(np.rot90(each.image.pixels, quarters))),
            camera=camera,
        )
        for each in recording
    ]
    settings = PipelineSettings(stripe=StripeSettings(direction=direction))
    result = LaserPipeline(mounted, settings).replay(images, lambda stamp_ns: poses[stamp_ns] @ T_sensor_mounted)
    assert result.decision.joint_type == JointType.FILLET
    assert all(image.point is not None for image in result.images)
    assert off_mm(result.path.positions_m, scene) < WITHIN_MM


def turned_camera(camera, turn):
    """The intrinsics after a turn by quarters about the optical axis."""
    (width, height), K = camera.size_px, camera.matrix
    middle = 0.5 * np.array([width - 1, height - 1])
    moved = turn[:2, :2] @ (K[:2, 2] - middle)
    lies = turn[0, 0] == 0.0
    size_px = (height, width) if lies else (width, height)
    focal = np.diag(K)[[1, 0]] if lies else np.diag(K)[:2]
    centre = moved + 0.5 * np.array([size_px[0] - 1, size_px[1] - 1])
    k1, k2, p1, p2, k3 = camera.distortion
    p2, p1 = turn[:2, :2] @ [p2, p1]
    matrix = np.array([[focal[0], 0.0, centre[0]], [0.0, focal[1], centre[1]], [0.0, 0.0, 1.0]])
    return CameraModel(matrix, np.array([k1, k2, p1, p2, k3]), size_px)


def test_the_same_recording_gives_the_same_result(pipeline, scan):
    recording, poses, _ = scan
    first, second = (pipeline.replay(recording[:12], poses.__getitem__) for _ in range(2))
    assert np.array_equal(first.path.positions_m, second.path.positions_m)
    assert first.decision.counts == second.decision.counts


def test_dark_images_take_no_part(pipeline, scan):
    recording, poses, _ = scan
    dark = replace(recording[0].image, pixels=np.zeros_like(recording[0].image.pixels))
    result = pipeline.replay([replace(recording[0], image=dark), *recording[1:12]], poses.__getitem__)
    first = result.images[0]
    assert isinstance(first.error, StripeError)
    assert first.profile is first.estimate is first.observation is first.point is None
    assert result.decision.images == 11


def test_only_dark_images_leave_the_type_open(pipeline):
    dark = [
        RecordedImage(CameraImage(np.zeros((480, 640), np.uint8), 1, number), 'sensor', CalibrationError('none'))
        for number in range(2)
    ]
    result = pipeline.replay(dark, unknown_pose)
    assert isinstance(result.decision, JointTypeError) and len(result.images) == 2
    assert all(isinstance(image.error, StripeError) for image in result.images)


def test_without_a_calibration_the_type_is_told_and_the_seam_is_not(pipeline, scan):
    recording, poses, _ = scan
    uncalibrated = [replace(recorded, camera=CalibrationError('no focal length')) for recorded in recording[:12]]
    result = pipeline.replay(uncalibrated, poses.__getitem__)
    assert result.decision.joint_type == JointType.FILLET
    assert all(isinstance(image.error, CalibrationError) and image.observation is None for image in result.images)
    assert isinstance(result.path, SeamPathError)


def test_without_a_pose_the_seam_is_known_in_the_sensor_only(pipeline, scan):
    result = pipeline.replay(scan[0][:12], unknown_pose)
    assert all(isinstance(image.error, TransformError) for image in result.images)
    assert all(image.observation is not None and image.point is None for image in result.images)
    assert isinstance(result.path, SeamPathError)


def test_too_few_points_make_no_path(pipeline, scan):
    recording, poses, _ = scan
    result = pipeline.replay(recording[:3], poses.__getitem__)
    assert result.images[0].point is not None
    assert isinstance(result.path, SeamPathError) and 'needs' in result.path.message


def test_only_the_images_of_the_vote_are_asked_for_the_type(sensor, scan):
    recording, poses, _ = scan
    pipeline = LaserPipeline(sensor, PipelineSettings(joint_type=JointTypeSettings(vote_images=5)))
    result = pipeline.replay(recording[:12], poses.__getitem__)
    assert result.decision.images == 5
    assert [image.estimate is not None for image in result.images] == [True] * 5 + [False] * 7
    assert all(image.point is not None for image in result.images)


def test_a_vote_without_a_winner_begins_again_as_in_the_graph(sensor, scan):
    recording, poses, _ = scan
    lap = cell_scene(JointType.LAP, 2)
    other = CameraImage(lap.image(lap.seam_pose(0.06), 0.0), STEP_NS // 2, IMAGES)
    settings = PipelineSettings(joint_type=JointTypeSettings(vote_images=2, minimum_share=0.9))
    mixed = [replace(recording[0], image=other), *recording[:12]]
    result = LaserPipeline(sensor, settings).replay(mixed, {other.stamp_ns: poses[STEP_NS], **poses}.__getitem__)
    assert result.decision.joint_type == JointType.FILLET and result.decision.images == 2
    assert [image.estimate is not None for image in result.images] == [True] * 4 + [False] * 9
