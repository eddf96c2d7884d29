"""The compiled passes from the filtered image to the chain, against plain readings or answers found by hand."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from weld_cell.stripe.bridge import bridge_gaps
from weld_cell.stripe.chain import chain_points, strongest_chain
from weld_cell.stripe.measure import measure_stripe
from weld_cell.stripe.pieces import MAX_PIECES, Pieces, link_pieces
from weld_cell.stripe.points import POINTS_PER_ROW, Points, find_points
from weld_cell.stripe.response import noise_threshold, ridge_response


def points_at(*places):
    """Points of (row, column, height)."""
    rows, columns, heights = np.array(places, float).reshape(-1, 3).T
    return Points(rows.astype(int), columns.astype(int), heights.copy(), 3 * heights)


def pieces_of(*curves):
    """Pieces of equally good points: (first row, columns)."""
    rows = np.concatenate([first + np.arange(len(columns)) for first, columns in curves])
    bounds = np.cumsum([0, *(len(columns) for _, columns in curves)])
    full = np.ones(len(rows))
    return Pieces(rows, np.concatenate([columns for _, columns in curves]), full, full, bounds)


def chain_of(pieces, jump_px=25.0, free=None):
    free = np.ones(len(pieces.bounds) - 1, bool) if free is None else np.array(free)
    return strongest_chain(pieces, free, jump_px).tolist()


@pytest.mark.parametrize('width_px, across', [(4, 3), (32, 17), (100, 51)])
@pytest.mark.parametrize('shape', [(16, 16), (17, 41), (480, 640)])
def test_the_response_is_what_opencv_makes_step_by_step(rng, shape, width_px, across):
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    half = cv2.resize(
        image[: shape[0] // 2 * 2, : shape[1] // 2 * 2], (shape[1] // 2, shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    narrow = cv2.morphologyEx(half, cv2.MORPH_TOPHAT, np.ones((1, across), np.uint8))
    assert np.array_equal(ridge_response(image, width_px), cv2.GaussianBlur(narrow, (3, 3), 0))


@pytest.mark.parametrize(
    'levels, threshold',
    [
        ((0, 0), 6),  # nothing at all: the least contrast
        ((10, 10), 13),  # no noise on a plateau but its rounding: 9.5 to 10.5, so 10 + 4 x 0.34 + 1
        ((10, 20), 51),  # 9.5 + 0.5 / 0.625 = 10.3, and 19.5 + (0.84 - 0.625) / 0.375 = 20.1: 10.3 + 4 x 9.8 + 1
        ((200, 255), 255),  # no more than a pixel can say
    ],
)
def test_the_threshold_stands_four_deviations_above_the_median(levels, threshold):
    response = np.full((240, 320), levels[0], np.uint8)
    response[:, 200:] = levels[1]
    assert noise_threshold(response, 6) == threshold


@pytest.mark.parametrize(
    'line, maxima',
    [
        ([0] * 12, []),
        ([0, 0, 5, 9, 5, 0, 0, 0, 0, 0, 0, 0], [3]),
        ([9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], [0, 11]),
        ([0, 0, 9, 0, 8, 0, 0, 8, 0, 0, 0, 0], [2, 7]),  # 8 lies within reach of 9
        ([0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0], [2]),  # a plateau: its middle
        ([0, 9, 7, 9, 0, 0, 9, 0, 0, 0, 0, 0], [2, 6]),  # one plateau with a dent, then another
        ([0, 5, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0], [5]),  # below the threshold
    ],
)
def test_maxima_of_a_row(line, maxima):
    response = np.zeros((20, 12), np.uint8)
    response[10] = line
    points = find_points(response, 6)
    assert points.columns.tolist() == maxima and set(points.rows) <= {10}
    assert points.heights.tolist() == [line[column] for column in maxima]


def test_maxima_of_noise_are_those_of_a_plain_reading(rng):
    response = np.array([rng.permutation(256)[:61] for _ in range(50)], np.uint8)  # no plateaus
    response[:, :3] = response[:, -3:] = 0
    expected = [
        (row, column)
        for row in range(50)
        for column in range(3, 58)
        if response[row, column] >= max(220, response[row, column - 2 : column + 3].max())
    ]
    points = find_points(response, 220)
    assert list(zip(points.rows.tolist(), points.columns.tolist(), strict=True)) == expected


def test_in_clutter_the_strongest_points_are_kept(rng):
    response = np.zeros((32, 640), np.uint8)
    response[:, ::4] = rng.integers(10, 256, (32, 160))
    points = find_points(response, 6)
    assert len(points.rows) == 32 * POINTS_PER_ROW
    assert points.heights.min() >= np.sort(response[response > 0])[-32 * POINTS_PER_ROW]


@pytest.mark.parametrize(
    'places, pieces',
    [
        ([], []),
        ([(5, 10, 9)], [[0]]),
        ([(5, 10, 9), (6, 12, 9), (7, 10, 9)], [[0, 1, 2]]),
        ([(5, 10, 9), (6, 13, 9)], [[0], [1]]),  # three columns: a leap
        ([(5, 10, 9), (7, 10, 9)], [[0], [1]]),  # a row is missing
        ([(5, 10, 9), (6, 10, 18)], [[0], [1]]),  # twice as high
        ([(5, 10, 9), (5, 14, 9), (6, 12, 9)], [[0, 2], [1]]),  # both in reach: the first one
        ([(5, 10, 9), (5, 20, 9), (6, 10, 9), (6, 20, 9)], [[0, 2], [1, 3]]),
    ],
)
def test_points_that_continue_each_other(places, pieces):
    points = points_at(*places)
    linked = link_pieces(points, 6)
    expected = [tuple(places[k][:2]) for piece in pieces for k in piece]
    assert list(zip(linked.rows.tolist(), linked.columns.tolist(), strict=True)) == expected
    assert linked.bounds.tolist() == np.cumsum([0, *map(len, pieces)]).tolist()


@pytest.mark.parametrize(
    'light, lengths',
    [
        ([300] * 40, [40]),
        ([300] * 20 + [100] * 20, [20, 20]),  # the stripe ends, its reflection goes on
        ([100] * 20 + [300] * 20, [20, 20]),
        ([300] * 20 + [80] + [300] * 19, [40]),  # a dark grain
        ([300 - 5 * k for k in range(40)], [40]),  # little by little
    ],
)
def test_a_piece_ends_where_its_light_changes(light, lengths):
    points = replace(points_at(*((row, 50, 90) for row in range(40))), light=np.array(light, float))
    assert np.diff(link_pieces(points, 6).bounds).tolist() == lengths


def test_the_pieces_with_most_support_are_kept():
    places = [(row, 8 * k, 9 if k % 2 else 90) for row in range(3) for k in range(150)]
    linked = link_pieces(points_at(*places), 6)
    assert len(linked.bounds) == MAX_PIECES + 1
    assert sum(linked.light == 270) == 3 * 75


@pytest.mark.parametrize(
    'curves, chain',
    [
        ([(0, [50] * 10)], [0]),
        ([(0, [50] * 10), (10, [60] * 10)], [0, 1]),  # a step of a joint
        ([(0, [50] * 10), (10, [200] * 3)], [0]),  # a spark far away
        ([(0, [50] * 10), (0, [90] * 12)], [1]),  # side by side: the longer one
        ([(0, [50] * 10), (0, [90] * 10)], [0]),  # alike: the first one
        ([(0, [50] * 10), (5, [52] * 10)], [0, 1]),  # five rows are shared: lost, but less than the rest
        ([(0, [50] * 30), (5, [52] * 10)], [0]),  # the second ends first
    ],
)
def test_the_strongest_chain(curves, chain):
    assert chain_of(pieces_of(*curves)) == chain


def plainly_strongest(pieces, jump_px):
    """The chain by every leap from each piece to each later one."""
    spans = [slice(*pair) for pair in itertools.pairwise(pieces.bounds)]
    places = [dict(zip(pieces.rows[s], pieces.columns[s], strict=True)) for s in spans]
    supports = [dict(zip(pieces.rows[s], pieces.support[s], strict=True)) for s in spans]
    best, chains = [], []
    for k, below in enumerate(places):
        gains = [(0.0, [])]
        for above, lights, gain, chain in zip(places, supports, best, chains, strict=False):
            if min(above) < min(below) and max(above) < max(below):
                shared = sorted(above.keys() & below.keys())
                skipped = max(0, min(below) - max(above) - 1)
                between = [abs(above[r] - below[r]) for r in shared] or [abs(above[max(above)] - below[min(below)])]
                leap = max(0, min(between) - 2 - skipped)
                lost = sum(min(lights[r], supports[k][r]) for r in shared)
                gains.append((gain - lost - 0.15 * np.log1p(leap) - (leap / jump_px) ** 2, chain))
        gain, chain = max(gains)
        best.append(gain + sum(supports[k].values()))
        chains.append([*chain, k])
    return chains[int(np.argmax(best))]


def test_the_chain_among_many_pieces_is_that_of_a_plain_search(rng):
    for _ in range(30):
        starts = np.sort(rng.integers(0, 60, 40))
        pieces = pieces_of(
            *(
                (first, rng.integers(0, 30) + rng.integers(-1, 2, rng.integers(1, 15)).cumsum())
                for first in starts.tolist()
            )
        )
        pieces.support[:] = rng.uniform(0.2, 1.0, len(pieces.support))
        assert chain_of(pieces) == plainly_strongest(pieces, 25.0)


def test_a_piece_that_is_not_free_takes_no_part():
    pieces = pieces_of((0, [50] * 10), (0, [90] * 12), (20, [60] * 10))
    assert chain_of(pieces, free=[True, False, True]) == [0, 2]


def test_a_row_of_two_pieces_gives_its_better_point():
    pieces = pieces_of((3, [50] * 4), (5, [52] * 4))
    pieces.support[3] = 0.5
    assert chain_points(pieces, np.array([0, 1])).tolist() == [0, 1, 2, 5, 6, 7]


def test_a_ridge_of_one_row_is_measured():
    image = np.zeros((16, 40), np.uint8)
    image[:, 18:23] = [60, 120, 200, 120, 60]
    rows, columns, grey = measure_stripe(image, np.array([3]), np.array([10]))
    assert rows.tolist() == [6, 7]
    assert columns == pytest.approx(20.0, abs=1e-6) and grey.tolist() == [200, 200]


@pytest.mark.parametrize(
    'rows, longest, expected',
    [
        ([7], 5, [7]),
        ([7, 8], 5, [7, 8]),
        ([7, 11], 3, [7, 8, 9, 10, 11]),
        ([7, 11], 2, [7, 11]),
        ([7, 9, 14], 1, [7, 8, 9, 14]),
    ],
)
def test_gaps(rows, longest, expected):
    seen = np.array(rows, float)
    every_row, columns, grey, bridged = bridge_gaps(seen, 2 * seen, np.full(len(rows), 99.0), longest)
    assert every_row.tolist() == expected
    assert columns == pytest.approx(2 * every_row)
    assert bridged.tolist() == [row not in rows for row in expected]
    assert grey.tolist() == [99.0 if row in rows else 0.0 for row in expected]
