"""Line evidence at each pixel, with its direction.

For each of some directions the image is averaged along it, and what lies in the middle is compared with both sides.
A gap is darker than the brighter of neither side, so a mere edge between light and dark does not count (the rule of
Koller, Gerig, Szekely and Dettwiler, "Multiscale detection of curvilinear structures", ICCV 1995). The edge of a lap
is a step, or a dark or bright line. All is a share of the brightness, so that uneven light does not matter, and is
told beside what the neighbourhood shows anyway, so that texture and noise do not.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, log2

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import ImageArray

Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
TURNS = 12
"""Directions, evenly over half a turn."""
LEVEL_GAP_PX = 4.0
"""Widest gap, in pixels of a level, that the level's filter answers to."""
_MOST_PIXELS = 600_000  # of a level: a larger region begins at half its size
_ALONG_PX, _FLANKS_PX = 7, (3.0, 4.0, 5.0)
_MARGIN_PX, _FLANK_MARGIN_PX = 13, 6
_BLACK = 8.0  # grey values that are added, so that noise in the dark is not taken for contrast
_HALF = 0.12  # contrast that counts half as much as full contrast
_NEIGHBOURHOOD_PX = 61
_STRIP_PX = 64  # rows that are looked at together, which the processor's cache holds
_COMMON, _RARE = 1.5, 3.0  # contrast over the neighbourhood's that counts nothing, and that counts fully


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for lines in a region at one size of it.

    Attributes:
        strength: (h, w) 0 to 1.
        turn: (h, w) number of the direction: pi * turn / TURNS from +u towards +v.
        factor: Pixels of the region to one of these.
    """

    strength: Float32Array
    turn: ImageArray
    factor: int

    def to_region(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels (n, 2) of the region from those of this size of it."""
        full: NDArray[np.float64] = (places + 0.5) * self.factor - 0.5
        return full


def levels(shape: tuple[int, ...], max_gap_px: int) -> list[int]:
    """Factors by which a region is reduced, so that each gap up to a width is a few pixels wide in one of them."""
    first = max(ceil(0.5 * log2(shape[0] * shape[1] / _MOST_PIXELS)), 0)
    last = max(ceil(log2(max_gap_px / LEVEL_GAP_PX)), first)
    return [2**level for level in range(first, last + 1) if min(shape) >= 8 * 2**level or level == first]


def line_evidence(region: ImageArray, factor: int, lap: bool) -> Evidence:
    """Evidence for gaps, or for the edges of laps.

    Args:
        region: (h, w) grey.
        factor: By which it is reduced first.
        lap: Whether steps and bright lines count as well.
    """
    size = (max(region.shape[1] // factor, 1), max(region.shape[0] // factor, 1))
    small = region[: size[1] * factor, : size[0] * factor].astype(np.float32)
    small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA) if factor > 1 else small, np.float32)
    padded = np.asarray(cv2.copyMakeBorder(small, *(_MARGIN_PX,) * 4, cv2.BORDER_REPLICATE), np.float32)
    contrast = np.zeros(small.shape, np.float32)
    turn = np.zeros(small.shape, np.uint8)
    taps = [_taps(number) for number in range(TURNS)]

    def look(top: int) -> None:
        rows = slice(top, top + _STRIP_PX)
        strip = padded[top : min(top + _STRIP_PX, len(small)) + 2 * _MARGIN_PX]
        for number, (along, middle, flank) in enumerate(taps):
            _look(strip, along, middle, flank, number, lap, contrast[rows], turn[rows])

    _on_threads(look, range(0, len(small), _STRIP_PX))
    return Evidence(_beside_the_usual(contrast), turn, factor)


def _on_threads(task: Callable[[int], None], numbers: Sequence[int]) -> None:
    """As many at a time as OpenCV may have threads: its setting says how many an image is worth in this process."""
    threads = min(cv2.getNumThreads(), len(numbers))
    if threads <= 1:
        for number in numbers:
            task(number)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(task, numbers))


def _beside_the_usual(contrast: Float32Array) -> Float32Array:
    side = (_NEIGHBOURHOOD_PX, _NEIGHBOURHOOD_PX)
    usual = cv2.blur(np.minimum(contrast, 4.0 * contrast.mean()), side, borderType=cv2.BORDER_REFLECT)
    rare = np.clip((contrast / np.maximum(usual, 1e-6) - _COMMON) / (_RARE - _COMMON), 0.0, 1.0)
    return np.asarray(rare * contrast / (contrast + np.float32(_HALF)), np.float32)


def _taps(number: int) -> tuple[IntArray, IntArray, IntArray]:
    """Offsets (n, 2) in v, u: along a direction, across it in the middle, and at the one side of it."""
    angle = np.pi * number / TURNS
    along, across = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    reach = np.arange(-_ALONG_PX, _ALONG_PX + 1)
    return tuple(  # type: ignore[return-value]
        np.ascontiguousarray(np.round(np.outer(places, axis)).astype(np.int64))
        for places, axis in ((reach, along), (np.array([-1.0, 0.0, 0.0, 1.0]), across), (_FLANKS_PX, across))
    )


@compiled_helper()
def _sum_rows(rows: Float32Array, v: int, u: int, taps: IntArray, total: Float32Array) -> None:
    """Fill in the sum of what lies at each tap from the pixels (u, v), (u + 1, v) and so on."""
    total[:] = 0.0
    count, width = len(taps), len(total)
    for k in range(0, count - 2, 3):  # three at a time: the total is read and written less often
        first, second, third = u + taps[k, 1], u + taps[k + 1, 1], u + taps[k + 2, 1]
        one = rows[v + taps[k, 0], first : first + width]
        two = rows[v + taps[k + 1, 0], second : second + width]
        three = rows[v + taps[k + 2, 0], third : third + width]
        for i in range(width):
            total[i] += one[i] + two[i] + three[i]
    for k in range(count - count % 3, count):
        begin = u + taps[k, 1]
        one = rows[v + taps[k, 0], begin : begin + width]
        for i in range(width):
            total[i] += one[i]


@compiled_helper(error_model='numpy')
def _contrast(here: Float32Array, left: Float32Array, right: Float32Array, lap: bool, found: Float32Array) -> None:
    """Fill in the contrast of the middle, or of the sides, each as a share of what it is darker than."""
    black = np.float32(_BLACK)
    for u in range(len(found)):
        low = left[u] if left[u] < right[u] else right[u]
        found[u] = (low - here[u]) / (low + black)
    if lap:
        for u in range(len(found)):
            high, low = (right[u], left[u]) if left[u] < right[u] else (left[u], right[u])
            step = (high - low) / (high + black)
            bright = (here[u] - high) / (here[u] + black)
            greater = step if step > bright else bright
            found[u] = greater if greater > found[u] else found[u]


@compiled_helper()
def _keep_greater(found: Float32Array, number: int, contrast: Float32Array, turn: ImageArray) -> None:
    for u in range(len(found)):
        greater = found[u] > contrast[u]
        contrast[u] = found[u] if greater else contrast[u]
        turn[u] = number if greater else turn[u]


@compiled(
    'void(float32[:, ::1], int64[:, ::1], int64[:, ::1], int64[:, ::1], uint8, boolean, float32[:, ::1], '
    'uint8[:, ::1])'
)
def _look(
    padded: Float32Array,
    along: IntArray,
    middle: IntArray,
    flank: IntArray,
    number: int,
    lap: bool,
    contrast: Float32Array,
    turn: ImageArray,
) -> None:
    """Keep a direction's contrast where it is greater than that of the directions before."""
    height, width = contrast.shape
    margin = _FLANK_MARGIN_PX
    mean = np.empty((height + 2 * margin, width + 2 * margin), np.float32)
    for v in range(len(mean)):
        _sum_rows(padded, v + _MARGIN_PX - margin, _MARGIN_PX - margin, along, mean[v])
    here, left, right, found = (
        np.empty(width, np.float32),
        np.empty(width, np.float32),
        np.empty(width, np.float32),
        np.empty(width, np.float32),
    )
    share = np.float32(1.0 / len(along))
    for v in range(height):
        _sum_rows(mean, v + margin, margin, middle, here)
        _sum_rows(mean, v + margin, margin, flank, left)
        _sum_rows(mean, v + margin, margin, -flank, right)
        here *= share / np.float32(len(middle))
        left *= share / np.float32(len(flank))
        right *= share / np.float32(len(flank))
        _contrast(here, left, right, lap, found)
        _keep_greater(found, number, contrast[v], turn[v])
