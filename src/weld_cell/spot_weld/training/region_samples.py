"""Reduced images with the circles of their welds, as the region network learns from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.records import FloatArray, ImageArray
from weld_cell.spot_weld.reduce import FACTOR, STRIDE, reduce_image, standardised
from weld_cell.training.samples import Batch

MOST_WELDS = 64
"""Of one image."""
_SPREAD = 0.25  # of the heat about a middle, in radii
_GAIN, _NOISE = 0.35, 0.06


def region_sample(grey: ImageArray, circles: FloatArray) -> Batch:
    """A sample of one image.

    Args:
        grey: (h, w) uint8.
        circles: (n, 3) u, v and radius of each weld in its pixels, MOST_WELDS at most.

    Returns:
        `image` (1, rows, columns) float16, `circles` (1, MOST_WELDS, 3) float32 in pixels of the reduced image, edges
        between pixels, and `count` (1,).

    Raises:
        ValueError: too many welds.
    """
    if len(circles) > MOST_WELDS:
        raise ValueError(f'expected {MOST_WELDS} welds in an image at most, got {len(circles)}')
    stored = np.zeros((MOST_WELDS, 3), np.float32)
    stored[: len(circles)] = (np.asarray(circles, float).reshape(-1, 3) + [0.5, 0.5, 0.0]) / FACTOR
    image = reduce_image(grey).astype(np.float16)
    return {'image': image[None], 'circles': stored[None], 'count': np.array([len(circles)])}


@dataclass(frozen=True, eq=False)
class RegionSamples:
    """Stored samples, of which each time another square is cut, turned, mirrored and lit otherwise.

    Attributes:
        arrays: As of `region_sample`, with a row for each image.
        side: Of the squares in pixels of the reduced image, a multiple of reduce.MULTIPLE.
    """

    arrays: Batch
    side: int

    def __len__(self) -> int:
        return len(self.arrays['count'])

    def batch(self, numbers: NDArray[np.intp], rng: Generator) -> Mapping[str, NDArray[Any]]:
        """`image` (b, 1, side, side), `target` (b, side / 2, side / 2), `circles` (b, MOST_WELDS, 3), `count`."""
        samples = [self._one(int(number), rng) for number in numbers]
        return {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}

    def _one(self, number: int, rng: Generator) -> Batch:
        whole = self.arrays['image'][number]
        row, column = (int(rng.integers(0, max(length - self.side, 0) + 1)) for length in whole.shape)
        image = whole[row : row + self.side, column : column + self.side].astype(np.float32)
        circles = self.arrays['circles'][number][: self.arrays['count'][number]] - [column, row, 0.0]
        for _ in range(int(rng.integers(4))):
            image, circles = (
                np.rot90(image),
                np.column_stack([circles[:, 1], self.side - circles[:, 0], circles[:, 2]]),
            )
        if rng.random() < 0.5:
            image, circles = image[:, ::-1], np.column_stack([self.side - circles[:, 0], circles[:, 1:]])
        lit = standardised(_lit(np.ascontiguousarray(image), rng))
        inside = ((circles[:, :2] > 0.0) & (circles[:, :2] < self.side)).all(axis=1)
        kept = circles[inside].astype(np.float32)
        stored = np.zeros((MOST_WELDS, 3), np.float32)
        stored[: len(kept)] = kept
        target = heat_of(kept, self.side // STRIDE)
        return {'image': lit[None], 'target': target, 'circles': stored, 'count': np.array(len(kept))}


def _lit(image: 'NDArray[np.float32]', rng: Generator) -> 'NDArray[np.float32]':
    """Another contrast, a slope of light across, noise, and now and then the negative's tone curve."""
    slope = np.linspace(-1.0, 1.0, len(image), dtype=np.float32)
    across = rng.normal(0.0, 0.3, 2)
    lit = image * np.exp(rng.uniform(-_GAIN, _GAIN)) + across[0] * slope + across[1] * slope[:, None]
    lit += np.float32(_NOISE * rng.random()) * rng.standard_normal(image.shape, dtype=np.float32)
    return np.asarray(lit, np.float32)


def heat_of(circles: 'NDArray[np.float32]', places: int) -> 'NDArray[np.float32]':
    """(places, places) 1 at the place of each middle, falling as a Gaussian about it by the weld's radius.

    Args:
        circles: (n, 3) in pixels of the reduced image, within it.
        places: Along each side.
    """
    heat = np.zeros((places, places), np.float32)
    along = np.arange(places)
    for u, v, radius in circles:
        column, row = (min(int(x / STRIDE), places - 1) for x in (u, v))
        spread = max(_SPREAD * radius / STRIDE, 0.5)
        across, down = (np.exp(-0.5 * ((along - middle) / spread) ** 2) for middle in (column, row))
        np.maximum(heat, down[:, None] * across, out=heat, casting='unsafe')
    return heat
