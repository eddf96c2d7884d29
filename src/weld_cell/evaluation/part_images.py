"""The test images of Zhang et al. 2023: ten parts in five mirrored pairs, disturbed in five ways.

Each image shows another piece of the part than its template does: surface, noise, place and turn are drawn anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.part_library.photo import cut_out
from weld_cell.records import FloatArray, ImageArray, PartTemplate
from weld_cell.sim.sheet_metal import SURFACES, SheetPart
from weld_cell.sim.sheet_metal_drawing import draw_part
from weld_cell.sim.sheet_metal_random import random_part

SIZE_PX = (1456, 1088)
"""Of the Mako G-158."""
PX_PER_MM = 2.0
BACKGROUND_GREY = 8
OFF_MIDDLE_PX = 60.0
BLUR_PX = 0.6
NOISE_GREY = 2.0
CATEGORIES = ('none', 'salt_pepper', 'blur', 'contrast', 'rotation')
WEIGHTS = {'salt_pepper': 0.17, 'blur': 0.18, 'contrast': 0.17, 'rotation': 0.48}
"""The mix of the paper's 9720 images, as its totals have it."""
NAMES = 'ABCDEFGHIJ'


class Renderer(Protocol):
    """What draws parts: the simulator, or another that shall judge."""

    def random_part(self, rng: Generator, asymmetry_pct: float) -> tuple[Any, Any]:
        """A part and the one of the other hand, which differ in this share of their area."""

    def draw_part(
        self,
        part: Any,
        angle_deg: float,
        centre_px: FloatArray,
        size_px: tuple[int, int],
        px_per_mm: float,
        background: int,
        rng: Generator,
    ) -> ImageArray:
        """(h, w) grey of a part whose origin lies at `centre_px`."""


class SheetMetal:
    """The simulator's parts, of any of its surfaces."""

    def random_part(self, rng: Generator, asymmetry_pct: float) -> tuple[SheetPart, SheetPart]:
        """A part and the one of the other hand, which differ in this share of their area."""
        return random_part(rng, asymmetry_pct, surface=str(rng.choice(SURFACES)))

    def draw_part(
        self,
        part: SheetPart,
        angle_deg: float,
        centre_px: FloatArray,
        size_px: tuple[int, int],
        px_per_mm: float,
        background: int,
        rng: Generator,
    ) -> ImageArray:
        """(h, w) grey of a part whose origin lies at `centre_px`."""
        return draw_part(part, angle_deg, centre_px, size_px, px_per_mm, background, rng)


@dataclass(frozen=True, eq=False)
class PartImage:
    """An image of one part, and the truth.

    Attributes:
        pixels: (h, w) grey.
        code: Of the part.
        category: One of `CATEGORIES`.
        origin_px: (2,) u, v of the part's origin.
        axis_deg: Direction of its x axis.
    """

    pixels: ImageArray
    code: str
    category: str
    origin_px: FloatArray
    axis_deg: float


def pairs_of_parts(renderer: Renderer, asymmetry_pct: float, rng: Generator, pairs: int = 5) -> dict[str, Any]:
    """Mirrored parts by code, A-R, A-L .. E-R, E-L."""
    parts = {}
    for name in NAMES[:pairs]:
        for hand, part in zip('RL', renderer.random_part(rng, asymmetry_pct), strict=True):
            parts[f'{name}-{hand}'] = part
    return parts


def different_parts(renderer: Renderer, number: int, rng: Generator) -> dict[str, Any]:
    """So many parts that are no pairs, P001 .."""
    return {f'P{k + 1:03d}': renderer.random_part(rng, 1.0)[0] for k in range(number)}


def templates_of(renderer: Renderer, parts: dict[str, Any], rng: Generator) -> list[PartTemplate]:
    """Each part photographed once, cut out."""
    middle = 0.5 * np.array(SIZE_PX)
    return [
        cut_out(photograph(renderer, part, 0.0, middle, rng)).part(code, 1.0 / PX_PER_MM, origin_px=middle).template
        for code, part in parts.items()
    ]


def photograph(renderer: Renderer, part: Any, angle_deg: float, origin_px: FloatArray, rng: Generator) -> ImageArray:
    """A piece of a part as the camera shows it: its lens blurs a little, its sensor has noise."""
    drawn = renderer.draw_part(part, angle_deg, origin_px, SIZE_PX, PX_PER_MM, BACKGROUND_GREY, rng)
    blurred = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), BLUR_PX)
    noise = rng.standard_normal(blurred.shape, np.float32) * np.float32(NOISE_GREY)
    return np.asarray(np.clip(np.round(blurred + noise), 0, 255), np.uint8)


def any_photograph(renderer: Renderer, code: str, part: Any, rng: Generator) -> PartImage:
    """A part at any turn, near the middle."""
    return _photographed(renderer, code, part, rng.uniform(-180.0, 180.0), 'none', rng)


def protocol_shots(codes: Iterable[str], places: int, turns: int) -> list[tuple[str, float | None]]:
    """Code and turn in degrees of each photograph of the protocol; None: any turn, and disturbed besides.

    Args:
        codes: Of the parts.
        places: Photographs of each part that are disturbed in six ways.
        turns: Photographs of each part from 0 to 180 degrees; 19 make steps of 10 degrees.
    """
    over_half_a_turn = [float(turn) for turn in np.linspace(0.0, 180.0, turns)]
    return [(code, turn) for code in codes for turn in (*places * [None], *over_half_a_turn)]


def images_of_shot(
    renderer: Renderer, code: str, part: Any, turn_deg: float | None, rng: Generator
) -> Iterator[PartImage]:
    """Of one photograph: itself, and as it is disturbed where it has no turn of its own."""
    if turn_deg is None:
        return _disturbed(any_photograph(renderer, code, part, rng), rng)
    return iter([_photographed(renderer, code, part, turn_deg, 'rotation', rng)])


def _photographed(
    renderer: Renderer, code: str, part: Any, angle_deg: float, category: str, rng: Generator
) -> PartImage:
    origin = 0.5 * np.array(SIZE_PX) + rng.uniform(-OFF_MIDDLE_PX, OFF_MIDDLE_PX, 2)
    return PartImage(photograph(renderer, part, angle_deg, origin, rng), code, category, origin, angle_deg)


def _disturbed(image: PartImage, rng: Generator) -> Iterator[PartImage]:
    """As it is; 20,000 and 40,000 px of salt and pepper; Gaussian blur 3 x 3 and 5 x 5; contrast 0.8 and 1.3."""
    yield image
    for number in (20_000, 40_000):
        yield _as(image, 'salt_pepper', salt_and_pepper(image.pixels, number, rng))
    for side in (3, 5):
        yield _as(image, 'blur', cv2.GaussianBlur(image.pixels, (side, side), 0))
    for gain in (0.8, 1.3):
        yield _as(image, 'contrast', cv2.convertScaleAbs(image.pixels, alpha=gain))


def _as(image: PartImage, category: str, pixels: 'np.ndarray[Any, Any]') -> PartImage:
    return PartImage(pixels.astype(np.uint8, copy=False), image.code, category, image.origin_px, image.axis_deg)


def salt_and_pepper(pixels: ImageArray, number: int, rng: Generator) -> ImageArray:
    """Half of so many pixels white, the others black."""
    noisy = pixels.copy()
    at = rng.choice(noisy.size, number, replace=False)
    noisy.ravel()[at[: number // 2]] = 255
    noisy.ravel()[at[number // 2 :]] = 0
    return noisy
