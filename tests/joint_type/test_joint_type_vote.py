"""The vote over the first images."""

from dataclasses import replace
from itertools import zip_longest

import numpy as np
import pytest

from weld_cell.errors import JointTypeError
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.joint_type.vote import Abstention, JointTypeVote
from weld_cell.records import JointType, JointTypeEstimate, LengthScale


def vote_of(names, scales=(), **settings):
    vote = JointTypeVote(JointTypeSettings(**settings))
    for name, scale in zip_longest(names.split(), scales, fillvalue='pixels'):
        votes = {JointType(name): 5}
        vote.update(JointTypeEstimate(JointType(name), votes, 1.0, np.zeros(7), LengthScale(scale)))
    return vote


def test_nobody_voted():
    vote = vote_of('')
    assert not vote.complete
    with pytest.raises(JointTypeError, match='No image voted'):
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


def test_at_an_assumed_scale_most_images_must_show_what_they_suggest():
    vote = vote_of('butt butt', ['assumed'] * 2)
    nothing = JointTypeEstimate(JointType.BUTT, {}, 1.0, np.zeros(7), LengthScale('assumed'))
    vote.abstain(nothing, Abstention.NO_SEAM)
    assert vote.decision().joint_type is JointType.BUTT
    vote.abstain(replace(nothing, scale=LengthScale.CALIBRATED), Abstention.NO_SEAM)
    assert vote.decision().joint_type is JointType.BUTT
    vote.abstain(nothing, Abstention.MANY_SEAMS)
    with pytest.raises(
        JointTypeError, match='only 2 of 4 images could vote: 1 without a seam .*; 1 with seams of several'
    ) as refused:
        vote.decision()
    assert 'assumed_row_mm' in refused.value.remedy
    assert 'stripe.roi_' in refused.value.remedy
    vote.reset()
    with pytest.raises(JointTypeError, match='No image voted'):
        vote.decision()


def test_reset_forgets():
    vote = vote_of('lap lap')
    vote.reset()
    assert vote.images == 0


@pytest.mark.parametrize(
    'scales, said',
    [
        (('pixels', 'pixels'), 'pixels'),
        (('calibrated', 'calibrated'), 'calibrated'),
        (('assumed', 'calibrated'), 'assumed'),
        (('calibrated', 'assumed'), 'assumed'),
    ],
)
def test_a_scale_that_any_image_had_to_assume_is_said(scales, said):
    vote = vote_of('v v', scales)
    assert vote.decision().scale == said
    vote.reset()
    vote.update(JointTypeEstimate(JointType.V, {}, 1.0, np.zeros(7), LengthScale.CALIBRATED))
    assert vote.decision().scale is LengthScale.CALIBRATED
