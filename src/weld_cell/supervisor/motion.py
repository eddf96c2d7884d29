"""Scanning motions of the robot: to a pose, along a line, onto a corrected line in motion, and to rest."""

import contextlib

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.errors import DeviceError, TrajectoryRejectedError, UnreachableError
from weld_cell.records import FloatArray, RobotTrajectory
from weld_cell.supervisor.port import CellPort
from weld_cell.supervisor.poses import NominalSeam, SensorPoses, joining_curve, line_poses, written_mm
from weld_cell.supervisor.reach import require_reach
from weld_cell.supervisor.sent_motion import LAG_S, SentMotion
from weld_cell.supervisor.settings import ScanSettings
from weld_cell.trajectory.plan import STANDING_RAD, plan_joint_move, plan_stop, plan_tool_motion
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

ARRIVED_RAD = 2e-3
ATTEMPTS, STIR_S, STIRRED_RAD = 3, 3.0, 1e-3
NEAR_M = 2e-4  # a way shorter than this is not worth a motion
START_DELAY_S = 0.1  # for the message to reach the controller before its start time
FREE_START_DELAY_S = 0.6  # a free motion is the first one, while the machine may still be busy with starting the cell
OFF_WAY_RAD = 3e-3
OFF_CORRECTED_RAD = 5e-3  # so much may a course be corrected, at its greatest rate, while it is compared with
WATCHED_NS = 300_000_000  # a motion that is corrected all the time is compared with its course of a while ago
STILL_NS = 50_000_000  # between two looks at a robot that stands


class ScanMotion:
    """Plans a motion, sends it, and knows where the robot will be.

    Args:
        port: The cell.
        robot: Its robot.
        rig: Where sensor and tool sit on it.
        scan: Speeds and times.
        trajectory: Settings of the planning.
    """

    def __init__(
        self,
        port: CellPort,
        robot: RobotModel,
        rig: Rig,
        scan: ScanSettings,
        trajectory: TrajectorySettings,
    ) -> None:
        self.sensor = SensorPoses(rig, 1e-3 * scan.stand_off_mm)
        self._port, self._robot, self._scan, self._settings = port, robot, scan, trajectory
        self._rig, self._T_tool0_tool = rig, rig.T_tool0_tool
        self._current: SentMotion | None = None
        self._before: SentMotion | None = None
        self._watched: tuple[SentMotion, float] | None = None
        self._seen: tuple[int, FloatArray] | None = None

    @property
    def remaining_s(self) -> float:
        """How long the motion under way goes on; 0 when the robot rests."""
        return 0.0 if self._current is None else max(0.0, self._current.left_s(self._port.now_ns()))

    @property
    def resting(self) -> bool:
        """Whether the last motion is over, by its time."""
        return self.remaining_s == 0.0

    @property
    def rested_s(self) -> float:
        """How long ago the last motion ended; 0 while one is under way."""
        return 0.0 if self._current is None else max(0.0, -self._current.left_s(self._port.now_ns()))

    @property
    def arrived(self) -> bool:
        """Whether the last motion is over and the robot really is where it led."""
        if self._current is None:
            return True
        return self.resting and self.miss_rad < ARRIVED_RAD

    @property
    def miss_rad(self) -> float:
        """How far the robot joint that is furthest from there is away from where the last motion ends."""
        return 0.0 if self._current is None else float(np.abs(self.positions() - self._current.goal_rad).max())

    def stands(self) -> bool:
        """Whether the robot is where it was when this was asked before, a while ago."""
        stamp_ns, positions = self._port.robot_state()
        if self._seen is not None and stamp_ns - self._seen[0] < STILL_NS:
            return False
        before, self._seen = self._seen, (stamp_ns, positions)
        return before is not None and bool(np.abs(positions - before[1]).max() < STANDING_RAD)

    def positions(self) -> FloatArray:
        """(6,) where the robot really is, in radians.

        Raises:
            DeviceError: nothing is heard of the robot.
        """
        return self._port.robot_state()[1]

    def check(self) -> None:
        """A topic carries no refusal: a controller that did not take a motion shows by where the robot goes.

        Raises:
            TrajectoryRejectedError: the robot is not on the way of the motion that was sent.
            DeviceError: nothing is heard of the robot.
        """
        if self._watched is None:
            return
        watched, allowed_rad = self._watched
        off_rad = watched.off_way_rad(*self._port.robot_state())
        if off_rad.max() > allowed_rad:
            raise TrajectoryRejectedError(
                f'The robot is off the way on which it was sent: {self._robot.joint_names[off_rad.argmax()]} by '
                f'{np.degrees(off_rad.max()):.2f} deg.',
                'Has its controller refused or stopped the trajectory, or does another client move it? See its log.',
            )

    def tool_pose(self) -> FloatArray:
        """(4, 4) T_base_tool where the robot is commanded to be now."""
        return self._robot.forward(self._state(self._port.now_ns())[0], self._T_tool0_tool)

    def go_to(self, pose: FloatArray) -> None:
        """Free motion to a tool pose, by the configuration nearest to the present one; returns once the robot moves.

        Raises:
            UnreachableError: no configuration reaches the pose.
            TrajectoryRejectedError: the robot does not follow.
        """
        here = self.positions()
        branches = self._robot.branches(pose[None], self._T_tool0_tool)
        allowed = branches.limit_margin[0] > np.radians(self._settings.min_limit_margin_deg)
        if not allowed.any():
            raise UnreachableError(
                f'The robot cannot bring the sensor to {written_mm(self.sensor.focus(pose))}.',
                'Check the nominal seam (scan.start_m, scan.end_m, scan.normal) against the reach of the robot.',
            )
        candidates = branches.joints[0][allowed]
        goal = candidates[np.abs(candidates - here).max(axis=1).argmin()]
        if np.abs(goal - here).max() > STANDING_RAD:
            self._send_until_moving(plan_joint_move(here, goal, self._robot, self._settings, self._T_tool0_tool))

    def require_reach(self, nominal: NominalSeam) -> None:
        """Check, before anything moves, that the robot can move the sensor along a nominal seam.

        Raises:
            UnreachableError: no one configuration of the robot reaches all of it.
        """
        require_reach(self._robot, self._rig, nominal, self._scan, self._settings)

    def _send_until_moving(self, trajectory: RobotTrajectory) -> None:
        """Send until the robot moves: a topic tells nobody that its first message came before the listener.

        Or long after its start, when a controller refuses it: a robot at rest would have to leap after it.
        """

        def stirred() -> bool:
            return bool(np.abs(self.positions() - trajectory.positions_rad[0]).max() > STIRRED_RAD)

        for attempts_left in reversed(range(ATTEMPTS)):
            self._send(trajectory, self._port.now_ns() + int(FREE_START_DELAY_S * 1e9))
            try:
                if self._port.wait(stirred, STIR_S):
                    return
            except TrajectoryRejectedError:
                if stirred() or not attempts_left:
                    raise
        raise TrajectoryRejectedError(
            f'The robot does not follow: {ATTEMPTS} trajectories were sent, it still stands.',
            'Is joint_trajectory_controller active? Its log, or the one of robot_sim, says why it refuses.',
        )

    def move_line(self, goal: FloatArray, speed_mm_s: float) -> None:
        """From rest along the straight line to a tool pose; on a short way, at the speed that it leaves room for."""
        here = self.positions()
        pose = self._robot.forward(here, self._T_tool0_tool)
        distance_m = float(np.linalg.norm(goal[:3, 3] - pose[:3, 3]))
        if distance_m < NEAR_M:
            return
        speed_m_s = min(speed_mm_s / 1000, distance_m / (2 * self._settings.blend_s))
        self._send(
            plan_tool_motion(
                line_poses(pose, goal), speed_m_s, self._robot, self._T_tool0_tool, here, None, self._settings
            )
        )

    def correct(self, ahead_m: FloatArray, directions: FloatArray, normal: FloatArray, speed_mm_s: float) -> None:
        """In flight, or from rest, onto a line that lies ahead.

        Args:
            ahead_m: (n, 3) where the sensor shall look from its joining point on.
            directions: (n, 3) unit vectors along that line.
            normal: (3,) out of the joint.
            speed_mm_s: Speed of the sensor.
        """
        takeover_ns = self._port.now_ns() + int(self._scan.takeover_s * 1e9)
        positions, velocities = self._state(takeover_ns)
        pose = self._robot.forward(positions, self._T_tool0_tool)
        points, along = joining_curve(self.sensor.focus(pose), pose[:3, 0], ahead_m[0], directions[0])
        points, along = np.vstack([points[:-1], ahead_m]), np.vstack([along[:-1], directions])
        poses = self.sensor.over(points, along, normal)
        moving = velocities if np.abs(velocities).max() > 0 else None
        motion = plan_tool_motion(
            poses, speed_mm_s / 1000, self._robot, self._T_tool0_tool, positions, moving, self._settings
        )
        self._send(motion, takeover_ns)

    def adopt(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """A motion that another node sent: from here on it is watched and braked as our own."""
        self._before, self._current = self._current, SentMotion(trajectory, start_ns)
        self._watched = self._current, OFF_WAY_RAD

    def lead(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """Send what replaces the rest of the motion under way, again and again: its course hardly changes."""
        self._port.move(trajectory, start_ns)
        self._current = SentMotion(trajectory, start_ns)
        if self._watched is None or start_ns - self._watched[0].start_ns > WATCHED_NS + int(1e9 * LAG_S):
            self._watched = self._current, OFF_CORRECTED_RAD

    def brake(self) -> None:
        """Bring the robot to rest along its way; nothing to do where it comes to rest by itself by then.

        Raises:
            TrajectoryError: it cannot stop within its limits, or is somewhere else: a stop along a way on which it
                is not would throw it there.
        """
        with contextlib.suppress(DeviceError):  # nothing is heard of it: brake where it should be
            self._fall_back()
            self.check()
        if self._current is None or self.remaining_s < 2 * START_DELAY_S:
            return
        # a motion that has not begun yet is caught once it has: a robot at rest cannot be braked
        takeover_ns = max(self._port.now_ns(), self._current.start_ns) + int(START_DELAY_S * 1e9)
        positions, velocities = self._state(takeover_ns)
        if not velocities.any():
            return
        self._send(plan_stop(positions, velocities, self._robot, self._settings, self._T_tool0_tool), takeover_ns)

    def _fall_back(self) -> None:
        """Where the robot goes on along the motion before the last one, that is the way along which to brake."""
        if self._current is None or self._before is None:
            return
        seen = self._port.robot_state()
        if self._current.off_way_rad(*seen).max() > OFF_WAY_RAD >= self._before.off_way_rad(*seen).max():
            self._current = self._before
            self._watched = self._current, OFF_WAY_RAD

    def _state(self, time_ns: int) -> tuple[FloatArray, FloatArray]:
        """Commanded positions and velocities (6,) at a time."""
        if self._current is None:
            return self.positions(), np.zeros(6)
        return self._current.state(time_ns)

    def _send(self, trajectory: RobotTrajectory, start_ns: int | None = None) -> None:
        start_ns = start_ns or self._port.now_ns() + int(START_DELAY_S * 1e9)
        self._port.move(trajectory, start_ns)
        self.adopt(trajectory, start_ns)
