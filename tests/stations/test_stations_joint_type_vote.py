"""The vote as a station: when it ends, when it begins again, and what it says at the end of a recording."""

from dataclasses import replace

import numpy as np
import pytest

from weld_cell.errors import JointTypeError, StripeError
from weld_cell.joint_type import JointTypeSettings
from weld_cell.records import CameraImage, JointType, JointTypeDecision
from weld_cell.settings import VoteSettings
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.stations.joint_type_vote import JointTypeStation


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
    assert not station.voting.begun and 'No image has voted' in station.voting.conclude().message


def test_status_has_the_votes_of_the_image(station, images):
    look = station.look(images[JointType.LAP])
    status = station.status(look)
    assert (
        status.joint_type is JointType.LAP and status.images_voted == 1 and status.votes == look.ballot.estimate.votes
    )
