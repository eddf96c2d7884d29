"""A weld motion corrected during execution: seam points in, replacement trajectories out."""

from collections.abc import Sequence

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray, RobotTrajectory, SeamPath, SeamPoint
from weld_cell.supervisor.sent_motion import ReplacedMotion, SentMotion, SentWeld
from weld_cell.tracking import AheadSensor, SeamLine, TrackingSettings, WeldTracker, require_sight, turned_to_look
from weld_cell.trajectory.correction import CorrectedMotion
from weld_cell.trajectory.fill_course import FillCourse, FillPlace
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import WeldProcedure
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings
from weld_cell.trajectory.time_law import PlannedTime, TimeLaw
from weld_cell.trajectory.tool_path import weld_tool_poses

MARGIN_M = 3e-3
"""So near to an end of the seam its sight is not counted on."""


def ahead_sensor(rig: Rig) -> AheadSensor:
    """The rig's line-laser sensor as its tool carries it."""
    sensor = rig.laser_sensor
    return AheadSensor(sensor.camera, sensor.laser_plane, invert(rig.T_tool0_tool) @ sensor.T_parent_sensor)


def plan_tracked_weld(
    path: SeamPath,
    procedure: WeldProcedure,
    robot: RobotModel,
    rig: Rig,
    start_rad: FloatArray,
    settings: TrajectorySettings,
    tracking: TrackingSettings,
) -> RobotTrajectory:
    """As `plan_weld`, the tool turned about its wire so that the sensor looks at the seam ahead.

    Raises:
        LookAheadError: it cannot, as it is mounted.
        ValueError, UnreachableError, MotionLimitError: as of `plan_weld`.
    """
    line, sensor = SeamLine(path), ahead_sensor(rig)
    poses = weld_tool_poses(path, procedure, settings.calibrated_stick_out_mm)
    require_sight(turned_to_look(poses, line, sensor), line, sensor, tracking)
    return plan_weld(
        path,
        procedure,
        robot,
        rig.T_tool0_tool,
        start_rad,
        settings,
        lambda at_work: turned_to_look(at_work, line, sensor),
    )


def sizes_along(points: Sequence[SeamPoint], line: SeamLine) -> FloatArray:
    """(n, 3) place along the seam, root gap and mismatch of seam points, in mm."""
    places_m = line.places(np.array([point.position_m for point in points]))
    return np.column_stack([1e3 * places_m, [[point.gap_mm, point.mismatch_mm] for point in points]])


class TrackedWeld:
    """One weld under way.

    Args:
        plan: Its motion as planned by `plan_tracked_weld`, and sent.
        weld_s: When the weld begins and ends in it.
        start_ns: When the motion began.
        line: The seam as it was scanned.
        robot: The robot.
        rig: What it carries.
        settings: Of the tracking.
        fill: By which the speed is chosen; None: that of the plan.
        planned_mm_s: Travel speed of the plan.
    """

    def __init__(
        self,
        plan: RobotTrajectory,
        weld_s: tuple[float, float],
        start_ns: int,
        line: SeamLine,
        robot: RobotModel,
        rig: Rig,
        settings: TrackingSettings,
        fill: FillCourse | None = None,
        planned_mm_s: float = 0.0,
    ) -> None:
        self.tracker = WeldTracker(line, start_ns, settings)
        self._motion = CorrectedMotion(plan, weld_s, robot, rig.T_tool0_tool)
        self._line, self._start_ns, self._settings = line, start_ns, settings
        self._law: PlannedTime = TimeLaw()
        self._fill, self._planned_mm_s = fill, planned_mm_s
        self._sent, self._in_all = SentMotion(plan, start_ns), ReplacedMotion(plan)
        tips = plan.tool_poses
        welding = (plan.times_s >= weld_s[0]) & (plan.times_s <= weld_s[1])
        self._weld_times_s = plan.times_s[welding]
        self._places_m = line.places(tips[welding, :3, 3])
        self._choose_speed()
        self._seen_m = ahead_sensor(rig).places_seen(tips[welding], line, self._places_m)

    @property
    def end_ns(self) -> int:
        """When the weld ends, by its present speed."""
        return self._start_ns + round(1e9 * self._law.when(self._motion.weld_s[1]))

    def sent(self, until_ns: int | None = None) -> SentWeld:
        """The whole motion as it was sent, or as much of it as until a time."""
        end_s = np.inf if until_ns is None else self._elapsed_s(until_ns)
        begin_s, over_s = (self._law.when(planned_s) for planned_s in self._motion.weld_s)
        weld_s = (begin_s, min(over_s, end_s)) if begin_s < end_s else None
        return SentWeld(self._in_all.until(end_s), weld_s)

    def measure(self, points: Sequence[SeamPoint]) -> None:
        """Root gaps and mismatches of new seam points, as their images told them; takes effect with the next step."""
        if self._fill is not None and points:
            self._fill.take(sizes_along(points, self._line))

    def filled(self, time_ns: int) -> FillPlace | None:
        """How the place is welded at which the tool is at a time; None beside the weld, or where nothing chooses."""
        place_mm = self._place_mm(time_ns)
        if self._fill is None or place_mm is None:
            return None
        return self._fill.at(place_mm)

    def filled_until(self, time_ns: int) -> list[FillPlace]:
        """The same of the places that it has passed."""
        elapsed_s = np.array([self._elapsed_s(time_ns)])
        if self._fill is None or self._law.at(elapsed_s)[0] < self._weld_times_s[0]:
            return []
        return self._fill.chosen(1e3 * float(self._place_at(elapsed_s)[0]))

    def step(self, points: Sequence[SeamPoint], now_ns: int) -> tuple[RobotTrajectory, int] | None:
        """Take new seam points into account; asked at least as often as images come.

        Args:
            points: New ones, in the order of their images.
            now_ns: The time.

        Returns:
            What replaces the rest of the motion, and when it takes over; None once the weld has ended.

        Raises:
            StripeLostError: the seam has not been seen for too long.
            CorrectionBoundError: it lies too far away.
            GapOutOfTableError: a root gap or mismatch ahead lies outside the table of the procedure.
            UnreachableError, MotionLimitError: the robot cannot follow it.
        """
        self.tracker.take(points, now_ns)
        takeover_ns = now_ns + round(1e9 * self._settings.lead_s)
        if takeover_ns >= self.end_ns:
            return None
        self.tracker.watch(self._expects(self._elapsed_s(now_ns)), now_ns)
        from_s = self._elapsed_s(takeover_ns)
        if self._fill is not None:
            self._fill.advance(1e3 * float(self._place_at(np.array([from_s]))[0]))
            self._choose_speed()
        end_s = self._law.when(self._motion.end_s)
        self.tracker.lead(from_s, end_s, self._place_at)
        state = self._sent.derivatives(takeover_ns)
        trajectory = self._motion.remainder(from_s, self._law, self._shift, state)
        self._sent = SentMotion(trajectory, takeover_ns)
        self._in_all.replace_rest(from_s, trajectory)
        return trajectory, takeover_ns

    def _choose_speed(self) -> None:
        if self._fill is not None:
            self._law = self._fill.law(self._weld_times_s, 1e3 * self._places_m, self._planned_mm_s)

    def _place_mm(self, time_ns: int) -> float | None:
        """Where along the seam the tool is; None beside the weld."""
        elapsed_s = np.array([self._elapsed_s(time_ns)])
        if not self._weld_times_s[0] <= self._law.at(elapsed_s)[0] <= self._weld_times_s[-1]:
            return None
        return 1e3 * float(self._place_at(elapsed_s)[0])

    def _elapsed_s(self, time_ns: int) -> float:
        return (time_ns - self._start_ns) / 1e9

    def _expects(self, time_s: float) -> bool:
        """Whether the sensor should see the seam: while the weld runs, away from the ends of the seam."""
        planned_s = float(self._law.at(np.array([time_s]))[0])
        if not self._weld_times_s[0] <= planned_s <= self._weld_times_s[-1]:
            return False
        seen_m = np.interp(planned_s, self._weld_times_s, self._seen_m)
        return bool(MARGIN_M <= seen_m <= self._line.length_m - MARGIN_M)

    def _place_at(self, times_s: FloatArray) -> FloatArray:
        return np.interp(self._law.at(times_s), self._weld_times_s, self._places_m)

    def _shift(self, times_s: FloatArray, planned_s: FloatArray) -> FloatArray:
        """(n, 3) of the tool in base_link."""
        directions = self._line.directions(np.interp(planned_s, self._weld_times_s, self._places_m))
        return np.asarray(np.einsum('nij,ni->nj', directions, self.tracker.course.at(times_s)))
