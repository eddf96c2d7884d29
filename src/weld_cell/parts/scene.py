"""Search of several templates in any scene, combined place by place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.parts.anywhere import SearchPlan, search
from weld_cell.parts.pixel_loops import samples
from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import Candidate, judged, refined
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.shortlist import best_per_part, finalists, realigned
from weld_cell.records import BoolArray, FloatArray, ImageArray

MOST_MISSING = 0.2
"""E at the second level above which a candidate lacks too much metal to be worth the full size."""
LEAST_EDGE_CONTRAST = 0.25
LEAST_EDGE_CONTRAST_UNEVEN = 0.4
OVERLAP_PX = 3
"""Around the metal of another part so much of the image counts for neither: its edge is blurred."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a part lies.

    Attributes:
        candidates: The templates that may lie there, best first; at least one.
    """

    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate:
        """The first of them."""
        return self.candidates[0]

    @property
    def at_px(self) -> tuple[float, float]:
        """u, v of its middle."""
        return self.best.placement.u, self.best.placement.v


def places_in(
    pyramid: ImagePyramid, plans: Iterable[SearchPlan], settings: PartSettings, metal_only: bool
) -> list[Place]:
    """Places at which templates lie, refined at full size, best first; no two within half a part's radius.

    Args:
        pyramid: Of the image.
        plans: Of the templates, for this size of image.
        settings: How parts are sought.
        metal_only: Whether the templates' background counts for nothing, since that of the image is uneven.
    """
    rough = [
        candidate
        for plan in plans
        for candidate in search(pyramid, plan, settings, metal_only)
        if candidate.match.shows_metal(MOST_MISSING)
    ]
    groups = _grouped(sorted(rough, key=lambda candidate: candidate.score))
    fine = [_refined_place(pyramid, group, settings, metal_only) for group in groups[: settings.max_parts]]
    least = LEAST_EDGE_CONTRAST_UNEVEN if metal_only else LEAST_EDGE_CONTRAST
    fine = [place for place in fine if edge_contrast(pyramid, place.best) > least]
    kept: list[Place] = []
    for place in sorted(fine, key=lambda place: place.best.score):
        if all(not _same_place(place.best, other.best) for other in kept):
            kept.append(place)
    return kept


def edge_contrast(pyramid: ImagePyramid, candidate: Candidate) -> float:
    """Contrast of the image along the template's edges over what the template promises: 1 is all, 0 is none.

    Metal as bright as its surroundings, or a plain spot that is taken for metal under little light, shows none.
    """
    edges = candidate.template.level(1).edges.astype(float)
    u, v = edges_in_image(candidate)
    within = ~outside(u, v, pyramid.size_px)
    if not within.any():
        return 0.0
    grey = edges[within, 2]
    expected = grey - grey.mean()
    seen = samples(pyramid.level(1), u[within], v[within])
    return float(expected @ seen / (expected @ expected)) / candidate.photometry.gain


def is_cut(candidate: Candidate, size_px: tuple[int, int]) -> bool:
    """Whether an edge of the part lies outside of an image of this width and height."""
    return bool(outside(*edges_in_image(candidate), size_px).any())


def edges_in_image(candidate: Candidate) -> tuple[FloatArray, FloatArray]:
    """(k,) columns and (k,) rows in the image of the template's edges."""
    x, y = candidate.template.level(1).edges[:, :2].astype(float).T
    u, v, a, b = candidate.placement.at_level(1)
    return u + a * x - b * y, v + b * x + a * y


def outside(u: FloatArray, v: FloatArray, size_px: tuple[int, int]) -> BoolArray:
    """(k,) whether points lie outside of an image of this width and height."""
    width, height = size_px
    return np.asarray((u < 0.0) | (v < 0.0) | (u > width - 1.0) | (v > height - 1.0), bool)


def _grouped(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Candidates of one place together; those of each place, and the places, best first."""
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        home = next((group for group in groups if _same_place(candidate, group[0])), None)
        if home is None:
            groups.append([candidate])
        else:
            home.append(candidate)
    return groups


def _same_place(one: Candidate, other: Candidate) -> bool:
    radius = min(c.template.radius_px * c.placement.scale for c in (one, other))
    return one.placement.distance(other.placement) < 0.5 * radius


def _refined_place(
    pyramid: ImagePyramid, group: Sequence[Candidate], settings: PartSettings, metal_only: bool
) -> Place:
    def again(candidate: Candidate, placement: Placement) -> Candidate:
        return refined(
            pyramid, candidate.template, placement, candidate.template.factors[1:2] or (1,), settings, metal_only
        )

    fine = [
        refined(pyramid, c.template, c.placement, c.template.factors[2:] or (1,), settings, metal_only)
        for c in realigned(finalists(best_per_part(group)), again)
    ]
    return Place(tuple(sorted(fine, key=lambda candidate: candidate.score)))


def without_neighbours(
    pyramid: ImagePyramid, places: Sequence[Place], settings: PartSettings, metal_only: bool
) -> list[Place]:
    """The same places, judged again with the metal of the parts at the other places left out of the image."""
    return [
        _judged_again(pyramid, place, _metal_of_others(pyramid, place, places), settings, metal_only)
        for place in places
    ]


def _judged_again(
    pyramid: ImagePyramid, place: Place, left_out: ImageArray, settings: PartSettings, metal_only: bool
) -> Place:
    if not left_out.size:
        return place
    again = [judged(pyramid, c.template, c.placement, 1, settings, left_out, metal_only) for c in place.candidates]
    return Place(tuple(sorted(again, key=lambda candidate: candidate.score)))


def _metal_of_others(pyramid: ImagePyramid, place: Place, places: Sequence[Place]) -> ImageArray:
    """(h, w) 255 on the metal of parts near by; (0, 0) where there are none."""
    near = [other.best for other in places if other is not place and _may_touch(place.best, other.best)]
    if not near:
        return np.zeros((0, 0), np.uint8)
    width, height = pyramid.size_px
    drawn = np.zeros((height, width), np.uint8)
    for candidate in near:
        drawn |= _drawn_metal(candidate, (width, height))
    side = 2 * OVERLAP_PX + 1
    return np.asarray(cv2.dilate(drawn, np.ones((side, side), np.uint8)), np.uint8)


def _may_touch(one: Candidate, other: Candidate) -> bool:
    reach = sum(c.template.radius_px * c.placement.scale for c in (one, other))
    return one.placement.distance(other.placement) < reach + 20.0


def _drawn_metal(candidate: Candidate, size_px: tuple[int, int]) -> ImageArray:
    u, v, a, b = candidate.placement.at_level(1)
    x, y = candidate.template.centre_px
    onto = np.array([[a, -b, u - a * x + b * y], [b, a, v - b * x - a * y]])
    metal = candidate.template.metal.astype(np.uint8) * 255
    return np.asarray(cv2.warpAffine(metal, onto, size_px, flags=cv2.INTER_NEAREST), np.uint8)
