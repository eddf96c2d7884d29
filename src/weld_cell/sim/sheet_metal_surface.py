"""What lies on a piece of sheet metal: brushing, a printed code, scratches, oil. Each piece has its own.

Textures are fixed to the part and smooth at the pixel's scale; marks with edges are polygons, drawn as exactly as
the outline.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.sim.sheet_metal import SheetPart

Float32Array = NDArray[np.float32]

Layer = tuple[list[FloatArray], float]

_TEXELS = 512
_TEXEL_MM = 0.5
_POOL_SEED = 30301  # the pool is scenery, the same for all; what differs is drawn by each piece's generator
_CODE_CELLS = 12
_INK = 0.45
_SCRATCH_MM = (0.15, 0.5)
_SCRATCH_GAINS = (0.6, 1.3)
_TEXTURE_STRENGTH = {'plain': 0.0, 'brushed': 0.06, 'printed': 0.0, 'scratched': 0.02, 'oily': 0.16}


@dataclass(frozen=True, eq=False)
class SurfaceMarks:
    """What one piece of a part has on its surface, in the part's frame.

    Attributes:
        texture: (512, 512) deviation from the bare metal's reflectance, as a share of it; periodic.
        shift_mm: (2,) where the texture begins.
        layers: Marks: polygons (n, 2) that run round to the left, and their reflectance over the bare metal's.
    """

    texture: Float32Array
    shift_mm: FloatArray
    layers: tuple[Layer, ...]

    def texture_at(self, x_mm: FloatArray, y_mm: FloatArray) -> Float32Array:
        """The texture's deviation at points of the part, between texels in proportion."""
        columns, rows = (
            ((at + shift) / _TEXEL_MM % _TEXELS).astype(np.float32)
            for at, shift in zip((x_mm, y_mm), self.shift_mm, strict=True)
        )
        wrapped = np.pad(self.texture, ((0, 1), (0, 1)), mode='wrap')
        return np.asarray(cv2.remap(wrapped, columns, rows, cv2.INTER_LINEAR), np.float32)


def surface_marks(part: SheetPart, rng: Generator) -> SurfaceMarks:
    """The surface of another piece of this part."""
    streaks, blotches = _pool()
    pattern = -np.clip(blotches, 0.0, 2.0) if part.surface == 'oily' else streaks
    texture = np.asarray(_TEXTURE_STRENGTH[part.surface] * pattern, np.float32)
    marks = {'printed': _printed_code, 'scratched': _scratches}.get(part.surface)
    layers = tuple(marks(part, rng)) if marks else ()
    return SurfaceMarks(texture, rng.uniform(0.0, _TEXELS * _TEXEL_MM, 2), layers)


@lru_cache(maxsize=1)
def _pool() -> tuple[Float32Array, Float32Array]:
    """Streaks along x, and blotches of some centimetres; of mean 0 and variance 1."""
    rng = np.random.default_rng(_POOL_SEED)
    return _smooth(rng, 40.0, 0.8), _smooth(rng, 22.0, 16.0)


def _smooth(rng: Generator, columns: float, rows: float) -> Float32Array:
    """Periodic noise, by a Gaussian filter of these widths in texels."""
    u, v = np.fft.rfftfreq(_TEXELS), np.fft.fftfreq(_TEXELS)
    response = np.exp(-2.0 * np.pi**2 * ((u * columns) ** 2 + (v[:, None] * rows) ** 2))
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((_TEXELS, _TEXELS))) * response)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def _printed_code(part: SheetPart, rng: Generator) -> list[Layer]:
    """An ink stamp: a square code of cells, laid anywhere on the part at any turn."""
    cell = 0.012 * np.sqrt(part.area_mm2)
    corner, turn = _place(part, rng, 0.4), rng.uniform(0.0, 2.0 * np.pi)
    along = cell * np.array([np.cos(turn), np.sin(turn)])
    axes = np.array([along, [-along[1], along[0]]])
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    inked = np.argwhere(rng.random((_CODE_CELLS, _CODE_CELLS)) < 0.5)
    return [([corner + (square + place) @ axes for place in inked], _INK)]


def _scratches(part: SheetPart, rng: Generator) -> list[Layer]:
    """Thin straight lines, some bright and some dark."""
    return [([_scratch(part, rng) for _ in range(rng.integers(4, 10))], gain) for gain in _SCRATCH_GAINS]


def _scratch(part: SheetPart, rng: Generator) -> FloatArray:
    start, turn = _place(part, rng, 1.0), rng.uniform(0.0, 2.0 * np.pi)
    along = np.array([np.cos(turn), np.sin(turn)])
    side = 0.5 * rng.uniform(*_SCRATCH_MM) * np.array([-along[1], along[0]])
    end = start + rng.uniform(0.05, 0.5) * np.sqrt(part.area_mm2) * along
    return np.array([start - side, end - side, end + side, start + side])


def _place(part: SheetPart, rng: Generator, share: float) -> FloatArray:
    """A point of the inner share of the outline's bounding box."""
    corners = part.outline.vertices[:, :2]
    middle, half = 0.5 * (corners.max(axis=0) + corners.min(axis=0)), 0.5 * np.ptp(corners, axis=0)
    place: FloatArray = middle + share * half * rng.uniform(-1.0, 1.0, 2)
    return place
