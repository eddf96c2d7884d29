"""What the laser chain makes of a judged image: the told joint type, and how far its seam is from the truth."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial import cKDTree
from stripe_scans import FINE

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import LaserSensorCalibration
from weld_cell.errors import WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.joint_type.vote import Abstention, shown_type
from weld_cell.pipeline import LaserPipeline
from weld_cell.records import VOTED, CameraImage, JointType
from weld_cell.seam.locate import locate_seam
from weld_cell.seam.settings import SeamSettings
from weld_cell.settings import PipelineSettings
from weld_cell.stations.recorded_scan import RecordingSettings
from weld_cell.stripe import StripeSettings, extract_stripe

SHARED = Path(__file__).parents[2].parent / 'shared' / 'data'
_INTERVAL_NS = 50_000_000
_PICTURES = ('.jpg', '.png', '.bmp')
LASERLESS = ('seam_photo/*/*', 'spot_weld/*/*', 'surface_defects/**/*.jpg')


@dataclass(frozen=True)
class StripeScore:
    """What came of one image.

    Attributes:
        true: The joint type that is drawn.
        told: The joint type by this image, or the name of the error that came instead.
        votes: The joint type that it votes for by `weld_cell.joint_type.vote.shown_type`; empty: for none.
        off_mm: Of the seam by the rule of the true type; NaN where refused.
        chain_mm: Of the seam by the rule of the type that it votes for; NaN where it votes for none.
        why: Name and message of the true type's refusal.
    """

    true: str
    told: str
    votes: str
    off_mm: float
    chain_mm: float
    why: str = ''


def judged(truth, classifier, stripe, seam=None):
    """The score of one judged image.

    Args:
        truth: A `stripe_render.JudgedStripe`.
        classifier: A `JointTypeClassifier`.
        stripe: Settings of the stripe.
        seam: Settings of the seam.
    """
    seam = seam or SeamSettings()
    camera, plane = camera_of(truth.rig), 1e3 * truth.rig.plane_per_mm
    try:
        profile = extract_stripe(truth.pixels, stripe)
    except WeldCellError as error:
        name = type(error).__name__
        return StripeScore(truth.name, f'!{name}', '', np.nan, np.nan, f'{name}: {error}')
    off = {name: _off(truth, profile, name, camera, plane, seam) for name in JointType}
    told, votes = '', ''
    try:
        estimate = classifier.classify(profile, camera, plane)
    except WeldCellError as error:
        told = f'!{type(error).__name__}'
    else:
        told = str(estimate.joint_type)
        shown = shown_type(estimate, lambda name: _shows(off[name.joint_type]))
        votes = '' if isinstance(shown, Abstention) else str(shown.joint_type)
    chain = off[JointType(votes)][0] if votes else np.nan
    true, why = off[JointType(truth.name)]
    return StripeScore(truth.name, told, votes, true, chain, why)


def camera_of(rig):
    """The rig's camera in the words of the house."""
    return CameraModel(rig.matrix, np.array(rig.distortion), rig.size_px)


def _off(truth, profile, name, camera, plane, settings):
    try:
        found = locate_seam(profile, JointType(name), camera, plane, settings, 0)
    except WeldCellError as error:
        return np.nan, f'{type(error).__name__}: {error}'
    return float(np.linalg.norm(1e3 * found.seam_m - truth.seam_mm)), ''


def _shows(came):
    """Whether the image shows a joint, by what came of the search for its seam."""
    off, why = came
    return not np.isnan(off) or why.startswith('SeamHiddenError')


def laserless_crops(count, seed):
    """(480, 640) crops of photographs that show no laser line; as many."""
    files = sorted({path for pattern in LASERLESS for path in SHARED.glob(pattern) if path.suffix in _PICTURES})
    files = [path for path in files if not (path.suffix == '.png' and path.with_suffix('.jpg').exists())]  # masks
    rng = np.random.default_rng(seed)
    for k in range(count):
        image = cv2.imread(str(files[k % len(files)]), cv2.IMREAD_COLOR)
        scale = max(480 / image.shape[0], 640 / image.shape[1], 1e-9)
        if scale > 1.0:
            image = cv2.resize(image, None, fx=scale, fy=scale)
        top, left = (int(rng.integers(extra + 1)) for extra in (image.shape[0] - 480, image.shape[1] - 640))
        crop = image[top : top + 480, left : left + 640]
        yield cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if k % 2 else crop


@dataclass(frozen=True)
class ScanScore:
    """What came of one scan by `weld_cell.pipeline.LaserPipeline`; lengths in mm.

    Attributes:
        told: The joint type by the vote; empty: none.
        off_mm: Distance of each point of the path from the true seam; empty where refused.
        short_mm: By how much the path begins too late and ends too early.
        points_off_mm: Of the single seam points.
        gap_mm: Median of the root gaps that the images tell.
        true_gap_mm: The gap of butt and v joints that was drawn, 0 of others.
        why: Why there is no path.
    """

    true: str
    told: str
    off_mm: tuple[float, ...]
    short_mm: tuple[float, float] | None
    points_off_mm: tuple[float, ...]
    gap_mm: float
    true_gap_mm: float
    why: str = ''


def judged_scan(scan, told=VOTED, stripe=None):
    """The score of one judged scan.

    Args:
        scan: A `stripe_scans.JudgedScan`.
        told: The joint type, or that it is voted.
        stripe: Settings of the stripe.
    """
    result = _replayed(scan, told, stripe or StripeSettings())
    decision, path, seam = result.decision, result.path, cKDTree(scan.seam)
    gaps = [image.observation.gap_mm for image in result.images if image.observation is not None]
    common = {
        'true': scan.name,
        'told': '' if isinstance(decision, WeldCellError) else str(decision.joint_type),
        'points_off_mm': tuple(seam.query(1e3 * result.scan.positions_m)[0].tolist()) if result.scan.points else (),
        'gap_mm': float(np.median(gaps)) if gaps else np.nan,
        'true_gap_mm': {'butt': scan.dials.gap, 'v': scan.dials.root_gap}.get(scan.name, 0.0),
    }
    if isinstance(path, WeldCellError):
        return ScanScore(**common, off_mm=(), short_mm=None, why=f'{type(path).__name__}: {path.message}')
    off, places = seam.query(1e3 * path.positions_m)
    short = float(places[0] * FINE), float((len(scan.seam) - 1 - places[-1]) * FINE)
    return ScanScore(**common, off_mm=tuple(off.tolist()), short_mm=short)


def _replayed(scan, told, stripe):
    """What the offline replay makes of a scan."""
    camera, rig = camera_of(scan.dials.rig), scan.dials.rig
    sensor = LaserSensorCalibration('tool0', 'sensor', None, 0.0, camera, 0.0, 1e3 * rig.plane_per_mm, 0.0)
    metres = scan.poses * np.where(np.arange(4) == 3, 1e-3, 1.0)
    metres[:, 3, 3] = 1.0
    images = (
        RecordedImage(CameraImage(scan.pixels(number), number * _INTERVAL_NS, number), 'sensor', camera)
        for number in range(len(scan.poses))
    )
    pipeline = LaserPipeline(sensor, PipelineSettings(stripe=stripe), RecordingSettings(joint_type=str(told)))
    return pipeline.replay(images, lambda stamp_ns: metres[stamp_ns // _INTERVAL_NS])
