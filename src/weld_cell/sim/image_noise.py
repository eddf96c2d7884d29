"""What lies over a laser image besides the stripe: noise, ambient light, arc glare, spatter; and speckle.

Everything random that is costly is drawn once: a pool, larger than the image, of which each image takes
another cut.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.effects import HardEffects

Float32Array = NDArray[np.float32]

_SPARE_PX = 128
_POOL_SEED = 20202  # as in surface.py: scenery, not chance
_BLACK_LEVEL = 5.0
_FULL_SPECKLE = 0.45  # contrast at full dial
_FULL_NOISE = 9.0  # standard deviation in grey values at full dial


@lru_cache(maxsize=2)
def _grain_pool(height: int, width: int) -> tuple[Float32Array, Float32Array]:
    """White noise, and speckle about two pixels coarse; float32 of mean 0 and variance 1."""
    rng = np.random.default_rng(_POOL_SEED)
    shape = (height + _SPARE_PX, width + _SPARE_PX)
    white = rng.standard_normal(shape, dtype=np.float32)
    coarse = np.asarray(cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.9), np.float32)
    return white, coarse / coarse.std()


class ImageNoise:
    """The light and noise of one scene, laid over image after image.

    Args:
        size_px: (width, height).
        effects: The dials.
        rng: Where the scene's light is drawn from.
    """

    def __init__(self, size_px: tuple[int, int], effects: HardEffects, rng: Generator) -> None:
        self._width, self._height = size_px
        self._effects = effects
        white, coarse = _grain_pool(self._height, self._width)
        sigma = _FULL_NOISE * effects.sensor_noise
        level = _BLACK_LEVEL if sigma else 0.0
        self._noise = np.asarray(cv2.addWeighted(white, sigma, white, 0.0, level, dtype=cv2.CV_8U))
        grain = cv2.addWeighted(coarse, _FULL_SPECKLE * effects.speckle, coarse, 0.0, 1.0)
        self._speckle = np.maximum(np.asarray(grain, np.float32), 0.05)
        self._ambient = _ambient_light(size_px, effects.ambient_light, rng)
        self._glare = _arc_glare(size_px, rng)

    def background(self, rng: Generator) -> ImageArray:
        """(height, width) a new image without a stripe."""
        row, column = rng.integers(0, _SPARE_PX, 2)
        noise = self._noise[row : row + self._height, column : column + self._width]
        image = cv2.add(noise, self._ambient)
        if self._effects.arc_glare:
            flicker = self._effects.arc_glare * rng.uniform(0.2, 1.0)
            cv2.addWeighted(image, 1.0, self._glare, flicker, 0.0, dst=image)
        return np.asarray(image)

    def speckle(self, columns: slice, rng: Generator) -> Float32Array:
        """(height, n) factors of mean 1 for some columns of the image."""
        row, column = rng.integers(0, _SPARE_PX, 2)
        return np.asarray(self._speckle[row : row + self._height, column + columns.start : column + columns.stop])

    def add_spatter(self, image: ImageArray, rng: Generator) -> None:
        """Draw streaks of spatter that fly in from the weld at the image's left."""
        if not self._effects.spatter:
            return
        source = np.array([-0.4 * self._width, rng.uniform(0.2, 0.8) * self._height])
        for _ in range(rng.poisson(14.0 * self._effects.spatter)):
            head = rng.uniform([0, 0], [self._width, self._height])
            flight = (head - source) / np.linalg.norm(head - source)
            flight += rng.normal(0.0, 0.25, 2)
            tail = head - flight * rng.uniform(8.0, 110.0)
            start, end = (tuple(int(8 * v) for v in point) for point in (tail, head))
            cv2.line(image, start, end, int(rng.uniform(140, 256)), int(rng.integers(1, 4)), cv2.LINE_AA, shift=3)


def _ambient_light(size_px: tuple[int, int], dial: float, rng: Generator) -> ImageArray:
    """A slope of daylight and the broad reflection of a lamp."""
    x, y = _coarse_grid(-1.0)
    direction = rng.uniform(0, 2 * np.pi)
    slope = 0.5 + 0.35 * (x * np.cos(direction) + y * np.sin(direction))
    lamp_x, lamp_y = rng.uniform(-0.8, 0.8, 2)
    lamp = np.exp(-((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / rng.uniform(0.05, 0.4))
    return _enlarged(dial * (70.0 * slope + 70.0 * lamp), size_px)


def _arc_glare(size_px: tuple[int, int], rng: Generator) -> ImageArray:
    """Light that floods in from the side of the arc, the image's left."""
    x, y = _coarse_grid(0.0)
    reach = rng.uniform(0.12, 0.45)
    glare = 230.0 * np.exp(-(x + 0.25 * (y - rng.uniform(-0.7, 0.7)) ** 2) / reach)
    return _enlarged(glare, size_px)


def _coarse_grid(left: float) -> tuple[FloatArray, FloatArray]:
    """x from left to 1 and y from -1 to 1 on a coarse grid: light without edges needs no more."""
    x, y = np.meshgrid(np.linspace(left, 1.0, 80), np.linspace(-1.0, 1.0, 60))
    return x, y


def _enlarged(light: FloatArray, size_px: tuple[int, int]) -> ImageArray:
    return np.asarray(cv2.convertScaleAbs(cv2.resize(light.astype(np.float32), size_px)))
