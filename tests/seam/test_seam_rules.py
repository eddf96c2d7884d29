"""What the rules make of profiles that noise, shadows and reflections spoil: hand-made sections, known seams."""

from dataclasses import replace

import numpy as np
import pytest
import seam_sections as sections

from weld_cell.errors import SeamError
from weld_cell.records import JointType
from weld_cell.seam.locate import locate_seam
from weld_cell.seam.settings import SeamSettings

LOW = -12.0  # brings a groove 20 mm deep into the middle of the field


def off_mm(profile, section):
    found = locate_seam(profile, section.joint_type, sections.CAMERA, sections.LASER_PLANE, SeamSettings(), 0)
    return 1e3 * float(np.linalg.norm(found.seam_m - section.seam_m()))


def with_backing(groove, gap, depth):
    """A groove whose root is closed by a backing, a depth below the walls' lower ends."""
    level = groove.seam[1] - depth
    backing = np.array([(-gap / 2, level), (gap / 2, level)])
    return replace(groove, pieces=(*groove.pieces, backing))


@pytest.mark.parametrize(('gap', 'depth'), [(1.0, 0.4), (1.5, 0.8), (2.0, 1.5)])
def test_a_backing_near_the_walls_ends_does_not_draw_the_root_of_a_v_down(gap, depth):
    rng = np.random.default_rng(3)
    section = with_backing(sections.groove(gap=gap).moved(0.0, 0.0, LOW), gap, depth)
    off = [off_mm(sections.draw_stripe(section, 0.3, rng), section) for _ in range(9)]
    assert np.median(off) < 0.3  # a gap misread by a row moves the root by 0.13 mm


@pytest.mark.parametrize('roll_deg', [-8.0, 0.0, 8.0])
def test_the_root_of_a_v_beside_which_one_wall_is_dark(roll_deg):
    section = sections.groove().moved(roll_deg, 0.0, LOW)
    whole = sections.draw_stripe(section)
    lowest = int(whole.rows_px[np.argmin(whole.columns_px)])
    dark = np.arange(lowest + 4, lowest + 14)
    assert off_mm(sections.draw_stripe(section, drop=dark), section) < 0.35


def test_the_step_of_misaligned_plates_is_the_gap_and_not_the_wider_shadows():
    rng = np.random.default_rng(5)
    section = sections.butt(0.6, 0.4)
    shadows = np.concatenate([np.arange(100, 112), np.arange(330, 345)])
    off = [off_mm(sections.draw_stripe(section, 0.3, rng, drop=shadows), section) for _ in range(9)]
    assert max(off) < 0.2


def test_something_seen_deep_below_is_the_gap_of_flush_plates():
    section = sections.butt_with_backing(1.2, 0.0)
    assert off_mm(sections.draw_stripe(section, drop=np.arange(120, 132)), section) < 0.1


def test_a_chamfer_in_shadow_leaves_the_bottom_of_a_splice_near():
    section = sections.splice(1.4)
    assert off_mm(sections.draw_stripe(section, drop=np.arange(228, 236)), section) < 0.5


def test_the_few_rows_that_are_seen_in_a_shadow_are_no_notch():
    """They scatter above and below the plate; the bevels of a notch lie below it."""
    section = sections.butt()
    dark = np.arange(100, 112)
    profile = sections.draw_stripe(section, drop=np.setdiff1d(dark, np.arange(104, 108)))
    scatter = np.zeros(len(profile.rows_px))
    scatter[np.searchsorted(profile.rows_px, np.arange(104, 108))] = [-0.6, 0.6, 0.6, -0.6]
    shadowed = replace(profile, columns_px=profile.columns_px + scatter)
    with pytest.raises(SeamError, match='needed for its two bevels'):
        off_mm(shadowed, replace(section, joint_type=JointType.SPLICE))


def test_a_reflection_below_the_walls_is_no_part_of_the_layer():
    section = sections.filler_layer().moved(0.0, 0.0, LOW)
    profile = sections.draw_stripe(section)
    columns = profile.columns_px.copy()
    toe = int(np.searchsorted(profile.rows_px, 240 - 5.0 / 0.15))
    columns[toe - 8 : toe] += 4.0 * (columns.min() - columns[toe - 8 : toe]) / abs(columns.min() - columns[toe])
    spoilt = replace(profile, columns_px=np.clip(columns, 0.0, 639.0))
    assert off_mm(spoilt, section) < 0.15


def test_a_lower_plate_that_begins_late_does_not_move_the_foot_of_a_lap():
    section = sections.lap()
    begin = 240  # the step's row: the lower plate lies at larger rows
    assert off_mm(sections.draw_stripe(section, drop=np.arange(begin, begin + 4)), section) < 0.25
    assert section.joint_type is JointType.LAP


@pytest.mark.parametrize('first', [242, 243, 245, 227, 229])
def test_a_shadow_across_a_plate_beside_the_edge_does_not_move_the_foot_of_a_lap(first):
    """Eight rows of one plate dark, and the rows beside them dim, as they drift towards the step's row, 240."""
    section = sections.lap()
    profile = sections.draw_stripe(section, drop=np.arange(first, first + 8))
    dim = np.isin(profile.rows_px, (first - 1, first + 8))
    shaded = replace(profile, intensity=np.where(dim, 0.6, 1.0) * profile.intensity)
    assert off_mm(shaded, section) < 0.2


@pytest.mark.parametrize('lower', [5.0, 10.0, 20.0])
@pytest.mark.parametrize('table', [-12.0, -22.0])
def test_the_table_beside_a_lower_plate_is_no_part_of_a_lap(lower, table):
    """Upper plate and table are the longest surfaces; the step between them is one that a lap may have."""
    section = sections.lap_over_table(lower, table).moved(0.0, 0.0, 8.0)
    assert off_mm(sections.draw_stripe(section), section) < 0.2
