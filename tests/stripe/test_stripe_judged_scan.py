"""A whole scan that the second renderer drew, through the offline replay: tests/judges/stripe_scans.py."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_scans import drawn_scan  # noqa: E402
from stripe_score import judged_scan  # noqa: E402


def test_the_path_of_a_judged_scan_along_a_bent_seam():
    score = judged_scan(drawn_scan('butt', 'plain', 'wave', 1))
    assert score.told == 'butt'
    assert score.why == ''
    assert np.median(score.off_mm) < 0.05
    assert max(score.off_mm) < 0.15
    assert max(score.short_mm) < 2.0
    assert abs(score.gap_mm - score.true_gap_mm) < 0.05


def test_a_judged_scan_that_never_reaches_the_plates_has_no_path():
    scan = drawn_scan('butt', 'plain', 'straight', 1)
    score = judged_scan(replace(scan, poses=scan.poses[:8]))
    assert score.off_mm == ()
    assert score.why
