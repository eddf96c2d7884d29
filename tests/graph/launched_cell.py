"""The whole simulated cell under `ros2 launch`, for tests that break its cycles."""

import os
import re
import signal

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool
from trajectory_msgs.msg import JointTrajectory

from weld_cell.records.status import CellStatus
from weld_cell.ros.qos import RESULT, STATE
from weld_cell.ros.statuses import status_from_message

COMMANDS = 'joint_trajectory_controller/joint_trajectory'
LAUNCH_S, STAGE_S = 60.0, 90.0  # generous: for a machine that is busy


class LaunchedCell:
    """The launched cell; each node is a process of its own, so that it can be killed."""

    def __init__(self, graph, *words):
        self.graph = graph
        graph.listen(DiagnosticStatus, 'cell/status', latched=True)
        graph.listen(JointState, 'joint_states', STATE)
        graph.listen(PointStamped, 'seam/point', RESULT)
        graph.listen(JointTrajectory, COMMANDS, QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE))
        graph.ros2('cell', 'launch', 'weld_cell', 'cell.launch.xml', 'source:=sim', 'composed:=false', *words)
        assert graph.wait(lambda: self.stage == 'idle', LAUNCH_S), graph.output('cell')

    @property
    def stage(self):
        messages = self.graph.messages['cell/status']
        return status_from_message(CellStatus, messages[-1]).stage if messages else None

    def begin(self, stage):
        """Start a cycle and wait until it has come to a stage."""
        self.graph.messages['cell/status'].clear()  # the fault of the cycle before
        assert self.graph.wait(self.try_start, LAUNCH_S)
        self.await_stage(stage)

    def try_start(self):
        """A supervisor that was just killed may still be known, and does not answer."""
        try:
            return self.graph.call('cell/start', timeout_s=5.0).success
        except AssertionError:
            return False

    def await_stage(self, stage):
        assert self.graph.wait(lambda: self.stage in (stage, 'fault'), STAGE_S), self.said()
        assert self.stage == stage, self.said()

    def await_fault(self):
        """The reason of the fault; by then, or soon, the robot stands."""
        assert self.graph.wait(lambda: self.stage == 'fault', STAGE_S), self.said()
        reason = self.graph.messages['cell/status'][-1].message
        assert self.graph.wait(self.standing), reason
        return reason

    def standing(self):
        return self.graph.wait(
            lambda: self.graph.messages['joint_states'] and not any(self.graph.messages['joint_states'][-1].velocity),
            0.1,
        )

    def pid(self, node):
        return int(re.findall(rf'\[{node}-\d+\]: process started with pid \[(\d+)\]', self.graph.output('cell'))[-1])

    def kill(self, node):
        """As the kernel does when memory is short; returns once the launch has started it again."""
        before = self.pid(node)
        os.kill(before, signal.SIGKILL)
        assert self.graph.wait(lambda: self.pid(node) != before), self.said()

    def said(self):
        """What a reader of a failure needs: the reason as published, for its log line may still be under way."""
        messages = self.graph.messages['cell/status']
        return f'{messages[-1].message if messages else "no status"}\n{self.graph.output("cell")[-4000:]}'

    def laser(self, on):
        assert self.graph.call('laser_sensor/set_laser', SetBool, SetBool.Request(data=on)).success
