"""Where in a region the seam runs, to the pixel: the path of most darkness from one end of the region to the other.

Darkness is a bottom hat across the seam: how much darker a pixel is than both its sides, as a part of their
brightness, so that neither uneven light nor plates of different brightness matter. The best path (dynamic
programming) goes on under tack welds and clamps, where a search by threshold would end.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]
_BLACK = 8.0  # grey values that are added to both, so that noise in the dark is not taken for contrast
_HALF = 0.15  # darkness that counts half as much as full darkness
_MOVE_COST = 0.01
_SMOOTH_PX = 9  # along the seam


@dataclass(frozen=True, eq=False)
class Ridge:
    """The seam's course by places along the region's longer side.

    Attributes:
        across: (n,) place across at each place along, in pixels of the region.
        strength: (n,) darkness there, 0 to 1.
    """

    across: NDArray[np.int64]
    strength: FloatArray

    @property
    def mean(self) -> float:
        """Mean strength."""
        return float(self.strength.mean())


def darkness(region: ImageArray, max_gap_px: int) -> Float32Array:
    """(h, w) 0 to 1: how far a pixel is darker than the darker of its sides, above and below it.

    What is very dark counts little more than what is dark: else rust would be worth a way round.

    Args:
        region: (h, w) grey, the seam along the rows.
        max_gap_px: What is wider than this is not dark but another surface.
    """
    column = np.ones((max_gap_px + 3, 1), np.uint8)
    soft = cv2.blur(region.astype(np.float32), (_SMOOTH_PX, 1), borderType=cv2.BORDER_REPLICATE)
    filled = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, column, borderType=cv2.BORDER_REPLICATE)
    dark = (filled - soft) / (filled + np.float32(_BLACK))
    return np.asarray(dark / (dark + np.float32(_HALF)), np.float32)


def best_path(score: Float32Array) -> Ridge:
    """The path from the first column to the last with the greatest sum; each step moves two rows at most.

    Args:
        score: (h, w), h and w at least 1.
    """
    across = np.empty(score.shape[1], np.int64)
    _trace(np.ascontiguousarray(score), across)
    return Ridge(across, score[across, np.arange(len(across))].astype(float))


def rival(score: Float32Array, path: Ridge, apart_px: int) -> Ridge:
    """The best other path, which stays away from a path by some pixels everywhere."""
    rows = np.arange(score.shape[0])[:, None]
    return best_path(np.where(np.abs(rows - path.across) > apart_px, score, np.float32(0.0)))


@compiled('void(float32[:, ::1], int64[::1])')
def _trace(score: Float32Array, across: NDArray[np.int64]) -> None:
    """Fill in the best path; a move costs a little, so that it goes straight where nothing is seen."""
    height, width = score.shape
    total = np.zeros((width, height))
    came = np.zeros((width, height), np.int64)
    for row in range(height):
        total[0, row] = score[row, 0]
    for column in range(1, width):
        for row in range(height):
            best, source = -1e30, row
            for before in range(max(row - 2, 0), min(row + 3, height)):
                value = total[column - 1, before] - _MOVE_COST * abs(before - row)
                if value > best:
                    best, source = value, before
            total[column, row] = best + score[row, column]
            came[column, row] = source
    across[width - 1] = np.argmax(total[width - 1])
    for column in range(width - 1, 0, -1):
        across[column - 1] = came[column, across[column]]
