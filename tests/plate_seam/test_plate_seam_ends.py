"""Where a seam ends, from brightness along both of its sides that is made up here."""

import numpy as np
import pytest

from weld_cell.plate_seam.ends import certainty, find_ends
from weld_cell.plate_seam.trace import Trace
from weld_cell.records import SeamEnd

STATIONS, FIRST, LAST = 200, 50.0, 150.0
PLATE, TABLE, OTHER_PLATE = 140.0, 40.0, 100.0


def stepped(first, last, on=PLATE, off=TABLE):
    """(n,) a plate between two places, each step blurred over some two stations."""
    x = np.arange(STATIONS, dtype=float)
    return off + (on - off) * np.clip(0.5 + (x - first) / 2.0, 0.0, 1.0) * np.clip(0.5 + (last - x) / 2.0, 0.0, 1.0)


def trace_of(left, right, seen_from=int(FIRST) + 2, seen_to=int(LAST) - 2, in_image=None):
    numbers = np.arange(STATIONS)
    seen = (numbers >= seen_from) & (numbers <= seen_to)
    points = np.column_stack([numbers, np.zeros(STATIONS)]).astype(float)
    inside = np.ones(STATIONS, bool) if in_image is None else in_image
    depth = np.where(seen, 0.5, 0.0)
    return Trace(points, points, points, depth, 20.0 * depth, seen, left, right, inside), seen


def ends_of(trace, seen, most_mm=10.0):
    first, last = np.flatnonzero(seen)[[0, -1]]
    return find_ends(trace, seen, int(first), int(last), np.arange(STATIONS, dtype=float), most_mm)


@pytest.mark.parametrize('shift', [0.0, 0.3, 0.5, 0.8])
def test_a_seam_ends_where_both_plates_do_and_no_further(shift):
    """A station is the step of what is read along the seam; it may end a part of one too early, not too late."""
    light = stepped(FIRST + shift, LAST + shift)
    ends = ends_of(*trace_of(light, light))
    assert [end.kind for end in ends] == [SeamEnd.PLATE_END] * 2
    short = np.array([ends[0].place - (FIRST + shift), LAST + shift - ends[1].place])
    assert (short >= -0.1).all() and (short <= 0.6).all()
    assert certainty(ends) == 1.0


def test_the_shorter_plate_says_where_the_seam_ends():
    """After it comes the table, beside the other plate: what lies on both sides differs."""
    ends = ends_of(*trace_of(stepped(FIRST, LAST), stepped(FIRST, LAST + 30.0), seen_to=int(LAST) - 2))
    assert ends[1].place == pytest.approx(LAST, abs=0.1)
    assert ends[1].of_seam is True


def test_a_seam_that_is_hidden_at_its_end_goes_on_to_the_end_of_the_plates():
    light = stepped(FIRST, LAST)
    ends = ends_of(*trace_of(light, light, seen_to=int(LAST) - 8))
    assert ends[1].place == pytest.approx(LAST, abs=0.1)
    beyond = ends_of(*trace_of(light, light, seen_to=int(LAST) - 20))
    assert beyond[1].kind == SeamEnd.UNSEEN and beyond[1].station == int(LAST) - 20


def test_a_scratch_ends_where_nothing_else_does():
    even = np.full(STATIONS, PLATE)
    ends = ends_of(*trace_of(even, even))
    assert [end.kind for end in ends] == [SeamEnd.UNSEEN] * 2
    assert certainty(ends) == 0.0


def test_the_edge_of_one_plate_is_no_seam():
    """The plate ends, and after it comes the table on which the other side lies."""
    ends = ends_of(*trace_of(stepped(FIRST, LAST), np.full(STATIONS, TABLE)))
    assert [end.of_seam for end in ends] == [False, False]
    assert certainty(ends) == 0.0


def test_a_seam_that_runs_out_of_the_image_ends_at_its_border():
    light = stepped(-100.0, 400.0)
    inside = (np.arange(STATIONS) >= 40) & (np.arange(STATIONS) < 160)
    ends = ends_of(*trace_of(light, light, seen_from=40, seen_to=159, in_image=inside))
    assert [end.kind for end in ends] == [SeamEnd.IMAGE_BORDER] * 2
    assert [end.station for end in ends] == [40, 159]
    assert 0.0 < certainty(ends) < 1.0


def test_an_end_in_an_arc_speaks_less_against_a_seam_than_one_that_is_not_there():
    light = stepped(FIRST, LAST)
    dazzled = np.where(np.arange(STATIONS) > LAST - 20, 255.0, light)
    faded = np.where(np.arange(STATIONS) > LAST - 20, PLATE, light)
    hidden = ends_of(*trace_of(dazzled, dazzled, seen_to=int(LAST) - 24))
    absent = ends_of(*trace_of(faded, faded, seen_to=int(LAST) - 24))
    assert hidden[1].dazzled and not absent[1].dazzled
    assert hidden[1].kind == absent[1].kind == SeamEnd.UNSEEN
    assert 0.0 < certainty(absent) < certainty(hidden) < 1.0
