"""All seams of one image: a region each, in order, none twice, none invented; what is refused says why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import PlateSeamError
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.measure import measure_seam
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.trace import trace_seam
from weld_cell.records import FloatArray, ImageArray, PlateSeam


@dataclass(frozen=True, eq=False)
class Survey:
    """What is found in one image.

    Attributes:
        seams: By their middles from left to right in the image, those above each other from top to bottom.
        refusals: Of the regions without a seam that is certain enough, in the regions' order.
        refused: Numbers of these regions, from 0.
    """

    seams: tuple[PlateSeam, ...]
    refusals: tuple[PlateSeamError, ...]
    refused: tuple[int, ...]


def find_seam(grey: ImageArray, box_xyxy: FloatArray, plane: WorkPlane, settings: PlateSeamSettings) -> PlateSeam:
    """The seam in a region of an image, measured on the work plane; raises as `trace_seam` and `measure_seam`."""
    return measure_seam(trace_seam(grey, box_xyxy, settings), plane, settings)


def find_seams(grey: ImageArray, boxes_xyxy: FloatArray, plane: WorkPlane, settings: PlateSeamSettings) -> Survey:
    """All seams of an image.

    Args:
        grey: (h, w) uint8.
        boxes_xyxy: (n, 4) regions in pixels, n from 0.
        plane: The upper side of the plates.
        settings: Method and limits.

    Raises:
        ValueError: a box is none, or lies outside the image.
        CalibrationError: the camera does not see the plane there.
    """
    seams: list[PlateSeam] = []
    refusals: dict[int, PlateSeamError] = {}
    for number, box in enumerate(boxes_xyxy):
        try:
            seams.append(find_seam(grey, box, plane, settings))
        except PlateSeamError as error:
            refusals[number] = error
    distinct = sorted(_distinct(seams, settings.same_seam_mm), key=_place)
    return Survey(tuple(distinct), tuple(refusals.values()), tuple(refusals))


def _distinct(seams: Sequence[PlateSeam], apart_mm: float) -> list[PlateSeam]:
    """Of seams that run along each other, the most confident, and of equals the longest."""
    kept: list[PlateSeam] = []
    for seam in sorted(seams, key=lambda s: (-s.confidence, -s.length_mm)):
        if all(_apart_mm(seam, other) > apart_mm for other in kept):
            kept.append(seam)
    return kept


def _apart_mm(seam: PlateSeam, other: PlateSeam) -> float:
    """Median distance of the shorter one's points to the nearest of the other's."""
    short, long = sorted((seam.path_m, other.path_m), key=len)
    return 1e3 * float(np.median(np.linalg.norm(short[:, None] - long[None], axis=2).min(axis=1)))


def _place(seam: PlateSeam) -> tuple[float, float]:
    u, v = seam.path_px[len(seam.path_px) // 2]
    return float(u), float(v)
