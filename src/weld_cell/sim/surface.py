"""Reflectance of the plates' surface: mill scale, grinding scratches, rust and mirror-like spots.

The textures are fixed to the surface, so they travel through the image as the sensor moves. All scenes
draw from one pool of periodic textures, made once, and differ by where and how they lay them on the plates.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.records import FloatArray
from weld_cell.sim.effects import HardEffects

Float32Array = NDArray[np.float32]

_REACH_SIGMA = 4.0  # where a Gaussian kernel is cut off
_TEXELS = 512  # a power of two, so that wrapping is a bit mask
_TEXEL_M = 0.2e-3
_BRIGHTEST = 3.0
_POOL_SEED = 20201  # the pool is scenery, the same for all; what differs is drawn by each scene's generator


@dataclass(frozen=True, eq=False)
class TexturePool:
    """Periodic textures (512, 512) of mean 0 and variance 1, 0.2 mm a texel.

    Attributes:
        blotches: Spots of some millimetres.
        scratches: Fine lines along the first axis.
        patches: Larger patches with ragged edges.
        spots: Spots stretched along the first axis.
    """

    blotches: Float32Array
    scratches: Float32Array
    patches: Float32Array
    spots: Float32Array


@lru_cache(maxsize=1)
def texture_pool() -> TexturePool:
    """The pool that all scenes share."""
    rng = np.random.default_rng(_POOL_SEED)
    blotches = _texture(rng, 3.0, 3.0) + _texture(rng, 12.0, 12.0)
    patches = _texture(rng, 18.0, 18.0) + 0.5 * _texture(rng, 2.0, 2.0)
    return TexturePool(
        blotches / np.sqrt(2.0), _texture(rng, 40.0, 0.7), patches / np.sqrt(1.25), _texture(rng, 14.0, 5.0)
    )


@dataclass(frozen=True, eq=False)
class Surface:
    """Reflectance by place.

    Attributes:
        reflectance: (512, 512) float, 1 for plain plate; first axis along the seam, second across; periodic.
        glint: Strength of the mirror-like part of the reflection against the matt part.
    """

    reflectance: Float32Array
    glint: float

    def at(self, s_m: FloatArray, along_m: FloatArray) -> FloatArray:
        """(n,) reflectance at arc lengths and lengths along the cross-section."""
        row = np.floor(s_m / _TEXEL_M).astype(np.intp) & (_TEXELS - 1)
        column = np.floor(along_m / _TEXEL_M).astype(np.intp) & (_TEXELS - 1)
        values: FloatArray = self.reflectance[row, column]
        return values


def random_surface(rng: Generator, effects: HardEffects) -> Surface:
    """The surface of one workpiece."""
    pool = texture_pool()
    scratches = _laid(rng, pool.scratches)
    if rng.random() < 0.5:
        scratches = scratches.T  # ground across the seam instead of along it
    rust = np.clip(2.0 * (_laid(rng, pool.patches) + 2.2 * effects.rust - 1.6), 0.0, 1.0)
    mirror = np.clip(4.0 * (_laid(rng, pool.spots) + 1.2 * effects.specular_breaks - 2.4), 0.0, 1.0)
    reflectance = np.exp(0.45 * effects.mill_scale * _laid(rng, pool.blotches) + 0.35 * effects.grinding * scratches)
    reflectance *= 1.0 - 0.6 * np.sqrt(effects.rust) * rust
    reflectance *= 1.0 - min(1.0, 4.0 * effects.specular_breaks) * 0.97 * mirror
    return Surface(np.minimum(reflectance, _BRIGHTEST), 2.5 * effects.specular_breaks)


def _texture(rng: Generator, along: float, across: float) -> Float32Array:
    white = rng.standard_normal((_TEXELS, _TEXELS))
    rows, columns = int(_REACH_SIGMA * along + 0.5), int(_REACH_SIGMA * across + 0.5)
    periodic = np.pad(white, ((rows, rows), (columns, columns)), mode='wrap')
    size = (2 * columns + 1, 2 * rows + 1)
    blurred = cv2.GaussianBlur(periodic, size, sigmaX=across, sigmaY=along)
    noise = blurred[rows : rows + _TEXELS, columns : columns + _TEXELS]
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def _laid(rng: Generator, texture: Float32Array) -> Float32Array:
    """A texture shifted and turned over at random; still periodic."""
    shift = rng.integers(0, _TEXELS, 2)
    step = rng.choice([-1, 1], 2)
    laid: Float32Array = np.roll(texture, tuple(shift), axis=(0, 1))[:: step[0], :: step[1]]
    return laid
