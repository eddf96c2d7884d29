"""The rest of a planned motion with shifted tool poses and stretched time, from the robot's present state."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.interpolate import make_interp_spline

from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory
from weld_cell.trajectory.limits import check_trajectory, controller_spline
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.time_law import PlannedTime

STEP_S, WIDE_STEP_S, FAR_STEP_S = 0.04, 0.16, 0.5
_DENSE_S, _AROUND_S = 0.8, 0.4  # ahead of the tool, and about the ends of the weld, points are close
_FAR_S = 2.0  # further ahead than that it will be replaced before the tool gets there
_TURN_RAD = 1e-6  # of a robot joint, for the Jacobian

Shift = Callable[[FloatArray, FloatArray], FloatArray]
"""(n, 3) shifts of the tool in base_link, by times (n,) and by planned times (n,) of the places, in seconds."""


class CorrectedMotion:
    """A planned weld motion under correction.

    Args:
        plan: As planned, from rest to rest.
        weld_s: When its weld begins and ends.
        robot: The robot.
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
    """

    def __init__(
        self, plan: RobotTrajectory, weld_s: tuple[float, float], robot: RobotModel, T_tool0_tool: FloatArray
    ) -> None:
        self.weld_s, self.end_s = weld_s, float(plan.times_s[-1])
        self._names, self._robot, self._T_tool0_tool = plan.joint_names, robot, T_tool0_tool
        self._curve = controller_spline(plan)

    def remainder(self, from_s: float, law: PlannedTime, shift: Shift, state: FloatArray) -> RobotTrajectory:
        """What is left of the motion.

        Args:
            from_s: Since the motion began.
            law: Which planned time belongs to which time since the motion began.
            shift: Of the tool.
            state: (3, 6) positions, velocities and accelerations of the robot joints at that time.

        Returns:
            A trajectory from rest or motion to rest; its time 0 is from_s.

        Raises:
            UnreachableError, MotionLimitError: limits would be exceeded.
        """
        times = self._times(from_s, law)
        planned = np.clip(law.at(times), 0.0, self.end_s)
        rows = self._curve(planned)
        shifts = np.zeros((len(times), 6))
        shifts[:, :3] = shift(times, planned)
        jacobians = tool_jacobians(self._robot, rows, self._T_tool0_tool)
        rows = rows + np.linalg.solve(jacobians, shifts[..., None])[..., 0]
        rows[0], rest = state[0], np.zeros(6)
        ends: Any = [(1, state[1]), (2, state[2])], [(1, rest), (2, rest)]  # scipy's stubs know only its words
        spline = make_interp_spline(times - from_s, rows, k=5, bc_type=ends)
        velocities, accelerations = spline(times - from_s, 1), spline(times - from_s, 2)
        velocities[-1] = accelerations[-1] = 0.0
        trajectory = RobotTrajectory(
            self._names,
            times - from_s,
            rows,
            velocities,
            accelerations,
            self._robot.forward(rows, self._T_tool0_tool),
            tuple(self._phase(time_s) for time_s in planned),
        )
        check_trajectory(trajectory, self._robot)
        return trajectory

    def _phase(self, planned_s: float) -> MotionPhase:
        if planned_s < self.weld_s[0]:
            return MotionPhase.APPROACH
        return MotionPhase.WELD if planned_s < self.weld_s[1] else MotionPhase.DEPARTURE

    def _times(self, from_s: float, law: PlannedTime) -> FloatArray:
        """(n,) times of the points: close ahead of the tool, about the start of the weld, and from its end on."""
        end_s = law.when(self.end_s)
        begins_s, ends_s = (law.when(planned_s) for planned_s in self.weld_s)
        edges = np.clip(
            [from_s, from_s + _DENSE_S, begins_s - _AROUND_S, begins_s + _AROUND_S, ends_s - _AROUND_S, end_s],
            from_s,
            end_s,
        )
        dense_until = min(max(edges[1], edges[3] if edges[3] > from_s else from_s), edges[4])
        wide_until = float(np.clip(from_s + _FAR_S, dense_until, edges[4]))
        return np.concatenate(
            [
                [from_s],
                _even(from_s, dense_until, STEP_S),
                _even(dense_until, wide_until, WIDE_STEP_S),
                _even(wide_until, edges[4], FAR_STEP_S),
                _even(edges[4], end_s, STEP_S),
            ]
        )


def _even(start_s: float, stop_s: float, step_s: float) -> FloatArray:
    """Times after the start up to the stop, evenly, a step apart at most."""
    return np.linspace(start_s, stop_s, int(np.ceil((stop_s - start_s) / step_s - 1e-6)) + 1)[1:]


def tool_jacobians(robot: RobotModel, positions_rad: FloatArray, T_tool0_tool: FloatArray) -> FloatArray:
    """(n, 6, 6) from robot joint speeds to the tool's speed and angular velocity in base_link.

    Args:
        robot: The robot.
        positions_rad: (n, 6).
        T_tool0_tool: (4, 4) frame welding_tool in tool0.
    """
    steps = _TURN_RAD * np.vstack([np.zeros(6), np.eye(6)])
    poses = robot.forward((positions_rad[:, None] + steps).reshape(-1, 6), T_tool0_tool).reshape(-1, 7, 4, 4)
    moved = (poses[:, 1:, :3, 3] - poses[:, :1, :3, 3]) / _TURN_RAD
    turned = (poses[:, 1:, :3, :3] - poses[:, :1, :3, :3]) @ np.swapaxes(poses[:, :1, :3, :3], -1, -2) / _TURN_RAD
    spins = np.stack([turned[..., 2, 1], turned[..., 0, 2], turned[..., 1, 0]], axis=-1)
    return np.asarray(np.concatenate([moved, spins], axis=2).swapaxes(1, 2))
