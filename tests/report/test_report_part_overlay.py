"""Pictures of parts: what is drawn is where it should be."""

from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import ImageError, PartUnknownError
from weld_cell.part_library import load_library
from weld_cell.part_library.comparison import compare
from weld_cell.records import PartMatch
from weld_cell.report.overlays import TEXT_BGR
from weld_cell.report.part_overlay import (
    DOUBTFUL_BGR,
    ONLY_FIRST_BGR,
    ONLY_SECOND_BGR,
    OUTLINE_BGR,
    REFUSED_BGR,
    draw_difference,
    draw_new_part,
    draw_parts,
)
from weld_cell.sim.sheet_metal_drawing import draw_part
from weld_cell.sim.shipped_parts import shipped_part

PARTS = {part.code: part for part in load_library(Path(__file__).parents[2] / 'config' / 'parts').parts}
TEMPLATES = [part.template for part in PARTS.values()]


def image(code, angle, place):
    return draw_part(shipped_part(code), angle, np.array(place), (1456, 1088), 1 / 0.56, 30, np.random.default_rng(0))


@pytest.mark.parametrize('pixels', [np.zeros((1, 1), np.uint8), np.full((40, 60, 3), 9, np.uint8)])
def test_nothing_found_leaves_the_image(pixels):
    drawn = draw_parts(pixels, [], TEMPLATES)
    assert drawn.shape == (*pixels.shape[:2], 3) and drawn.max() == pixels.max()


def test_a_match_of_no_template():
    with pytest.raises(ValueError, match='no template of code C-R among A-L'):
        draw_parts(np.zeros((40, 60), np.uint8), [PartMatch('C-R', np.zeros(2), 0.0, 1.0, 0.0)], TEMPLATES)


@pytest.mark.parametrize(('runner_up_score', 'colour'), [(2e-5, OUTLINE_BGR), (1.01e-5, DOUBTFUL_BGR)])
def test_the_outline_lies_on_the_edge_of_the_part(runner_up_score, colour):
    pixels = image('A-R', 77.0, (700, 500))
    match = PartMatch('A-R', np.array([700.0, 500.0]), 77.0, 1.0, 1e-5, 'A-L', runner_up_score)
    drawn = draw_parts(pixels, [match], TEMPLATES)
    rows, columns = np.nonzero((drawn == colour).all(axis=2))
    assert len(rows) > 1000
    part = (pixels > 100).astype(int)
    near_edge = [np.ptp(part[r - 3 : r + 4, c - 3 : c + 4]) for r, c in zip(rows, columns, strict=True)]
    assert np.mean(near_edge) > 0.999


@pytest.mark.parametrize('place', [(5, 5), (1450, 1080), (-300, 20), (4000, 4000)])
def test_parts_at_and_beyond_the_border(place):
    match = PartMatch('B-R', np.array(place, float), -20.0, 1.1, 1e-5)
    assert draw_parts(np.zeros((1088, 1456), np.uint8), [match], TEMPLATES).shape == (1088, 1456, 3)


def test_what_is_not_told_is_crossed_out_where_it_lies_and_said_below():
    pixels = np.full((600, 800), 30, np.uint8)
    refusals = [PartUnknownError('None of the parts.', 'Take it away.', (200.0, 150.0)), ImageError('Dark. ' * 40)]
    drawn = draw_parts(pixels, [], TEMPLATES, refusals)
    rows, columns = np.nonzero((drawn == REFUSED_BGR).all(axis=2))
    assert abs(rows.mean() - 150) < 1 and abs(columns.mean() - 200) < 1
    written = (drawn >= np.array(TEXT_BGR) - 40).all(axis=2)
    assert written[500:].sum() > 500 and not written[200:400].any()


def test_many_refusals_leave_the_upper_half_of_the_picture_free():
    refusals = [PartUnknownError(f'Thing {k} is none of the parts.') for k in range(60)]
    drawn = draw_parts(np.full((300, 400), 30, np.uint8), [], TEMPLATES, refusals)
    assert (drawn[:140] == 30).all() and (drawn[160:] != 30).any()


def test_a_new_part_is_drawn_where_it_was_cut_out():
    part = PARTS['A-R']
    photo = np.full((600, 700), 30, np.uint8)
    height, width = part.pixels.shape
    photo[100 : 100 + height, 150 : 150 + width] = part.pixels
    drawn = draw_new_part(photo, part, (150, 100), (140, 90, 500, 400))
    rows, columns = np.nonzero((drawn == OUTLINE_BGR).all(axis=2))
    assert abs(rows.min() - 108) <= 2 and abs(columns.min() - 158) <= 2
    assert (photo == 30).any() and drawn.shape == (672, 700, 3)


def test_the_difference_of_a_pair_in_two_colours():
    drawn = draw_difference(compare(PARTS['A-R'], PARTS['A-L']))
    for colour in (ONLY_FIRST_BGR, ONLY_SECOND_BGR):
        assert (np.abs(drawn.astype(int) - colour).max(axis=2) < 20).sum() > 300
