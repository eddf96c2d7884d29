"""From a coarse placement to a sub-pixel one, and its score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.parts.pixel_loops import Float32Array, Placed, aligned, flat_gain_and_bias
from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.scores import NOTHING_LEFT_OUT, MatchScore, Photometry, match_score
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.template import PreparedTemplate
from weld_cell.records import ImageArray

ROUNDS = 12
TRUST_SHARE = 0.34
"""Of the template's contrast: greater differences at its edges are of other things, and pull no harder."""
LIGHT_RIM_PX = 4.0
"""Inwards of an edge its blur has ended, and the metal is still lit as the edge is."""
LEAST_POINTS = 10
"""Flat pixels that give a median; edges that hold a part."""
OUTSIDE_MARGIN_PX = 16.0
"""So near to the image's border a template's margin of background may reach out of the image."""
MOST_SCALED = 0.1
"""Farther than this share off the settings' range no size goes."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A template at a place.

    Attributes:
        template: Which.
        placement: Where.
        photometry: Greys of the image there over the template's.
        match: D and E.
        score: F, with the floor of the settings: smaller is better.
    """

    template: PreparedTemplate
    placement: Placement
    photometry: Photometry
    match: MatchScore
    score: float


def refined(
    pyramid: ImagePyramid,
    template: PreparedTemplate,
    placement: Placement,
    factors: Sequence[int],
    settings: PartSettings,
    metal_only: bool = False,
) -> Candidate:
    """Align a template on some levels of the pyramid, coarse to fine, and judge it on the last.

    Gain and bias are taken from flat pixels before each level: edges would falsify them wherever the image is
    blurred more than the template.
    """
    scaled = settings.scale_max > settings.scale_min
    for factor in factors:
        image, level = pyramid.level(factor), template.level(factor)
        placed = placement.at_level(factor)
        left_out = _left_out(pyramid, template, placement, factor)
        gain, bias = _gain_and_bias(image, template, factor, placed, metal_only, left_out)
        greys = (gain, bias, template.background_grey, template.part_grey)
        rim_px = LIGHT_RIM_PX if factor == 1 and settings.surface_share > 0.0 else 0.0
        edges = _that_count(level.edges, placed, left_out)
        placed = aligned(image, edges, placed, greys, TRUST_SHARE * template.contrast, rim_px, ROUNDS, scaled)
        moved = Placement.from_level(placed, factor)
        if _lost(moved, placement, template, settings):
            break
        placement = moved
    return judged(pyramid, template, placement, factors[-1], settings, metal_only=metal_only)


def _lost(moved: Placement, before: Placement, template: PreparedTemplate, settings: PartSettings) -> bool:
    """Whether the alignment ran away instead of converging."""
    low, high = settings.scale_min * (1.0 - MOST_SCALED), settings.scale_max * (1.0 + MOST_SCALED)
    return moved.distance(before) > template.radius_px or not low <= moved.scale <= high


def judged(
    pyramid: ImagePyramid,
    template: PreparedTemplate,
    placement: Placement,
    factor: int,
    settings: PartSettings,
    left_out: ImageArray = NOTHING_LEFT_OUT,
    metal_only: bool = False,
) -> Candidate:
    """The match of a template at a place, on one level; what lies outside of the image is left out.

    Args:
        pyramid: Of the image.
        template: Which.
        placement: Where.
        factor: The level.
        settings: How it is judged.
        left_out: (h, w) not 0 where the image does not count, neither for its greys.
        metal_only: Whether the template's background counts for nothing.
    """
    image = pyramid.level(factor)
    left_out = left_out if left_out.size else _left_out(pyramid, template, placement, factor)
    placed = placement.at_level(factor)
    photometry = Photometry(*_gain_and_bias(image, template, factor, placed, metal_only, left_out))
    match = match_score(
        image,
        template,
        placement,
        photometry,
        settings.dead_zone_grey,
        settings.surface_share,
        factor,
        left_out,
        metal_only,
    )
    return Candidate(template, placement, photometry, match, match.floored(settings.coefficient_floor))


def _left_out(pyramid: ImagePyramid, template: PreparedTemplate, placement: Placement, factor: int) -> ImageArray:
    """(h, w) zeros on a level of the image, which leave out what is outside; (0, 0) where the part lies within."""
    width, height = pyramid.size_px
    reach = template.radius_px * placement.scale + OUTSIDE_MARGIN_PX
    within = reach <= placement.u < width - reach and reach <= placement.v < height - reach
    return NOTHING_LEFT_OUT if within else np.zeros(pyramid.level(factor).shape, np.uint8)


def _gain_and_bias(
    image: ImageArray,
    template: PreparedTemplate,
    factor: int,
    placed: Placed,
    metal_only: bool,
    left_out: ImageArray = NOTHING_LEFT_OUT,
) -> tuple[float, float]:
    """From flat pixels of part and background; from metal alone a gain only, for it has but one grey."""
    level = template.level(factor, metal_only)
    metal, background = (_that_count(points, placed, left_out) for points in (level.metal, level.background))
    return flat_gain_and_bias(image, metal, background, placed)


def _that_count(points: Float32Array, placed: Placed, left_out: ImageArray) -> Float32Array:
    """Points (k, n) of a template of which the image shows its own; all of them where it shows too few."""
    if not left_out.size:
        return points
    u, v, a, b = placed
    columns = np.round(u + a * points[:, 0] - b * points[:, 1]).astype(int)
    rows = np.round(v + b * points[:, 0] + a * points[:, 1]).astype(int)
    height, width = left_out.shape
    within = (columns > 0) & (columns < width - 1) & (rows > 0) & (rows < height - 1)
    seen = points[within & (left_out[rows.clip(0, height - 1), columns.clip(0, width - 1)] == 0)]
    return seen if len(seen) >= LEAST_POINTS else points
