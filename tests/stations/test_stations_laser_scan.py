"""The scan's order of work: what is held, voted, released, located and finished, on images of the simulated cell."""

from dataclasses import replace

import numpy as np
import pytest

import weld_cell.stations.laser_scan as laser_scan
import weld_cell.stripe.finder as finder
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import CalibrationError, JointTypeError, SeamError, SeamHiddenError, SeamPathError, StripeError
from weld_cell.geometry.transforms import make_transform, rotation_matrix
from weld_cell.joint_type import JointTypeSettings
from weld_cell.paths import config_file
from weld_cell.records import CameraImage, JointType
from weld_cell.seam.settings import SeamSettings
from weld_cell.settings import PipelineSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.stations.joint_type_vote import CAMERA_DELAY_NS, JointTypeVoting
from weld_cell.stations.laser_scan import HELD_PROFILES, LaserScan

IMAGES, STEP_NS = 12, 25_000_000
SETTINGS = PipelineSettings(joint_type=JointTypeSettings(vote_images=4))
SENSOR = load_rig(str(config_file('rig.yaml'))).laser_sensor
SIZE_PX = SENSOR.camera.size_px


@pytest.fixture(scope='module')
def images():
    """A scan of a fillet joint: images and the sensor's poses."""
    scene = cell_scene(JointType.FILLET, 2)
    seen = []
    for number in range(IMAGES):
        T_base_tool0 = scene.seam_pose(0.03 + 0.003 * number)
        pixels = scene.image(T_base_tool0, number / 40)
        image = CameraImage(pixels, (number + 1) * STEP_NS, number, SENSOR.frame)
        seen.append((image, T_base_tool0 @ SENSOR.T_parent_sensor))
    return seen


@pytest.fixture
def scan():
    """Votes, and knows its camera."""
    return made(JointTypeVoting(SETTINGS.joint_type))


def made(voting=None, camera=SENSOR.camera):
    scan = LaserScan(lambda: SENSOR.laser_plane, SETTINGS, voting)
    if camera is not None:
        scan.cameras.add(SIZE_PX, camera)
    return scan


def dark(image):
    return replace(image, pixels=np.zeros_like(image.pixels))


def test_a_scan_of_nothing_has_no_type_and_no_path(scan):
    assert scan.release() == [] and isinstance(scan.conclude_vote(), JointTypeError)
    with pytest.raises(SeamPathError):
        scan.finish()


def test_an_image_without_a_stripe_is_refused_and_nothing_is_held(scan, images):
    with pytest.raises(StripeError):
        scan.look(dark(images[0][0]))
    assert scan.held == 0


def test_before_it_is_asked_no_type_is_told_and_nothing_held(scan, images):
    scan.asked = False
    looks = [scan.look(image) for image, _ in images]
    assert scan.held == 0 and scan.joint_type is None and all(look.newest.ballot is None for look in looks)
    scan.reset_joint_type()
    assert [scan.look(image).newest.ballot.images for image, _ in images[:3]] == [1, 2, 3]


def test_an_uncalibrated_sensor_votes_where_its_assumed_scale_shows_the_seam(images):
    scan = made(JointTypeVoting(SETTINGS.joint_type), CalibrationError('zeros'))
    ballots = [scan.look(image).newest.ballot for image, _ in images[:4]]
    assert [ballot.images for ballot in ballots] == [1, 2, 3, 4]
    assert (scan.joint_type, ballots[-1].outcome.scale) == (JointType.FILLET, 'assumed')


def test_an_image_that_shows_no_seam_of_the_type_that_it_tells_has_no_vote(scan, images, monkeypatch):
    def no_seam(*_):
        raise SeamError('flat')

    monkeypatch.setattr(laser_scan, 'locate_seam', no_seam)
    assert all(scan.look(image).newest.ballot.images == 0 for image, _ in images)
    assert scan.joint_type is None


def turned_lap(more_deg=0.0):
    """The start of a lap joint that is turned to the sensor by 18 degrees and more, a shadow on its upper plate."""
    scene = cell_scene(JointType.LAP, 21)
    aside = make_transform((0.0, -0.0312, 0.0134), rotation_matrix(np.radians([0.0, 0.0, more_deg])))
    for number in range(6):
        pose = scene.scan_pose(0.001 + 0.0015 * number, aside)
        pixels, truth = scene.render(pose, 6.0 + number / 40)
        yield CameraImage(pixels, (number + 1) * STEP_NS, number, SENSOR.frame), pose, truth


def test_a_lap_whose_foot_is_hidden_has_a_vote_for_lap_and_none_for_a_shadow_that_looks_like_a_gap(scan):
    for image, _, _ in turned_lap(-8.0):
        scan.look(image)
    assert scan.joint_type is JointType.LAP
    assert all(isinstance(result.error, SeamHiddenError) for result in scan.release())


def test_the_foot_of_a_lap_that_is_turned_to_the_sensor():
    """The upper plate hides more of the lower one; that was told as a shadow, or as an edge 0.4 mm further out."""
    scan = LaserScan(lambda: SENSOR.laser_plane, PipelineSettings(seam=SeamSettings(edge_lean_deg=3.0)))
    scan.cameras.add(SIZE_PX, SENSOR.camera)
    scan.joint_type = JointType.LAP
    off_mm = []
    for image, pose, truth in turned_lap():
        point = scan.add_pose(scan.look(image).newest, pose @ SENSOR.T_parent_sensor)
        off_mm.append(1e3 * np.linalg.norm(point.position_m - truth.seam_base_m))
    assert max(off_mm) < 0.1


def test_a_stripe_is_extracted_once_an_image_and_the_images_of_the_vote_are_released_in_order(
    scan, images, monkeypatch
):
    extracted = []
    real = finder.extract_stripe
    monkeypatch.setattr(finder, 'extract_stripe', lambda *given: extracted.append(1) or real(*given))
    looks = [scan.look(image) for image, _ in images]
    assert len(extracted) == IMAGES
    assert [look.newest.ballot.images if look.newest.ballot else 0 for look in looks] == [1, 2, 3, 4] + [0] * 8
    assert [len(look.earlier) for look in looks] == [0, 0, 0, 3] + [0] * 8
    assert [result.sequence for result in looks[3].earlier] == [0, 1, 2]
    located = [*looks[3].earlier, *(look.newest for look in looks[3:])]
    assert all(result.observation.joint_type is JointType.FILLET for result in located)
    assert all(look.newest.observation is None for look in looks[:3])


def test_step_by_step_is_the_same_as_image_by_image(images):
    one, many = made(JointTypeVoting(SETTINGS.joint_type)), made(JointTypeVoting(SETTINGS.joint_type))
    looks = [one.look(image) for image, _ in images]
    by_image = [result for look in looks for result in (*look.earlier, look.newest) if result.observation]
    for image, _ in images:
        many.hold(image)
    together = many.release()
    assert [r.sequence for r in together] == [r.sequence for r in by_image]
    for a, b in zip(together, by_image, strict=True):
        np.testing.assert_array_equal(a.observation.seam_m, b.observation.seam_m)


def test_points_come_with_their_poses_and_make_the_path(scan, images):
    poses = {image.sequence: pose for image, pose in images}
    for image, _ in images:
        scan.hold(image)
    for result in scan.release():
        assert scan.add_pose(result, poses[result.sequence]) is scan.points[-1]
    path = scan.finish(follow_on=True)
    assert path.length_m == pytest.approx(0.003 * (IMAGES - 1), abs=1e-3) and scan.following
    scan.finish()
    assert not scan.following
    scan.hold(images[0][0])
    assert scan.held == 0  # no seam any more
    assert scan.reset() == f'{IMAGES} points forgotten.'
    assert scan.following and scan.points == [] and scan.joint_type is JointType.FILLET


def test_light_is_kept_only_while_the_profile_is_held(scan, images):
    seen = scan.hold(images[0][0])
    assert seen.profile.light.size == 0 and scan._held[0].profile.light.size > 0


def test_without_a_voter_the_type_comes_from_outside(images):
    scan = made()
    looks = [scan.look(image) for image, _ in images[:3]]
    assert not scan.votes and scan.held == 3 and all(look.newest.ballot is None for look in looks)
    scan.joint_type = JointType.FILLET
    assert [result.sequence for result in scan.release()] == [0, 1, 2] and scan.held == 0


def test_an_unknown_camera_holds_only_the_images_of_its_size(images):
    scan = made(camera=None)
    scan.joint_type = JointType.FILLET
    image = images[0][0]
    other = replace(image, pixels=np.ascontiguousarray(image.pixels[:400]), sequence=1)
    first = scan.look(other).newest
    assert first.observation is None and scan.held == 1 and scan.awaits_camera(first)
    scan.cameras.add(SIZE_PX, SENSOR.camera)
    assert scan.look(replace(image, sequence=2)).newest.observation is not None and scan.held == 1
    late = scan.look(replace(other, stamp_ns=image.stamp_ns + CAMERA_DELAY_NS + 1, sequence=3)).newest
    assert not scan.awaits_camera(late)
    with pytest.raises(CalibrationError, match='No camera_info was received for images of 640 x 400'):
        scan.cross_section(late)


def test_a_camera_without_calibration_releases_with_the_reason(images):
    scan = made(camera=CalibrationError('not calibrated', 'Calibrate it.'))
    scan.joint_type = JointType.FILLET
    newest = scan.look(images[0][0]).newest
    assert isinstance(newest.error, CalibrationError) and newest.profile is not None and scan.held == 0
    with pytest.raises(CalibrationError, match='not calibrated'):
        scan.cross_section(newest)


def test_a_laser_plane_that_is_not_known_is_named(images):
    def unknown():
        raise CalibrationError('no rig', 'Mend it.')

    scan = LaserScan(unknown, SETTINGS)
    scan.cameras.add(SIZE_PX, SENSOR.camera)
    scan.joint_type = JointType.FILLET
    assert isinstance(scan.look(images[0][0]).newest.error, CalibrationError)


def test_a_profile_that_does_not_show_the_joint_says_so(images):
    scan = made()
    scan.joint_type = JointType.LAP
    newest = scan.look(images[0][0]).newest
    assert newest.observation is not None or isinstance(newest.error, SeamError)
    assert (newest.observation is None) == (newest.error is not None)


@pytest.mark.parametrize(('vote_images', 'most'), [(4, HELD_PROFILES), (1000, 1000)])
def test_no_more_profiles_are_held_than_that(images, vote_images, most):
    settings = PipelineSettings(joint_type=JointTypeSettings(vote_images=vote_images))
    assert LaserScan(lambda: SENSOR.laser_plane, settings)._held.maxlen == most


def test_after_the_vote_an_image_is_asked_for_its_type_only_for_who_looks(scan, images):
    for image, _ in images[:4]:
        scan.look(image)
    assert scan.look(images[4][0]).newest.ballot is None
    scan.classifies = True
    newest = scan.look(images[5][0]).newest
    assert newest.ballot.images == 0 and newest.ballot.outcome is None
    picture = scan.vote_overlay(images[5][0], newest)
    assert picture.shape == (*images[5][0].pixels.shape[:2], 3)


def test_a_new_vote_forgets_the_type(scan, images):
    for image, _ in images[:4]:
        scan.look(image)
    assert not scan.votes
    assert 'next image' in scan.reset_joint_type() and scan.votes and scan.joint_type is None


def test_status_and_overlay_say_how_far_an_image_came(scan, images):
    held = scan.look(images[0][0])
    assert scan.status(held).stamp_ns == STEP_NS and scan.status(held).seam_px is None and scan.status(held).held == 1
    stripe = scan.overlay(images[0][0], held)
    for image, _ in images[1:4]:
        found = scan.look(image)
    status = scan.status(found)
    assert status.joint_type is JointType.FILLET and status.error is None and status.seam_px.shape == (1, 2)
    seam = scan.overlay(images[3][0], found)
    assert stripe.shape == seam.shape and not np.array_equal(stripe, seam)


def test_what_is_seen_while_the_seam_is_welded_is_told_and_makes_no_path(scan, images):
    with pytest.raises(JointTypeError):
        scan.watch()
    scan.joint_type = JointType.FILLET
    for image, pose in images[:6]:
        scan.add_pose(scan.look(image).newest, pose)
    scan.rest()  # as after a finished path
    scan.look(images[6][0])
    assert scan.held == 0 and scan.release() == []
    scan.watch()
    seen = scan.add_pose(scan.look(images[7][0]).newest, images[7][1])
    assert seen.stamp_ns == images[7][0].stamp_ns and len(scan.points) == 6
    scan.rest()
    assert not scan.following and len(scan.points) == 6
    scan.watch()
    scan.reset()
    scan.add_pose(scan.look(images[8][0]).newest, images[8][1])
    assert len(scan.points) == 1  # of a new scan
