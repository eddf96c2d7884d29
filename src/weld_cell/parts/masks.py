"""Pixel classes of a template: edges, flat pixels, pixels that count."""

import cv2
import numpy as np

from weld_cell.parts.pixel_loops import Float32Array, IntArray
from weld_cell.parts.pyramid import shrunk
from weld_cell.records import BoolArray, ImageArray


def at_level(image: ImageArray, factor: int) -> ImageArray:
    """Smaller by a factor; the last row and column are repeated to a multiple of it."""
    bottom, right = (-n % factor for n in image.shape)
    padded = np.asarray(cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    return shrunk(padded, factor) if factor > 1 else padded


def gradient(pixels: ImageArray) -> tuple[Float32Array, Float32Array]:
    """Central differences along x and y."""
    grey = pixels.astype(np.float32)
    across = 0.5 * (np.roll(grey, -1, 1) - np.roll(grey, 1, 1))
    return across, 0.5 * (np.roll(grey, -1, 0) - np.roll(grey, 1, 0))


def eroded(mask: BoolArray) -> BoolArray:
    """Without its border and the image's."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    inner[[0, -1]] = inner[:, [0, -1]] = False
    return np.asarray(inner, bool)


def flat_of(inner: BoolArray, steep: BoolArray) -> BoolArray:
    """Pixels two or more away from any edge."""
    return np.asarray(inner & (cv2.dilate(steep.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0), bool)


def or_all(chosen: BoolArray, instead: BoolArray) -> BoolArray:
    """The chosen pixels, or others where none are chosen."""
    return chosen if chosen.any() else instead


def points_at(
    chosen: BoolArray, centre: tuple[float, float], most: int, *layers: Float32Array | ImageArray
) -> Float32Array:
    """(k, 2 + layers) x and y from the centre and the layers' values at the chosen pixels, thinned out evenly."""
    rows, columns = np.nonzero(chosen)
    keep = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)) if len(rows) else slice(0)
    rows, columns = rows[keep], columns[keep]
    values = [columns - centre[0], rows - centre[1], *(layer[rows, columns] for layer in layers)]
    return np.ascontiguousarray(np.stack(values, axis=1), np.float32)


def runs_of(mask: BoolArray) -> IntArray:
    """(k, 3) row, first column, column after the last of each run of True."""
    change = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    first, last = np.nonzero(change == 1), np.nonzero(change == -1)
    return np.ascontiguousarray(np.stack([first[0], first[1], last[1]], axis=1), np.int64)


def inner_of(metal: BoolArray, rim_px: int) -> BoolArray:
    """Metal that is farther than so much from its edge."""
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim_px + 1, 2 * rim_px + 1))
    return np.asarray(cv2.erode(metal.astype(np.uint8), around, borderValue=0) > 0, bool)


def border_of(mask: BoolArray) -> BoolArray:
    """Pixels of a mask that touch what is outside of it or of the image."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    return np.asarray(mask & (inner == 0), bool)


def mask_at_level(mask: BoolArray, factor: int) -> BoolArray:
    """True where more than half of the pixels are."""
    return np.asarray(at_level(mask.astype(np.uint8) * 255, factor) > 127, bool)
