"""From light to grey values: exposure, vignetting, stray light, and the image sensor's noise.

Shot noise grows with the root of the light, read noise does not; pixels and columns that differ are the same in each
image. What is costly is drawn once: a pool, larger than the image, of which each image takes another cut.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import ImageArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.sheet import Float32Array

_SPARE_PX = 128
_POOL_SEED = 20204  # as in surface.py: scenery, not chance
_WHITE = 270.0  # grey value of a surface of reflectance 1 in the lamp's full light
_FULL_SHOT = 0.2  # variance for each grey value at full dial
_FULL_READ = 3.0  # standard deviation in grey values at full dial, as are the next three
_FULL_OFFSET = 1.5
_FULL_COLUMN = 1.2
_FULL_GAIN = 0.02  # part of the grey value
_BLACK_LEVEL = 4.0


@lru_cache(maxsize=2)
def _pool(height: int, width: int) -> Float32Array:
    rng = np.random.default_rng(_POOL_SEED)
    return rng.standard_normal((height + _SPARE_PX, width + _SPARE_PX), dtype=np.float32)


def _cut(shape: tuple[int, int], rng: Generator) -> Float32Array:
    row, column = rng.integers(0, _SPARE_PX, 2)
    return _pool(*shape)[row : row + shape[0], column : column + shape[1]]


class AreaSensor:
    """The camera's chip behind its lens, in front of one scene.

    Args:
        light: (h, w) light on each pixel, 1 for a surface of reflectance 1.
        rays: (h, w, 2) directions x/z, y/z of the pixels.
        effects: The dials.
        rng: Where daylight and the fixed pattern are drawn from.
    """

    def __init__(self, light: Float32Array, rays: Float32Array, effects: AreaEffects, rng: Generator) -> None:
        exposure = _WHITE * (1.0 + 1.5 * effects.over_exposure) * (1.0 - 0.75 * effects.dim_light)
        grey = np.float32(exposure) * light
        if effects.vignetting:
            grey *= _vignetting(rays, effects.vignetting)
        if effects.stray_light:
            grey += _daylight(light.shape, effects.stray_light, rng)
        variance = _FULL_SHOT * effects.sensor_noise * grey + (_FULL_READ * effects.sensor_noise) ** 2
        self._sigma = np.sqrt(variance, dtype=np.float32) if effects.sensor_noise else None
        self._grey = _with_fixed_pattern(grey, effects.fixed_pattern, rng)

    def image(self, rng: Generator) -> ImageArray:
        """(h, w) uint8 of one exposure."""
        if self._sigma is None:
            return _exposed(self._grey, np.zeros_like(self._grey))
        noise = cv2.multiply(self._sigma, _cut(self._grey.shape, rng))
        return _exposed(self._grey, np.asarray(noise, np.float32))


def _exposed(grey: Float32Array, noise: Float32Array) -> ImageArray:
    """Whole grey values, cut off at black and white."""
    return np.asarray(cv2.add(grey, noise, dtype=cv2.CV_8U), np.uint8)


def _with_fixed_pattern(grey: Float32Array, dial: float, rng: Generator) -> Float32Array:
    if not dial:
        return grey
    columns = _FULL_COLUMN * rng.standard_normal(grey.shape[1], dtype=np.float32)
    gain = 1.0 + np.float32(_FULL_GAIN * dial) * _cut(grey.shape, rng)
    offset = _FULL_OFFSET * _cut(grey.shape, rng) + columns
    return np.asarray(grey * gain + np.float32(dial) * offset + np.float32(_BLACK_LEVEL * dial), np.float32)


def _vignetting(rays: Float32Array, dial: float) -> Float32Array:
    """(h, w) the lens's own darkening, up to the fourth power of the cosine; it is smooth, so made coarse."""
    x, y = cv2.split(cv2.resize(rays, (64, 48), interpolation=cv2.INTER_AREA))
    coarse = (1.0 + x * x + y * y) ** np.float32(-2.0 * dial)
    return np.asarray(cv2.resize(coarse, rays.shape[1::-1]), np.float32)


def _daylight(shape: tuple[int, int], dial: float, rng: Generator) -> Float32Array:
    """A broad patch and a slope, on a coarse grid: light without edges needs no more."""
    x, y = np.meshgrid(np.linspace(-1.0, 1.0, 64), np.linspace(-1.0, 1.0, 48))
    turn, place = rng.uniform(-np.pi, np.pi), rng.uniform(-1.0, 1.0, 2)
    slope = 0.5 + 0.35 * (x * np.cos(turn) + y * np.sin(turn))
    patch = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / rng.uniform(0.1, 0.6))
    light = (dial * 45.0 * (slope + patch)).astype(np.float32)
    return np.asarray(cv2.resize(light, shape[::-1]), np.float32)
