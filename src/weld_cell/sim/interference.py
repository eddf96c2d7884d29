"""What disturbs the images of sheet-metal parts in the paper's protocol.

Zhang et al., Effective Mean Square Differences, Sensors 2023, 23, 7300, table 1: noise, blur, contrast and rotation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import ImageArray


def salt_and_pepper(pixels: ImageArray, count: int, rng: Generator) -> ImageArray:
    """A copy of which so many pixels, each another one, are white (the first half) or black.

    Raises:
        ValueError: the image has fewer pixels.
    """
    if not 0 <= count <= pixels.size:
        raise ValueError(f'count: expected 0 to {pixels.size} pixels, got {count}')
    struck = rng.choice(pixels.size, count, replace=False)
    noisy = pixels.copy()
    noisy.flat[struck[: count // 2]] = 255
    noisy.flat[struck[count // 2 :]] = 0
    return noisy


def gaussian_blur(pixels: ImageArray, size: int) -> ImageArray:
    """The image under a Gaussian of size x size pixels, of the width that OpenCV gives to this size."""
    return np.asarray(cv2.GaussianBlur(pixels, (size, size), 0), np.uint8)


def contrast(pixels: ImageArray, gain: float) -> ImageArray:
    """The greys times a gain, at most 255."""
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=gain), np.uint8)


@dataclass(frozen=True, eq=False)
class Interference:
    """One way in which a test image differs from the template.

    Attributes:
        category: original, noise, blur, contrast or rotation: a column of the paper's table 4.
        name: Tells it from the others of its category.
        angle_deg: At which the part is drawn.
        disturb: From the drawn image to the disturbed one.
    """

    category: str
    name: str
    angle_deg: float
    disturb: Callable[[ImageArray, Generator], ImageArray]


def _paper() -> list[Interference]:
    return [
        Interference('original', 'none', 0.0, lambda pixels, _: pixels),
        Interference('noise', '20000 px', 0.0, lambda pixels, rng: salt_and_pepper(pixels, 20_000, rng)),
        Interference('noise', '40000 px', 0.0, lambda pixels, rng: salt_and_pepper(pixels, 40_000, rng)),
        Interference('blur', '3x3', 0.0, lambda pixels, _: gaussian_blur(pixels, 3)),
        Interference('blur', '5x5', 0.0, lambda pixels, _: gaussian_blur(pixels, 5)),
        Interference('contrast', '0.8', 0.0, lambda pixels, _: contrast(pixels, 0.8)),
        Interference('contrast', '1.3', 0.0, lambda pixels, _: contrast(pixels, 1.3)),
        *(
            Interference('rotation', f'{angle} deg', float(angle), lambda pixels, _: pixels)
            for angle in range(10, 190, 10)
        ),
    ]


PAPER = tuple(_paper())
"""Every interference of the paper's table 1; a rotation by 0 degrees is the original."""
