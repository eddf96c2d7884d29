"""The simulated robot's action FollowJointTrajectory, served as joint_trajectory_controller serves it."""

from collections.abc import Callable
from typing import Any

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.node import Node
from rclpy.task import Future

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import make_header, ns_from_time
from weld_cell.ros.follow_trajectory import ACTION_NAME, FollowJointTrajectory
from weld_cell.sim.goal_tolerances import (
    ConstraintSettings,
    JointTolerance,
    Tolerances,
    Verdict,
    default_tolerances,
    judge,
    tolerances_of_goal,
)
from weld_cell.sim.robot import RobotState

FEEDBACK_NS = 50_000_000
"""The controller's action_monitor_rate, 20 Hz."""
PREEMPTED = 'Current goal preempted by new incoming action.'


class _Server(ActionServer):
    """Goals are executed by the robot's beat; a task for each would be asked all the time whether it is done."""

    def notify_execute(self, goal_handle: ServerGoalHandle, execute_callback: Any) -> None:
        """Only the end of a goal is a task."""
        if execute_callback is not None:
            super().notify_execute(goal_handle, execute_callback)


class FollowTrajectoryServer:
    """At most one goal is under way; a new one replaces it.

    Args:
        node: The simulated robot's node.
        joint_names: The robot's.
        constraints: Tolerances of goals that name none.
        follow: Follows a message from now on; raises TrajectoryRejectedError.
        hold: Holds the robot where it is.
        answer_after_s: How late goals are answered now.
    """

    def __init__(
        self,
        node: Node,
        joint_names: tuple[str, ...],
        constraints: ConstraintSettings,
        follow: Callable[[Any], None],
        hold: Callable[[], None],
        answer_after_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._node, self._names, self._follow, self._hold = node, joint_names, follow, hold
        self._answer_after_s = answer_after_s
        self._defaults = default_tolerances(constraints, len(joint_names))
        self._tolerances: Tolerances = self._defaults
        self._goal: ServerGoalHandle | None = None
        self._first = False
        self._told_ns = self._since_ns = 0
        self._server = _Server(
            node,
            FollowJointTrajectory,
            ACTION_NAME,
            lambda goal: None,
            goal_callback=self._on_goal,
            handle_accepted_callback=self._on_accepted,
            cancel_callback=self._on_cancel,
        )

    async def _on_goal(self, goal: Any) -> GoalResponse:
        """The trajectory is followed from here on: what refuses it must do so before the goal is accepted."""
        if (late_s := self._answer_after_s()) > 0.0:
            await self._past(late_s)
        try:
            self._follow(goal.trajectory)
        except TrajectoryRejectedError as error:
            self._node.get_logger().error(f'Goal rejected: {error}')
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _past(self, late_s: float) -> Future:
        """Done after a time."""
        waits = Future()
        timer = self._node.create_timer(late_s, lambda: waits.set_result(None))
        waits.add_done_callback(lambda _: self._node.destroy_timer(timer))
        return waits

    def _on_accepted(self, handle: ServerGoalHandle) -> None:
        self._end('abort', FollowJointTrajectory.Result.INVALID_GOAL, PREEMPTED)
        goal = handle.request
        self._tolerances, wrong = tolerances_of_goal(
            self._defaults,
            self._names,
            [_tolerance(each) for each in goal.path_tolerance],
            [_tolerance(each) for each in goal.goal_tolerance],
            ns_from_time(goal.goal_time_tolerance) * 1e-9,
        )
        if wrong:
            self._node.get_logger().error(f'The tolerances of a goal do not count: {wrong}.')
        handle.execute()
        self._goal, self._first, self._told_ns = handle, True, 0
        self._since_ns = self._node.get_clock().now().nanoseconds

    def _on_cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        if self._goal is not None and handle == self._goal:
            self._hold()
        return CancelResponse.ACCEPT

    def close(self) -> None:
        """To be called before the node is destroyed, which leaves actions."""
        self._server.destroy()

    def beat(self, desired: RobotState, actual: RobotState, past_end_s: float) -> None:
        """With each of the robot's states."""
        if self._goal is None:
            return
        if self._goal.is_cancel_requested:
            self._end('canceled', FollowJointTrajectory.Result.SUCCESSFUL, '')
            return
        if desired.stamp_ns < self._since_ns:  # of the motion before
            return
        error_rad = desired.positions_rad - actual.positions_rad
        error_rad_s = desired.velocities_rad_s - actual.velocities_rad_s
        if desired.stamp_ns - self._told_ns >= FEEDBACK_NS:
            self._told_ns = desired.stamp_ns
            self._goal.publish_feedback(self._feedback(desired, actual, error_rad, error_rad_s))
        verdict = judge(self._tolerances, error_rad, error_rad_s, past_end_s, self._first)
        self._first = False
        self._act_on(verdict, past_end_s)

    def _act_on(self, verdict: Verdict, past_end_s: float) -> None:
        codes = FollowJointTrajectory.Result
        if verdict is Verdict.REACHED:
            self._end('succeed', codes.SUCCESSFUL, 'Goal successfully reached!')
        elif verdict is Verdict.OFF_PATH:
            self._hold()
            self._end('abort', codes.PATH_TOLERANCE_VIOLATED, 'Aborted due to path tolerance violation')
        elif verdict is Verdict.OFF_GOAL:
            self._hold()
            late = f'Aborted due to goal_time_tolerance exceeding by {past_end_s:.6f} seconds'
            self._end('abort', codes.GOAL_TOLERANCE_VIOLATED, late)

    def _end(self, how: str, code: int, said: str) -> None:
        """End the goal under way, if there is one: `how` is a method of its handle."""
        handle, self._goal = self._goal, None
        if handle is None:
            return
        if handle.is_cancel_requested:  # meanwhile
            how = 'canceled'

        def finish(goal: ServerGoalHandle) -> Any:
            getattr(goal, how)()
            return FollowJointTrajectory.Result(error_code=code, error_string=said)

        self._server.notify_execute(handle, finish)

    def _feedback(
        self, desired: RobotState, actual: RobotState, error_rad: FloatArray, error_rad_s: FloatArray
    ) -> Any:
        feedback = FollowJointTrajectory.Feedback(
            header=make_header(desired.stamp_ns, ''), joint_names=list(self._names)
        )
        rows = (
            (feedback.desired, desired.positions_rad, desired.velocities_rad_s),
            (feedback.actual, actual.positions_rad, actual.velocities_rad_s),
            (feedback.error, error_rad, error_rad_s),
        )
        for point, positions, velocities in rows:
            point.positions, point.velocities = positions.tolist(), velocities.tolist()
        return feedback


def _tolerance(message: Any) -> JointTolerance:
    return JointTolerance(message.name, message.position, message.velocity, message.acceleration)
