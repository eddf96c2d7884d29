"""A cycle that begins with a look at clamped plates: welded as seen, or refused before anything moves."""

import json

import numpy as np
import pytest
from cell_graph import needs_ros2, records_of, running_graph, weld_cell_run
from diagnostic_msgs.msg import DiagnosticStatus
from sensor_msgs.msg import JointState

from weld_cell.records.status import CellStatus
from weld_cell.ros.follow_trajectory import FollowJointTrajectory
from weld_cell.ros.qos import STATE
from weld_cell.ros.statuses import status_from_message

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

LAUNCH_S = 90.0  # generous: for a machine that is busy
SEED = 6
BY_ACTION = ('--controller', 'action') if FollowJointTrajectory is not None else ()
"""Where control_msgs is not installed, that cycle sends its trajectories by topic as all others do."""
PICTURES = ('plate_seam.png', 'plate_path.png', 'trajectory.png')


def run(folder, *words):
    """`weld_cell run --plate`: where it wrote, its summary and the stages that it went through."""
    out = weld_cell_run(folder, '--plate', *words, '--seed', str(SEED))
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['trajectory_accepted']
    return out, summary, {stage for _, stage, _ in json.loads((out / 'run.json').read_text())['stages']}


def test_the_seam_between_plates_is_the_nominal_line_of_the_scan(tmp_path):
    _, summary, stages = run(tmp_path, 'laser', *BY_ACTION)
    assert stages >= {'look', 'approach', 'identify', 'track', 'finish', 'plan', 'weld'}
    assert summary['seam_source'] == 'laser' and summary['joint_type'] == summary['joint_type_truth'] == 'butt'
    assert summary['seam_max_mm'] < 0.3 and summary['plate_path_max_mm'] < 0.2


def test_the_seam_between_plates_is_welded_as_it_was_seen(tmp_path):
    out, summary, stages = run(tmp_path)
    assert stages == {'idle', 'look', 'plan', 'weld', 'done'} and summary['seam_source'] == 'plate'
    assert summary['seam_max_mm'] == summary['plate_path_max_mm'] < 0.2
    assert summary['plate_length_mm'] == pytest.approx(summary['plate_length_truth_mm'], abs=2.0)
    assert summary['plate_gap_mm'] == pytest.approx(summary['plate_gap_truth_mm'], abs=0.3)
    assert summary['tcp_speed_error_pct'] < 1.0
    (record,) = records_of(out / 'records')
    (seam,) = record.seams
    assert record.outcome == 'done' and seam.joint is None and seam.controller.reached
    assert (seam.path.source, seam.procedure.name) == ('plate', 'plate') and seam.path.residual_rms_mm > 0.0
    assert seam.path.length_mm == pytest.approx(summary['plate_length_mm'], abs=0.5)
    assert 'plate seam' in {picture.what for picture in record.pictures}
    page = (out / 'index.html').read_text()
    assert 'Seam between the plates' in page
    assert all(f'src="{name}"' in page and (out / name).stat().st_size > 1000 for name in PICTURES)


def test_what_shows_no_seam_is_refused_before_anything_moves(tmp_path):
    with running_graph(tmp_path) as graph:
        graph.listen(DiagnosticStatus, 'cell/status', latched=True)
        graph.listen(JointState, 'joint_states', STATE)
        words = ['source:=sim', 'plate:=true', 'lies:=test_sheet', 'auto_start:=true']
        graph.ros2('cell', 'launch', 'weld_cell', 'cell.launch.xml', *words)
        statuses = graph.messages['cell/status']
        assert graph.wait(lambda: statuses and statuses[-1].level == DiagnosticStatus.ERROR, LAUNCH_S), graph.output(
            'cell'
        )
        said = statuses[-1].message
        assert 'in stage look: plate_seam/detect: ' in said and 'Remedy' in said
        stages = {str(status_from_message(CellStatus, message).stage) for message in statuses}
        assert stages <= {'idle', 'look', 'fault'}
        states = np.array([message.position for message in graph.wait_for('joint_states')])
        assert np.ptp(states, axis=0).max() == 0.0


def test_a_look_at_a_part_and_at_plates_is_refused(graph):
    graph.listen(DiagnosticStatus, 'cell/status', latched=True)
    graph.start('cell_supervisor', seam_source='plate', look__part=True)
    answer = graph.call('cell/start')
    assert not answer.success and 'looks for a part or for plates, not for both' in answer.message
    assert graph.wait(lambda: graph.messages['cell/status'][-1].level == DiagnosticStatus.ERROR)
    told = graph.messages['cell/status'][-1].message
    assert 'in stage idle: A cycle looks' in told and 'Remedy' in told
