"""Detection of parts in a library that can be confused, before production.

Two parts are laid on each other as well as they can be: by the area that only one of them covers. What is left of it
is all that a camera can tell them apart by.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from weld_cell.part_library.part import LibraryPart
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]
Track = Callable[[Iterable[Any], int], Iterable[Any]]

SAME_PCT = 0.1
"""Parts that differ by less of their area are one part: resampling alone makes 0.03 to 0.05."""
CLOSE_PCT = 1.0
"""Parts that differ by less are told apart only in good light and focus."""
_COARSE_PX = 48
_TURNS_DEG = np.arange(0.0, 360.0, 7.5)
_REFINED = 3
_PROMISING = 2.0  # times the least difference on the coarse raster
_HOPELESS_PCT = 25.0  # on the coarse raster; what differs more is not looked at more closely
_SMOOTH_PX = 2.0  # evens out what resampling does to edges
_FIRST_STEPS = np.array([0.7, 0.7, 0.3])  # px, px, degrees


class Verdict(str, Enum):
    """What a comparison says."""

    SAME = 'cannot be told apart'
    CLOSE = 'close'
    CLEAR = 'clear'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two parts laid on each other as well as they can be.

    Attributes:
        first: A part.
        second: The other one.
        mirrored: Whether the second was turned over first: they are each other's mirror image if little differs.
        differing_pct: Area that only one of them covers, in percent of the first's.
        score: F = E D of Zhang et al. 2023 (Sensors 23, 7300), the first being the template.
        laid: (m, n) cover of the second in the template of the first, 0 to 255.
    """

    first: LibraryPart
    second: LibraryPart
    mirrored: bool
    differing_pct: float
    score: float
    laid: ImageArray

    @property
    def differing_mm2(self) -> float:
        """The same area."""
        return 0.01 * self.differing_pct * self.first.area_mm2

    @property
    def verdict(self) -> Verdict:
        """How well the two can be told apart; of a part and its own mirror image: whether it has a hand."""
        if self.differing_pct < SAME_PCT:
            return Verdict.SAME
        return Verdict.CLOSE if self.differing_pct < CLOSE_PCT else Verdict.CLEAR


def compare_all(parts: Sequence[LibraryPart], track: Track = lambda pairs, _: pairs) -> Iterator[Comparison]:
    """All pairs, as they are and mirrored, and each part with its own mirror image.

    Args:
        parts: At least one.
        track: Wraps the pairs, to show progress.
    """
    pairs = [(a, a, True) for a in parts]
    pairs += [(a, b, mirrored) for a, b in combinations(parts, 2) for mirrored in (False, True)]
    for first, second, mirrored in track(pairs, len(pairs)):
        yield compare(first, second, mirrored)


def compare(first: LibraryPart, second: LibraryPart, mirrored: bool = False) -> Comparison:
    """Lay the second part on the first.

    Args:
        first: Gives the raster.
        second: Brought to the first's resolution.
        mirrored: Whether it is turned over.
    """
    overlay = _Overlay(first, second, mirrored)
    pose = min(_best_turns(overlay), key=overlay.difference)
    laid = np.clip(np.round(255.0 * overlay.laid(pose)), 0, 255).astype(np.uint8)
    differing = overlay.percent(overlay.difference(pose))
    return Comparison(first, second, mirrored, differing, _emsd(first, second, overlay.matrix(pose)), laid)


def _best_turns(overlay: '_Overlay') -> list[FloatArray]:
    """The poses at which the least differs, one for each turn that could be the right one."""
    poses = np.column_stack([np.zeros((len(_TURNS_DEG), 2)), _TURNS_DEG])
    differences = np.array([overlay.shrunk_difference(pose) for pose in poses])
    least = float(differences.min())
    if overlay.percent(least) >= _HOPELESS_PCT:
        return [poses[differences.argmin()]]
    dips = (differences <= np.roll(differences, 1)) & (differences < np.roll(differences, -1))
    dips[differences.argmin()] = True  # also where every turn is the same
    promising = np.flatnonzero(dips & (differences <= _PROMISING * least))
    return [overlay.refined(pose) for pose in poses[promising[np.argsort(differences[promising])][:_REFINED]]]


class _Overlay:
    """Two covers, the second movable over the first: by x, y in pixels and a turn in degrees about its centroid."""

    def __init__(self, first: LibraryPart, second: LibraryPart, mirrored: bool) -> None:
        self._own, self._other = (part.cover.astype(np.float32) / 255.0 for part in (first, second))
        self._scale = second.mm_per_px / first.mm_per_px
        self._flip = np.diag([1.0, -1.0 if mirrored else 1.0])
        self._centres = _centroid(self._own), _centroid(self._other)
        self._area = float(self._own.sum())
        self._both: float = self._area + float(self._other.sum()) * self._scale**2
        self._smooth = _smoothed(self._own)
        self._shrink: float = min(_COARSE_PX / max(self._own.shape), 1.0)
        self._small_own, self._small_other = _shrunk(self._own, self._shrink), _shrunk(self._other, self._shrink)

    def percent(self, difference: float) -> float:
        """Of the first's area."""
        return 100.0 * difference / self._area

    def matrix(self, pose: FloatArray) -> FloatArray:
        """(3, 3) from pixels of the second to pixels of the first."""
        turn = np.radians(pose[2])
        linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ self._flip * self._scale
        matrix = np.eye(3)
        matrix[:2, :2], matrix[:2, 2] = linear, self._centres[0] + pose[:2] - linear @ self._centres[1]
        return matrix

    def laid(self, pose: FloatArray) -> Float32Array:
        """(m, n) cover of the second in the first's raster."""
        return _warped(self._other, self.matrix(pose), self._own.shape, 0.0)

    def difference(self, pose: FloatArray) -> float:
        """Area in pixels that only one covers; what they share suffices, so the raster need not hold the second."""
        shared = float(np.minimum(self._smooth, _smoothed(self.laid(pose))).sum())
        return self._both - 2.0 * shared

    def shrunk_difference(self, pose: FloatArray) -> float:
        """The same on a coarse raster."""
        shrink = _shrinking(self._shrink)
        matrix = shrink @ self.matrix(pose) @ np.linalg.inv(shrink)
        laid = _warped(self._small_other, matrix, self._small_own.shape, 0.0)
        shared = float(np.minimum(self._small_own, laid).sum()) / self._shrink**2
        return self._both - 2.0 * shared

    def refined(self, pose: FloatArray) -> FloatArray:
        """The pose nearby at which the least differs."""
        simplex = pose + np.vstack([np.zeros(3), np.diag(_FIRST_STEPS)])
        options: Any = {'initial_simplex': simplex, 'xatol': 3e-3, 'fatol': 0.5, 'maxfev': 150}
        return np.asarray(minimize(self.difference, pose, method='Nelder-Mead', options=options).x)


def _emsd(first: LibraryPart, second: LibraryPart, matrix: FloatArray) -> float:
    """F = E D of the second as the image, over the pixels of the first that count."""
    background = float(np.median(second.pixels[second.cover == 0])) if (second.cover == 0).any() else 0.0
    image = _warped(second.pixels.astype(np.float32), matrix, first.pixels.shape, background)
    template = first.pixels.astype(np.float32)
    off = np.abs(image - template)[first.template.mask] / 255.0
    weights = template[first.template.mask]
    return float((off * weights).sum() / max(float(weights.sum()), 1.0) * (off**2).mean())


def _warped(pixels: Float32Array, matrix: FloatArray, shape: tuple[int, ...], background: float) -> Float32Array:
    size = (shape[1], shape[0])
    return np.asarray(
        cv2.warpAffine(pixels, matrix[:2], size, flags=cv2.INTER_CUBIC, borderValue=background), np.float32
    )


def _smoothed(cover: Float32Array) -> Float32Array:
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), _SMOOTH_PX), np.float32)


def _shrunk(cover: Float32Array, factor: float) -> Float32Array:
    """A cover at a fraction of its size, counted from the same corner."""
    rows, columns = (int(np.ceil(n * factor)) for n in cover.shape)
    even = cv2.GaussianBlur(cover, (0, 0), max(0.5 / factor, 0.1))
    return np.asarray(
        cv2.warpAffine(even, _shrinking(factor)[:2], (columns, rows), flags=cv2.INTER_LINEAR), np.float32
    )


def _shrinking(factor: float) -> FloatArray:
    """(3, 3) from pixels to those of a raster that is coarser from the corner of the first pixel on."""
    shift = 0.5 * factor - 0.5
    return np.array([[factor, 0.0, shift], [0.0, factor, shift], [0.0, 0.0, 1.0]])


def _centroid(cover: Float32Array) -> FloatArray:
    rows, columns = np.indices(cover.shape)
    return np.array([(cover * columns).sum(), (cover * rows).sum()]) / float(cover.sum())
