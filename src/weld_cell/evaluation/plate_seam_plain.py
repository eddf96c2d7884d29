"""The paper's steps in plain torch, plain OpenCV and plain numpy: a peer for timings.

Source: Machines 2025, 13(11), 992, sections 4.2 to 4.4 and 5.1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from weld_cell.geometry.boxes import suppress
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.plate_seam.reduce import FILL, SIDE_PX
from weld_cell.plate_seam.settings import MOST_OVERLAP
from weld_cell.records import FloatArray, ImageArray

_LEAST_SCORE = 0.5
_DEGREE = 3
_SPACING_PX, _REACH_PX, _STEP_PX = 4.0, 20.0, 0.5


@contextmanager
def plain_chain(threads: int) -> 'Iterator[Any]':
    """From an image (h, w) uint8, a box and the work plane to path (n, 3) in metres and gap (n,) in mm.

    The network is untrained, which does not change its time; so the box is given beside its answer.

    Args:
        threads: Of torch and OpenCV, while this lasts.
    """
    from weld_cell.plate_seam.training.plain_torch import plain_network

    def whole(pixels: ImageArray, box: FloatArray, plane: WorkPlane) -> tuple[FloatArray, FloatArray]:
        clean = np.asarray(cv2.medianBlur(pixels, 3), np.uint8)
        boxes, scores = network(_reduced(pixels))
        kept = scores > _LEAST_SCORE
        suppress(boxes[kept].astype(float), scores[kept].astype(float), MOST_OVERLAP)
        return _measured(pixels, _course(clean, box), plane)

    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        with plain_network(threads) as network:
            yield whole
    finally:
        cv2.setNumThreads(before)


def _reduced(pixels: ImageArray) -> 'np.ndarray':
    """(3, h, w) as `reduce_image`, by OpenCV."""
    factor = -(-max(pixels.shape) // SIDE_PX)
    side = np.ones((factor, factor), np.uint8)
    size = (-(-pixels.shape[1] // factor), -(-pixels.shape[0] // factor))
    mean = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    least, most = (
        change(pixels, side)[::factor, ::factor].astype(np.float32) / 255.0 for change in (cv2.erode, cv2.dilate)
    )
    rows, columns = (-(-n // 32) * 32 for n in mean.shape)
    filled = np.zeros((3, rows, columns), np.float32)
    filled[0] = FILL
    filled[:, : mean.shape[0], : mean.shape[1]] = np.stack([mean, mean - least, most - mean])
    return filled


def _course(clean: ImageArray, box: FloatArray) -> FloatArray:
    """(n, 2) pixels of the curve: Prewitt with direction weights, Otsu, closing, Hough, a polynomial.

    Raises:
        ValueError: no segment is found.
    """
    left, top, right, bottom = np.clip(box, 0, np.tile(clean.shape[::-1], 2)).astype(int).tolist()
    region = clean[top:bottom, left:right].astype(np.float32)
    kernel = np.array([[-1, 0, 1]] * 3, np.float32)
    across, along = cv2.filter2D(region, cv2.CV_32F, kernel), cv2.filter2D(region, cv2.CV_32F, kernel.T)
    weight = region.shape[1] / sum(region.shape)
    strength = np.sqrt(weight * across**2 + (1.0 - weight) * along**2)
    grey = cv2.normalize(strength, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)  # type: ignore[call-overload]
    _, edges = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    lines = cv2.HoughLinesP(closed, 1, np.pi / 180, 150, minLineLength=100, maxLineGap=10)
    if lines is None:
        raise ValueError('the Hough transform finds no segment')
    points = lines.reshape(-1, 2).astype(float)
    order = int(np.ptp(points[:, 1]) > np.ptp(points[:, 0]))
    first, last = points[:, order].min(), points[:, order].max()
    middle, half = 0.5 * (first + last), 0.5 * (last - first)
    curve = np.polyfit((points[:, order] - middle) / half, points[:, 1 - order], min(_DEGREE, len(points) - 1))
    x = np.arange(first, last, _SPACING_PX)
    both = [x, np.polyval(curve, (x - middle) / half)]
    course: FloatArray = np.column_stack([both[order], both[1 - order]]) + [left, top]
    return course


def _measured(pixels: ImageArray, course: FloatArray, plane: WorkPlane) -> tuple[FloatArray, FloatArray]:
    """The path in metres, and the gap in mm: as wide as the profile across it is darker than half-way."""
    tangents = np.gradient(course, axis=0)
    normals = np.column_stack([-tangents[:, 1], tangents[:, 0]]) / np.linalg.norm(tangents, axis=1, keepdims=True)
    offsets = np.arange(-_REACH_PX, _REACH_PX, _STEP_PX)
    places = (course[:, None] + offsets[:, None] * normals[:, None]).astype(np.float32)
    light = cv2.remap(pixels, places[..., 0], places[..., 1], cv2.INTER_LINEAR).astype(float)
    half = 0.5 * (light.min(axis=1) + np.median(light, axis=1))
    width_px = _STEP_PX * (light < half[:, None]).sum(axis=1)
    left, right = (_on_plane(course + side * width_px[:, None] * normals, plane) for side in (0.5, -0.5))
    return _on_plane(course, plane), 1e3 * np.linalg.norm(left - right, axis=1)


def _on_plane(pixels: FloatArray, plane: WorkPlane) -> FloatArray:
    """(n, 3) in base_link of pixels (n, 2): the lens taken out by OpenCV, then the ray's meeting with the plane."""
    camera = plane.camera
    rays = cv2.undistortPoints(pixels[:, None], camera.matrix, camera.distortion)[:, 0]
    turned = np.column_stack([rays, np.ones(len(rays))]) @ plane.T_base_camera[:3, :3].T
    origin = plane.T_base_camera[:3, 3]
    points: FloatArray = origin + turned * ((plane.T_base_plane[2, 3] - origin[2]) / turned[:, 2])[:, None]
    return points
