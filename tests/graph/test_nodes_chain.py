"""From the simulated sensor to the robot controller, every node in its own process; judged by the scene's truth."""

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseArray
from nav_msgs.msg import Path
from sensor_msgs.msg import JointState, PointCloud2
from sim_scan import Scan, distances_mm
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.records import JointType
from weld_cell.ros.conversions import seam_path_from_message
from weld_cell.ros.qos import STATE
from weld_cell.sim.cell_scene import cell_scene

pytestmark = pytest.mark.graph

JOINT_TYPE, SEED = JointType.FILLET, 2
SCANNED_M = np.arange(0.04, 0.10, 0.002)  # along the seam, clear of its ends
WELDED_MM = 0.3


@pytest.fixture
def scene():
    return cell_scene(JOINT_TYPE, SEED)


@pytest.fixture
def cell(graph):
    """The running cell; its robot stands at home."""
    graph.listen(JointState, 'joint_states', STATE)
    graph.listen(PointCloud2, 'seam/profile')
    graph.listen(PointStamped, 'seam/point')
    graph.listen(DiagnosticStatus, 'weld/status')
    graph.listen(DiagnosticArray, '/diagnostics')
    graph.listen(JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
    for kind, topic in (
        (String, 'joint_type'),
        (Path, 'seam/path'),
        (PoseArray, 'weld/tool_path'),
        (String, 'weld/program'),
    ):
        graph.listen(kind, topic, latched=True)
    graph.start('seam_detector')  # the chain before its sources: no order is needed
    graph.start('trajectory_publisher')
    graph.start('laser_sensor', sim__joint_type=JOINT_TYPE, sim__seed=SEED)
    graph.start('hand_eye_tf')
    graph.start('robot_sim')
    graph.wait_for('joint_states')
    return graph


def levels(cell):
    """Of the diagnostics of trajectory_publisher, so far."""
    return [s.level for m in cell.messages['/diagnostics'] for s in m.status if s.name == 'trajectory_publisher']


def test_from_image_to_motion(cell, scene):
    scan = Scan(cell, scene, SCANNED_M)

    answer = cell.call('weld/plan')
    assert not answer.success and 'seam path' in answer.message

    scan.run()
    assert cell.call('joint_type/reset').success and cell.call('seam/reset').success
    scan.run(forward=False)
    assert cell.wait(lambda: cell.messages['joint_type'] and cell.messages['joint_type'][-1].data == JOINT_TYPE)
    points = cell.wait_for('seam/point', 50)
    xyz = [(m.point.x, m.point.y, m.point.z) for m in points]
    assert points[-1].header.frame_id == 'base_link'
    assert np.median(distances_mm(xyz, scene)) < WELDED_MM

    answer = cell.call('seam/finish')
    assert answer.success, answer.message
    path = seam_path_from_message(cell.wait_for('seam/path')[-1])
    assert path.length_m > 0.8 * (SCANNED_M[-1] - SCANNED_M[0])
    assert distances_mm(path.positions_m, scene).max() < WELDED_MM

    unplanned = cell.call('weld/execute')
    assert not unplanned.success and 'no plan' in unplanned.message
    said = len(levels(cell))
    assert cell.wait(lambda: levels(cell)[said:][1:])  # at once, and at the end of the second
    assert levels(cell)[-1] != DiagnosticStatus.OK
    before = len(cell.messages['joint_trajectory_controller/joint_trajectory'])
    answer = cell.call('weld/plan')
    assert answer.success and 'dry run' in answer.message, answer.message
    assert cell.wait(lambda: levels(cell)[-1] == DiagnosticStatus.OK)
    assert 'dry run' in cell.wait_for('weld/program')[-1].data
    assert len(cell.wait_for('weld/tool_path')[-1].poses) > 10
    assert len(cell.messages['joint_trajectory_controller/joint_trajectory']) == before  # planning sends nothing

    assert cell.call('weld/execute').success
    assert cell.wait(lambda: len(cell.messages['joint_trajectory_controller/joint_trajectory']) == before + 1)
    cell.wait(lambda: False, 1.0)
    again = cell.call('weld/execute')
    assert not again.success and 'no plan' in again.message
    replan = cell.call('weld/plan')
    assert not replan.success and 'moves' in replan.message

    assert cell.call('seam/reset').success
    assert cell.wait(lambda: not cell.messages['seam/path'][-1].poses)  # nobody is to weld along the old one
