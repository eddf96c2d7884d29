"""`weld_cell run --track`: a joint that moves, or opens, while the running cell welds it, against its truth."""

import json
from statistics import median

import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2, records_of, weld_cell_run

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

OF_SUPERVISOR = '/**/cell_supervisor:\n  ros__parameters:\n'
PATIENT = OF_SUPERVISOR + '    tracking: {stop_s: 3.0, stale_s: 1.0}\n'
"""Of a machine that does other work meanwhile."""


def tracked_run(folder, *words):
    params = folder / 'cell.yaml'
    params.write_text((CONFIG / 'cell.yaml').read_text().replace(OF_SUPERVISOR, PATIENT))
    return weld_cell_run(folder, '--track', *words, '--params', str(params))


def test_a_workpiece_that_creeps_with_the_heat_is_followed(tmp_path):
    out = tracked_run(tmp_path, '--drift', 'thermal', '--seed', '3')
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['trajectory_accepted'] is True
    assert summary['uncorrected_worst_mm'] > 1.0
    assert summary['tool_rms_mm'] < 0.4 * summary['uncorrected_rms_mm']
    assert summary['correction_latency_ms']['p50'] > summary['seam_point_age_ms']['p50'] > 0.0
    assert (out / 'tracking.png').exists() and not (out / 'adaptive_fill.png').exists()
    (record,) = records_of(out / 'records')
    (seam,) = record.seams
    tracking = seam.tracking
    assert record.outcome == 'done' and seam.controller.reached
    assert tracking.points > 50 and len(tracking.times_s) > 100 and tracking.latency_ms[0] > 0.0
    assert tracking.max_mm > 0.8 and tracking.rms_mm < tracking.max_mm


def test_a_root_gap_that_opens_slows_the_weld_down_and_asks_for_more_wire(tmp_path):
    """By action, and from 1 to 2 mm; the scan has seen 1 mm everywhere."""
    words = '--adaptive-fill', '--opens', '1.0', '--controller', 'action', '--seed', '6', '--joint', 'butt'
    out = tracked_run(tmp_path, *words, '--arc', '0.3')
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['trajectory_accepted'] is True
    assert summary['fill_measured'] > 0.6 * summary['fill_places'] > 20
    assert summary['fill_gap_rms_mm'] < 0.6 and summary['fill_gap_mm'][1] > 1.4
    (record,) = records_of(out / 'records')
    (seam,) = record.seams
    fill = seam.tracking.fill
    controller, motion = seam.controller, seam.trajectory
    assert controller.interface == 'action' and controller.reached
    assert controller.answer.startswith('goal succeeded, code 0') and controller.replaced > 20
    weld_s, path_m = [motion.weld_start_s, motion.weld_end_s], np.array(seam.path.positions_m)
    tips_m = np.column_stack([np.interp(weld_s, motion.times_s, column) for column in np.array(motion.tool_m).T])
    np.testing.assert_allclose(tips_m, path_m[[0, -1]], atol=4e-3)  # as it was sent, not at the planned speed
    first, last = slice(0, 5), slice(-10, -1)
    assert median(fill.gap_mm[last]) > median(fill.gap_mm[first]) + 0.5
    assert median(fill.travel_speed_mm_s[last]) < median(fill.travel_speed_mm_s[first]) - 2.0
    assert median(fill.wire_feed_m_min[last]) > median(fill.wire_feed_m_min[first])
    assert median(fill.weave_width_mm[last]) > median(fill.weave_width_mm[first]) + 0.3
    assert summary['tool_rms_mm'] < 0.5  # the seam stays in the middle of its gap
    page = (out / 'index.html').read_text()
    assert (out / 'adaptive_fill.png').exists() and 'What adaptive fill changed along the seam' in page
