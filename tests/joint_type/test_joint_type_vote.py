"""The vote over the first images."""

import numpy as np
import pytest

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.vote import JointTypeVote
from weld_cell.records import JointType, JointTypeEstimate


def vote_of(names, **settings):
    vote = JointTypeVote(JointTypeSettings(**settings))
    for name in names.split():
        vote.update(JointTypeEstimate(JointType(name), {JointType(name): 5}, 1.0, np.zeros(7)))
    return vote


def test_nobody_voted():
    vote = vote_of('')
    assert not vote.complete
    with pytest.raises(JointTypeError, match='No image has voted'):
        vote.decision()


def test_the_most_votes_win():
    decision = vote_of('lap lap lap v', vote_images=4).decision()
    assert decision.joint_type is JointType.LAP
    assert (decision.share, decision.images) == (0.75, 4)
    assert decision.counts == {JointType.LAP: 3, JointType.V: 1}


def test_forty_images_complete_the_vote():
    assert not vote_of('v ' * 39).complete
    assert vote_of('v ' * 40).complete


def test_images_after_the_last_one_do_not_count():
    vote = vote_of('lap lap v v v v', vote_images=2)
    assert vote.decision().joint_type is JointType.LAP
    assert vote.images == 2


@pytest.mark.parametrize(('names', 'minimum_share'), [('lap v butt lap v', 0.6), ('lap lap v v', 0.5)])
def test_no_clear_winner_is_an_error_with_the_tally(names, minimum_share):
    with pytest.raises(JointTypeError, match='lap 2, v 2'):
        vote_of(names, minimum_share=minimum_share).decision()


def test_reset_forgets():
    vote = vote_of('lap lap')
    vote.reset()
    assert vote.images == 0
