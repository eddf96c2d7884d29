"""The table under the area camera: dark, worn, dusty."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.sheet import Float32Array

_POOL_SEED = 20203  # as in surface.py: scenery, not chance
_TEXELS = 2048
TEXELS_PER_MM = 2.0
_REFLECTANCE = 0.07
_FULL_DUST = 260


@lru_cache(maxsize=1)
def _wear() -> Float32Array:
    """(2048, 2048) of mean 0 and variance 1: blotches, grain, and scratches in all directions."""
    rng = np.random.default_rng(_POOL_SEED)
    wear = sum(share * _noise(rng, sigma) for sigma, share in ((90.0, 0.9), (14.0, 0.4), (1.2, 0.5)))
    scratches = np.zeros((_TEXELS, _TEXELS), np.float32)
    for _ in range(260):
        start, turn = rng.uniform(0, _TEXELS, 2), rng.uniform(0, np.pi)
        end = start + rng.exponential(160.0) * np.array([np.cos(turn), np.sin(turn)])
        _stroke(scratches, start, end, rng.uniform(0.5, 3.0))
    return np.asarray(wear + cv2.GaussianBlur(scratches, (0, 0), 0.7), np.float32)


def _noise(rng: Generator, sigma: float) -> Float32Array:
    """Smooth noise, drawn as coarse as it is smooth."""
    step = max(int(sigma / 3.0), 1)
    coarse = rng.standard_normal((_TEXELS // step + 1, _TEXELS // step + 1), dtype=np.float32)
    smooth = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), sigma / step), (_TEXELS, _TEXELS))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), np.float32)


def table_picture(rng: Generator, effects: AreaEffects) -> Float32Array:
    """(2048, 2048) reflectance of one scene's table, 2 texels a millimetre."""
    wear = np.rot90(_wear(), int(rng.integers(4)))[:: int(rng.choice([-1, 1]))]
    return np.asarray(_REFLECTANCE * cv2.exp(np.float32(0.45 * effects.table_texture) * wear), np.float32)


def add_dust(light: Float32Array, dial: float, rng: Generator) -> None:
    """Draw specks and fibres into an image (h, w) of the table."""
    height, width = light.shape
    for _ in range(rng.poisson(_FULL_DUST * dial)):
        start = rng.uniform([0, 0], [width, height])
        end = start + rng.normal(0.0, rng.choice([0.3, 0.8, 5.0], p=[0.6, 0.3, 0.1]), 2)
        _stroke(light, start, end, rng.uniform(0.12, 0.5))


def _stroke(image: Float32Array, start: FloatArray, end: FloatArray, light: float) -> None:
    """Draw a line a pixel wide between two points (2,)."""
    (u0, v0), (u1, v1) = (8.0 * start).astype(int).tolist(), (8.0 * end).astype(int).tolist()
    cv2.line(image, (u0, v0), (u1, v1), float(light), 1, cv2.LINE_AA, shift=3)
