"""Dim rows of an interruption, measured again in the light around the stripe."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from weld_cell.seam.cross_section import cut
from weld_cell.seam.rules.dim_rows import with_dim_rows
from weld_cell.seam.settings import SeamSettings
from weld_cell.stripe import StripeSettings, extract_stripe

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_render import Dials, JudgeRig, render  # noqa: E402
from stripe_score import camera_of  # noqa: E402

NOTCH = Dials(bevels_deg=(18.0, 18.0), bevel_depth=2.0, tilt_deg=0.0)
LOOKS = StripeSettings(direction='auto')


def section_of(judged):
    profile = extract_stripe(judged.pixels, LOOKS)
    return cut(profile, camera_of(judged.rig), 1e3 * judged.rig.plane_per_mm, SeamSettings())


def hole(section):
    """Indices of the points on either side of the most rows without a stripe."""
    before = int(np.argmax(np.diff(section.rows)))
    return before, before + 1


def test_rows_that_were_seen_or_have_no_light_change_nothing():
    section = section_of(render('splice', NOTCH, np.random.default_rng(1)))
    assert with_dim_rows(section, 10, 11) == (section, 11)
    unlit = replace(section, light=np.zeros((0, 0), np.uint8))
    assert with_dim_rows(unlit, *hole(section)) == (unlit, hole(section)[1])


@pytest.mark.parametrize('roll_deg', [0.0, 90.0, -90.0])
@pytest.mark.parametrize('noise', [0.0, 6.0])
def test_the_walls_of_a_steep_notch(roll_deg, noise):
    dials = replace(NOTCH, noise=noise, rig=JudgeRig(roll_deg=roll_deg))
    section = section_of(render('splice', dials, np.random.default_rng(2)))
    before, after = hole(section)
    more, end = with_dim_rows(section, before, after)
    added = slice(before + 1, end)
    assert end > after and np.array_equal(
        more.rows[before : end + 1], np.arange(more.rows[before], more.rows[end] + 1)
    )
    assert np.all(np.diff(more.y) > 0.0)
    assert np.allclose(more.to_optical(np.column_stack([more.y, more.z])), more.points_m, atol=1e-9)
    depth_mm = 1e3 * (np.median(section.z) - more.z[added])
    assert depth_mm.max() > 1.0 and (depth_mm > 0.1).mean() > 0.8


def test_an_open_gap_shows_nothing():
    section = section_of(render('butt', replace(Dials(), backing=False, tilt_deg=0.0), np.random.default_rng(3)))
    before, after = hole(section)
    assert with_dim_rows(section, before, after) == (section, after)
