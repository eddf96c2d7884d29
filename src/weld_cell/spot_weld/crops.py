"""Welds of any size resampled to one grid: ROI Align on the matching level of an image pyramid.

The level follows Lin et al. 2017 (Feature Pyramid Networks), equation 1: a cell of the grid covers 1 to 2 pixels of
it.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray, WeldRegion
from weld_cell.spot_weld.roi_align import Float32Array, roi_align
from weld_cell.spot_weld.settings import BankSettings


def box_about(region: WeldRegion, context: float) -> FloatArray:
    """(4,) xyxy of the square about a weld, from pixel middle to pixel middle.

    Args:
        region: The weld.
        context: Half its side in radii.
    """
    reach = context * region.radius_px
    return np.concatenate([region.centre_px - reach, region.centre_px + reach])


def boxes_about(regions: Sequence[WeldRegion], settings: BankSettings) -> FloatArray:
    """(n, 4) xyxy of the squares about welds of one image; of one size where they have a common one."""
    sizes = [region.radius_px for region in regions]
    common = float(np.median(sizes)) if sizes else 0.0
    of_one_size = [replace(region, radius_px=common) for region in regions] if settings.common_size else regions
    return np.array([box_about(region, settings.context) for region in of_one_size]).reshape(-1, 4)


def cells_of(boxes_xyxy: FloatArray, grid: int) -> FloatArray:
    """(n,) side in pixels of a cell of boxes (n, 4) that are cut out with so many cells along each side."""
    sides: FloatArray = (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) / grid
    return sides


def diameters_of(cells_px: FloatArray, settings: BankSettings) -> FloatArray:
    """(n,) diameters in pixels of welds that are cut out with cells of sides (n,) in pixels."""
    return np.asarray(cells_px * settings.grid / settings.context)


def cut_out(grey: ImageArray, boxes_xyxy: FloatArray, grid: int) -> Float32Array:
    """Resample boxes.

    Args:
        grey: (h, w) uint8.
        boxes_xyxy: (n, 4), the middle of the first pixel is 0.
        grid: Cells along each side.

    Returns:
        (n, grid, grid) grey values.
    """
    boxes = np.asarray(boxes_xyxy, float).reshape(-1, 4)
    levels = np.floor(np.log2(np.maximum(cells_of(boxes, grid), 1.0))).astype(int)
    cut = np.empty((len(boxes), grid, grid), np.float32)
    for level, image in enumerate(_pyramid(grey, int(levels.max(initial=0)))):
        chosen = levels == level
        cut[chosen] = roi_align(image[None], (boxes[chosen] + 0.5) / 2**level, grid)[:, 0]
    return cut


def _pyramid(grey: ImageArray, last: int) -> Sequence[Float32Array]:
    """The image, and means of 2 x 2 pixels up to a level."""
    levels = [np.asarray(grey, np.float32)]
    for _ in range(last):
        height, width = (max(side // 2, 1) for side in levels[-1].shape)
        even = levels[-1][: 2 * height, : 2 * width]
        levels.append(np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.float32))
    return levels
