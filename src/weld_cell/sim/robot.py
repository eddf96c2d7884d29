"""A simulated six-axis robot with its controller: follows trajectories as joint_trajectory_controller does.

As on ROS 2 Jazzy: names in any order, but all of them; times strictly ascending; rest at the end; a header stamp
starts the trajectory at that time, 0 starts it now; a new trajectory replaces the running one at once, led from
the commanded state to its first point; between points quintic splines where accelerations are given, cubic with
velocities, else linear; the last position is held. Stricter than the controller, as a robot's own drives are:
what breaks a limit or would make the robot jump is refused. It needs no thread: its state is a function of time.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BPoly

from weld_cell.config import LocatedDict, load_yaml, require_key
from weld_cell.errors import ConfigurationError
from weld_cell.geometry.hermite import hermite_curve
from weld_cell.records import FloatArray
from weld_cell.sim.trajectory_command import (
    RobotLimits,
    TrajectoryCommand,
    check_limits,
    check_speed_step,
    check_speed_steps,
    completed,
    rejected,
    validated,
)
from weld_cell.sim.urdf_tree import UrdfTree, read_urdf

REMEMBERED_MOTIONS = 32
"""How many replaced trajectories still answer for their time: images are asked about a little later."""

HELD_S = 1e-3
"""Length of the motion that holds; no time at all is no motion."""

JUMP_RAD = 0.01
"""A trajectory that stands further than this from the robot when it takes over makes the robot jump."""


@dataclass(frozen=True, eq=False)
class RobotState:
    """Robot joints at a time: positions (6,) rad, velocities (6,) rad/s, accelerations (6,) rad/s^2."""

    stamp_ns: int
    positions_rad: FloatArray
    velocities_rad_s: FloatArray
    accelerations_rad_s2: FloatArray


@dataclass(frozen=True, eq=False)
class _Motion:
    """What is followed since a time: a curve (6,) over seconds from its start, and the time of that start."""

    since_ns: int
    start_ns: int
    curve: BPoly

    @property
    def end_s(self) -> float:
        return float(self.curve.x[-1])


class SimulatedRobot:
    """The robot and its controller.

    Args:
        tree: Its links and robot joints.
        limits: What it refuses to exceed.
        start_rad: (6,) where it stands until it is told otherwise.
        rate: How much faster than the trajectory's time it moves; 1 is the real thing. For tests, with
            trajectories that start at rest.
    """

    def __init__(self, tree: UrdfTree, limits: RobotLimits, start_rad: FloatArray, rate: float = 1.0) -> None:
        if rate <= 0.0:
            raise ValueError(f'rate must be positive, got {rate}')
        self.tree = tree
        self.limits = limits
        self.rate = rate
        self._start_rad = np.array(start_rad, dtype=float)
        self._motions: deque[_Motion] = deque(maxlen=REMEMBERED_MOTIONS)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Order of all columns."""
        return self.tree.joint_names

    def state_at(self, time_ns: int) -> RobotState:
        """Commanded state at a time, which is also the true one."""
        motion = self._motion_at(time_ns)
        if motion is None:
            return RobotState(time_ns, self._start_rad.copy(), np.zeros(6), np.zeros(6))
        elapsed = self._elapsed_s(motion.start_ns, time_ns)
        if elapsed >= motion.end_s:
            return RobotState(time_ns, motion.curve(motion.end_s), np.zeros(6), np.zeros(6))
        return RobotState(
            time_ns,
            motion.curve(elapsed),
            motion.curve(elapsed, 1) * self.rate,
            motion.curve(elapsed, 2) * self.rate**2,
        )

    def is_moving(self, time_ns: int) -> bool:
        """Whether a trajectory is under way at a time."""
        motion = self._motion_at(time_ns)
        return motion is not None and self._elapsed_s(motion.start_ns, time_ns) < motion.end_s

    def past_end_s(self, time_ns: int) -> float:
        """How long ago the last point of what is followed was, in the trajectory's time; negative before it."""
        motion = self._motion_at(time_ns)
        return 0.0 if motion is None else self._elapsed_s(motion.start_ns, time_ns) - motion.end_s

    def hold(self, positions_rad: FloatArray, now_ns: int) -> None:
        """Stand at (6,) positions from now on, at once: as joint_trajectory_controller does after a cancel."""
        still = np.array([[positions_rad], [positions_rad]], dtype=float)
        self._append(_Motion(now_ns, now_ns, hermite_curve(np.array([0.0, HELD_S]), still)))

    def link_poses(self, time_ns: int) -> dict[str, FloatArray]:
        """T_base_link (4, 4) of every link at a time."""
        return self.tree.link_poses(self.state_at(time_ns).positions_rad)

    def follow(self, command: TrajectoryCommand, now_ns: int, partial: bool = False) -> None:
        """Replace what is being followed.

        Args:
            command: The new trajectory.
            now_ns: The time.
            partial: Whether it may leave out robot joints, which then stay where they are.

        Raises:
            TrajectoryRejectedError: with the reason; what was being followed goes on.
        """
        if partial:
            command = completed(command, self.joint_names, self.state_at(now_ns).positions_rad)
        times, rows = validated(command, self.joint_names)
        start_ns = command.start_ns or now_ns
        now_s = self._elapsed_s(start_ns, now_ns)
        if now_s >= times[-1]:
            raise rejected(f'it ended {now_s - times[-1]:.3f} s ago')
        times, rows = self._from_present_state(times, rows, now_ns, now_s)
        curve = hermite_curve(times, rows)
        self._check_takeover(curve, now_ns, now_s)
        check_limits(curve, now_s, self.limits)
        check_speed_steps(curve, self.limits)
        self._append(_Motion(now_ns, start_ns, curve))

    def _append(self, motion: _Motion) -> None:
        if len(self._motions) == REMEMBERED_MOTIONS:
            self._start_rad = self.state_at(self._motions[1].since_ns).positions_rad
        self._motions.append(motion)

    def _motion_at(self, time_ns: int) -> _Motion | None:
        return next((motion for motion in reversed(self._motions) if motion.since_ns <= time_ns), None)

    def _elapsed_s(self, start_ns: int, time_ns: int) -> float:
        return (time_ns - start_ns) * 1e-9 * self.rate

    def _from_present_state(
        self,
        times: FloatArray,
        rows: FloatArray,
        now_ns: int,
        now_s: float,
    ) -> tuple[FloatArray, FloatArray]:
        """The points, and before them the present state where the first one lies ahead."""
        if times[0] <= now_s:
            return times, rows
        state = self.state_at(now_ns)
        present = np.stack(
            [state.positions_rad, state.velocities_rad_s / self.rate, state.accelerations_rad_s2 / self.rate**2]
        )
        return np.append(now_s, times), np.concatenate([present[None, : rows.shape[1]], rows])

    def _check_takeover(self, curve: BPoly, now_ns: int, now_s: float) -> None:
        """The curve has to pass the robot's own state now."""
        state = self.state_at(now_ns)
        jump = np.abs(curve(now_s) - state.positions_rad)
        k = int(jump.argmax())
        if jump[k] > JUMP_RAD:
            raise rejected(
                f'{self.joint_names[k]} stands at {np.rad2deg(state.positions_rad[k]):.2f} deg and the trajectory '
                f'starts at {np.rad2deg(curve(now_s)[k]):.2f} deg'
            )
        check_speed_step(curve(now_s, 1) - state.velocities_rad_s / self.rate, self.limits, 'where it takes over')


def load_simulated_robot(
    urdf_path: str,
    limits_path: str,
    start_rad: FloatArray | None = None,
    rate: float = 1.0,
) -> SimulatedRobot:
    """Simulated robot from config/robot/arc_robot.urdf and limits.yaml; it stands at home unless told otherwise.

    Raises:
        ConfigurationError: a file is unreadable or malformed.
    """
    tree, content = read_urdf(urdf_path), load_yaml(limits_path)
    names = tree.joint_names
    position_speed = np.array([edge.limits for edge in tree.edges if edge.axis is not None])
    limits = RobotLimits(
        names,
        position_speed[:, :2],
        position_speed[:, 2],
        _by_name(content, 'acceleration_rad_s2', names, limits_path),
    )
    home = _by_name(content, 'home_rad', names, limits_path)
    return SimulatedRobot(tree, limits, home if start_rad is None else start_rad, rate)


def _by_name(content: LocatedDict, key: str, names: tuple[str, ...], path: str) -> FloatArray:
    section = require_key(content, key, path)
    try:
        return np.array([float(section[name]) for name in names])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f'{path}: line {content.lines[key]}: {key}: expected a number for each of {", ".join(names)}.',
            'See config/robot/limits.yaml.',
        ) from error
