"""Images that no camera should send: random ones of every shape and type, and simulated ones that something spoilt.

Everything comes from one seed and a number, so that any image can be made again alone: `fuzz_image(seed, number)`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import ImageArray, JointType
from weld_cell.sim.dataset import labelled_images

AnyImage = np.ndarray[Any, Any]
DTYPES = (np.uint8, np.int8, np.uint16, np.int32, np.float16, np.float32, np.float64, np.bool_, np.complex64)
SHAPES = (
    (0,),
    (0, 0),
    (0, 640),
    (480, 0),
    (1, 1),
    (1, 640),
    (480, 1),
    (2, 2),
    (15, 640),
    (480, 15),
    (16, 16),
    (16, 4000),
    (4000, 16),
    (17, 2001),
    (48, 64),
    (240, 320),
    (480, 640),
    (480, 640, 3),
    (480, 640, 1),
    (480, 640, 4),
    (48, 64, 3),
    (2, 48, 64),
    (1, 1, 1),
    (640,),
    (1088, 1456),
)
SIMULATED_A_TYPE = 8
SEED = 4001


@lru_cache(maxsize=1)
def simulated() -> tuple[ImageArray, ...]:
    """Hard images of the six joints, to be spoilt."""
    return tuple(
        image.pixels
        for joint_type in JointType
        for image in labelled_images(joint_type, SIMULATED_A_TYPE, seed=SEED, split='test')
    )


def fuzz_image(seed: int, number: int) -> tuple[str, AnyImage]:
    """What was done, and the image."""
    rng = np.random.default_rng([seed, number])
    if rng.random() < 0.25:
        kind = _RANDOM[rng.integers(len(_RANDOM))]
        return kind.__name__, _held(kind(rng), rng)
    pixels = simulated()[rng.integers(len(simulated()))].copy()
    done = []
    for _ in range(rng.integers(1, 4)):
        spoil = _SPOILED[rng.integers(len(_SPOILED))]
        done.append(spoil.__name__)
        pixels = spoil(pixels, rng)
    return ', '.join(done), _held(pixels, rng)


def _held(image: AnyImage, rng: Generator) -> AnyImage:
    """The same values, sometimes in memory as drivers and slices leave them: read-only, strided, backwards."""
    way = rng.integers(8)
    if way == 0:
        image.flags.writeable = False
    elif way == 1 and image.ndim >= 2:
        wide = np.zeros((image.shape[0], 2 * image.shape[1], *image.shape[2:]), image.dtype)
        wide[:, ::2] = image
        return wide[:, ::2]
    elif way == 2:
        return np.asfortranarray(image)
    elif way == 3 and image.ndim >= 2:
        return np.ascontiguousarray(image[::-1])[::-1]
    return image


def _shape(rng: Generator) -> tuple[int, ...]:
    return SHAPES[rng.integers(len(SHAPES))]


def noise(rng: Generator) -> AnyImage:
    return rng.integers(0, 256, _shape(rng), dtype=np.uint8)


def sparse_noise(rng: Generator) -> AnyImage:
    shape = _shape(rng)
    return np.where(rng.random(shape) < rng.uniform(0, 0.05), 255, 0).astype(np.uint8)


def constant(rng: Generator) -> AnyImage:
    return np.full(_shape(rng), rng.choice([0, 1, 127, 254, 255]), np.uint8)


def any_dtype(rng: Generator) -> AnyImage:
    """Any dtype, with NaN and infinity where it has them."""
    dtype = DTYPES[rng.integers(len(DTYPES))]
    image = (255 * rng.random(_shape(rng))).astype(dtype)
    if np.issubdtype(dtype, np.floating) and image.size:
        image.flat[rng.integers(image.size)] = rng.choice([np.nan, np.inf, -np.inf])
    return image


def ramp(rng: Generator) -> AnyImage:
    image = np.linspace(0, 255, 480 * 640).reshape(480, 640)
    return (image if rng.random() < 0.5 else image.T.reshape(480, 640)).astype(np.uint8)


def curves(rng: Generator) -> AnyImage:
    """Bright curves anywhere, also across the rows."""
    image = np.zeros((480, 640), np.uint8)
    for _ in range(rng.integers(1, 6)):
        points = (rng.random((rng.integers(2, 8), 1, 2)) * [640, 480]).astype(np.int32)
        cv2.polylines(image, [points], bool(rng.integers(2)), int(rng.integers(1, 256)), int(rng.integers(1, 30)))
    return image


def stripes(rng: Generator) -> AnyImage:
    period = int(rng.integers(2, 60))
    columns = (np.arange(640) % period < max(1, period // 3)) * 255
    image = np.tile(columns.astype(np.uint8), (480, 1))
    return image if rng.random() < 0.7 else np.ascontiguousarray(np.tile(image[:, :480].T, (1, 2))[:, :640])


def checkers(rng: Generator) -> AnyImage:
    size = int(rng.integers(1, 40))
    rows, columns = np.indices((480, 640)) // size
    return ((rows + columns) % 2 * 255).astype(np.uint8)


def bit_flips(pixels: ImageArray, rng: Generator) -> ImageArray:
    spoilt = pixels.copy()
    places = rng.integers(0, pixels.size, rng.integers(1, 20000))
    spoilt.flat[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return spoilt


def crop(pixels: ImageArray, rng: Generator) -> ImageArray:
    rows, columns = (np.sort(rng.integers(0, size + 1, 2)) for size in pixels.shape[:2])
    return pixels[rows[0] : rows[1], columns[0] : columns[1]]


def roll(pixels: ImageArray, rng: Generator) -> ImageArray:
    return np.roll(pixels, int(rng.integers(0, 10**6)), axis=rng.integers(2))


def torn(pixels: ImageArray, rng: Generator) -> ImageArray:
    """The rest of the image shifted along the bytes, as a lost packet leaves it."""
    spoilt = pixels.copy().reshape(-1)
    cut = int(rng.integers(0, len(spoilt) + 1))
    spoilt[cut:] = np.roll(spoilt[cut:], int(rng.integers(1, 2000)))
    return spoilt.reshape(pixels.shape)


def rows_dropped(pixels: ImageArray, rng: Generator) -> ImageArray:
    spoilt = pixels.copy()
    spoilt[rng.random(len(pixels)) < rng.uniform(0, 1)] = rng.choice([0, 255])
    return spoilt


def end_missing(pixels: ImageArray, rng: Generator) -> ImageArray:
    spoilt = pixels.copy()
    spoilt[rng.integers(0, len(pixels) + 1) :] = 0
    return spoilt


def inverted(pixels: ImageArray, rng: Generator) -> ImageArray:
    return 255 - pixels


def doubled(pixels: ImageArray, rng: Generator) -> ImageArray:
    return np.maximum(pixels, np.roll(pixels, int(rng.integers(-300, 300)), axis=1))


def saturated(pixels: ImageArray, rng: Generator) -> ImageArray:
    return np.clip(pixels * rng.uniform(1, 60) + rng.uniform(0, 200), 0, 255).astype(np.uint8)


def dimmed(pixels: ImageArray, rng: Generator) -> ImageArray:
    return (pixels * rng.uniform(0, 0.3)).astype(np.uint8)


def rows_shuffled(pixels: ImageArray, rng: Generator) -> ImageArray:
    spoilt = pixels.copy()
    chosen = np.flatnonzero(rng.random(len(pixels)) < rng.uniform(0, 1))
    spoilt[chosen] = pixels[rng.permutation(chosen)]
    return spoilt


def salt(pixels: ImageArray, rng: Generator) -> ImageArray:
    spoilt = pixels.copy()
    places = rng.integers(0, max(pixels.size, 1), int(pixels.size * rng.uniform(0, 0.1)))
    spoilt.flat[places] = rng.choice([0, 255], len(places))
    return spoilt


def flipped(pixels: ImageArray, rng: Generator) -> ImageArray:
    return pixels[::-1] if rng.random() < 0.5 else pixels[:, ::-1]


def turned(pixels: ImageArray, rng: Generator) -> ImageArray:
    return np.swapaxes(pixels, 0, 1)


def stretched(pixels: ImageArray, rng: Generator) -> ImageArray:
    if not pixels.size:
        return pixels
    return cv2.resize(pixels, tuple(rng.integers(1, 900, 2).tolist()), interpolation=cv2.INTER_NEAREST)


def coloured(pixels: ImageArray, rng: Generator) -> ImageArray:
    return pixels if pixels.ndim == 3 else np.dstack([pixels, np.roll(pixels, 3), pixels // 2])


def patched(pixels: ImageArray, rng: Generator) -> ImageArray:
    """A part of another image over it."""
    other = crop(simulated()[rng.integers(len(simulated()))], rng)
    spoilt = pixels.copy()
    height, width = (min(a, b) for a, b in zip(other.shape[:2], spoilt.shape[:2], strict=True))
    part = other[:height, :width]
    spoilt[:height, :width] = part if spoilt.ndim == 2 else part[..., None]
    return spoilt


_RANDOM: tuple[Callable[[Generator], AnyImage], ...] = (
    noise,
    sparse_noise,
    constant,
    any_dtype,
    ramp,
    curves,
    curves,
    stripes,
    checkers,
)
_SPOILED: tuple[Callable[[ImageArray, Generator], ImageArray], ...] = (
    bit_flips,
    crop,
    roll,
    torn,
    rows_dropped,
    end_missing,
    inverted,
    doubled,
    saturated,
    dimmed,
    rows_shuffled,
    salt,
    flipped,
    turned,
    stretched,
    coloured,
    patched,
)
