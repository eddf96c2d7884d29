"""How well a weld follows a seam that moves while it is welded: simulated welds in simulated time, against the truth.

The workpiece is scanned, its weld planned, and welded in the simulator: spatter flies, the arc's light flickers, and
the workpiece moves. What runs is what runs on the cell: stripe, seam point, tracking, corrected trajectories, and a
controller that refuses what it does not like. Beside it stands the same weld without correction.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.random import Generator, SeedSequence

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.errors import WeldCellError
from weld_cell.evaluation.seam import scan
from weld_cell.paths import config_file
from weld_cell.records import CameraImage, FloatArray, JointType, MotionPhase, RobotTrajectory, SeamPoint
from weld_cell.seam.one_gap import RunningGap, at_gap, median_gap_mm
from weld_cell.sim.drift import DriftDials, WorkpieceDrift
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.robot import SimulatedRobot, load_simulated_robot
from weld_cell.sim.scene import Scene
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.trajectory_command import TrajectoryCommand
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.supervisor.sent_motion import SentMotion
from weld_cell.supervisor.tracked_weld import TrackedWeld, ahead_sensor, plan_tracked_weld
from weld_cell.tracking import SeamLine, TrackingSettings
from weld_cell.trajectory.procedures import WeldProcedure, load_procedures
from weld_cell.trajectory.robot_model import RobotModel, load_robot
from weld_cell.trajectory.settings import TrajectorySettings

RIG = 'rig_tracking.yaml'
IMAGE_NS = 25_000_000
DELAY_NS = 20_000_000
"""From an image to the answer of the tracking, in simulated time: that of the running graph, with room."""
RUN_UP_NS = 800_000_000
"""Before the weld begins, tracking looks on: the tool comes down to the seam, the sensor with it."""
ARC = 0.6
_SPLIT = 2  # of the seed
_BEGIN_NS = 10**10
_SPEED_S = 0.02
_EDGE_S = 0.25  # at both ends of the weld the tool gains and loses its speed


@dataclass(frozen=True, eq=False)
class TrackedRun:
    """One weld against its truth.

    Attributes:
        joint_type: Of the workpiece.
        curved: Whether the seam is bent.
        drift: How the workpiece moved.
        number: Of the run, among those of its joint type.
        along_mm: (n,) where the tool was, every 25 ms.
        errors_mm: (n,) distance of the tool from the true seam.
        blind_from: From which row on the sensor had left the seam ahead of the tool, whose end it welds unseen.
        uncorrected_mm: (n,) the same without correction.
        told_mm: (n, 2) the correction, to the left and upwards.
        speed_error_pct: Largest deviation of the tool's speed.
        latency_ms: (k,) from image to changed course: processor time, and the time until it takes over.
        outliers: Seam points that were not believed.
        points: Those that were.
        failure: Why the weld was stopped, or not begun; empty where it was not.
    """

    joint_type: JointType
    curved: bool
    drift: str
    number: int
    along_mm: FloatArray
    errors_mm: FloatArray
    blind_from: int
    uncorrected_mm: FloatArray
    told_mm: FloatArray
    speed_error_pct: float
    latency_ms: FloatArray
    outliers: int = 0
    points: int = 0
    failure: str = ''

    @property
    def seen_mm(self) -> FloatArray:
        """(m,) errors while the sensor saw the seam ahead."""
        return self.errors_mm[: self.blind_from]

    @property
    def blind_mm(self) -> FloatArray:
        """(n - m,) errors at the end of the seam, that the sensor had left."""
        return self.errors_mm[self.blind_from :]


@dataclass(frozen=True, eq=False)
class TrackingEvaluation:
    """Welds of all joint types.

    Attributes:
        runs: Each of them.
        seed: All scenes come from it.
        arc: Dial of spatter and arc light.
        seconds: What it took.
    """

    runs: tuple[TrackedRun, ...]
    seed: int
    arc: float
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The figures, ready for JSON."""
        done = [run for run in self.runs if not run.failure]
        latency = np.concatenate([np.empty(0), *(run.latency_ms for run in done)])
        return {
            'rms_mm_straight': _rms([run.seen_mm for run in done if not run.curved]),
            'rms_mm_curved': _rms([run.seen_mm for run in done if run.curved]),
            'worst_mm': _most([run.seen_mm for run in done]),
            'blind_rms_mm': _rms([run.blind_mm for run in done]),
            'blind_worst_mm': _most([run.blind_mm for run in done]),
            'speed_error_pct': _rounded(max((run.speed_error_pct for run in done), default=None)),
            'latency_ms': {
                name: _rounded(float(np.percentile(latency, part)) if len(latency) else None)
                for name, part in (('p50', 50), ('p99', 99))
            },
            'uncorrected_rms_mm': _rms([run.uncorrected_mm for run in done]),
            'uncorrected_worst_mm': _most([run.uncorrected_mm for run in done]),
            'welded': len(done),
            'total': len(self.runs),
            'per_joint': self._by(lambda run: str(run.joint_type)),
            'per_drift': self._by(lambda run: run.drift),
            'stopped': {f'{run.joint_type} {run.number}': run.failure for run in self.runs if run.failure},
            'arc': self.arc,
            'seed': self.seed,
            'seconds': round(self.seconds, 1),
        }

    def _by(self, key: Callable[[TrackedRun], str]) -> dict[str, dict[str, Any]]:
        return {name: self._row([run for run in self.runs if key(run) == name]) for name in map(key, self.runs)}

    @staticmethod
    def _row(runs: list[TrackedRun]) -> dict[str, Any]:
        done = [run for run in runs if not run.failure]
        return {
            'rms_mm': _rms([run.seen_mm for run in done]),
            'worst_mm': _most([run.seen_mm for run in done]),
            'blind_rms_mm': _rms([run.blind_mm for run in done]),
            'uncorrected_rms_mm': _rms([run.uncorrected_mm for run in done]),
            'outlier_share': _rounded(
                sum(run.outliers for run in done) / max(1, sum(run.outliers + run.points for run in done))
            ),
            'welded': len(done),
            'total': len(runs),
        }


@dataclass(frozen=True, eq=False)
class _Cell:
    """What all runs share."""

    rig: Rig
    robot: RobotModel
    procedures: dict[str, WeldProcedure]
    trajectory: TrajectorySettings
    tracking: TrackingSettings

    @classmethod
    def installed(cls) -> '_Cell':
        procedures = load_procedures(str(config_file('weld_procedures.yaml')))
        return cls(
            load_rig(str(config_file(RIG))),
            load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml'))),
            {str(name): procedure for name, procedure in procedures.items()},
            TrajectorySettings(),
            TrackingSettings(),
        )


def evaluate_tracking(
    runs_per_joint: int = 1,
    seed: int = 7,
    arc: float = ARC,
    progress: Callable[[], object] = lambda: None,
    joint_types: Iterable[JointType] = tuple(JointType),
    length_m: float | None = None,
    jobs: int = 1,
) -> TrackingEvaluation:
    """Weld random workpieces that move.

    Args:
        runs_per_joint: Of each type; straight and curved seams take turns, and the ways of moving.
        seed: All scenes come from it.
        arc: Dial of spatter and arc light, 0 to 1.
        progress: Called after each weld.
        joint_types: Which types.
        length_m: Of the seams; None: at random.
        jobs: Welds at a time, each in a process of its own.

    Raises:
        ValueError: no runs, or the arc lies outside 0 to 1.
    """
    if runs_per_joint < 1:
        raise ValueError(f'runs_per_joint: expected at least 1, got {runs_per_joint}')
    if not 0.0 <= arc <= 1.0:
        raise ValueError(f'arc: expected 0 to 1, got {arc}')
    began, runs = time.perf_counter(), []
    asked = [(joint_type, number) for joint_type in joint_types for number in range(runs_per_joint)]
    with ProcessPoolExecutor(jobs) as pool:
        welds = [pool.submit(tracked_run, *which, seed, arc, length_m) for which in asked]
        for weld in welds:
            runs.append(weld.result())
            progress()
    return TrackingEvaluation(tuple(runs), seed, arc, time.perf_counter() - began)


def tracked_run(
    joint_type: JointType, number: int, seed: int, arc: float, length_m: float | None = None
) -> TrackedRun:
    """Scan, plan and weld one random workpiece, the same for the same number and seed."""
    cell = _Cell.installed()
    kinds, which = [field.name for field in fields(DriftDials)], list(JointType).index(joint_type)
    curved, drift = bool((which + number) % 2), kinds[(which // 2 + number) % len(kinds)]
    rng = np.random.default_rng(SeedSequence(seed, spawn_key=(_SPLIT, which, number)))
    scene = Scene.random(
        joint_type,
        rng,
        effects=HardEffects.nominal(),
        curved=curved,
        length_m=length_m,
        sensor=LaserSensor.from_rig(cell.rig),
    )
    weld = _Weld(cell, scene, DriftDials(**{drift: 1.0}), arc, rng)
    failure = ''
    try:
        weld.prepare()
        weld.run()
    except WeldCellError as error:
        failure = f'{type(error).__name__}: {error.message}'
    return TrackedRun(joint_type, curved, drift, number, **weld.outcome(), failure=failure)


class _Weld:
    """One weld in simulated time."""

    def __init__(self, cell: _Cell, scene: Scene, dials: DriftDials, arc: float, rng: Generator) -> None:
        self._cell, self._scene, self._dials, self._arc, self._rng = cell, scene, dials, arc, rng
        self._procedure = cell.procedures[str(scene.joint_type)]
        self._rows: list[tuple[float, float, float, float, float, float]] = []
        self._tips: list[FloatArray] = []
        self._latency_ms: list[float] = []
        self._blind_m = np.inf
        self._tracked: TrackedWeld | None = None

    def prepare(self) -> None:
        """Scan and plan."""
        cell = self._cell
        laser, _ = scan(self._scene, np.eye(4))
        path, gap_mm = laser.finish(), median_gap_mm(laser.points)
        self._gap = RunningGap(gap_mm, cell.tracking.misread_gap_mm)
        scanned = at_gap(laser.points, gap_mm)
        laser.reset()
        self._laser: LaserScan = laser
        self._line = SeamLine(path, scanned)
        self._plan = plan_tracked_weld(
            path, self._procedure, cell.robot, cell.rig, cell.robot.home_rad, cell.trajectory, cell.tracking
        )
        self._weld_s = weld_span_s(self._plan)
        self._planned = SentMotion(self._plan, _BEGIN_NS)
        self._device = load_simulated_robot(
            str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')), cell.robot.home_rad
        )
        follow(self._device, self._plan, _BEGIN_NS, _BEGIN_NS)
        self._tracked = TrackedWeld(
            self._plan, self._weld_s, _BEGIN_NS, self._line, cell.robot, cell.rig, cell.tracking
        )

    def run(self) -> None:
        """Weld, from the moment at which the arc is struck."""
        assert self._tracked is not None, 'it is prepared'
        first_ns = _BEGIN_NS + round(1e9 * self._weld_s[0]) - RUN_UP_NS
        lasts_s = self._weld_s[1] - self._weld_s[0]
        drift = WorkpieceDrift(self._dials, self._rng, self._scene.truth.length_m, lasts_s)
        self._scene.begin_weld(first_ns / 1e9, self._arc, drift)
        now_ns, answer = first_ns, self._step(first_ns)
        while answer is not None:
            trajectory, takeover_ns = answer
            follow(self._device, trajectory, takeover_ns, now_ns + DELAY_NS)
            now_ns += IMAGE_NS
            answer = self._step(now_ns)

    def _step(self, now_ns: int) -> tuple[RobotTrajectory, int] | None:
        """Look at the truth, take an image, and have it answered."""
        assert self._tracked is not None, 'it is prepared'
        positions = self._device.state_at(now_ns).positions_rad
        self._measure(now_ns, positions)
        T_base_tool0 = self._cell.robot.forward(positions)
        image = CameraImage(self._scene.image(T_base_tool0, now_ns / 1e9), now_ns, len(self._latency_ms))
        began = time.process_time()
        answer = self._tracked.step(self._seen(image, T_base_tool0), now_ns + DELAY_NS)
        self._latency_ms.append(1e3 * (time.process_time() - began + self._cell.tracking.lead_s))
        return answer

    def _seen(self, image: CameraImage, T_base_tool0: FloatArray) -> list[SeamPoint]:
        try:
            self._laser.hold(image)
            (found,) = self._laser.release()
        except WeldCellError:
            return []
        if found.observation is None:
            return []
        point = self._laser.add_pose(found, T_base_tool0 @ self._scene.sensor.T_tool0_sensor)
        return self._gap.level([point])

    def _measure(self, now_ns: int, positions_rad: FloatArray) -> None:
        """Where the wire is, and where it would be without correction, against the seam at that time."""
        elapsed_s = (now_ns - _BEGIN_NS) / 1e9
        if not self._weld_s[0] <= elapsed_s <= self._weld_s[1]:
            return
        truth_m = self._scene.truth_at(now_ns / 1e9).positions_m
        tip, untouched = (self._wire_end(q) for q in (positions_rad, self._planned.state(now_ns)[0]))
        place_m = self._line.places(tip[None])
        told = self._line.directions(place_m)[0] @ (tip - untouched)
        self._tips.append(tip)
        self._rows.append(
            (
                elapsed_s,
                float(place_m[0]),
                _distance_m(tip, truth_m),
                _distance_m(untouched, truth_m),
                float(told[0]),
                float(told[1]),
            )
        )

    def _wire_end(self, positions_rad: FloatArray) -> FloatArray:
        """(3,) where the wire meets the seam: the tool's frame was calibrated at another stick-out."""
        pose = self._cell.robot.forward(positions_rad, self._cell.rig.T_tool0_tool)
        further_m = 1e-3 * (self._procedure.stick_out_mm - self._cell.trajectory.calibrated_stick_out_mm)
        return np.asarray(pose[:3, 3] + further_m * pose[:3, 2])

    def outcome(self) -> dict[str, Any]:
        """What a `TrackedRun` says of it."""
        rows = np.array(self._rows).reshape(-1, 6)
        return {
            'along_mm': 1e3 * rows[:, 1],
            'errors_mm': 1e3 * rows[:, 2],
            'uncorrected_mm': 1e3 * rows[:, 3],
            'told_mm': 1e3 * rows[:, 4:],
            'blind_from': int(np.count_nonzero(rows[:, 1] < self._seen_until_m())),
            'speed_error_pct': self._speed_error_pct(rows[:, 0]),
            'latency_ms': np.array(self._latency_ms[1:]),
            'outliers': 0 if self._tracked is None else self._tracked.tracker.outliers,
            'points': 0 if self._tracked is None else self._tracked.tracker.believed,
        }

    def _seen_until_m(self) -> float:
        """Where the tool is when the sensor reaches the end of the seam."""
        if self._tracked is None:
            return 0.0
        return self._line.length_m - ahead_sensor(self._cell.rig).ahead_m

    def _speed_error_pct(self, times_s: FloatArray) -> float:
        """Largest deviation of the wire's speed between the ends of the weld, over stretches of 25 ms."""
        if len(times_s) < 3:
            return 0.0
        speeds = np.linalg.norm(np.diff(self._tips, axis=0), axis=1) / np.diff(times_s)
        steady = (times_s[:-1] > self._weld_s[0] + _EDGE_S) & (times_s[1:] < self._weld_s[1] - _EDGE_S)
        away = np.abs(speeds[steady] / (1e-3 * self._procedure.travel_speed_mm_s) - 1.0)
        return 100.0 * float(away.max(initial=0.0))


def weld_span_s(plan: RobotTrajectory) -> tuple[float, float]:
    """When the weld of a planned motion begins and ends."""
    welding = np.flatnonzero([phase is MotionPhase.WELD for phase in plan.phases])
    return float(plan.times_s[welding[0]]), float(plan.times_s[welding[-1] + 1])


def follow(device: SimulatedRobot, trajectory: RobotTrajectory, start_ns: int, now_ns: int) -> None:
    """Tell a trajectory to the simulated controller.

    Raises:
        TrajectoryRejectedError: it refuses it.
    """
    command = TrajectoryCommand(
        trajectory.joint_names,
        trajectory.times_s.tolist(),
        trajectory.positions_rad.tolist(),
        trajectory.velocities_rad_s.tolist(),
        trajectory.accelerations_rad_s2.tolist(),
        start_ns,
    )
    device.follow(command, now_ns)


def _distance_m(point_m: FloatArray, curve_m: FloatArray) -> float:
    """From a point (3,) to a curve (n, 3), between its samples; beyond its ends to its straight prolongation."""
    near = int(np.clip(np.linalg.norm(curve_m - point_m, axis=1).argmin(), 1, len(curve_m) - 2))
    along = curve_m[near + 1] - curve_m[near - 1]
    away = point_m - curve_m[near]
    return float(np.linalg.norm(away - (away @ along) / (along @ along) * along))


def _rms(rows: list[FloatArray]) -> float | None:
    """Root mean square over all rows together; None without values, which is JSON's null."""
    values = np.concatenate([np.empty(0), *rows])
    return _rounded(float(np.sqrt(np.mean(values**2))) if len(values) else None)


def _most(rows: list[FloatArray]) -> float | None:
    values = np.concatenate([np.empty(0), *rows])
    return _rounded(float(values.max()) if len(values) else None)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
