"""Overlays: the input stays as it was, and what is drawn lies where it should, in the colour that says so."""

import cv2
import numpy as np
import pytest

from weld_cell.records import JointType, JointTypeDecision, JointTypeEstimate, SeamObservation, StripeProfile
from weld_cell.report.overlays import (
    BRIDGED_BGR,
    SEAM_BGR,
    STRIPE_BGR,
    TEXT_BGR,
    draw_joint_type,
    draw_seam,
    draw_stripe,
    to_bgr,
)

SIZE_PX = (320, 200)
COLUMN, FIRST_BRIDGED, LAST_BRIDGED = 150.0, 120, 139
ESTIMATE = JointTypeEstimate(JointType.V, {}, 1.5, np.zeros(7))
DECISION = JointTypeDecision(JointType.V, 1.0, {JointType.V: 40}, 40)


ROWS = np.arange(80.0, 180.0)


def straight(rows=ROWS):
    """A vertical stripe, bridged in a part."""
    bridged = (rows >= FIRST_BRIDGED) & (rows <= LAST_BRIDGED)
    return StripeProfile(rows, np.full(len(rows), COLUMN), np.where(bridged, 0.0, 200.0), bridged, SIZE_PX)


def observed(seam_px=(COLUMN, 170.0)):
    return SeamObservation(
        JointType.V,
        np.array(seam_px),
        np.array([[COLUMN, 90.0], [np.nan, np.nan]]),
        np.zeros(3),
        np.array([0.0, 0.0, 1.0]),
        0.0,
        0.0,
        np.empty((0, 3)),
        0,
    )


GREY, COLOUR = np.full(SIZE_PX[::-1], 30, np.uint8), np.full((*SIZE_PX[::-1], 3), 30, np.uint8)
DRAW = {
    'stripe': lambda pixels: draw_stripe(pixels, straight()),
    'joint type': lambda pixels: draw_joint_type(pixels, straight(), ESTIMATE),
    'vote': lambda pixels: draw_joint_type(pixels, straight(), ESTIMATE, DECISION),
    'seam': lambda pixels: draw_seam(pixels, straight(), observed()),
}


def near(pixel, bgr):  # drawn with soft edges
    return np.abs(pixel.astype(int) - bgr).max() < 60


@pytest.mark.parametrize('what', DRAW)
@pytest.mark.parametrize('pixels', [GREY, COLOUR], ids=['grey', 'colour'])
def test_the_input_stays_and_something_is_drawn(what, pixels):
    before = pixels.copy()
    drawn = DRAW[what](pixels)
    assert np.array_equal(pixels, before)
    assert drawn.shape == (*SIZE_PX[::-1], 3) and drawn.dtype == np.uint8
    assert (drawn != to_bgr(pixels)).any()


def test_an_empty_profile_draws_nothing():
    assert np.array_equal(draw_stripe(GREY, straight(np.empty(0))), to_bgr(GREY))


def test_the_stripe_is_green_where_measured_and_orange_where_bridged():
    drawn = draw_stripe(GREY, straight())
    assert near(drawn[100, int(COLUMN)], STRIPE_BGR) and near(drawn[160, int(COLUMN)], STRIPE_BGR)
    assert near(drawn[130, int(COLUMN)], BRIDGED_BGR)
    assert (drawn[:76] == 30).all() and (drawn[:, :146] == 30).all()


def test_rows_without_a_stripe_stay_free():
    rows = np.array([80.0, 81.0, 82.0, 100.0, 101.0, 102.0])
    assert (draw_stripe(GREY, straight(rows))[86:96] == 30).all()


def test_the_seam_point_is_ringed_and_a_break_point_that_is_none_is_left_out():
    drawn = draw_seam(GREY, straight(), observed())
    assert near(drawn[170, int(COLUMN) + 7], SEAM_BGR)
    without = draw_seam(GREY, straight(), observed((np.nan, 1.0)))
    assert np.array_equal(without[160:], draw_stripe(GREY, straight())[160:])


def test_stripe_and_seam_point_are_seen_on_a_bright_stripe_in_a_large_image():
    """At a third of its size, as a large image is looked at, both are there in their colours."""
    large = np.zeros((960, 1280), np.uint8)
    large[:, 590:611] = 255
    rows = np.arange(100.0, 900.0)
    profile = StripeProfile(rows, np.full(800, 600.0), np.full(800, 200.0), np.zeros(800, bool), (1280, 960))
    drawn = draw_seam(large, profile, observed((600.0, 500.0)))
    small = cv2.resize(drawn, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA).astype(int)
    away = {name: np.abs(small - bgr).max(axis=2) for name, bgr in (('stripe', STRIPE_BGR), ('seam', SEAM_BGR))}
    assert (away['stripe'] < 110).sum() > 200 and (away['seam'] < 110).sum() > 20


def test_the_text_is_white_in_a_dark_outline():
    """On white, only the outline makes it legible: beside each letter's core there is dark."""
    white = np.full_like(GREY, 255)
    band = draw_joint_type(white, straight(), ESTIMATE, DECISION)[:50]
    dark = (band < 60).all(axis=2)
    assert 200 < dark.sum() < 0.2 * dark.size
    rows, columns = np.nonzero(dark)
    inside = band[rows.min() : rows.max(), columns.min() : columns.max()]
    assert (inside == TEXT_BGR).all(axis=2).any()
