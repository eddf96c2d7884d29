"""The axis of the drift picture: a unit in which the span of the recordings can be read."""

import numpy as np
import pytest

from weld_cell.report.farm_pictures import _time_axis, draw_drift

FIRST_NS = 1_796_100_000_000_000_000  # 2026-12-01 04:40:00 UTC


@pytest.mark.parametrize(
    ('span_s', 'label', 'last'),
    [
        (0, 'seconds since 2026-12-01 04:40:00 (UTC)', 0.0),
        (90, 'seconds since 2026-12-01 04:40:00 (UTC)', 90.0),
        (3000, 'minutes since 2026-12-01 04:40:00 (UTC)', 50.0),
        (36_000, 'hours since 2026-12-01 04:40:00 (UTC)', 10.0),
        (864_000, 'time of recording (UTC)', np.datetime64('2026-12-11T04:40:00', 'ns')),
    ],
)
def test_the_axis_has_a_unit_of_its_span(span_s, label, last):
    times, told = _time_axis(FIRST_NS + np.array([0, span_s], np.int64) * 10**9)
    assert told == label and times[-1] == last


def test_one_recording_is_drawn(tmp_path):
    row = {'recorded_ns': FIRST_NS, 'residual_rms_mm': 0.1, 'gap_median_mm': None, 'vote_share': 1.0, 'refusal': ''}
    draw_drift([row], tmp_path / 'drift.png')
    assert (tmp_path / 'drift.png').stat().st_size > 1000
