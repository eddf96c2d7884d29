"""Brightness profiles across a line, and the surroundings of the line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import IMAGE, compiled, compiled_helper
from weld_cell.records import FloatArray, ImageArray

STEP_PX = 0.5
ALONG = 7
"""Neighbouring stations, a pixel apart, whose median is one profile."""
_BESIDE_PX = (1.5, 6.5)  # from the line's edge, where the brightness of its sides is taken
Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Profiles:
    """Profiles at n stations.

    Attributes:
        stations_px: (n, 2) u, v.
        normals: (n, 2) unit vectors, to the left of the way along the stations in a frame with v upwards.
        offsets_px: (m,) along the normals, STEP_PX apart, 0 in their middle.
        light: (n, m) brightness there; where the image has ended, its last pixels.
        in_image: (n,) whether the station lies in the image.
    """

    stations_px: FloatArray
    normals: FloatArray
    offsets_px: FloatArray
    light: Float32Array
    in_image: NDArray[np.bool_]

    def sides(self, from_px: float, to_px: float) -> tuple[FloatArray, FloatArray]:
        """(n,) and (n,) median brightness at both sides of a line whose edges lie at two offsets."""
        low, high = _BESIDE_PX
        right = (self.offsets_px <= from_px - low) & (self.offsets_px >= from_px - high)
        left = (self.offsets_px >= to_px + low) & (self.offsets_px <= to_px + high)
        return tuple(np.median(self.light[:, side], axis=1).astype(float) for side in (left, right))  # type: ignore


def take_profiles(
    grey: ImageArray, stations_px: FloatArray, normals: FloatArray, reach_px: float, step: int = 1
) -> Profiles:
    """Take profiles across a line.

    Args:
        grey: (h, w) uint8.
        stations_px: (n, 2) in order, about a pixel apart.
        normals: (n, 2).
        reach_px: To both sides, at least.
        step: Of how many stations one is kept; all go into the medians.
    """
    count = int(np.ceil(reach_px / STEP_PX))
    offsets = STEP_PX * np.arange(-count, count + 1, dtype=float)
    single = np.empty((len(stations_px), len(offsets)), np.float32)
    light = np.empty((-(-len(single) // step), len(offsets)), np.float32)
    _sample(
        np.ascontiguousarray(grey), np.ascontiguousarray(stations_px), np.ascontiguousarray(normals), offsets, single
    )
    _medians(single, step, light)
    stations_px, normals = stations_px[::step], normals[::step]
    inside = ((stations_px >= 0.0) & (stations_px <= np.array(grey.shape[::-1]) - 1.0)).all(axis=1)
    return Profiles(stations_px, normals, offsets, light, np.asarray(inside))


@compiled(f'void({IMAGE}, float64[:, ::1], float64[:, ::1], float64[::1], float32[:, ::1])')
def _sample(
    grey: ImageArray, stations: FloatArray, normals: FloatArray, offsets: FloatArray, light: Float32Array
) -> None:
    """Fill in the brightness, bilinear between pixels."""
    height, width = grey.shape
    for i in range(len(stations)):
        for j in range(len(offsets)):
            u = min(max(stations[i, 0] + offsets[j] * normals[i, 0], 0.0), width - 1.001)
            v = min(max(stations[i, 1] + offsets[j] * normals[i, 1], 0.0), height - 1.001)
            column, row = int(u), int(v)
            right, down = u - column, v - row
            above = grey[row, column] * (1.0 - right) + grey[row, column + 1] * right
            below = grey[row + 1, column] * (1.0 - right) + grey[row + 1, column + 1] * right
            light[i, j] = above * (1.0 - down) + below * down


@compiled_helper()
def _sort(low: Float32Array, high: Float32Array) -> None:
    """Exchange what is greater in the first row than in the second."""
    for j in range(len(low)):
        one, other = low[j], high[j]
        low[j] = one if one < other else other
        high[j] = other if one < other else one


@compiled('void(float32[:, ::1], int64, float32[:, ::1])')
def _medians(single: Float32Array, step: int, light: Float32Array) -> None:
    """Fill in the median of each station and its neighbours, of every step-th one; at the ends of those there are."""
    stations, offsets = single.shape
    rows = np.empty((ALONG, offsets), np.float32)
    for i in range(len(light)):
        first = max(step * i - ALONG // 2, 0)
        count = min(step * i + ALONG // 2 + 1, stations) - first
        rows[:count] = single[first : first + count]
        # The least ones come to the front, row after row, until the middle is reached: no branch, whole rows at once.
        for place in range(count // 2 + 1):
            for other in range(place + 1, count):
                _sort(rows[place], rows[other])
        middle, before = rows[count // 2], rows[(count - 1) // 2]
        for j in range(offsets):
            light[i, j] = np.float32(0.5) * (middle[j] + before[j])
