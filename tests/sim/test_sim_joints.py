"""Cross-sections of the six joints against hand-computed corners, and random sizes within their ranges."""

import numpy as np
import pytest

from weld_cell.records import JointType
from weld_cell.sim.joint_sizes import SIZES, random_cross_section
from weld_cell.sim.joints import (
    PLATE_HALF_WIDTH_M,
    Material,
    butt,
    filler_layer,
    fillet,
    lap,
    splice,
    v_groove,
)

MM = 1e-3

# type, section, seam point (mm), feature points (mm); tan(30 degrees) = 0.57735
GOLDEN = [
    (butt(3 * MM, 0.0), (0, 0), [(0, 0), (0, 0)]),  # degenerate: no gap
    (lap(3 * MM), (0, 0), [(0, 3), (0, 0)]),
    (butt(3 * MM, 2 * MM, 1 * MM), (0, 0.5), [(-1, 0), (1, 1)]),
    (splice(3 * MM, (1 * MM, 1 * MM)), (0, -1), [(-1, 0), (0, -1), (1, 0)]),
    (splice(3 * MM, (1 * MM, 1.5 * MM)), (0.25, -1.25), [(-1, 0), (0.25, -1.25), (1.5, 0)]),
    (
        splice(3 * MM, (0.57735 * MM, 1.73205 * MM), 0.0, (30.0, 60.0)),  # both 1 mm deep
        (0, -1),
        [(-0.57735, 0), (0, -1), (1.73205, 0)],
    ),
    (
        splice(3 * MM, (1 * MM, 3.46410 * MM), 0.0, (45.0, 60.0)),  # 1 mm and 2 mm deep
        (0.633975, -1.633975),
        [(-1, 0), (0.633975, -1.633975), (3.46410, 0)],
    ),
    (fillet(3 * MM, 90), (0, 0), [(0, 0)]),
    (v_groove(20 * MM, 60, 2 * MM, 2 * MM), (0, -18), [(-11.3923, 0), (-1, -18), (1, -18), (11.3923, 0)]),
    (v_groove(20 * MM, 60, 0, 0, 1 * MM), (0, -19.5), [(-11.5470, 0), (0, -20), (0, -19), (11.5470, 1)]),
    (
        filler_layer(20 * MM, 60, 2 * MM, 2 * MM, 0.5, 1 * MM),
        (0, -8),
        [(-11.3923, 0), (-6.1962, -9), (6.1962, -9), (11.3923, 0)],
    ),
]


@pytest.mark.parametrize(('section', 'seam', 'features'), GOLDEN)
def test_corners_by_hand(section, seam, features):
    np.testing.assert_allclose(section.seam_point_m / MM, seam, atol=1e-5)
    np.testing.assert_allclose(section.feature_points_m / MM, features, atol=1e-4)


@pytest.mark.parametrize(('section', 'seam', 'features'), GOLDEN)
def test_mirroring_twice_gives_the_same_joint(section, seam, features):
    once, twice = section.mirrored(), section.mirrored().mirrored()
    np.testing.assert_allclose(
        once.vertices_m[0, 0], -PLATE_HALF_WIDTH_M * np.abs(section.vertices_m[-1, 0]) / PLATE_HALF_WIDTH_M
    )
    np.testing.assert_array_equal(twice.vertices_m, section.vertices_m)
    np.testing.assert_array_equal(twice.materials, section.materials)
    np.testing.assert_array_equal(twice.mirrors_m, section.mirrors_m)


def test_fillet_arms_enclose_the_angle():
    left, corner, right = fillet(3 * MM, 80).vertices_m
    cosine = (left - corner) @ (right - corner) / PLATE_HALF_WIDTH_M**2
    assert np.degrees(np.arccos(cosine)) == pytest.approx(80)


def test_layer_is_a_circular_arc():
    section = filler_layer(20 * MM, 60, 2 * MM, 2 * MM, 0.5, 1 * MM)
    bead = section.vertices_m[1:-1][1:-1]
    half, crown = 6.1962e-3, 1e-3
    radius = (half**2 + crown**2) / (2 * crown)
    centre = np.array([0, -9e-3 + crown - radius])
    np.testing.assert_allclose(np.linalg.norm(bead - centre, axis=1), radius, atol=1e-7)
    assert (section.materials == Material.BEAD).sum() == len(bead) - 1


@pytest.mark.parametrize('sizes', SIZES)
@pytest.mark.parametrize('joint_type', JointType)
def test_random_sizes_stay_in_their_ranges(joint_type, sizes):
    rng, ranges = np.random.default_rng(1), SIZES[sizes]
    thick = joint_type in (JointType.V, JointType.FILLER_LAYER)
    low, high = ranges.groove_plate_mm if thick else ranges.plate_mm
    for _ in range(50):
        section = random_cross_section(joint_type, rng, sizes, misalignment=1.0)
        assert section.joint_type is joint_type
        assert low <= section.thickness_m / MM <= high
        assert np.ptp(section.vertices_m[[0, -1], 1]) <= high * MM + 1e-12 if joint_type is JointType.LAP else True
        lengths = np.linalg.norm(np.diff(section.vertices_m, axis=0), axis=1)
        assert lengths.min() > 0 and len(lengths) == len(section.materials)


@pytest.mark.parametrize('joint_type', [JointType.BUTT, JointType.SPLICE, JointType.V, JointType.FILLER_LAYER])
def test_plates_are_level_without_misalignment(joint_type):
    section = random_cross_section(joint_type, np.random.default_rng(2), misalignment=0.0)
    assert section.vertices_m[0, 1] == section.vertices_m[-1, 1] == 0.0


def test_wide_sizes_bevel_a_splice_at_any_angle():
    rng, angles = np.random.default_rng(1), []
    for _ in range(50):
        left, seam, right = random_cross_section(JointType.SPLICE, rng, 'wide').feature_points_m
        angles += [np.degrees(np.arctan2(abs(end[0] - seam[0]), end[1] - seam[1])) for end in (left, right)]
    assert 10.0 - 1e-6 <= min(angles) < 15.0
    assert 55.0 < max(angles) <= 60.0 + 1e-6


def test_unknown_sizes_are_refused():
    with pytest.raises(ValueError, match='standard'):
        random_cross_section(JointType.LAP, np.random.default_rng(0), 'huge')
