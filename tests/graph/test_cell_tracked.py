"""`weld_cell run --track`: a joint that moves while the running cell welds it, against its truth."""

import json

import pytest
from cell_graph import CONFIG, needs_ros2, records_of, weld_cell_run

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

OF_SUPERVISOR = '/**/cell_supervisor:\n  ros__parameters:\n'
PATIENT = OF_SUPERVISOR + '    tracking: {stop_s: 3.0, stale_s: 1.0}\n'
"""Of a machine that does other work meanwhile."""


def test_a_workpiece_that_creeps_with_the_heat_is_followed(tmp_path):
    params = tmp_path / 'cell.yaml'
    params.write_text((CONFIG / 'cell.yaml').read_text().replace(OF_SUPERVISOR, PATIENT))
    out = weld_cell_run(tmp_path, '--track', '--drift', 'thermal', '--seed', '3', '--params', str(params))
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['trajectory_accepted'] is True
    assert summary['uncorrected_worst_mm'] > 1.0
    assert summary['tool_rms_mm'] < 0.4 * summary['uncorrected_rms_mm']
    (record,) = records_of(out / 'records')
    (seam,) = record.seams
    tracking = seam.tracking
    assert record.outcome == 'done' and seam.controller.reached
    assert tracking.points > 50 and len(tracking.times_s) > 100 and tracking.latency_ms[0] > 0.0
    assert tracking.max_mm > 0.8 and tracking.rms_mm < tracking.max_mm
