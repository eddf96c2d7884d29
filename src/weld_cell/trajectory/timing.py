"""Time along paths: constant tool speed with smooth ends, quintic free motions, starts from a moving state."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BPoly, make_interp_spline

from weld_cell.geometry.hermite import hermite_curve
from weld_cell.records import FloatArray
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings
from weld_cell.trajectory.tool_path import ToolPath

QUINTIC_PEAK_SPEED = 15.0 / 8.0
"""Peak of |ds/du| of the rest-to-rest quintic s(u) = 10 u^3 - 15 u^4 + 6 u^5."""

QUINTIC_PEAK_ACCELERATION = 10.0 / np.sqrt(3.0)
"""Peak of |d2s/du2| of the same."""


@dataclass(frozen=True, eq=False)
class TimedJoints:
    """Robot joint motion: times (n,) from 0; positions, velocities, accelerations (n, 6) in rad and s."""

    times_s: FloatArray
    positions_rad: FloatArray
    velocities_rad_s: FloatArray
    accelerations_rad_s2: FloatArray


@dataclass(frozen=True)
class SpeedProfile:
    """Distance over time at constant speed, with smooth ends at which the speed follows 3 u^2 - 2 u^3.

    Attributes:
        length_m: Distance to go.
        speed_m_s: The constant speed; never lowered.
        rise_s: Time of the rise at the start; 0 where the motion enters at full speed.
        fall_s: Time of the fall at the end.
    """

    length_m: float
    speed_m_s: float
    rise_s: float
    fall_s: float

    @property
    def duration_s(self) -> float:
        """Time of the whole motion."""
        return self.length_m / self.speed_m_s + 0.5 * (self.rise_s + self.fall_s)

    def sample_times(self, period_s: float) -> FloatArray:
        """Times at most a period apart; the corners of the profile are among them."""
        corners = [0.0, self.rise_s, self.duration_s - self.fall_s, self.duration_s]
        pieces = [
            np.linspace(a, b, max(1, int(np.ceil((b - a) / period_s - 1e-9))) + 1)[1:]
            for a, b in zip(corners, corners[1:], strict=False)
            if b - a > 1e-9
        ]
        return np.concatenate([[0.0], *pieces])

    def at(self, times_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Distance, speed and acceleration (n,) at times within the motion."""
        remaining = self.duration_s - times_s
        rising, falling = times_s < self.rise_s, remaining < self.fall_s
        distance = self.speed_m_s * (times_s - 0.5 * self.rise_s)
        speed, acceleration = np.full_like(times_s, self.speed_m_s), np.zeros_like(times_s)
        up, down = _ramp(times_s[rising], self.rise_s), _ramp(remaining[falling], self.fall_s)
        distance[rising], speed[rising], acceleration[rising] = self.speed_m_s * up
        distance[falling], speed[falling], acceleration[falling] = self.speed_m_s * down
        distance[falling] = self.length_m - distance[falling]
        acceleration[falling] *= -1.0
        return np.clip(distance, 0.0, self.length_m), speed, acceleration


def _ramp(elapsed_s: FloatArray, ramp_s: float) -> FloatArray:
    """(3, n) distance, speed, acceleration of a rise to speed 1."""
    if ramp_s == 0.0:  # then nothing lies within the ramp
        return np.empty((3, 0))
    u = elapsed_s / ramp_s
    return np.stack([ramp_s * (u**3 - 0.5 * u**4), 3 * u**2 - 2 * u**3, 6 * (u - u**2) / ramp_s])


def speed_profile(length_m: float, speed_m_s: float, blend_s: float, from_rest: bool) -> SpeedProfile:
    """Profile that ends at rest; on a path too short for its blends they are shortened, the speed is kept."""
    ends = 2 if from_rest else 1
    blend = min(blend_s, 2.0 * length_m / speed_m_s / ends)
    return SpeedProfile(length_m, speed_m_s, blend if from_rest else 0.0, blend)


def time_tool_path(path: ToolPath, positions_rad: FloatArray, profile: SpeedProfile, period_s: float) -> TimedJoints:
    """Robot joints over time along a tool path.

    A quintic spline q(s) through the nodes gives velocities q' ds/dt and accelerations q'' (ds/dt)^2 + q' d2s/dt2.

    Args:
        path: Evenly sampled tool path.
        positions_rad: (n, 6) at its nodes.
        profile: Distance over time.
        period_s: Largest time between samples.
    """
    times = profile.sample_times(period_s)
    distance, speed, acceleration = profile.at(times)
    spline = make_interp_spline(path.distances_m, positions_rad, k=5)
    slope, curve = spline(distance, 1), spline(distance, 2)
    return TimedJoints(
        times, spline(distance), slope * speed[:, None], curve * speed[:, None] ** 2 + slope * acceleration[:, None]
    )


def time_joint_move(
    start_rad: FloatArray,
    goal_rad: FloatArray,
    robot: RobotModel,
    settings: TrajectorySettings,
) -> TimedJoints:
    """Quickest quintic from rest to rest, all robot joints together, within a share of the limits.

    Args:
        start_rad: (6,).
        goal_rad: (6,), different from the start.
        robot: Its limits.
        settings: Share of the limits, sample period.
    """
    way = np.abs(goal_rad - start_rad)
    share = settings.free_motion_share
    duration = float(
        max(
            np.max(QUINTIC_PEAK_SPEED * way / (share * robot.velocity_limits_rad_s)),
            np.max(np.sqrt(QUINTIC_PEAK_ACCELERATION * way / (share * robot.acceleration_limits_rad_s2))),
        )
    )
    return _to_rest(start_rad, np.zeros(6), goal_rad, duration, settings.sample_period_s)


def time_stop(
    start_rad: FloatArray,
    start_rad_s: FloatArray,
    robot: RobotModel,
    settings: TrajectorySettings,
) -> TimedJoints:
    """Quickest quintic from a moving state to rest, all robot joints together, within a share of the limits.

    A robot joint comes to rest after half of its speed times the duration; its acceleration peaks at 3/2 of
    speed / duration in the middle.

    Args:
        start_rad: (6,).
        start_rad_s: (6,) not all 0.
        robot: Its limits.
        settings: Share of the limits, sample period.
    """
    slowing = settings.free_motion_share * robot.acceleration_limits_rad_s2
    duration = float(np.max(1.5 * np.abs(start_rad_s) / slowing))
    goal = start_rad + 0.5 * duration * start_rad_s
    return _to_rest(start_rad, start_rad_s, goal, duration, settings.sample_period_s)


def _to_rest(
    start_rad: FloatArray,
    start_rad_s: FloatArray,
    goal_rad: FloatArray,
    duration_s: float,
    period_s: float,
) -> TimedJoints:
    """The quintic from a state without acceleration to rest at a goal."""
    rest = np.zeros(6)
    curve = hermite_curve(
        np.array([0.0, duration_s]), np.array([[start_rad, start_rad_s, rest], [goal_rad, rest, rest]])
    )
    return _sampled(curve, np.linspace(0.0, duration_s, max(2, int(np.ceil(duration_s / period_s)) + 1)))


def blend_onto(motion: TimedJoints, start_rad: FloatArray, start_rad_s: FloatArray, takeover_s: float) -> TimedJoints:
    """The motion, entered from another state: a quintic leads onto it within the takeover time.

    Args:
        motion: Where the robot shall be.
        start_rad: (6,) where it is at time 0.
        start_rad_s: (6,) its velocity at time 0; its acceleration there is taken as 0.
        takeover_s: Time for the way onto the motion; cut to half of a short motion.
    """
    join = int(np.searchsorted(motion.times_s, min(takeover_s, 0.5 * motion.times_s[-1])))
    join = max(1, join)
    goal = [motion.positions_rad[join], motion.velocities_rad_s[join], motion.accelerations_rad_s2[join]]
    bridge = hermite_curve(motion.times_s[[0, join]], np.array([[start_rad, start_rad_s, np.zeros(6)], goal]))
    lead = _sampled(bridge, motion.times_s[:join])
    return TimedJoints(
        motion.times_s,
        np.vstack([lead.positions_rad, motion.positions_rad[join:]]),
        np.vstack([lead.velocities_rad_s, motion.velocities_rad_s[join:]]),
        np.vstack([lead.accelerations_rad_s2, motion.accelerations_rad_s2[join:]]),
    )


def joined(parts: list[TimedJoints]) -> TimedJoints:
    """Motions one after the other; of two points at one time the later motion's is kept."""
    lengths = np.cumsum([0.0, *(part.times_s[-1] for part in parts)])
    keep = [*(slice(0, -1) for _ in parts[1:]), slice(None)]
    return TimedJoints(
        np.concatenate([since + part.times_s[k] for part, k, since in zip(parts, keep, lengths, strict=False)]),
        np.concatenate([part.positions_rad[k] for part, k in zip(parts, keep, strict=True)]),
        np.concatenate([part.velocities_rad_s[k] for part, k in zip(parts, keep, strict=True)]),
        np.concatenate([part.accelerations_rad_s2[k] for part, k in zip(parts, keep, strict=True)]),
    )


def _sampled(curve: BPoly, times_s: FloatArray) -> TimedJoints:
    return TimedJoints(times_s, curve(times_s), curve(times_s, 1), curve(times_s, 2))
