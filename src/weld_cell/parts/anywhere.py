"""Template search in any scene: all positions and rotations at a coarse level by FFT, then refined."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
import scipy.ndimage

from weld_cell.parts.pixel_loops import Float32Array
from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import Candidate, refined
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.template import PreparedTemplate, TemplateLevel
from weld_cell.records import ImageArray

RIM_STEP_PX = 0.7
"""Between two turns the part's rim moves so far at the coarse level."""
SCALE_STEP = 0.05
MOST_KEPT = 24
RING_PX = 2
"""So much around the part is compared at the coarse level."""
LEAST_CORRELATION = 0.35
MOST_MISSING_COARSE = 0.5
"""E at the coarse level above which too much metal is missing."""
CORRELATION_SHARE = 0.5
TURN_SHARE = 0.8
MOST_TURNS = 5
TURNS_APART_DEG = 15.0
NEAR_PX = 2
"""So far from a place, at the coarse level, its turns are looked for."""
MOST_CONTRAST = 1.5
LEAST_DEVIATION_SHARE = 0.15
"""Of the template's contrast: where an image varies less there is no part."""


@dataclass(frozen=True, eq=False)
class SearchPlan:
    """A template at all turns, ready to be correlated with images of one size.

    Attributes:
        template: Which.
        scale: Its size.
        factor: Level of the pyramid at which it is correlated.
        spectra: (k, h, w // 2 + 1) complex64 of the first half of the turns; the other half are their conjugates.
        angles_deg: (k,) of those.
        disc: (d, d) float32 mean filter of the size of the part.
        padded: h, w of the transform.
    """

    template: PreparedTemplate
    scale: float
    factor: int
    spectra: 'np.ndarray[tuple[int, int, int], np.dtype[np.complex64]]'
    angles_deg: Float32Array
    disc: Float32Array
    padded: tuple[int, int]


def scales(settings: PartSettings) -> list[float]:
    """Sizes at which a template is sought."""
    steps = math.ceil(math.log(settings.scale_max / settings.scale_min) / SCALE_STEP)
    return [float(s) for s in np.geomspace(settings.scale_min, settings.scale_max, steps + 1)]


def search_plan(
    template: PreparedTemplate, size_px: tuple[int, int], scale: float = 1.0, crowded: bool = True
) -> SearchPlan:
    """Make a template ready for images of a width and height.

    Args:
        template: Which.
        size_px: Width and height of the images.
        scale: Size of the part over that of the template.
        crowded: Parts may touch: they are sought one level finer, where a neighbour disturbs less.
    """
    factor = template.factors[min(1, len(template.factors) - 1) if crowded else 0]
    level = template.level(factor)
    radius = scale * template.radius_px / factor
    padded = tuple(scipy.fft.next_fast_len(size // factor + 1, real=True) for size in (size_px[1], size_px[0]))
    half_turns = max(8, math.ceil(math.pi * radius / RIM_STEP_PX))
    angles = np.arange(half_turns, dtype=np.float32) * (180.0 / half_turns)
    half = min(math.ceil(radius) + RING_PX, (min(padded) - 1) // 2)
    disc = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    cv2.circle(disc, (half, half), half, 1.0, -1)
    bank = np.zeros((half_turns, *padded), np.float32)
    for k, angle in enumerate(angles):
        bank[k] = _turned(level, float(angle), scale, disc, (padded[0], padded[1]))
    spectra = np.asarray(scipy.fft.rfft2(bank).conj(), np.complex64)
    return SearchPlan(template, scale, factor, spectra, angles, disc / disc.sum(), (padded[0], padded[1]))


class KeptPlans:
    """Search plans of the first few templates for the last size of image that was asked for: some megabytes each."""

    def __init__(self) -> None:
        self._size_px = (0, 0)
        self._plans: dict[tuple[str, float, bool], SearchPlan] = {}

    def of(
        self, templates: Sequence[PreparedTemplate], size_px: tuple[int, int], settings: PartSettings, crowded: bool
    ) -> Iterator[SearchPlan]:
        """One for each template and size of part."""
        if size_px != self._size_px:
            self._size_px, self._plans = size_px, {}
        for template in templates:
            for scale in scales(settings):
                key = (template.code, scale, crowded)
                plan = self._plans.get(key) or search_plan(template, size_px, scale, crowded)
                if len(self._plans) < MOST_KEPT:
                    self._plans[key] = plan
                yield plan


def _turned(
    level: TemplateLevel, angle_deg: float, scale: float, disc: Float32Array, padded: tuple[int, int]
) -> Float32Array:
    """(h, w) a template within a disc, its mean taken out, of unit energy; its centre at (0, 0), the rest wrapped."""
    side = len(disc)
    half = side // 2
    angle = math.radians(angle_deg)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    x, y = level.centre_px
    onto = np.array([[a, -b, half - a * x + b * y], [b, a, half - b * x - a * y]])
    counts = np.zeros(level.pixels.shape, np.float32)
    for row, first, last in level.runs:
        counts[row, first:last] = 1.0
    weight = disc * cv2.warpAffine(counts, onto, (side, side))
    grey = cv2.warpAffine(level.pixels.astype(np.float32), onto, (side, side), borderMode=cv2.BORDER_REPLICATE)
    zero_mean = weight * (grey - float((weight * grey).sum() / max(weight.sum(), 1e-6)))
    wrapped = np.zeros(padded, np.float32)
    wrapped[:side, :side] = zero_mean / max(float(np.sqrt((zero_mean**2).sum())), 1e-6)
    return np.asarray(np.roll(wrapped, (-half, -half), axis=(0, 1)), np.float32)


def search(
    pyramid: ImagePyramid, plan: SearchPlan, settings: PartSettings, metal_only: bool = False
) -> list[Candidate]:
    """Places of a template, aligned at its second level, best first; at each place its best turn only."""
    template = plan.template
    factors = template.factors[template.factors.index(plan.factor) :]
    places = _coarse_places(pyramid.level(factors[0]), plan, settings.max_parts)
    coarse = [refined(pyramid, template, place, factors[:1], settings, metal_only) for place in places]
    likely = sorted((c for c in coarse if c.match.shows_metal(MOST_MISSING_COARSE)), key=_score)
    rough = [
        refined(pyramid, template, c.placement, factors[1:2] or (1,), settings, metal_only)
        for c in likely[: 2 * settings.max_parts]
    ]
    return without_twins(sorted(rough, key=_score))


def _score(candidate: Candidate) -> float:
    return candidate.score


def without_twins(candidates: list[Candidate]) -> list[Candidate]:
    """Non-maximum suppression: of candidates within half the part's radius of each other the first stands."""
    kept: list[Candidate] = []
    for candidate in candidates:
        near = 0.5 * candidate.template.radius_px * candidate.placement.scale
        if all(candidate.placement.distance(other.placement) > near for other in kept):
            kept.append(candidate)
    return kept


def _coarse_places(image: ImageArray, plan: SearchPlan, most: int) -> list[Placement]:
    factor = plan.factor
    height, width = image.shape
    grey = np.full(plan.padded, np.median(image), np.float32)
    grey[:height, :width] = image
    grey = levelled(grey, 2 * len(plan.disc) + 1, MOST_CONTRAST * plan.template.contrast)
    spectrum = scipy.fft.rfft2(grey)
    halves = [
        scipy.fft.irfft2(spectrum * spectra, plan.padded)[:, :height, :width]
        for spectra in (plan.spectra, plan.spectra.conj())
    ]
    least = LEAST_DEVIATION_SHARE * plan.template.contrast
    correlation = np.asarray(np.concatenate(halves) / _deviation(grey, plan.disc, least)[:height, :width], np.float32)
    angles = np.concatenate([plan.angles_deg, plan.angles_deg + 180.0])
    return [
        Placement((u + 0.5) * factor - 0.5, (v + 0.5) * factor - 0.5, float(angles[k]), plan.scale)
        for at in _peaks(correlation.max(axis=0), 0.5 * plan.template.radius_px * plan.scale / factor, most)
        for u, v, k in turns_near(correlation, *at)
    ]


def levelled(grey: Float32Array, side_px: int, most_grey: float) -> Float32Array:
    """An image off the mean around each pixel; what differs from it by more than any part does no more than that.

    Args:
        grey: (h, w).
        side_px: Of the square over which the mean is taken.
        most_grey: Greatest difference that is left.
    """
    off = grey - cv2.boxFilter(grey, -1, (side_px, side_px), borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.clip(off, -most_grey, most_grey), np.float32)


def _deviation(grey: Float32Array, disc: Float32Array, least: float) -> Float32Array:
    """(h, w) root of the energy of a disc around each pixel about its mean, at least that of a least deviation."""
    half = len(disc) // 2
    around = cv2.copyMakeBorder(grey, half, half, half, half, cv2.BORDER_WRAP)
    mean = cv2.filter2D(around, -1, disc)[half:-half, half:-half]
    square = cv2.filter2D(around * around, -1, disc)[half:-half, half:-half]
    variance = np.maximum(square - mean * mean, least**2)
    return np.asarray(np.sqrt(variance * np.count_nonzero(disc)), np.float32)


def _peaks(best: Float32Array, radius: float, most: int) -> list[tuple[int, int]]:
    """Column and row of the local maxima over a small neighbourhood, best first; none at the very border."""
    side, edge = max(3, 2 * int(0.5 * radius) + 1), max(1, int(0.5 * radius))
    inside = cv2.copyMakeBorder(best[edge:-edge, edge:-edge], edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0.0)
    is_peak = inside >= cv2.dilate(inside, np.ones((side, side), np.uint8))
    rows, columns = np.nonzero(is_peak & (inside > max(LEAST_CORRELATION, CORRELATION_SHARE * float(inside.max()))))
    order = np.argsort(-best[rows, columns])[:most]
    return [(int(columns[k]), int(rows[k])) for k in order]


def turns_near(correlation: Float32Array, column: int, row: int) -> list[tuple[int, int, int]]:
    """The few turns at which a correlation near a place peaks nearly as high as its best, best first.

    Beside an uneven background the right turn may correlate best some pixels away from where a wrong one does.

    Args:
        correlation: (turns, h, w), the turns all round.
        column: Of the place.
        row: As well.

    Returns:
        Column, row and number of each turn.
    """
    left, top = max(column - NEAR_PX, 0), max(row - NEAR_PX, 0)
    near = correlation[:, top : row + NEAR_PX + 1, left : column + NEAR_PX + 1]
    flat = near.reshape(len(near), -1)
    best, where = flat.max(axis=1), flat.argmax(axis=1)
    around = 2 * round(len(best) * TURNS_APART_DEG / 360.0) + 1
    is_peak = best >= scipy.ndimage.maximum_filter1d(best, around, mode='wrap')
    peaks = np.flatnonzero(is_peak & (best >= TURN_SHARE * best.max()))
    kept = peaks[np.argsort(-best[peaks])][:MOST_TURNS]
    return [(left + int(where[k]) % near.shape[2], top + int(where[k]) // near.shape[2], int(k)) for k in kept]
