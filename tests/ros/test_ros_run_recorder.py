"""The node that records a run says before the run whether it can, and loses no stage."""

import json
import time

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from weld_cell.errors import ConfigurationError
from weld_cell.nodes.run_recorder import RunRecorder
from weld_cell.records.status import CellStatus, Stage
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
