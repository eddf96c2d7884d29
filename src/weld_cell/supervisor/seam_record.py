"""The record of one seam, from the data of the graph."""

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from weld_cell.records import VOTED, FloatArray, RobotTrajectory, SeamPath, SeamSource
from weld_cell.records.status import JointTypeStatus, WeldStatus
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.approval import Consent
from weld_cell.supervisor.evidence import SeamEvidence, SeamSizes
from weld_cell.traceability.record import (
    AlongSeam,
    ArcRecord,
    ImageCount,
    JointTypeRecord,
    SeamPathRecord,
    TrajectoryRecord,
    row,
    rows,
)

MM_DIGITS = 4
_RAYLEIGH_MEDIAN = 1.1774  # of a distance in two directions of unit standard deviation each


def joint_record(joint: JointTypeStatus | None, setting: str) -> JointTypeRecord | None:
    """Which joint it is.

    Args:
        joint: The vote's decision, or what it was told instead.
        setting: The joint type of the settings, or the word `VOTED`.
    """
    if joint is None or joint.decided is None:
        return None if setting == VOTED else JointTypeRecord(setting, voted=False)
    counts = tuple(ImageCount(str(kind), images) for kind, images in (joint.images or {}).items())
    return JointTypeRecord(str(joint.decided), setting == VOTED, joint.share, counts)


def path_records(
    seen: SeamEvidence, source: SeamSource, settings: PathSettings
) -> tuple[SeamPathRecord | None, AlongSeam | None]:
    """The path that was welded, or is to be, and what was measured along it.

    Args:
        seen: What the graph has told.
        source: Whose path is welded.
        settings: Of the path: outlier_sigma and noise_floor_mm take part.
    """
    if source is SeamSource.PLATE:
        return _plate_path(seen), None
    path, points = seen.path, seen.points
    if path is None:
        return None, None
    if not points:
        return _path(path, source), None
    positions_m = np.array([point.position_m for point in points])
    along_mm, residual_mm = 1000 * distances_along(positions_m, path)
    order = np.argsort(along_mm, kind='stable')
    sizes: list[SeamSizes] = [seen.sizes.get(points[k].stamp_ns, (None, None)) for k in order]
    along = AlongSeam(
        row(along_mm[order], MM_DIGITS),
        tuple(_rounded(gap) for gap, _ in sizes),
        tuple(_rounded(mismatch) for _, mismatch in sizes),
        row(residual_mm[order], MM_DIGITS),
    )
    inlier = residual_mm <= _reach_mm(residual_mm, settings)
    found = _path(path, source, residual_mm[inlier])
    return replace(found, points=len(points), outliers=int((~inlier).sum())), along


def _reach_mm(residual_mm: FloatArray, settings: PathSettings) -> float:
    """A point that lies further from the path is an outlier, as where the path is fitted."""
    sigma_mm = max(float(np.median(residual_mm)) / _RAYLEIGH_MEDIAN, settings.noise_floor_mm)
    return settings.outlier_sigma * sigma_mm


def _plate_path(seen: SeamEvidence) -> SeamPathRecord | None:
    if seen.plate_path is None:
        return None
    scatter_mm = seen.plate.scatter_mm if seen.plate is not None else None
    residual_mm = None if scatter_mm is None else np.array([scatter_mm])
    found = _path(seen.plate_path, SeamSource.PLATE, residual_mm)
    return replace(found, residual_max_mm=None, points=None)


def _path(path: SeamPath, source: SeamSource, residual_mm: FloatArray | None = None) -> SeamPathRecord:
    residuals: tuple[float | None, float | None, int | None] = (None, None, None)
    if residual_mm is not None:
        rms = float(np.sqrt(np.mean(residual_mm**2)))
        residuals = round(rms, MM_DIGITS), round(float(residual_mm.max()), MM_DIGITS), len(residual_mm)
    length_mm = round(1000 * path.length_m, MM_DIGITS)
    return SeamPathRecord(str(source), rows(path.positions_m), rows(path.normals), length_mm, *residuals)


def distances_along(points_m: FloatArray, path: SeamPath) -> FloatArray:
    """(2, n) metres: how far along the path each point (n, 3) lies, from its start, and how far from it.

    A point is measured against the tangent at the nearest point of the path; a bend is much wider than their spacing.
    """
    nearest = cKDTree(path.positions_m).query(points_m)[1]
    steps = np.linalg.norm(np.diff(path.positions_m, axis=0), axis=1)
    starts = np.concatenate([[0.0], np.cumsum(steps)])
    offset = points_m - path.positions_m[nearest]
    ahead = np.sum(offset * path.tangents[nearest], axis=1)
    across = offset - ahead[:, np.newaxis] * path.tangents[nearest]
    return np.stack([starts[nearest] + ahead, np.linalg.norm(across, axis=1)])


def trajectory_record(motion: RobotTrajectory, weld_s: tuple[float, float] | None, sent_utc: str) -> TrajectoryRecord:
    """The motion that was sent, and when the weld begins and ends in it."""
    start_s, end_s = (None, None) if weld_s is None else weld_s
    tool_m = rows(motion.tool_poses[:, :3, 3])
    return TrajectoryRecord(
        motion.joint_names, row(motion.times_s), rows(motion.positions_rad), tool_m, start_s, end_s, sent_utc
    )


def arc_record(weld: WeldStatus | None, consent: Consent | None = None) -> ArcRecord | None:
    """Whether the arc might be struck, and by whose leave; without a consent nothing tells who armed it."""
    if weld is None:
        return None
    if consent is None:
        return ArcRecord(weld.mode == 'armed')
    armed = consent.armed_by is not None
    return ArcRecord(armed, consent.armed_by, consent.approved_by, consent.approved_utc, consent.armed_utc)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, MM_DIGITS)
