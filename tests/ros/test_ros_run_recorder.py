"""The node that records a run says before the run whether it can, and loses no stage."""

import json
import time

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from weld_cell.errors import ConfigurationError
from weld_cell.nodes.run_recorder import RunRecorder
from weld_cell.records.status import CellStatus, SeamStatus, Stage
from weld_cell.ros.conversions import make_header
from weld_cell.ros.qos import LATCHED, await_delivery, publisher
from weld_cell.ros.statuses import status_to_message

PATIENCE_S = 20.0
STAGES = [Stage.LOOK, Stage.PLAN, Stage.WELD]


def test_a_folder_that_cannot_be_written_is_named_at_the_start(tmp_path):
    (tmp_path / 'file').touch()
    rclpy.init(args=['--ros-args', '-p', f'folder:={tmp_path / "file"}'])
    try:
        with pytest.raises(ConfigurationError, match='file: cannot be written'):
            RunRecorder()
    finally:
        rclpy.shutdown()


def test_stages_that_come_while_it_is_busy_are_all_kept(tmp_path):
    rclpy.init(args=['--ros-args', '-p', f'folder:={tmp_path}'])
    recorder, teller = RunRecorder(), Node('teller')
    out, executor = publisher(teller, DiagnosticStatus, 'cell/status', LATCHED), SingleThreadedExecutor()
    executor.add_node(recorder)
    try:
        end = time.monotonic() + PATIENCE_S
        while not out.get_subscription_count():
            assert time.monotonic() < end
            time.sleep(0.01)
        for stage in STAGES:
            out.publish(status_to_message('cell', CellStatus(stage), message=str(stage)))
            assert await_delivery(out, PATIENCE_S)
        for _ in range(3 * len(STAGES)):
            executor.spin_once(timeout_sec=0.1)
    finally:
        recorder.destroy_node()
        teller.destroy_node()
        rclpy.shutdown()
    assert [stage for _, stage, _ in json.loads((tmp_path / 'run.json').read_text())['stages']] == STAGES


def test_a_robot_whose_joints_come_in_parts_is_seen_to_arrive(tmp_path):
    """And images are counted where camera_info has other stamps than they."""
    rclpy.init(args=['--ros-args', '-p', f'folder:={tmp_path}'])
    recorder, names, goal = RunRecorder(), [f'joint_{n}' for n in range(1, 7)], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    recorder._stage = Stage.WELD
    point = JointTrajectoryPoint(positions=goal, velocities=[0.0] * 6)
    recorder._on_trajectory(serialize_message(JointTrajectory(joint_names=names, points=[point])))
    for part in ([5, 3, 4], [0, 2, 1]):
        header = make_header(10**9, '')
        state = JointState(header=header, name=[names[n] for n in part], position=[goal[n] for n in part])
        recorder._on_joint_states(serialize_message(state))
    recorder._stage = Stage.TRACK
    for number in range(3):
        recorder._on_camera_info(CameraInfo(header=make_header(number * 10**7 + 3, '')))
        seam = SeamStatus(stamp_ns=number * 10**7 + 1)
        recorder._on_seam_status(status_to_message('seam', seam))
    recorder.destroy_node()
    rclpy.shutdown()
    facts = json.loads((tmp_path / 'run.json').read_text())
    assert facts['trajectory_accepted'] and (facts['images'], facts['images_lost']) == (3, 0)
