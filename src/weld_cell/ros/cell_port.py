"""The cell as its supervisor sees it, over ROS topics and services.

The supervisor's cycle runs in a thread of its own; callbacks run in the thread that spins. What passes between
them are whole values (a list, a tuple), replaced and never changed in place.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import WeldCellError
from weld_cell.records import (
    FloatArray,
    JointType,
    MotionPhase,
    PartSighting,
    RobotTrajectory,
    SeamPath,
    SeamPoint,
    SeamSource,
)
from weld_cell.records.status import Stage, WeldStatus
from weld_cell.ros.cell_needs import ALL, LOOKS, SCAN, WELD, Need, busy_of, nodes_of, services_of
from weld_cell.ros.conversions import time_from_ns, trajectory_from_message, trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.node_watch import NodeWatch
from weld_cell.ros.part_input import PartInput
from weld_cell.ros.plate_input import PlateInput
from weld_cell.ros.qos import LATCHED, RESULT, STATE, await_delivery, publisher, subscription
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.seam_input import SeamInput
from weld_cell.ros.service_calls import NothingCameError, ServiceCalls, ServiceRefusedError
from weld_cell.ros.statuses import status_from_message
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.trajectory.robot_model import RobotModel

POLL_S = 0.01
RESET_S = 5.0
ATTEMPTS, AGAIN_S = 3, 1.0
DELIVERY_S = 1.0
SENT_BY_S = 1.0  # a node that was called sends what it was asked for by then, whatever became of the caller
COMMANDS = 'joint_trajectory_controller/joint_trajectory'


class RosCellPort:
    """Implements `weld_cell.supervisor.port.CellPort`.

    Args:
        node: The supervisor's node.
        health: Gets what is wrong with messages.
        enter: Publishes a stage.

    Attributes:
        stopping: Set it, and the next wait ends the cycle.
    """

    def __init__(
        self,
        node: Node,
        health: NodeHealth,
        enter: Callable[[Stage, str], None],
    ) -> None:
        self.stopping = threading.Event()
        self._node, self._enter = node, enter
        self._robot: RobotModel | None = None
        self._T_tool0_tool = np.eye(4)
        self._state = RobotState(node)
        self._needs: tuple[Need, ...] = (SCAN, WELD)
        self._watch = NodeWatch(node, nodes_of(self._needs))
        self._joint_type: JointType | None = None
        self._command: tuple[JointTrajectory, int] | None = None
        self._commands = publisher(node, JointTrajectory, COMMANDS, STATE)
        self._told_types = publisher(node, String, 'joint_type/tell', RESULT)
        self._part, self._plate = PartInput(node, health), PlateInput(node, health)
        self._plate_ns = self._scan_ns = 0
        self._planned: WeldStatus | None = None
        self._seam = SeamInput(node, health)
        subscription(node, String, 'joint_type', health.watched(self._on_joint_type), LATCHED)
        subscription(node, DiagnosticStatus, 'weld/status', health.watched(self._on_weld_status), RESULT)
        subscription(node, JointTrajectory, COMMANDS, health.watched(self._on_command), STATE)
        # last: a node whose answer comes has found by then what was there before, so that its results come too
        self._services = ServiceCalls(node, services_of(ALL), self.wait)

    def begin(self, robot: RobotModel, T_tool0_tool: FloatArray, needs: tuple[Need, ...] = (SCAN, WELD)) -> None:
        """Before each cycle: with which robot and tool, and what of the cell it needs."""
        self._needs = needs
        self.stopping.clear()
        self._watch.stop()
        self._watch.need(nodes_of(needs), busy_of(needs))
        self._robot, self._T_tool0_tool = robot, T_tool0_tool

    def close(self) -> None:
        """Let the last commands reach the robot."""
        await_delivery(self._commands, DELIVERY_S)

    # What the cycle asks

    def enter(self, stage: Stage, note: str = '') -> None:
        """See CellPort."""
        self._seam.searching = stage is Stage.APPROACH
        if stage in (Stage.LOOK, Stage.APPROACH) and not self._watch.watches:
            self._watch.start()
        if stage is not Stage.LOOK:
            self._watch.release(nodes_of(need for need in self._needs if need in LOOKS))
        self._enter(stage, note)

    def now_ns(self) -> int:
        """See CellPort."""
        return int(self._node.get_clock().now().nanoseconds)

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """See CellPort."""
        deadline_ns = self.now_ns() + int(timeout_s * 1e9)
        while not condition():
            if self.stopping.is_set():
                raise StageStoppedError('The cycle was stopped.', 'Call cell/start for a new one.')
            self._watch.check()
            if self.now_ns() > deadline_ns:
                return False
            time.sleep(POLL_S)
        return True

    def pause(self, duration_s: float) -> None:
        """See CellPort."""
        time.sleep(duration_s)

    def ready(self) -> str:
        """See CellPort."""
        missing = self._services.missing(services_of(self._needs)) + self._watch.missing()
        if self._robot is not None and not self._state.known(self._robot.joint_names):
            missing.append('joint_states')
        if SCAN in self._needs and not self._seam.images_come:
            missing.append('laser_sensor/camera_info')
        if not self._commands.get_subscription_count() > 1:  # this port listens itself
            missing.append(f'a robot controller on {COMMANDS}')
        return ', '.join(missing)

    def robot_state(self) -> tuple[int, FloatArray]:
        """See CellPort."""
        assert self._robot is not None, 'a cycle has begun'
        return self._state.stamped(self._robot.joint_names)

    def move(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """See CellPort."""
        message = trajectory_to_message(trajectory)
        message.header.stamp = time_from_ns(start_ns)
        self._commands.publish(message)

    def identify_part(self, timeout_s: float) -> PartSighting:
        """See CellPort."""
        before_ns = self._part.stamp_ns
        self._look('part/identify', timeout_s)
        self.wait(lambda: self._part.other_than(before_ns) is not None, timeout_s)
        part = self._part.other_than(before_ns)
        if part is None:
            raise ServiceRefusedError(
                'part/identify has told no part of a new image.',
                'See the log of part_identifier, and its part/status.',
            )
        return part

    def find_plate_seam(self, timeout_s: float) -> SeamPath:
        """See CellPort."""
        asked_ns = self.now_ns()
        self._look('plate_seam/detect', timeout_s)
        self.wait(lambda: self._plate.since(asked_ns) is not None, timeout_s)
        found = self._plate.since(asked_ns)
        if found is None:
            raise ServiceRefusedError(
                'plate_seam/detect has told no seam of a new image.',
                'See the log of plate_seam_detector, and its plate_seam/status.',
            )
        self._plate_ns, path = found
        return path

    def _look(self, name: str, timeout_s: float) -> None:
        """Trigger the camera and have a node look at its image."""

        def look() -> str:
            self._call('mako/trigger', timeout_s)
            return self._call(name, timeout_s)

        self._insist(look)

    def _insist(self, ask: Callable[[], str]) -> str:
        """Ask, and again where what the other node needs has not come to it."""
        for _ in range(ATTEMPTS - 1):
            with suppress(NothingCameError):
                return ask()
            self.wait(lambda: False, AGAIN_S)
        return ask()

    def profile(self) -> tuple[int, FloatArray] | None:
        """See CellPort."""
        return self._seam.profile

    def reset_joint_type(self) -> None:
        """See CellPort."""
        self._call('joint_type/reset', RESET_S)
        self._joint_type = None

    def tell_joint_type(self, joint_type: JointType) -> None:
        """See CellPort."""
        self._told_types.publish(String(data=str(joint_type)))

    def joint_type(self) -> JointType | None:
        """See CellPort."""
        return self._joint_type

    def reset_seam(self, normal: FloatArray) -> None:
        """See CellPort."""
        self._call('seam/reset', RESET_S)
        self._scan_ns = self.now_ns()
        self._seam.reset(self._scan_ns, normal)

    def seam_points(self) -> list[SeamPoint]:
        """See CellPort."""
        return self._seam.points

    def newest_image_ns(self) -> int:
        """See CellPort."""
        return self._seam.newest_image_ns

    def images_ns(self) -> list[int]:
        """See CellPort."""
        return sorted(self._seam.images_ns)

    def late_images(self) -> tuple[int, float]:
        """See CellPort."""
        return self._seam.late

    def finish_seam(self, timeout_s: float) -> str:
        """See CellPort."""
        return self._call('seam/finish', timeout_s)

    def plan_weld(self, source: SeamSource, timeout_s: float) -> str:
        """See CellPort."""
        self._planned = None
        said = self._insist(lambda: self._call('weld/plan', timeout_s))
        self.wait(lambda: self._planned is not None, timeout_s)
        if self._planned is None:
            raise ServiceRefusedError('weld/plan has told of no plan.', 'See the log of trajectory_publisher.')
        self._check_plan(self._planned, source)
        return said

    def _check_plan(self, planned: WeldStatus, source: SeamSource) -> None:
        if planned.seam_source is not source:
            raise ServiceRefusedError(
                f'The weld is planned along the seam of the source "{planned.seam_source}", the cycle found that of '
                f'"{source}".',
                'Set the parameter seam_source of trajectory_publisher and of cell_supervisor to the same.',
            )
        if source is SeamSource.PLATE and planned.path_stamp_ns != self._plate_ns:
            raise ServiceRefusedError(
                'The weld is planned along another plate seam than the one of this cycle.',
                'Call cell/start again; does somebody else call plate_seam/detect?',
            )
        if source is SeamSource.LASER and planned.path_stamp_ns < self._scan_ns:
            raise ServiceRefusedError(
                'The weld is planned along a path that was scanned before this seam.',
                'Call cell/start again; see the log of seam_detector.',
            )

    def execute_weld(self, timeout_s: float) -> tuple[RobotTrajectory, int]:
        """See CellPort."""
        assert self._robot is not None, 'a cycle has begun'
        self._command = None
        try:
            self._call('weld/execute', timeout_s)
            self.wait(lambda: self._command is not None, timeout_s)
        except WeldCellError:
            self._listen_on()
            if self._command is None:
                raise
        if self._command is None:
            raise ServiceRefusedError('weld/execute sent no trajectory.', 'See the log of trajectory_publisher.')
        message, arrived_ns = self._command
        return trajectory_from_message(message, self._robot, self._T_tool0_tool, MotionPhase.WELD), arrived_ns

    def _listen_on(self) -> None:
        """After a stop between the call and its trajectory: what moves the robot must be known to be braked."""
        end_s = time.monotonic() + SENT_BY_S
        while self._command is None and time.monotonic() < end_s:
            time.sleep(POLL_S)

    def _call(self, name: str, timeout_s: float) -> str:
        return self._services.call(name, timeout_s)

    # What the graph tells

    def _on_joint_type(self, message: String) -> None:
        self._joint_type = JointType(message.data) if message.data in list(JointType) else None

    def _on_weld_status(self, message: DiagnosticStatus) -> None:
        status = status_from_message(WeldStatus, message)
        if status.state == 'planned':
            self._planned = status

    def _on_command(self, message: JointTrajectory) -> None:
        if message.points:
            self._command = message, self.now_ns()
