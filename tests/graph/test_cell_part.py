"""A cycle that begins with a look at the part on the table, welded, or refused before anything moves."""

import json

import numpy as np
import pytest
from cell_graph import needs_ros2, records_of, running_graph, weld_cell_run
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from weld_cell.records.status import CellStatus, PartStatus
from weld_cell.ros.conversions import ns_from_time, transform_from_pose
from weld_cell.ros.qos import STATE
from weld_cell.ros.statuses import status_from_message

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

LAUNCH_S = 90.0  # generous: for a machine that is busy


def test_a_part_anywhere_on_the_table_is_named_scanned_and_welded(tmp_path):
    out = weld_cell_run(tmp_path, '--part', '--seed', '4')
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['seam_max_mm'] < 0.3
    assert summary['part'] == summary['part_truth'] == 'A-L' and summary['part_margin'] > 0.3
    assert summary['part_error_mm'] < 0.3 and summary['part_error_deg'] < 0.1
    assert summary['joint_type'] == summary['joint_type_truth'] == 'lap'  # of the part's job, not of the launch
    assert 'src="part.png"' in (out / 'index.html').read_text() and (out / 'part.png').stat().st_size > 1000


def test_the_wrong_hand_is_refused_before_anything_moves(tmp_path):
    with running_graph(tmp_path) as graph:
        graph.listen(DiagnosticStatus, 'cell/status', latched=True)
        graph.listen(DiagnosticStatus, 'part/status', latched=True)  # the look may come before this listener is found
        graph.listen(String, 'part/code', latched=True)
        graph.listen(PoseStamped, 'part/pose', latched=True)
        graph.listen(JointState, 'joint_states', STATE)
        words = ['source:=sim', 'part:=true', 'lies:=parts_A-R', 'expected_part:=A-L', 'auto_start:=true']
        graph.ros2('cell', 'launch', 'weld_cell', 'cell.launch.xml', *words)
        statuses = graph.messages['cell/status']
        assert graph.wait(lambda: statuses and statuses[-1].level == DiagnosticStatus.ERROR, LAUNCH_S), graph.output(
            'cell'
        )
        stages = {str(status_from_message(CellStatus, message).stage) for message in statuses}
        assert stages <= {'idle', 'look', 'fault'}
        assert 'in stage look: The part on the table is A-R; A-L is expected' in statuses[-1].message
        looks, poses, code = (graph.wait_for(f'part/{name}') for name in ('status', 'pose', 'code'))
        stamp_ns = ns_from_time(poses[-1].header.stamp)
        assert graph.wait(lambda: status_from_message(PartStatus, looks[-1]).stamp_ns == stamp_ns)
        status, pose = status_from_message(PartStatus, looks[-1]), poses[-1]
        assert status.code == code[-1].data == 'A-R'
        place_mm = 1000 * transform_from_pose(pose.pose)[:3, 3]
        assert place_mm == pytest.approx((status.x_mm, status.y_mm, status.z_mm), abs=0.01)
        assert graph.wait(lambda: len(graph.messages['joint_states']) > 100)
        states = np.array([message.position for message in graph.messages['joint_states']])
        assert np.ptp(states, axis=0).max() == 0.0
        assert graph.wait(lambda: (tmp_path / 'records' / 'records.jsonl').exists(), LAUNCH_S)
    (record,) = records_of(tmp_path / 'records')
    assert record.outcome == 'fault' and 'A-L is expected' in record.reason and record.seams == ()
    assert (record.part.code, record.part.hand) == ('A-R', 'right') and record.part.margin > 0.0
    assert np.allclose(1000 * np.array(record.part.T_base_part)[:3, 3], place_mm, atol=0.01)
