"""Defective regions of a weld: cells, size, and position on the work plane."""

import cv2
import numpy as np

from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.records import BoolArray, DefectArea, FloatArray


def defect_areas(mask: BoolArray, box_xyxy: FloatArray, plane: WorkPlane | None = None) -> tuple[DefectArea, ...]:
    """Connected pieces, the largest first.

    Args:
        mask: (g, g) True where the weld is defective.
        box_xyxy: (4,) what the mask covers, in pixels of the image.
        plane: On which the weld lies; None: places and areas in pixels alone.

    Raises:
        CalibrationError: the plane is not seen where the weld is.
    """
    count, _, stats, centroids = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    size = (box_xyxy[2:] - box_xyxy[:2]) / mask.shape[::-1]
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA], kind='stable')
    return tuple(
        _area(box_xyxy[:2] + (centroids[number] + 0.5) * size, stats[number, cv2.CC_STAT_AREA] * size.prod(), plane)
        for number in order
    )


def without_small(mask: BoolArray, least_cells: float) -> BoolArray:
    """(g, g) the mask without pieces of fewer cells."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least_cells
    large[0] = False
    kept: BoolArray = large[labels]
    return kept


def _area(place_px: FloatArray, area_px: float, plane: WorkPlane | None) -> DefectArea:
    if plane is None:
        return DefectArea(place_px, float(area_px))
    side_mm = float(plane.mm_per_px(place_px[None])[0])
    return DefectArea(place_px, float(area_px), plane.base_points(place_px[None])[0, :2], float(area_px) * side_mm**2)
