"""Straight segments in an edge map by the Hough transform.

Source: Machines 2025, 13(11), 992, section 5.1: rho 1 px, theta 1 degree, threshold 150, 100 px, gaps of 10 px.
"""

import cv2
import numpy as np

from weld_cell.errors import PlateSeamAbsentError
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import FloatArray, ImageArray

_RHO_PX, _THETA_RAD = 1.0, np.pi / 180.0


def hough_segments(edges: ImageArray, settings: PlateSeamSettings) -> FloatArray:
    """(n, 4) segments u0, v0, u1, v1 in pixels of the region.

    Args:
        edges: (h, w) not 0 where an edge is.
        settings: Threshold, length and gap.

    Raises:
        PlateSeamAbsentError: there are none.
    """
    cv2.setRNGSeed(0)  # the transform draws its points at random
    found = cv2.HoughLinesP(
        edges,
        _RHO_PX,
        _THETA_RAD,
        settings.hough_threshold,
        minLineLength=settings.hough_length_px,
        maxLineGap=settings.hough_gap_px,
    )
    if found is None:
        raise PlateSeamAbsentError(
            f'No straight edge of {settings.hough_length_px} px with {settings.hough_threshold} votes in the region.',
            'Check that the region shows the seam; for a short or bent one choose method "ridge".',
        )
    return np.asarray(found, float).reshape(-1, 4)


def segment_points(segments: FloatArray) -> FloatArray:
    """(m, 2) points a pixel apart along all segments, their ends included."""
    points = []
    for u0, v0, u1, v1 in segments:
        count = int(np.ceil(np.hypot(u1 - u0, v1 - v0))) + 1
        points.append(np.column_stack([np.linspace(u0, u1, count), np.linspace(v0, v1, count)]))
    return np.concatenate(points) if points else np.empty((0, 2))
