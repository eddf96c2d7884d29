"""Sends the weld trajectory, and reports acceptance and result."""

from collections.abc import Callable

from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import MotionReplacedError, TrajectoryRejectedError, WeldCellError
from weld_cell.records import RobotTrajectory
from weld_cell.ros.conversions import time_from_ns, trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.follow_trajectory import SENT_WELDS
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.trajectory_controller import TrajectoryController
from weld_cell.ros.weld_states import EXECUTING, FAILED, FINISHED, REPLACED, START_DELAY_NS, STOPPED
from weld_cell.trajectory.controller import ControllerSettings

WATCH_S = 0.05

ReportState = Callable[[str, str], None]


class WeldSender:
    """The controller, as trajectory_publisher has it.

    Args:
        node: That node.
        health: Gets what the controller says.

    Attributes:
        state: Where the robot is.
        settings: How the controller takes trajectories.
    """

    def __init__(self, node: Node, health: NodeHealth) -> None:
        self.settings = SettingsParameters(node, 'controller', ControllerSettings()).settings
        self.state = RobotState(node, self.settings.prefix)
        self._node, self._health = node, health
        self._controller = TrajectoryController(node, self.settings, self.state)
        self._report_state: ReportState = _ignore_state
        self._is_corrected = False
        self._sent = None if self.settings.plain else publisher(node, JointTrajectory, SENT_WELDS, STATE)
        if self._controller.by_action:
            node.create_timer(WATCH_S, self._check)

    def send(self, trajectory: RobotTrajectory, report_state: ReportState, at_stamp: bool = False) -> None:
        """Send it.

        Args:
            trajectory: Of the robot's joints.
            report_state: Gets a state and a note: executing; by action, later, finished, or failed, replaced or
                stopped with the reason.
            at_stamp: By topic too it begins at a stamp: a supervisor that corrects it must know where the robot is.

        Raises:
            WeldCellError: by action, the controller is not there; or the trajectory does not fit its joints.
        """
        self._is_corrected = at_stamp
        if not self._controller.by_action:
            start_ns = self._now_ns() + (START_DELAY_NS if at_stamp else 0)
            self._controller.send(trajectory, start_ns if at_stamp else 0)
            self._tell_sent(trajectory, start_ns)
            report_state(EXECUTING, '')
            return
        if self._controller.missing:
            raise TrajectoryRejectedError(
                f'There is no {self._controller.missing.removeprefix("a ")}.',
                'Start the robot driver and its controller; or is controller.interface to be topic?',
            )
        start_ns = self._now_ns() + START_DELAY_NS
        self._controller.forget()
        self._report_state = report_state

        def accepted() -> None:
            self._tell_sent(trajectory, start_ns)
            report_state(EXECUTING, '')

        self._controller.send(trajectory, start_ns, accepted, lambda: report_state(FINISHED, self._answer()))

    def _answer(self) -> str:
        answer = self._controller.answer
        return answer.text if answer is not None else ''

    def _tell_sent(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        if self._sent is not None:
            message = trajectory_to_message(trajectory)
            message.header.stamp = time_from_ns(start_ns)
            self._sent.publish(message)

    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def _check(self) -> None:
        try:
            self._controller.check()
        except MotionReplacedError as error:  # as a supervisor does that brakes, or corrects the weld
            if self._is_corrected:
                self._node.get_logger().info('The supervisor corrects the weld from here on.')
            else:
                self._node.get_logger().warning(str(error))
            self._report_state(REPLACED, str(error))
        except WeldCellError as error:
            self._health.report(error)
            self._report_state(FAILED, str(error))

    def stop(self) -> str:
        """Have the controller end the motion and hold.

        Raises:
            TrajectoryRejectedError: by topic, or the controller is not there.
        """
        if not self._controller.cancel():
            raise TrajectoryRejectedError(
                'weld/stop cannot cancel a motion: that takes controller.interface: action, and a controller.',
                'Call cell/stop, which brakes either way, or stop the robot at its own panel.',
            )
        self._report_state(STOPPED, 'weld/stop was called.')
        return 'The controller is asked to end the motion and to hold the robot where it is.'

    def close(self) -> None:
        """Cancel a motion that nobody else watches: a supervisor brakes by itself, which is gentler."""
        watched = self._sent is not None and self._sent.get_subscription_count() > 0
        if self._controller.under_way and not watched:
            self._controller.cancel()
        self._controller.close()


def _ignore_state(state: str, note: str) -> None:
    """Before the first motion nobody listens."""
