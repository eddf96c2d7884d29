"""The root gap of a v by all images of a scan, and the points that it moves."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from seam_root_views import views

from weld_cell.records import JointType, SeamPoint
from weld_cell.seam.locate import locate_seam, to_base
from weld_cell.seam.one_gap import at_gap, median_gap_mm
from weld_cell.seam.path import fit_seam_path
from weld_cell.seam.rules.v import refine_v
from weld_cell.seam.rules.v.evidence import GapEvidence
from weld_cell.seam.rules.v.scan import common_gap, densest
from weld_cell.seam.scan import seam_path
from weld_cell.seam.settings import PathSettings, SeamSettings
from weld_cell.stripe import StripeSettings, extract_stripe

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_looks import drawn  # noqa: E402
from stripe_score import camera_of  # noqa: E402

UP = np.array([0.0, 0.0, 1.0])
GAPS = np.arange(30)  # in steps of 0.1 mm
LIFT = 0.8


def costs_of(least, count=40):
    """(count, 30) that rise by a squared sigma for every step that a gap is off."""
    return np.tile(np.abs(GAPS - least).astype(float), (count, 1))


def scan_of(read_mm, view=None):
    """Points of a root whose gap is 1 mm, each as deep as its own reading has it."""
    return [
        SeamPoint(
            np.array([1e-3 * i, 0.0, 1e-3 * LIFT * (gap - 1.0)]),
            UP,
            25_000_000 * i,
            gap,
            GapEvidence(costs_of(round(10 * gap), 1)[0], view),
            LIFT,
        )
        for i, gap in enumerate(read_mm)
    ]


MISLED_MM = np.where(np.arange(80) % 3, 1.0, 2.2)  # every third image sees the walls end early


@pytest.mark.parametrize(('misled', 'taper'), [(0, 0.0), (15, 0.0), (0, 4.0), (10, 4.0)])
def test_the_common_gap_outvotes_misled_images(misled, taper):
    costs = np.array([4.0 * np.abs(GAPS - 10.0 - taper * place) for place in np.linspace(-0.5, 0.5, 40)])
    costs[:misled] = 4.0 * np.abs(GAPS - 24.0)
    expected = 1.0 + 0.1 * taper * np.linspace(-0.5, 0.5, 40)
    np.testing.assert_allclose(common_gap(costs), expected, atol=0.06)


def test_images_that_say_nothing_leave_it_to_the_others():
    costs = np.zeros((40, 30))
    costs[::4] = costs_of(7, 10)
    np.testing.assert_allclose(common_gap(costs), 0.7, atol=1e-9)


@pytest.mark.parametrize(
    'points',
    [
        [],
        [SeamPoint(np.zeros(3), UP, 0, 1.0)],
        [*scan_of([1.0, 1.0]), replace(scan_of([2.0])[0], evidence=None)],
        [*scan_of([1.0, 1.0]), replace(scan_of([2.0])[0], evidence=GapEvidence(np.ones(9), None))],
        [*scan_of([1.0, 1.0]), replace(scan_of([2.0])[0], evidence='of another rule')],
    ],
    ids=['none', 'without evidence', 'one without evidence', 'other gaps', 'evidence of another rule'],
)
def test_points_that_cannot_be_refined_stay_as_they_are(points):
    assert refine_v(points) == points


def test_a_root_is_lifted_to_where_the_common_gap_has_it():
    refined = refine_v(scan_of(MISLED_MM))
    np.testing.assert_allclose([point.position_m for point in refined], [[1e-3 * i, 0.0, 0.0] for i in range(80)])
    assert [point.stamp_ns for point in refined] == [25_000_000 * i for i in range(80)]
    assert all(point.gap_mm == 0.0 and point.evidence is None for point in refined)  # it has done its work


@pytest.mark.parametrize('read_mm', [1.0, 1.8], ids=['', 'images are misled'])
def test_the_light_says_how_wide_the_gap_is(read_mm):
    view = views(1.2, 1.5, 0.0, np.random.default_rng(5), 1)[0]
    refined = refine_v(scan_of(np.full(12, read_mm), view))
    np.testing.assert_allclose([point.position_m[2] for point in refined], 1e-3 * LIFT * 0.2, atol=0.08e-3)


@pytest.mark.parametrize('seed', [30003, 30010])
def test_a_backing_brighter_than_was_presumed_does_not_widen_the_gap(seed):
    """The drawing that presumes a dull backing is 0.9 and 1.3 mm off there; each image alone tells the gap."""
    judged = drawn('v', 'plain', seed)
    profile, plane = extract_stripe(judged.pixels, StripeSettings()), 1e3 * judged.rig.plane_per_mm
    found = locate_seam(profile, JointType.V, camera_of(judged.rig), plane, SeamSettings(), 0)
    point = to_base(found, np.eye(4))
    (first, *_) = refine_v([replace(point, stamp_ns=number) for number in range(12)])
    assert np.linalg.norm(1e3 * first.position_m - judged.seam_mm) < 0.15


def test_gaps_are_counted_where_they_lie_most_densely():
    gaps = np.concatenate([np.linspace(0.9, 1.1, 11), [2.2] * 6, [0.0] * 3])
    assert densest(gaps) == pytest.approx(1.0, abs=0.02)
    assert densest(np.array([0.7])) == 0.7


def test_the_path_of_a_v_is_that_of_its_refined_points():
    points = scan_of(MISLED_MM)
    shuffled = [points[i] for i in np.random.default_rng(1).permutation(80)]
    path = seam_path(shuffled, JointType.V, PathSettings())
    np.testing.assert_allclose(path.positions_m[:, 2], 0.0, atol=1e-5)
    np.testing.assert_array_equal(path.positions_m, fit_seam_path(refine_v(points), PathSettings()).positions_m)


def test_at_one_gap_misread_gaps_no_longer_lift_points():
    points = scan_of(MISLED_MM)
    gap_mm = median_gap_mm(points)
    assert gap_mm == 1.0
    level = at_gap(points, gap_mm)
    np.testing.assert_allclose([point.position_m[2] for point in level], 0.0, atol=1e-12)
    assert {point.gap_mm for point in level} == {1.0} and np.ptp([point.position_m[2] for point in points]) > 0.5e-3


def test_points_that_do_not_follow_from_the_gap_stay_where_they_are():
    (point,) = scan_of([1.4])
    bare = replace(point, gap_lift=0.0)
    assert at_gap([bare], 1.0) == [bare] and at_gap([], 1.0) == []
