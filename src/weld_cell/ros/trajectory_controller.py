"""Sends trajectories to the robot controller, by topic or by the action FollowJointTrajectory."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Duration
from rclpy.action import ActionClient
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory

from weld_cell.records import FloatArray, RobotTrajectory
from weld_cell.ros.conversions import time_from_ns, trajectory_to_message
from weld_cell.ros.follow_trajectory import (
    ACTION_NAME,
    COMMANDS,
    FollowJointTrajectory,
    JointTolerance,
    require_action,
)
from weld_cell.ros.qos import STATE, await_delivery, publisher
from weld_cell.ros.robot_state import RobotState
from weld_cell.trajectory.controller import ACTION, ControllerJoints, ControllerSettings
from weld_cell.trajectory.goal_watch import ControllerAnswer, GoalEnd, GoalWatch

DELIVERY_S, TAKEN_S = 1.0, 1.0
POLL_S = 0.01
Notify = Callable[[], None]


class TrajectoryController:
    """The robot's controller, seen by a node that sends it trajectories.

    Nothing here waits but `close`. `send`, `check` and `cancel` may be called from another thread than the one that
    spins.

    Args:
        node: The node that sends.
        settings: How.
        state: Where the external axes are.
        own_listeners: How many subscriptions of the topic are no controller's.

    Raises:
        ConfigurationError: the interface is the action, and control_msgs is not installed.
    """

    def __init__(self, node: Node, settings: ControllerSettings, state: RobotState, own_listeners: int = 0) -> None:
        self.by_action = settings.interface == ACTION
        self._node, self._settings, self._state, self._own_listeners = node, settings, state, own_listeners
        self._watch = GoalWatch(settings.answer_s, settings.goal_time_s)
        self._lock = threading.Lock()
        self._cancelling = False
        self._joints: tuple[tuple[str, ...], ControllerJoints] | None = None
        if self.by_action:
            require_action()
            self._client = ActionClient(node, FollowJointTrajectory, ACTION_NAME)
            self._cancel = node.create_client(CancelGoal, f'{ACTION_NAME}/_action/cancel_goal')
        else:
            self._topic = publisher(node, JointTrajectory, COMMANDS, STATE)

    @property
    def missing(self) -> str:
        """Empty where a controller listens, else what is missing."""
        if self.by_action:
            return '' if self._client.server_is_ready() else f'a robot controller with the action {ACTION_NAME}'
        listens = self._topic.get_subscription_count() > self._own_listeners
        return '' if listens else f'a robot controller on {COMMANDS}'

    @property
    def under_way(self) -> bool:
        """Whether a goal is; by topic nobody knows."""
        return self._watch.under_way

    @property
    def worst_rad(self) -> float:
        """Largest error of a robot joint so far in this motion, as the controller reports it; 0 by topic."""
        return self._watch.worst_rad

    @property
    def answer(self) -> ControllerAnswer | None:
        """Of the controller to the goals since `count_anew` or `forget`; None before any, and by topic."""
        with self._lock:
            return self._watch.answer

    @property
    def unanswered_s(self) -> float:
        """How long the oldest goal has been waiting for its answer; 0 by topic, which has none."""
        with self._lock:
            return self._watch.unanswered_s(time.monotonic())

    def count_anew(self) -> None:
        """From here on goals belong to a new piece of work."""
        with self._lock:
            self._watch.count_anew()

    def forget(self) -> None:
        """Before a new piece of work: drop what has not been reported."""
        with self._lock:
            self._watch.forget()

    def message(self, trajectory: RobotTrajectory, start_ns: int = 0) -> JointTrajectory:
        """The trajectory as the controller takes it: its joints, in its order.

        Args:
            trajectory: Of the robot's joints.
            start_ns: When it begins; 0: as it comes.

        Raises:
            ConfigurationError: `controller.joints` does not fit the robot.
            TrajectoryRejectedError: it moves a robot joint that the controller does not have.
            DeviceError: where the external axes are is not known.
        """
        joints = self.joints_of(trajectory.joint_names)
        joints.check(trajectory.positions_rad)
        external = self._external(joints)
        still = np.zeros(len(external))
        message = trajectory_to_message(
            replace(
                trajectory,
                joint_names=joints.names,
                positions_rad=joints.spread(trajectory.positions_rad, external),
                velocities_rad_s=joints.spread(trajectory.velocities_rad_s, still),
                accelerations_rad_s2=joints.spread(trajectory.accelerations_rad_s2, still),
            )
        )
        message.header.stamp = time_from_ns(start_ns)
        return message

    def _external(self, joints: ControllerJoints) -> FloatArray:
        """(k,) where the external axes are, by joint_states."""
        if not joints.external:
            return np.zeros(0)
        return self._state.positions(self.external_names(joints))

    def external_names(self, joints: ControllerJoints) -> tuple[str, ...]:
        """The external axes, as RobotState calls them."""
        return tuple(name.removeprefix(self._settings.prefix) for name in joints.external)

    def joints_of(self, names: tuple[str, ...]) -> ControllerJoints:
        """The controller's joints for a robot with joints of these names.

        Raises:
            ConfigurationError: `controller.joints` does not fit them.
        """
        if self._joints is None or self._joints[0] != names:
            self._joints = names, ControllerJoints(names, self._settings)
        return self._joints[1]

    def send(
        self,
        trajectory: RobotTrajectory,
        start_ns: int = 0,
        accepted: Notify | None = None,
        reached: Notify | None = None,
    ) -> None:
        """Send it; by action a goal that replaces the one before.

        Args:
            trajectory: Of the robot's joints.
            start_ns: When it begins; 0: as it comes.
            accepted: Called once the controller has taken it; by topic never.
            reached: Called once it says that the end is reached; by topic never.

        Raises:
            WeldCellError: as `message`.
        """
        message = self.message(trajectory, start_ns)
        if not self.by_action:
            self._topic.publish(message)
            return
        wait_s = (start_ns - self._node.get_clock().now().nanoseconds) * 1e-9 if start_ns else 0.0
        with self._lock:
            number = self._watch.sent(time.monotonic(), max(wait_s, 0.0) + float(trajectory.times_s[-1]))
        sending = self._client.send_goal_async(self._goal(message), partial(self._on_feedback, number))
        sending.add_done_callback(partial(self._on_answer, number, accepted, reached))

    def _goal(self, message: JointTrajectory) -> Any:
        settings, own = self._settings, set(message.joint_names)
        if self._joints is not None:
            own -= set(self._joints[1].external)
        names = [name for name in message.joint_names if name in own]
        wait_ns = round(settings.goal_time_s * 1e9)
        return FollowJointTrajectory.Goal(
            trajectory=message,
            path_tolerance=[JointTolerance(name=n, position=settings.path_tolerance_rad) for n in names],
            goal_tolerance=[JointTolerance(name=n, position=settings.goal_tolerance_rad) for n in names],
            goal_time_tolerance=Duration(sec=wait_ns // 10**9, nanosec=wait_ns % 10**9),
        )

    def _on_answer(self, number: int, accepted: Notify | None, reached: Notify | None, answer: Any) -> None:
        handle = answer.result()
        with self._lock:
            if not handle.accepted:
                self._watch.rejected(number)
                return
            self._watch.accepted(number, time.monotonic())
        handle.get_result_async().add_done_callback(partial(self._on_result, number, reached))
        if accepted is not None:
            accepted()

    def _on_feedback(self, number: int, message: Any) -> None:
        errors: FloatArray = np.abs(message.feedback.error.positions)
        with self._lock:
            self._watch.feedback(number, time.monotonic(), float(errors.max(initial=0.0)))

    def _on_result(self, number: int, reached: Notify | None, answer: Any) -> None:
        status, result = answer.result().status, answer.result().result
        end = GoalEnd(status) if status in list(GoalEnd) else GoalEnd.UNKNOWN
        with self._lock:
            good = self._watch.ended(number, end, result.error_code, result.error_string)
        if good and reached is not None:
            reached()

    def check(self) -> None:
        """To be called repeatedly while the robot moves; by topic nothing is reported.

        Raises:
            TrajectoryRejectedError, MotionEndedError, ControllerSilentError: see `GoalWatch.check`; each said once.
        """
        if self.by_action:
            there = self._client.server_is_ready()
            with self._lock:
                self._watch.check(time.monotonic(), there)

    def require_taken(self) -> None:
        """Wait for the answer to the goal that was sent last; by topic there is none.

        Raises:
            TrajectoryRejectedError: it was rejected.
            ControllerSilentError: no answer has come.
        """
        end_s = time.monotonic() + TAKEN_S
        while self.unanswered_s and time.monotonic() < end_s:
            time.sleep(POLL_S)
        with self._lock:
            self._watch.require_taken()

    def cancel(self) -> bool:
        """Ask the controller to end every goal, from any client, and to hold; False by topic, which cannot.

        A refusal comes with the next `check`.
        """
        if not self.by_action or not self._cancel.service_is_ready():
            return False
        with self._lock:
            self._watch.stopping()
            self._cancelling = True
        self._cancel.call_async(CancelGoal.Request()).add_done_callback(self._on_cancelled)
        return True

    def _on_cancelled(self, answer: Any) -> None:
        """A refusal comes with return code 0 and an empty list."""
        response, self._cancelling = answer.result(), False
        if response.return_code != CancelGoal.Response.ERROR_GOAL_TERMINATED and not response.goals_canceling:
            with self._lock:
                self._watch.cancel_refused()

    def close(self) -> None:
        """Let the last commands reach the robot; to be called before the node is destroyed, which leaves actions."""
        if not self.by_action:
            await_delivery(self._topic, DELIVERY_S)
            return
        end_s, executor = time.monotonic() + DELIVERY_S, self._node.executor
        while executor is not None and (self._watch.unanswered or self._cancelling) and time.monotonic() < end_s:
            executor.spin_once(timeout_sec=POLL_S)
        self._client.destroy()
