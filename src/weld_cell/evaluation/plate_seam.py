"""How well plate seams are located, traced and measured, and how fast: beside the figures of the paper on them.

Source: Machines 2025, 13(11), 992, section 5. Scenes, seeds and images are none that anything was trained on.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.spatial import cKDTree

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.errors import WeldCellError
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.models.loader import find_model
from weld_cell.paths import config_file
from weld_cell.plate_seam.locate import SHIPPED_NET, PlateSeamLocator
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.plate_seam.regions import RegionFinder, make_region_finder, seams_in, traceable
from weld_cell.plate_seam.settings import LocateSettings, PlateSeamSettings
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.arc_light import with_arc_glare, with_smoke
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_scene import AreaScene
from weld_cell.sim.plate_dataset import plate_image
from weld_cell.sim.plate_scene import PlateLayout, butt_layout, random_plates
from weld_cell.sim.plate_surface import PlateEffects
from weld_cell.training.detection import Detections, detection_scores

KINDS = ('straight', 'curved', 'glare')
WRONG_MM, GLARE_MM = 1.0, 0.15
TRUTH_PER_STEP = 200  # points between two of the truth's, a millimetre apart


@dataclass(frozen=True)
class PlateSeamSize:
    """How many images an evaluation takes.

    Attributes:
        detection: For mAP50, precision and recall.
        straight: Straight seams under the rig's camera.
        curved: Bent ones.
        glare: Of both kinds, under smoke or beside a burning arc.
    """

    detection: int = 400
    straight: int = 40
    curved: int = 20
    glare: int = 40

    def __post_init__(self) -> None:
        if min(self.detection, self.straight, self.curved, self.glare) < 1:
            raise ValueError(f'expected at least one of each, got {self}')

    @property
    def total(self) -> int:
        """All images."""
        return self.detection + self.straight + self.curved + self.glare


@dataclass(frozen=True)
class PathError:
    """What came of one image with one seam.

    Attributes:
        found: How many seams were told.
        refusal: Why a region has none; empty where none was refused.
        mean_mm: Of the distances of all path points from the true seam; NaN where no seam was told.
        max_mm: The greatest of them.
        length_share: Length of the path over that of the seam.
    """

    found: int
    refusal: str
    mean_mm: float
    max_mm: float
    length_share: float


def evaluate_plate_seam(
    size: PlateSeamSize, seed: int, jobs: int = 2, progress: Callable[[int], object] = lambda count: None
) -> dict[str, Any]:
    """All accuracies, ready for JSON.

    Args:
        size: How many images.
        seed: Everything comes from it.
        jobs: Processes.
        progress: Called with the number of images that are done.

    Raises:
        ModelError: the shipped network is missing or damaged.
    """
    began = time.perf_counter()
    workers = Parallel(n_jobs=jobs, return_as='generator')
    detections, truth = [], []
    for part in workers(delayed(_detected)(seed, numbers) for numbers in _shares(size.detection)):
        detections += [found for found, _ in part]
        truth += [boxes for _, boxes in part]
        progress(len(part))
    errors: dict[str, list[PathError]] = {kind: [] for kind in KINDS}
    tasks = [(kind, numbers) for kind in KINDS for numbers in _shares(getattr(size, kind))]
    made = workers(delayed(_traced)(kind, seed, numbers) for kind, numbers in tasks)
    for (kind, _), part in zip(tasks, made, strict=True):
        errors[kind] += part
        progress(len(part))
    scores = detection_scores(detections, truth)
    return {
        'map50': round(scores.map50, 4),
        'precision': round(scores.precision, 4),
        'recall': round(scores.recall, 4),
        'threshold': round(scores.threshold, 3),
        'true_seams': scores.true_boxes,
        **{f'mae_mm_{kind}': _mean(errors[kind]) for kind in ('straight', 'curved')},
        **{f'max_mm_{kind}': _worst(errors[kind]) for kind in ('straight', 'curved')},
        'glare': _glare(errors['glare']),
        'paths': {kind: _summary(errors[kind]) for kind in KINDS},
        'images': {'detection': size.detection, **{kind: getattr(size, kind) for kind in KINDS}},
        'seed': seed,
        'seconds': round(time.perf_counter() - began, 1),
    }


def _shares(count: int, most: int = 10) -> list[range]:
    return [range(begin, min(begin + most, count)) for begin in range(0, count, most)]


def the_rig() -> Rig:
    """The shipped rig."""
    return load_rig(str(config_file('rig.yaml')))


def shipped_locator(threads: int = 1, min_score: float | None = None) -> PlateSeamLocator:
    """The shipped network.

    Raises:
        ModelError: it is missing or damaged.
    """
    settings = LocateSettings() if min_score is None else LocateSettings(min_score=min_score)
    return PlateSeamLocator(find_model(SHIPPED_NET), settings, threads)


def _detected(seed: int, numbers: Sequence[int]) -> list[tuple[Detections, FloatArray]]:
    rig, locator = the_rig(), shipped_locator(min_score=0.01)
    results = []
    for number in numbers:
        image = plate_image(rig, 'test', seed, number)
        regions = locator.regions(image.pixels)
        results.append((Detections(regions.boxes_xyxy, regions.scores), image.boxes_xyxy))
    return results


def _traced(kind: str, seed: int, numbers: Sequence[int]) -> list[PathError]:
    rig, finder = the_rig(), make_region_finder(PlatesSettings(), LocateSettings())
    return [path_error(kind, seed, number, rig, finder) for number in numbers]


def path_error(kind: str, seed: int, number: int, rig: Rig, finder: RegionFinder) -> PathError:
    """Trace the seam of one image of a kind of KINDS, and compare with the truth."""
    pixels, layout, plane = path_image(kind, seed, number, rig)
    try:
        survey = seams_in(pixels, traceable(finder.regions(pixels)), plane, PlateSeamSettings())
    except WeldCellError as error:
        return PathError(0, type(error).__name__, np.nan, np.nan, 0.0)
    return _compared(survey, layout.truth.path_m)


def path_image(kind: str, seed: int, number: int, rig: Rig) -> tuple[ImageArray, PlateLayout, WorkPlane]:
    """An image of plates under the rig's own camera, with the plane in which their seam lies."""
    rng = np.random.default_rng([KINDS.index(kind), seed, number])
    curved = kind == 'curved' or (kind == 'glare' and number % 2 == 1)
    pair = random_plates(rng, curved)
    xy_m = rig.mako.T_parent_sensor[:2, 3] + rng.uniform(-0.06, 0.06, 2)
    layout = butt_layout(
        pair, xy_m, float(rng.uniform(-180.0, 180.0)), PlateEffects.nominal(), rng, clamps=int(rng.integers(0, 3))
    )
    camera, T_base_camera = rig.mako.camera, rig.mako.T_parent_sensor
    scene = AreaScene(camera, T_base_camera, layout.sheets, AreaEffects.nominal(), rng)
    pixels = scene.image(rng)
    if kind == 'glare':
        pixels = with_smoke(pixels, float(rng.uniform(0.2, 0.8)), rng)
        pixels = with_arc_glare(pixels, _arc_px(scene, layout, rng), float(rng.uniform(0.3, 1.0)), rng)
    return pixels, layout, WorkPlane.level(camera, T_base_camera, layout.top_m)


def _arc_px(scene: AreaScene, layout: PlateLayout, rng: np.random.Generator) -> FloatArray:
    """Where an arc burns: at the start of the seam, somewhat beyond it."""
    start, inner = scene.view.project(layout.truth.path_m[[0, 10]])
    away = (start - inner) / np.linalg.norm(start - inner)
    pixel: FloatArray = start + rng.uniform(20.0, 120.0) * away
    return pixel


def _compared(survey: Survey, truth_m: FloatArray) -> PathError:
    refusal = type(survey.refusals[0]).__name__ if survey.refusals else ''
    if not survey.seams:
        return PathError(0, refusal or 'no region', np.nan, np.nan, 0.0)
    paths = [seam.path_m for seam in survey.seams]
    away = distances_mm(np.concatenate(paths), truth_m)
    true_mm = 1e3 * float(np.linalg.norm(np.diff(truth_m, axis=0), axis=1).sum())
    share = sum(seam.length_mm for seam in survey.seams) / true_mm
    return PathError(len(paths), refusal, float(away.mean()), float(away.max()), share)


def distances_mm(points_m: FloatArray, truth_m: FloatArray) -> FloatArray:
    """(n,) distances of points (n, 3) from a true path (m, 3)."""
    away: FloatArray = 1e3 * np.asarray(cKDTree(_dense(truth_m)).query(points_m)[0])
    return away


def _dense(path_m: FloatArray) -> FloatArray:
    """A polyline (n, 3) with so many points between its own that the nearest one is as good as the line."""
    at = np.linspace(0.0, len(path_m) - 1.0, TRUTH_PER_STEP * (len(path_m) - 1) + 1)
    return np.column_stack([np.interp(at, np.arange(len(path_m)), path_m[:, axis]) for axis in range(3)])


def _mean(errors: Sequence[PathError]) -> float | None:
    told = [error.mean_mm for error in errors if error.found]
    return round(float(np.mean(told)), 4) if told else None


def _worst(errors: Sequence[PathError]) -> float | None:
    told = [error.max_mm for error in errors if error.found]
    return round(max(told), 4) if told else None


def _summary(errors: Sequence[PathError]) -> dict[str, Any]:
    shares = [error.length_share for error in errors if error.found]
    reasons = sorted({error.refusal for error in errors if not error.found})
    return {
        'told': len(shares),
        'of': len(errors),
        'wrong': sum(error.max_mm > WRONG_MM for error in errors if error.found),
        'several': sum(error.found > 1 for error in errors),
        'shortest_share': round(min(shares), 3) if shares else None,
        'refusals': {reason: sum(e.refusal == reason for e in errors if not e.found) for reason in reasons},
    }


def _glare(errors: Sequence[PathError]) -> dict[str, Any]:
    good = sum(error.mean_mm <= GLARE_MM for error in errors if error.found)
    everywhere = sum(error.max_mm <= GLARE_MM for error in errors if error.found)
    return {
        'share_ok': round(good / len(errors), 4),
        'share_every_point_ok': round(everywhere / len(errors), 4),
        'worst_mm': _worst(errors),
        'refused': sum(not error.found for error in errors),
    }
