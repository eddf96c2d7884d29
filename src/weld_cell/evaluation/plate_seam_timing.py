"""How long an image takes to its path, step by step, and beside it the same by plain torch and plain OpenCV."""

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.plate_seam import path_image, shipped_locator, the_rig
from weld_cell.evaluation.plate_seam_plain import plain_chain
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.models.loader import find_model
from weld_cell.plate_seam.locate import SHIPPED_NET
from weld_cell.plate_seam.measure import measure_seam
from weld_cell.plate_seam.reduce import reduce_image
from weld_cell.plate_seam.regions import seams_in, traceable
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import find_seam
from weld_cell.plate_seam.trace import Candidate, candidates, clipped_box, trace_gap
from weld_cell.records import FloatArray, ImageArray

RUNS, IMAGES, MOST_TRIED = 7, 5, 40
Image = tuple[ImageArray, FloatArray, WorkPlane]


def timing(seed: int) -> dict[str, Any]:
    """Milliseconds of an image of 1456 x 1088 pixels: medians of runs, then of images; needs torch.

    The plain chain has the better of one and two threads.

    Args:
        seed: Of the scenes, of which the first ones are taken where both chains come to a path.

    Raises:
        ValueError: there are none.
    """
    images = _images(seed)
    ours = {f'threads_{threads}': _ours(images, threads) for threads in (1, 2)}
    plain = {f'plain_threads_{threads}': _plain(images, threads) for threads in (1, 2)}
    best = min(plain.values())
    ratio = round(best / ours['threads_2'], 2)
    return {
        'ms_per_image': {**ours, 'plain': best, **plain, 'plain_to_threads_2': ratio, 'timed_images': len(images)},
        'ms_of_steps': _stages(images),
    }


def size_of_network() -> dict[str, Any]:
    """Parameters in millions, GFLOPs at 640 px as the paper counts them, and the file's size in MB; needs torch."""
    from weld_cell.plate_seam.training.plain_torch import network_size

    parameters, operations = network_size()
    return {
        'parameters_m': round(parameters / 1e6, 3),
        'gflops': round(operations / 1e9, 2),
        'file_mb': round(find_model(SHIPPED_NET).stat().st_size / 1e6, 2),
    }


def _images(seed: int) -> list[Image]:
    """The seed's first images of straight seams, each with a box in which both chains come to a path."""
    rig, locator, found = the_rig(), shipped_locator(), []
    with plain_chain(1) as plain:
        for number in range(MOST_TRIED):
            pixels, _, plane = path_image('straight', seed, number, rig)
            for box in locator.regions(pixels).boxes_xyxy[:1]:
                try:
                    find_seam(pixels, box, plane, PlateSeamSettings())
                    plain(pixels, box, plane)
                except (WeldCellError, ValueError):
                    continue
                found.append((pixels, box, plane))
            if len(found) == IMAGES:
                break
    if not found:
        raise ValueError(f'--seed {seed}: no path in {MOST_TRIED} images; there is nothing to time')
    return found


def _ours(images: list[Image], threads: int) -> float:
    locator, settings = shipped_locator(threads), PlateSeamSettings()
    cv2.setNumThreads(threads)
    with threadpool_limits(threads):
        return _over(
            images, lambda pixels, _, plane: seams_in(pixels, traceable(locator.regions(pixels)), plane, settings)
        )


def _plain(images: list[Image], threads: int) -> float:
    with plain_chain(threads) as plain:
        return _over(images, plain)


def _stages(images: list[Image]) -> dict[str, float]:
    """One thread; of the line that comes first in the region of each image."""
    locator, settings = shipped_locator(), PlateSeamSettings()
    cv2.setNumThreads(1)

    def first_line(pixels: ImageArray, box: FloatArray, plane: WorkPlane) -> Candidate:
        return next(candidates(pixels, clipped_box(box, pixels.shape), settings, lap=False, least_share=1.0))

    lines = {id(image[0]): first_line(*image) for image in images}
    traces = {id(pixels): trace_gap(pixels, lines[id(pixels)], settings) for pixels, _, _ in images}
    steps: dict[str, Callable[[ImageArray, FloatArray, WorkPlane], object]] = {
        'reduce': lambda pixels, box, plane: reduce_image(pixels),
        'locate': lambda pixels, box, plane: locator.regions(pixels),
        'find_first_line': first_line,
        'read_gap': lambda pixels, box, plane: trace_gap(pixels, lines[id(pixels)], settings),
        'measure': lambda pixels, box, plane: measure_seam(traces[id(pixels)], plane, settings),
    }
    with threadpool_limits(1):
        return {name: _over(images, step) for name, step in steps.items()}


def _over(images: list[Image], call: Callable[[ImageArray, FloatArray, WorkPlane], object]) -> float:
    return round(float(np.median([_ms(lambda image=image: call(*image)) for image in images])), 3)  # type: ignore[misc]


def _ms(call: Callable[[], object]) -> float:
    spent = []
    call()
    for _ in range(RUNS):
        began = time.perf_counter()
        call()
        spent.append(1e3 * (time.perf_counter() - began))
    return float(np.median(spent))
