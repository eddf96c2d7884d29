"""The compiled loops against plain versions of them and answers worked out by hand."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from ideal_profiles import profile_of, random_profile
from numpy.testing import assert_allclose, assert_array_equal

from weld_cell.joint_type import JointTypeClassifier, plates, straightened
from weld_cell.records import JointType


@pytest.mark.parametrize('values', [[7.0], [2.0, 1.0], [3.0, 3.0, 3.0, 3.0, 3.0], np.arange(50.0)[::-1]])
def test_the_median_is_the_upper_middle(values):
    assert plates.median(np.array(values)) == np.sort(values)[len(values) // 2]


def test_wild_rows_are_taken_out_as_opencv_does():
    columns = np.random.default_rng(3).normal(300.0, 40.0, 200)
    smooth = np.empty_like(columns)
    plates._without_wild_rows(columns, smooth)
    assert_array_equal(smooth, cv2.medianBlur(columns.astype(np.float32).reshape(-1, 1), 5).ravel())


@pytest.mark.parametrize(
    ('off', 'expected'),
    [
        ([], 60),  # never
        ([10, 11, 12, 13, 14], 60),  # five of seven are not enough
        ([10, 11, 12, 14, 15, 16], 10),  # six of seven are
        ([11, 12, 13, 14, 15, 16], 10),  # from the first row on of which that is so
        (range(60), 0),
        (range(54, 60), 53),  # at the very end
        (range(10), 60),  # a streak over the stripe's end
    ],
)
def test_where_a_stripe_leaves_its_plate(off, expected):
    near = np.ones(60, bool)
    near[list(off)] = False
    assert plates._leaves(near) == expected


def test_a_plate_is_found_beside_a_deep_groove():
    row = np.arange(200.0)
    column = 100.0 + 0.25 * row
    column[80:] += 30.0
    column[5] += 90.0
    plate = plates.fit_plate(row, column)
    assert_allclose((plate.slope, plate.at), (0.25, 100.0), atol=1e-12)


@pytest.mark.parametrize(
    ('deep', 'expected'),
    [
        ([], (0, 0)),
        ([(0, 3, 5.0)], (0, 3)),  # at the first row
        ([(97, 100, 5.0)], (97, 100)),  # and at the last
        ([(10, 15, 5.0), (24, 30, 5.0)], (10, 30)),  # a hole of nine rows is closed
        ([(10, 15, 5.0), (25, 31, 5.0)], (25, 31)),  # one of ten is not
        ([(10, 20, 5.0), (40, 50, 5.0)], (10, 20)),  # of equals the first
        ([(10, 20, 5.0), (20, 24, -30.0), (24, 26, 5.0), (60, 65, 2.0)], (60, 65)),  # what stands up in a hole counts
    ],
)
def test_the_largest_groove(deep, expected):
    below = np.zeros(100)
    for first, stop, depth in deep:
        below[first:stop] = depth
    assert plates._largest_groove(below, 1.5) == expected


# OpenCV rounds half a grey value up or down as the machine's instructions have it; these places hardly come so near.
@pytest.mark.parametrize('slope', [0.0, 0.3137, -0.9071, 1.7093])
@pytest.mark.parametrize(
    ('across', 'first_row'), [(20.4139, 0), (-30.2171, 0), (200.7, 0), (15.0137, -7), (5.3171, 60)]
)
def test_light_along_a_line_equals_opencvs(slope, across, first_row):
    light = np.random.default_rng(5).integers(0, 256, (101, 90), np.uint8)
    picture = np.empty((50, straightened.COLUMNS), np.float32)
    straightened._light_along(light, first_row, across, slope, picture)
    place = np.array([[2.0, slope, across], [0.0, 2.0, first_row + 0.5]])
    expected = cv2.warpAffine(
        light,
        place,
        (straightened.COLUMNS, 50),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert np.abs(picture - expected).max() <= 1.0 and np.count_nonzero(picture != expected) <= 1


def test_arrays_as_messages_and_slices_leave_them_are_taken():
    classifier, profile = JointTypeClassifier.load(), random_profile(JointType.V, np.random.default_rng(9))
    strided = replace(
        profile,
        columns_px=np.repeat(profile.columns_px, 2)[::2],
        light=np.asfortranarray(profile.light),
        intensity=profile.intensity.astype(np.float32),
    )
    frozen = replace(profile, columns_px=profile.columns_px.copy(), bridged=profile.bridged.copy())
    frozen.columns_px.flags.writeable = frozen.bridged.flags.writeable = False
    for other in (strided, frozen):
        assert_array_equal(classifier.classify(other).features, classifier.classify(profile).features)


@pytest.mark.parametrize('cut', ['columns_px', 'intensity', 'bridged'])
def test_a_profile_that_lacks_values_is_refused(cut):
    profile = profile_of([(-99, 0), (99, 0)])
    with pytest.raises(ValueError, match='479'):
        JointTypeClassifier.load().classify(replace(profile, **{cut: getattr(profile, cut)[:-1]}))


def test_a_profile_of_the_fewest_rows_has_features():
    profile = profile_of([(-99, 0), (99, 0)], rows=40)
    assert np.isfinite(JointTypeClassifier.load().classify(profile).features).all()
