"""The vote as a station: when it ends, when it begins again, and what it says at the end of a recording."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import CalibrationError, JointTypeError, StripeError
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.vote import Abstention, shown_type
from weld_cell.records import CameraImage, JointType, JointTypeDecision, JointTypeEstimate, LengthScale
from weld_cell.settings import VoteSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.stations.joint_type_vote import CAMERA_DELAY_NS, JointTypeStation
from weld_cell.stripe import StripeSettings

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_looks import drawn  # noqa: E402
from stripe_render import Dials, JudgeRig, render  # noqa: E402
from stripe_score import camera_of, judged  # noqa: E402


@pytest.fixture(scope='module')
def images():
    """A joint of each of two types, seen once."""
    scenes = {joint_type: cell_scene(joint_type, 2) for joint_type in (JointType.FILLET, JointType.LAP)}
    return {t: CameraImage(scene.image(scene.seam_pose(0.06), 0.0), 1, 0) for t, scene in scenes.items()}


@pytest.fixture
def station():
    return JointTypeStation(VoteSettings(joint_type=JointTypeSettings(vote_images=2, minimum_share=0.9)))


def test_without_votes_there_is_nothing_to_conclude(station):
    assert not station.voting.begun
    assert isinstance(station.voting.conclude(), JointTypeError)


def test_a_dark_image_has_no_vote(station, images):
    image = images[JointType.LAP]
    with pytest.raises(StripeError):
        station.look(replace(image, pixels=np.zeros_like(image.pixels)))
    assert not station.voting.begun


def test_the_last_vote_decides_and_later_images_only_say(station, images):
    image = images[JointType.LAP]
    first, last, after = (station.look(image).ballot for _ in range(3))
    assert (first.images, first.outcome) == (1, None)
    assert last.images == 2 and last.outcome.joint_type is JointType.LAP
    assert (after.images, after.outcome, after.estimate.joint_type) == (0, None, JointType.LAP)
    assert station.voting.decision is last.outcome is station.voting.conclude()
    assert station.overlay(image, station.look(image)).shape == (*image.pixels.shape[:2], 3)


def test_a_vote_without_a_winner_begins_again_and_its_refusal_stands_until_there_is_a_decision(station, images):
    station.look(images[JointType.LAP])
    refused = station.look(images[JointType.FILLET]).ballot.outcome
    assert isinstance(refused, JointTypeError) and 'No clear joint type in 2 images' in refused.message
    assert not station.voting.begun and station.voting.conclude() is refused
    assert station.look(images[JointType.LAP]).ballot.images == 1
    assert isinstance(station.voting.conclude(), JointTypeDecision)


def test_a_reset_forgets_decision_and_refusal(station, images):
    for joint_type in (JointType.LAP, JointType.FILLET):
        station.look(images[joint_type])
    station.look(images[JointType.LAP])
    assert 'next image' in station.reset()
    assert not station.voting.begun and 'No image voted' in station.voting.conclude().message


def test_status_has_the_votes_of_the_image(station, images):
    look = station.look(images[JointType.LAP])
    status = station.status(look)
    assert (
        status.joint_type is JointType.LAP and status.images_voted == 1 and status.votes == look.ballot.estimate.votes
    )


RIG = JudgeRig(4000.0, 200.0, 25.0, (1280, 1024))
OTHERS = [render('splice', Dials(rig=RIG, width_px=8.0), np.random.default_rng(seed)) for seed in range(6)]


def looks_of(station, camera=None, from_number=0, step_ns=25_000_000):
    """What a sensor with other optics says, whose calibration comes before one of its images."""
    said = []
    for number, image in enumerate(OTHERS):
        if number == from_number and camera is not None:
            station.cameras.add(RIG.size_px, camera)
        said.append(station.look(CameraImage(image.pixels, number * step_ns, number)).ballot)
    return said


def station_of(laser_plane=None):
    return JointTypeStation(VoteSettings(joint_type=JointTypeSettings(vote_images=4)), laser_plane)


def its_plane():
    return 1e3 * RIG.plane_per_mm


def no_plane():
    raise CalibrationError('no rig')


def test_a_calibrated_sensor_is_told_by_its_millimetres():
    station = station_of(its_plane)
    said = looks_of(station, camera_of(RIG))
    assert all(ballot.estimate.scale is LengthScale.CALIBRATED for ballot in said)
    decided = station.voting.decision
    assert (decided.joint_type, decided.images, decided.scale) == ('splice', 4, 'calibrated')


def test_images_before_the_camera_is_known_have_no_vote():
    said = looks_of(station_of(its_plane), camera_of(RIG), from_number=2)
    assert [ballot.images for ballot in said] == [0, 0, 1, 2, 3, 4]
    assert said[-1].outcome.joint_type == 'splice'


@pytest.mark.parametrize(
    'laser_plane, camera, step_ns',
    [
        (None, None, 1),  # no rig
        (no_plane, None, 1),
        (its_plane, CalibrationError('zeros'), 1),
        (its_plane, None, CAMERA_DELAY_NS + 1),  # it never comes
    ],
)
def test_a_sensor_that_is_not_calibrated_votes_by_an_assumed_scale(laser_plane, camera, step_ns):
    station = station_of(laser_plane)
    said = looks_of(station, camera, step_ns=step_ns)
    assert {ballot.estimate.scale for ballot in said} == {LengthScale.ASSUMED}
    assert station.status(station.look(CameraImage(OTHERS[0].pixels, 9 * step_ns, 9))).scale == 'assumed'
    assert said[-1].images or said[-2].images or said[-3].images


@pytest.mark.parametrize(
    ('scale', 'shown', 'votes'),
    [
        ('calibrated', '', Abstention.NO_SEAM),
        ('calibrated', 'butt lap', 'butt'),
        ('calibrated', 'lap', 'lap'),
        ('calibrated', 'lap splice', Abstention.MANY_SEAMS),
        ('calibrated', 'fillet lap', Abstention.MANY_SEAMS),
        ('calibrated', 'fillet', Abstention.NO_SEAM),  # against which most pairs speak
        ('assumed', '', Abstention.NO_SEAM),
        ('assumed', 'lap', Abstention.NO_SEAM),
        ('assumed', 'butt', 'butt'),
        ('assumed', 'butt lap', 'butt'),
        ('assumed', 'butt fillet', Abstention.MANY_SEAMS),
        ('assumed', 'butt lap splice', Abstention.MANY_SEAMS),
    ],
)
def test_an_image_votes_for_the_type_whose_seam_it_shows(scale, shown, votes):
    votes_of = {**dict.fromkeys(JointType, 1), JointType.BUTT: 5, JointType.LAP: 3, JointType.SPLICE: 3}
    told = JointTypeEstimate(JointType.BUTT, votes_of, 0.5, np.zeros(7), LengthScale(scale))
    voted = shown_type(told, lambda estimate: estimate.joint_type in shown.split())
    assert (voted if isinstance(voted, Abstention) else voted.joint_type) == votes


@pytest.mark.parametrize(('name', 'look'), [('lap', 'thick'), ('splice', 'bevels'), ('butt', 'wide_gap')])
def test_joints_of_sizes_that_no_classifier_was_trained_for_vote_by_their_seams(name, look):
    classifier, scores = JointTypeClassifier.load(), []
    for seed in range(7000, 7008):
        scores.append(judged(drawn(name, look, seed), classifier, StripeSettings()))
    assert {score.votes for score in scores} == {name}
    assert sum(score.told != name for score in scores) >= 2
