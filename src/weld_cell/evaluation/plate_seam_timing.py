"""How long an image takes to its path, step by step, and beside it the same by plain torch and plain OpenCV."""

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from weld_cell.evaluation.plate_seam import path_image, shipped_locator, the_rig
from weld_cell.geometry.boxes import suppress
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.models.loader import find_model
from weld_cell.plate_seam import PlateSeamSettings, find_seams
from weld_cell.plate_seam.locate import MOST_OVERLAP, SHIPPED_NET
from weld_cell.plate_seam.reduce import SIDE_PX, reduce_image
from weld_cell.records import FloatArray, ImageArray

RUNS = 15
MOST_TRIED = 20


def timing(seed: int) -> dict[str, Any]:
    """Milliseconds of an image of 1456 x 1088 pixels, medians; needs torch.

    Args:
        seed: Of the scenes, of which the first one is taken where the network tells a region.
    """
    pixels, plane = _image_with_a_region(seed)
    ours = {f'threads_{threads}': _ours(pixels, plane, threads) for threads in (1, 2)}
    stages, plain = _stages(pixels, plane), _plain(pixels)
    ratio = round(plain / ours['threads_2'], 2)
    return {'ms_per_image': {**ours, 'plain': plain, 'plain_to_threads_2': ratio}, 'ms_of_steps': stages}


def _image_with_a_region(seed: int) -> tuple[ImageArray, WorkPlane]:
    """The first image of the seed's straight seams in which the network tells one.

    Raises:
        ValueError: it tells none in MOST_TRIED images.
    """
    rig, locator = the_rig(), shipped_locator()
    for number in range(MOST_TRIED):
        pixels, _, plane = path_image('straight', seed, number, rig)
        if len(locator.regions(pixels).boxes_xyxy):
            return pixels, plane
    raise ValueError(f'--seed {seed}: the network tells no region in {MOST_TRIED} images; there is nothing to time')


def size_of_network() -> dict[str, Any]:
    """Parameters in millions, GFLOPs at 640 px as the paper counts them, and the file's size in MB; needs torch."""
    from weld_cell.plate_seam.training.plain_torch import network_size

    parameters, operations = network_size()
    return {
        'parameters_m': round(parameters / 1e6, 3),
        'gflops': round(operations / 1e9, 2),
        'file_mb': round(find_model(SHIPPED_NET).stat().st_size / 1e6, 2),
    }


def _ours(pixels: ImageArray, plane: WorkPlane, threads: int) -> float:
    locator, settings = shipped_locator(threads), PlateSeamSettings()
    cv2.setNumThreads(threads)
    with threadpool_limits(threads):
        return _ms(lambda: find_seams(pixels, locator.regions(pixels).boxes_xyxy, plane, settings))


def _stages(pixels: ImageArray, plane: WorkPlane) -> dict[str, float]:
    """One thread."""
    locator, settings = shipped_locator(), PlateSeamSettings()
    cv2.setNumThreads(1)
    boxes = locator.regions(pixels).boxes_xyxy
    with threadpool_limits(1):
        return {
            'reduce': _ms(lambda: reduce_image(pixels)),
            'locate': _ms(lambda: locator.regions(pixels)),
            'trace_and_measure': _ms(lambda: find_seams(pixels, boxes, plane, settings)),
        }


def _plain(pixels: ImageArray) -> float:
    """The paper's way with two threads: torch as it is, then OpenCV's filters, Hough transform and a polynomial."""
    from weld_cell.plate_seam.training.plain_torch import plain_network

    box = shipped_locator().regions(pixels).boxes_xyxy[0]
    cv2.setNumThreads(2)
    with plain_network(2) as network:

        def whole() -> None:
            boxes, scores = network(_plainly_reduced(pixels))
            kept = scores > 0.5
            suppress(boxes[kept].astype(float), scores[kept].astype(float), MOST_OVERLAP)
            _plainly_traced(pixels, box)

        return _ms(whole)


def _plainly_reduced(pixels: ImageArray) -> 'np.ndarray':
    """(3, h, w) as `reduce_image`, by OpenCV."""
    factor = -(-max(pixels.shape) // SIDE_PX)
    side = np.ones((factor, factor), np.uint8)
    size = (-(-pixels.shape[1] // factor), -(-pixels.shape[0] // factor))
    mean = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    least, most = (
        change(pixels, side)[::factor, ::factor].astype(np.float32) / 255.0 for change in (cv2.erode, cv2.dilate)
    )
    channels = np.stack([mean, mean - least, most - mean])
    rows, columns = (-(-n // 32) * 32 for n in channels.shape[1:])
    filled = np.zeros((3, rows, columns), np.float32)
    filled[:, : channels.shape[1], : channels.shape[2]] = channels
    return filled


def _plainly_traced(pixels: ImageArray, box: FloatArray) -> None:
    """Median, Prewitt with direction weights, Otsu, closing, Hough and a curve: the paper's steps by OpenCV."""
    left, top, right, bottom = box.astype(int).tolist()
    region = cv2.medianBlur(pixels, 3)[top:bottom, left:right].astype(np.float32)
    kernel = np.array([[-1, 0, 1]] * 3, np.float32)
    across, along = cv2.filter2D(region, cv2.CV_32F, kernel), cv2.filter2D(region, cv2.CV_32F, kernel.T)
    width, height = right - left, bottom - top
    weight = width / (width + height)
    strength = np.sqrt(weight * across**2 + (1.0 - weight) * along**2)
    grey = cv2.normalize(strength, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)  # type: ignore[call-overload]
    _, edges = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    lines = cv2.HoughLinesP(closed, 1, np.pi / 180, 150, minLineLength=100, maxLineGap=10)
    if lines is not None:
        points = lines.reshape(-1, 2)
        order = 0 if width >= height else 1
        np.polyfit(points[:, order], points[:, 1 - order], 3)


def _ms(call: Callable[[], object]) -> float:
    spent = []
    call()
    for _ in range(RUNS):
        began = time.perf_counter()
        call()
        spent.append(1e3 * (time.perf_counter() - began))
    return round(float(np.median(spent)), 3)
