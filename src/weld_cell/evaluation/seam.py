"""How well the seam is found: simulated scans through stripe, seam point and path, against the true seam.

The sensor goes along the seam as the cell's scan does, but it is held wrongly: by up to 10 degrees about each
axis, 20 mm in height and 10 mm aside (`weld_cell.sim.dataset.SamplerSettings`, as for the joint type). The error is
drawn once for a scan and does not change along it, so what it does to the seam does not average out.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator, SeedSequence
from scipy.interpolate import interp1d
from scipy.spatial import cKDTree

from weld_cell.errors import WeldCellError
from weld_cell.records import CameraImage, FloatArray, JointType
from weld_cell.seam.settings import SeamSettings
from weld_cell.settings import PipelineSettings
from weld_cell.sim.dataset import SamplerSettings, sensor_error
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.stations.laser_scan import LaserScan

SCAN_STEP_M = 1.0e-3
"""Between images; the cell scans at 20 mm/s and 40 images/s, which is half of it."""
SCAN_SPEED_M_S = 0.020
RUN_UP_M = 0.012
EDGE_LEAN_DEG = 3.0
"""How the edges of simulated plates lean on average (`weld_cell.sim.joint_sizes`), as their integrator would know."""
_TRUTH_STEP_M = 0.01e-3
_SPLIT = 1  # of the seed, so that no scene is one of another evaluation's


@dataclass(frozen=True, eq=False)
class ScanAccuracy:
    """One scan against its truth.

    Attributes:
        joint_type: Of the workpiece.
        curved: Whether the seam is bent.
        number: Of the scene, among those of its joint type.
        path_errors_mm: (n,) distance of each point of the fitted path from the true seam; empty where refused.
        point_errors_mm: (k,) the same of the single seam points, before they are fitted.
        covered: Length of the path as a part of the seam's.
        locate_ms: (k,) processor time of each seam point in one image.
        failure: Why there is no path; empty where there is one.
    """

    joint_type: JointType
    curved: bool
    number: int
    path_errors_mm: FloatArray
    point_errors_mm: FloatArray
    covered: float
    locate_ms: FloatArray
    failure: str = ''


@dataclass(frozen=True, eq=False)
class SeamEvaluation:
    """Scans of all joint types.

    Attributes:
        scans: One for each scene.
        seed: All scenes come from it.
        hardness: Each effect was drawn from 0 to this dial; None: the nominal cell's effects.
        seconds: What it took.
    """

    scans: tuple[ScanAccuracy, ...]
    seed: int
    hardness: float | None
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The figures, ready for JSON: by shape, by joint type, and what was refused."""
        straight, curved = self._shape(False), self._shape(True)
        return {
            'rms_mm_straight': _rms([scan.path_errors_mm for scan in straight]),
            'rms_mm_curved': _rms([scan.path_errors_mm for scan in curved]),
            'fitted': sum(not scan.failure for scan in self.scans),
            'total': len(self.scans),
            'points_rms_mm': _rms([scan.point_errors_mm for scan in self.scans]),
            'points_median_mm': _median([scan.point_errors_mm for scan in self.scans]),
            'locate_ms_median': _median([scan.locate_ms for scan in self.scans]),
            'per_joint': {str(t): self._of_type(t) for t in dict.fromkeys(scan.joint_type for scan in self.scans)},
            'hardness': self.hardness,
            'seed': self.seed,
            'seconds': round(self.seconds, 1),
        }

    def _shape(self, curved: bool) -> list[ScanAccuracy]:
        return [scan for scan in self.scans if scan.curved is curved]

    def _of_type(self, joint_type: JointType) -> dict[str, Any]:
        scans = [scan for scan in self.scans if scan.joint_type is joint_type]
        fitted = [scan for scan in scans if not scan.failure]
        worst = max((float(scan.path_errors_mm.max()) for scan in fitted), default=None)
        return {
            'rms_mm_straight': _rms([scan.path_errors_mm for scan in scans if not scan.curved]),
            'rms_mm_curved': _rms([scan.path_errors_mm for scan in scans if scan.curved]),
            'max_mm': None if worst is None else round(worst, 4),
            'points_rms_mm': _rms([scan.point_errors_mm for scan in scans]),
            'points_median_mm': _median([scan.point_errors_mm for scan in scans]),
            'covered': round(float(np.mean([scan.covered for scan in scans])), 4),
            'fitted': len(fitted),
            'total': len(scans),
            'refused': {f'scene {scan.number}': scan.failure for scan in scans if scan.failure},
        }


def evaluate_seam(
    scenes_per_joint: int = 8,
    seed: int = 7,
    hardness: float | None = 1.0,
    progress: Callable[[], object] = lambda: None,
    joint_types: Iterable[JointType] = tuple(JointType),
) -> SeamEvaluation:
    """Scan random workpieces and compare the fitted paths with the true seams.

    Args:
        scenes_per_joint: Of each type; straight and curved seams take turns.
        seed: All scenes come from it.
        hardness: Each effect is drawn from 0 to this dial; None: the nominal cell's effects.
        progress: Called after each scan.
        joint_types: Which types.

    Raises:
        ValueError: no scenes, or the hardness lies outside 0 to 1.
    """
    if scenes_per_joint < 1:
        raise ValueError(f'scenes_per_joint: expected at least 1, got {scenes_per_joint}')
    began, scans = time.perf_counter(), []
    for joint_type in joint_types:
        for number in range(scenes_per_joint):
            scans.append(scan_accuracy(joint_type, number, seed, hardness))
            progress()
    return SeamEvaluation(tuple(scans), seed, hardness, time.perf_counter() - began)


def scan_accuracy(joint_type: JointType, number: int, seed: int, hardness: float | None) -> ScanAccuracy:
    """Scan one random workpiece, the same for the same number and seed, and compare its path with the truth.

    Raises:
        ValueError: the hardness lies outside 0 to 1.
    """
    scene, rng, curved = random_scene(joint_type, number, seed, hardness)
    laser, locate_ms = scan(scene, sensor_error(rng, SamplerSettings()))
    truth = _finely(scene.truth.positions_m, scene.truth.length_m)
    single = _distances_mm(np.array([point.position_m for point in laser.points]), truth)
    try:
        path = laser.finish()
    except WeldCellError as error:
        return ScanAccuracy(joint_type, curved, number, np.empty(0), single, 0.0, locate_ms, error.message)
    covered = path.length_m / scene.truth.length_m
    return ScanAccuracy(
        joint_type, curved, number, _distances_mm(path.positions_m, truth), single, covered, locate_ms
    )


def random_scene(
    joint_type: JointType, number: int, seed: int, hardness: float | None
) -> tuple[Scene, Generator, bool]:
    """A scene of the evaluation, the generator that it came from, and whether its seam is curved."""
    key = (_SPLIT, list(JointType).index(joint_type), number)
    rng, curved = np.random.default_rng(SeedSequence(seed, spawn_key=key)), bool(number % 2)
    effects = HardEffects.nominal() if hardness is None else HardEffects.at_random(rng, hardness)
    return Scene.random(joint_type, rng, effects=effects, curved=curved), rng, curved


def scan(scene: Scene, T_stripe_error: FloatArray) -> tuple[LaserScan, FloatArray]:
    """One scan along the seam; images that show none are left out, as on the cell.

    Args:
        scene: The workpiece.
        T_stripe_error: (4, 4) how the sensor is held wrongly.

    Returns:
        The scan, and the processor time (k,) in ms that finding each of its points took.
    """
    locate_ms, sensor = [], scene.sensor
    laser = LaserScan(lambda: sensor.laser_plane, PipelineSettings(seam=SeamSettings(edge_lean_deg=EDGE_LEAN_DEG)))
    laser.cameras.add(sensor.camera.size_px, sensor.camera)
    laser.joint_type = scene.joint_type
    for number, s in enumerate(np.arange(-RUN_UP_M, scene.truth.length_m + RUN_UP_M, SCAN_STEP_M)):
        T_base_tool0, time_s = scene.seam_pose(float(s), T_stripe_error), (s + RUN_UP_M) / SCAN_SPEED_M_S
        T_base_sensor = T_base_tool0 @ sensor.T_tool0_sensor
        try:
            seen = laser.hold(CameraImage(scene.image(T_base_tool0, time_s), round(1e9 * time_s), number))
        except WeldCellError:
            continue
        laser.add_profile(seen.stamp_ns, laser.cross_section(seen), T_base_sensor)
        began = time.process_time()
        (result,) = laser.release()
        if result.observation is not None:
            locate_ms.append(1e3 * (time.process_time() - began))
            laser.add_pose(result, T_base_sensor)
    return laser, np.array(locate_ms)


def _finely(positions_m: FloatArray, length_m: float) -> FloatArray:
    """(m, 3) a curve sampled so finely that the nearest sample is as good as the nearest point."""
    at = np.linspace(0.0, length_m, len(positions_m))
    return np.asarray(interp1d(at, positions_m, axis=0)(np.arange(0.0, length_m, _TRUTH_STEP_M)), dtype=float)


def _distances_mm(positions_m: FloatArray, truth: FloatArray) -> FloatArray:
    if len(positions_m) == 0:
        return np.empty(0)
    return 1e3 * np.asarray(cKDTree(truth).query(positions_m)[0], dtype=float)


def _rms(rows: list[FloatArray]) -> float | None:
    """Root mean square over all rows together; None without values, which is JSON's null."""
    values = np.concatenate([np.empty(0), *rows])
    return round(float(np.sqrt(np.mean(values**2))), 4) if len(values) else None


def _median(rows: list[FloatArray]) -> float | None:
    values = np.concatenate([np.empty(0), *rows])
    return round(float(np.median(values)), 4) if len(values) else None
