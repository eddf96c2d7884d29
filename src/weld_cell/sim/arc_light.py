"""What an arc and its smoke, and the paper's three kinds of noise, do to an image of the area camera.

Each takes an image (h, w) uint8, a strength from 0 (nothing) to 1 and a generator, and returns a new image.
"""

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.sheet import Float32Array

_COARSE = (48, 64)
_FULL_IMPULSES = 0.1  # share of the pixels
_FULL_GAIN_SIGMA, _FULL_GAUSSIAN_SIGMA = 0.25, 25.0


def with_arc_glare(image: ImageArray, at_px: FloatArray, strength: float, rng: Generator) -> ImageArray:
    """A burning arc at a place (2,) u, v: a saturated spot, a halo that fades with distance, and streaks."""
    height, width = image.shape
    u, v = np.meshgrid(np.linspace(0, width - 1, 256), np.linspace(0, height - 1, 192))
    away, turn = np.hypot(u - at_px[0], v - at_px[1]), np.arctan2(v - at_px[1], u - at_px[0])
    streaks = 1.0 + 0.4 * np.cos(rng.integers(3, 7) * turn + rng.uniform(0.0, 2.0 * np.pi))
    core, halo = rng.uniform(15.0, 30.0), rng.uniform(120.0, 260.0)
    light = strength * (900.0 * np.exp(-((away / core) ** 2)) + 120.0 * streaks * np.exp(-away / halo))
    return _whole(image + cv2.resize(light.astype(np.float32), (width, height)))


def with_smoke(image: ImageArray, strength: float, rng: Generator) -> ImageArray:
    """Smoke in clouds: it hides a part of what lies under it and shines itself."""
    clouds = _clouds(image.shape, rng)
    density = np.float32(0.75 * strength) * clouds
    return _whole((1.0 - density) * image + density * np.float32(150.0))


def with_impulses(image: ImageArray, strength: float, rng: Generator) -> ImageArray:
    """Salt and pepper: single pixels white or black."""
    chance = rng.random(image.shape, dtype=np.float32) / np.float32(_FULL_IMPULSES)
    noisy = image.copy()
    noisy[chance < 0.5 * strength] = 0
    noisy[(chance >= 0.5 * strength) & (chance < strength)] = 255
    return noisy


def with_multiplicative_noise(image: ImageArray, strength: float, rng: Generator) -> ImageArray:
    """Noise in proportion to the light."""
    return _whole(image * (1.0 + np.float32(_FULL_GAIN_SIGMA * strength) * _white(image, rng)))


def with_gaussian_noise(image: ImageArray, strength: float, rng: Generator) -> ImageArray:
    """Noise that is the same in light and dark."""
    return _whole(image + np.float32(_FULL_GAUSSIAN_SIGMA * strength) * _white(image, rng))


def _white(image: ImageArray, rng: Generator) -> Float32Array:
    return rng.standard_normal(image.shape, dtype=np.float32)


def _clouds(shape: tuple[int, ...], rng: Generator) -> Float32Array:
    """(h, w) 0 to 1."""
    coarse = rng.standard_normal(_COARSE, dtype=np.float32)
    soft = cv2.GaussianBlur(coarse, (0, 0), 6.0) * 3.0 + cv2.GaussianBlur(coarse, (0, 0), 2.0)
    normed = (soft - soft.min()) / np.ptp(soft)
    return np.asarray(
        cv2.resize(np.asarray(normed, np.float32), shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32
    )


def _whole(values: 'np.ndarray') -> ImageArray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
