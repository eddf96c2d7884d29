"""Scores of a template at a placement: D, E and F of Zhang et al. 2023 (Sensors 23, 7300)."""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.parts.pixel_loops import Placed, light_on_metal, match_sums
from weld_cell.parts.placement import Placement
from weld_cell.parts.template import PreparedTemplate, TemplateLevel
from weld_cell.records import FloatArray, ImageArray

NOTHING_LEFT_OUT: ImageArray = np.zeros((0, 0), np.uint8)
LEAST_SEEN = 0.5
"""Where less of a part is seen, something else may well look like it."""
EVEN_LIGHT = np.ones((1, 1), np.float32)


@dataclass(frozen=True)
class MatchScore:
    """Differences of image and template at a place, with greys scaled to 0..1.

    Attributes:
        difference: D, the mean square difference.
        coefficient: E, the mean difference weighted with the template's grey; it does not see metal where the
            template is black.
        share: Pixels that were compared, of those that count.
    """

    difference: float
    coefficient: float
    share: float = 1.0

    @property
    def emsd(self) -> float:
        """F = E D of the paper: 0 is a perfect match."""
        return self.coefficient * self.difference

    def shows_metal(self, most_missing: float) -> bool:
        """Whether enough of the part is seen, and of that no more metal is missing than this share."""
        return self.share >= LEAST_SEEN and self.coefficient < most_missing

    def floored(self, floor: float) -> float:
        """(E + floor) D: a part that has all of the template's metal and more besides is no perfect match."""
        return (self.coefficient + floor) * self.difference


@dataclass(frozen=True)
class Photometry:
    """How the image's greys come from the template's: gain * T + bias."""

    gain: float = 1.0
    bias: float = 0.0


AS_TEMPLATE = Photometry()


def match_score(
    image: ImageArray,
    template: PreparedTemplate,
    placement: Placement,
    photometry: Photometry = AS_TEMPLATE,
    dead_zone_grey: float = 0.0,
    surface_share: float = 0.0,
    factor: int = 1,
    left_out: ImageArray = NOTHING_LEFT_OUT,
    metal_only: bool = False,
) -> MatchScore:
    """D and E over the template's pixels that count, each sampled in the image by bilinear interpolation.

    With the default photometry and no dead zone these are the paper's.

    Args:
        image: (h, w) at the level of `factor`; outside it is black.
        template: What is sought.
        placement: Where.
        photometry: The image's greys over the template's.
        dead_zone_grey: Differences up to this count as none, larger ones by what they exceed it.
        surface_share: The same for metal away from its edges, as a share of the contrast; above 0, differences in the
            light over tens of pixels are taken out as well, at full size.
        factor: Level of the pyramid at which they are compared.
        left_out: (h, w) not 0 where the image does not count; where it is given, what is outside counts neither.
        metal_only: Whether the template's background counts for nothing.
    """
    level = template.level(factor, metal_only)
    sampling = _sampling(level, placement.at_level(factor))
    size = (level.pixels.shape[1], level.pixels.shape[0])
    sampled = _sampled(image, sampling, size, cv2.INTER_LINEAR, outside=0)
    light = EVEN_LIGHT
    if surface_share > 0.0 and factor == 1:
        bright, dark = (photometry.gain * t + photometry.bias for t in (template.part_grey, template.background_grey))
        light = light_on_metal(sampled, level.plain, bright, dark)
    count, sum_t, weighted, square = match_sums(
        sampled,
        level.pixels,
        level.plain,
        _sampled(left_out, sampling, size, cv2.INTER_NEAREST, outside=255) if left_out.size else left_out,
        level.runs,
        light,
        template.background_grey,
        photometry.gain,
        photometry.bias,
        dead_zone_grey,
        surface_share * template.contrast,
    )
    if count == 0.0 or sum_t == 0.0:
        return MatchScore(1.0, 1.0, 0.0)
    return MatchScore(square / (count * 255.0**2), weighted / (sum_t * 255.0), count / level.count)


def _sampling(level: TemplateLevel, placed: Placed) -> FloatArray:
    """(2, 3) from pixels of a template to those of the image."""
    u, v, a, b = placed
    x, y = level.centre_px
    return np.array([[a, -b, u - a * x + b * y], [b, a, v - b * x - a * y]])


def _sampled(image: ImageArray, sampling: FloatArray, size: tuple[int, int], how: int, outside: int) -> ImageArray:
    """An image in the frame of a template."""
    flags = how | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, sampling, size, flags=flags, borderValue=outside), np.uint8)
