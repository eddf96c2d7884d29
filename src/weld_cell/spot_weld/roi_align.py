"""ROI Align: boxes of any size and position resampled to one grid, without rounding.

Source: He et al. 2017 (Mask R-CNN), section 3; the rule at the border and the half pixel are those of ONNX's RoiAlign
(opset 16, half_pixel): a box's coordinates run over edges between pixels, a sample more than a pixel outside is 0.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray

Float32Array = NDArray[np.float32]


def roi_align(maps: Float32Array, boxes_xyxy: FloatArray, grid: int, sampling: int = 2) -> Float32Array:
    """Resample boxes of an image or of feature maps.

    Args:
        maps: (c, h, w).
        boxes_xyxy: (n, 4) in pixels of the maps, edges between pixels: the first pixel reaches from 0 to 1.
        grid: Cells along each side.
        sampling: Samples along each side of a cell, of which the mean is taken.

    Returns:
        (n, c, grid, grid).

    Raises:
        ValueError: maps or boxes of another shape, or less than one cell or sample.
    """
    boxes = np.asarray(boxes_xyxy, float)
    if maps.ndim != 3 or boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f'expected maps (c, h, w) and boxes (n, 4), got {maps.shape} and {boxes.shape}')
    if min(grid, sampling) < 1:
        raise ValueError(f'expected one cell and one sample at least, got {grid} and {sampling}')
    aligned = np.empty((len(boxes), len(maps), grid, grid), np.float32)
    for number, box in enumerate(boxes):
        columns = _samples(box[0], box[2], grid * sampling, maps.shape[2])
        rows = _samples(box[1], box[3], grid * sampling, maps.shape[1])
        sampled = _between_rows(_between_columns(maps, *columns), *rows)
        aligned[number] = sampled.reshape(len(maps), grid, sampling, grid, sampling).mean(axis=(2, 4))
    return aligned


def _samples(low: float, high: float, count: int, length: int) -> tuple[NDArray[np.intp], Float32Array, Float32Array]:
    """Along one axis: the pixel before each sample (count,), its weight and that of the next one."""
    place = low - 0.5 + (np.arange(count) + 0.5) * (high - low) / count
    inside = (place >= -1.0) & (place <= length)
    place = place.clip(0.0, length - 1.0)
    before = np.minimum(place.astype(int), max(length - 2, 0))
    share = place - before
    return before, ((1.0 - share) * inside).astype(np.float32), (share * inside).astype(np.float32)


def _between_columns(
    maps: Float32Array, before: NDArray[np.intp], near: Float32Array, far: Float32Array
) -> Float32Array:
    after = np.minimum(before + 1, maps.shape[2] - 1)
    between: Float32Array = maps[:, :, before] * near + maps[:, :, after] * far
    return between


def _between_rows(
    maps: Float32Array, before: NDArray[np.intp], near: Float32Array, far: Float32Array
) -> Float32Array:
    after = np.minimum(before + 1, maps.shape[1] - 1)
    between: Float32Array = maps[:, before] * near[:, None] + maps[:, after] * far[:, None]
    return between
