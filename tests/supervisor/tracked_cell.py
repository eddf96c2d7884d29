"""A cell whose seam moves while it is welded, in simulated time: real robot, real plan; what is seen is geometry."""

from dataclasses import replace

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.records import SeamPath, SeamPoint
from weld_cell.records.status import Stage
from weld_cell.sim.robot import load_simulated_robot
from weld_cell.sim.trajectory_command import TrajectoryCommand
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.supervisor.tracked_weld import ahead_sensor, plan_tracked_weld
from weld_cell.tracking import SeamLine, TrackingSettings
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

PERIOD_NS, DELAY_NS = 40_000_000, 20_000_000
LENGTH_M = 0.05
ALONG, LEFT, UP = np.array([0.0, 1.0, 0.0]), np.array([-1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
FILES = [str(config_file(name)) for name in ('robot/arc_robot.urdf', 'robot/limits.yaml')]


def straight_seam():
    s = np.linspace(0.0, LENGTH_M, 26)
    rows = [np.tile(each, (len(s), 1)) for each in (ALONG, UP)]
    return SeamPath(np.array([1.0, -0.1, 0.2]) + np.outer(s, ALONG), *rows, float(s[1]), LENGTH_M, 0)


class TrackedCell:
    """Implements `TrackedCellPort` as far as a weld without a scan asks for it.

    `shift` says by how much (left, up) the seam has moved, `sees` whether an image shows it, by the time in seconds
    since the weld began; `misread` by how much an image misreads its root gap; `scanned_gap_mm` and `gap_mm` the gap
    of the scan and that during the weld, by the place in metres.
    """

    def __init__(self):
        self.robot, self.rig = load_robot(*FILES), load_rig(str(config_file('rig_tracking.yaml')))
        self.device = load_simulated_robot(*FILES, self.robot.home_rad)
        self.path, self.line = straight_seam(), SeamLine(straight_seam())
        self.shift, self.sees, self.misread = lambda since_s: (0.0, 0.0), lambda since_s: True, lambda image: 0.0
        self.gap_lift, self.gap_mm, self.scanned_gap_mm = 0.0, lambda place_m: 1.0, lambda place_m: 1.0
        self.stages, self.calls, self.fills, self.answers = [], [], [], True
        self.now, self.begun_ns, self.image_ns, self.images = 10**10, 0, 0, 0
        self.watching, self.points = False, []
        self._sensor = ahead_sensor(self.rig)
        self.plan, self.answer, self.unanswered = None, None, lambda since_s: 0.0

    # What the cycle asks of any cell

    def enter(self, stage, note=''):
        self.stages.append((stage, note))

    def now_ns(self):
        return self.now

    def wait(self, condition, timeout_s):
        deadline = self.now + int(timeout_s * 1e9)
        while not condition():
            if self.stages and 'stop' in self.stages[-1][1]:
                raise StageStoppedError('stopped')
            if self.now >= deadline:
                return False
            self.now += PERIOD_NS
            self._take_image(self.now - DELAY_NS)
        return True

    def pause(self, duration_s):
        self.now += int(duration_s * 1e9)

    def ready(self):
        return ''

    def halt(self):
        return False

    def require_taken(self):
        return

    def weld_answer(self):
        return self.answer

    def unanswered_s(self):
        return self.unanswered(self.since_weld_s(self.now))

    def robot_state(self):
        return self.now, self.device.state_at(self.now).positions_rad

    def move(self, trajectory, start_ns):
        rows = trajectory.positions_rad, trajectory.velocities_rad_s, trajectory.accelerations_rad_s2
        if self.answers:
            self.device.follow(
                TrajectoryCommand(trajectory.joint_names, trajectory.times_s, *rows, start_ns), self.now
            )

    def newest_image_ns(self):
        return self.image_ns

    def plan_weld(self, source, timeout_s):
        procedures, start_rad = load_procedures(str(config_file('weld_procedures.yaml'))), self.robot_state()[1]
        procedure = replace(next(iter(procedures.values())), travel_speed_mm_s=10.0)
        settings, tracking = TrajectorySettings(), TrackingSettings()
        self.plan = plan_tracked_weld(self.path, procedure, self.robot, self.rig, start_rad, settings, tracking)
        return 'planned'

    def execute_weld(self, timeout_s):
        self.begun_ns = self.now + 100_000_000
        self.move(self.plan, self.begun_ns)
        return self.plan, self.begun_ns

    # What the tracking asks

    def weld_span_s(self):
        welding = np.flatnonzero([phase == 'weld' for phase in self.plan.phases])
        return float(self.plan.times_s[welding[0]]), float(self.plan.times_s[welding[-1] + 1])

    def scanned_seam(self):
        s = np.arange(0.0, LENGTH_M, 0.0005)
        return self.path, [self._point(at, np.zeros(2), 0, self.scanned_gap_mm(at)) for at in s]

    def watch_seam(self, timeout_s):
        self.calls.append('watch')
        self.watching = True

    def rest_seam(self):
        self.calls.append('rest')
        self.watching = False

    def points_ahead(self):
        return self.points

    def planned_procedure(self):
        return 'lap', 10.0

    def tell_fill(self, fill):
        self.fills.append((self.now, fill))

    def since_weld_s(self, time_ns):
        return (time_ns - self.begun_ns) / 1e9 - self.weld_span_s()[0]

    def seam_m(self, places_m, time_ns):
        """(n, 3) where places of the seam truly lie."""
        left, up = self.shift(max(0.0, self.since_weld_s(time_ns)))
        return self.line.positions(np.asarray(places_m)) + left * LEFT + up * UP

    def tip_m(self):
        return self.robot.forward(self.robot_state()[1], self.rig.T_tool0_tool)[:3, 3]

    def _point(self, place_m, shift_m, stamp_ns, gap_mm, misread_mm=0.0):
        (at,) = self.line.positions(np.array([place_m]))
        lifted = shift_m[1] + 1e-3 * self.gap_lift * misread_mm
        at = at + shift_m[0] * LEFT + lifted * UP
        return SeamPoint(at, UP, stamp_ns, gap_mm + misread_mm, gap_lift=self.gap_lift)

    def _take_image(self, stamp_ns):
        self.image_ns, self.images = stamp_ns, self.images + 1
        if not self.watching or not self.sees(self.since_weld_s(stamp_ns)):
            return
        pose = self.robot.forward(self.device.state_at(stamp_ns).positions_rad, self.rig.T_tool0_tool)[None]
        (place,) = self._sensor.places_seen(pose, self.line, self.line.places(pose[:, :3, 3]))
        if 0.0 <= place <= LENGTH_M:
            shift = np.array(self.shift(max(0.0, self.since_weld_s(stamp_ns))))
            self.points = [
                *self.points,
                self._point(place, shift, stamp_ns, self.gap_mm(place), self.misread(self.images)),
            ]


class ScannedBefore:
    """A `Look` that knows its seam, which is welded without a scan."""

    stage = None

    def __init__(self, source):
        self.source = source

    def seams(self):
        return [None]


def entered(cell):
    stages = [stage for stage, _ in cell.stages]
    return [stage for k, stage in enumerate(stages) if k == 0 or stage is not stages[k - 1]]


WELDED = [Stage.PLAN, Stage.WELD, Stage.DONE]
