"""Classical detection of round marks by radial symmetry, without template or training.

Source: Loy and Zelinsky 2003, "Fast radial symmetry for detecting points of interest". Each edge votes for the middle
of a circle on which it may lie; a mark's score is the share of its outline that votes. Large marks are looked for in
coarser levels of the image.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from weld_cell.config import Settings, bounded
from weld_cell.records import ImageArray, WeldRegion
from weld_cell.spot_weld.circle import fit_outline
from weld_cell.spot_weld.roi_align import Float32Array

_RADII = (5.0, 6.0, 7.0, 8.0, 9.0, 10.0)  # of one level, in its pixels; the next level goes on from twice the first
_EDGE_FACTOR = 2.0  # an edge is so much steeper than the image's usual gradient
_LEAST_STEEPNESS = 1.5
_MOST_CANDIDATES = 600
_SAME_MIDDLE, _MOST_AROUND, _ALMOST = 0.3, 2.0, 0.75


@dataclass(frozen=True)
class FindSettings(Settings):
    """Which round marks are welds."""

    least_diameter_px: float = bounded(18.0, 8.0, 2000.0, 'px', 'of a weld')
    greatest_diameter_px: float = bounded(96.0, 8.0, 2000.0, 'px', 'of a weld')
    min_score: float = bounded(0.6, 0.05, 1.0, '', 'classical: share of the outline that must be seen on a circle')
    min_heat: float = bounded(0.4, 0.01, 0.99, '', "network: least score of a weld's middle")
    apart: float = bounded(1.1, 0.1, 4.0, '', 'welds nearer than so many radii are one')


class WeldFinder(Protocol):
    """What says where spot welds are."""

    def regions(self, grey: ImageArray) -> tuple[WeldRegion, ...]:
        """Spot welds in an image (h, w) uint8, best first; empty where there are none."""


class ClassicalFinder:
    """Radial symmetry, then a circle through the outline.

    Args:
        settings: Which marks count.
    """

    def __init__(self, settings: FindSettings | None = None) -> None:
        self.settings = settings or FindSettings()

    def regions(self, grey: ImageArray) -> tuple[WeldRegion, ...]:
        """Spot welds in an image (h, w) uint8, best first; empty where there are none."""
        candidates = []
        for level in self._levels():
            candidates += _level_candidates(grey, level, self.settings)
        candidates.sort(key=lambda region: -region.score)
        candidates = candidates[:_MOST_CANDIDATES]
        distinct = suppress_near(candidates, self.settings.apart)
        fitted = [fit_outline(grey, outermost(mark, candidates)) for mark in distinct]
        clear = [mark for mark in fitted if mark.score >= self.settings.min_score and self._is_of_size(mark)]
        clear.sort(key=lambda region: -region.score)
        distinct = suppress_near(clear, self.settings.apart)
        return tuple(replace(region, score=min(region.score, 1.0)) for region in distinct)

    def _is_of_size(self, mark: WeldRegion) -> bool:
        return self.settings.least_diameter_px <= 2.0 * mark.radius_px <= self.settings.greatest_diameter_px

    def _levels(self) -> range:
        least, greatest = (
            0.5 * d / _RADII[0] for d in (self.settings.least_diameter_px, self.settings.greatest_diameter_px)
        )
        return range(max(int(np.floor(np.log2(max(least, 1.0)))), 0), int(np.floor(np.log2(max(greatest, 1.0)))) + 1)


def suppress_near(regions: 'list[WeldRegion]', apart: float) -> tuple[WeldRegion, ...]:
    """Of regions in the order of their merit, those that lie clear of better ones.

    Args:
        regions: Best first.
        apart: Least distance of two in radii of the greater one.
    """
    kept: list[WeldRegion] = []
    for region in regions:
        if all(
            np.linalg.norm(region.centre_px - other.centre_px) > apart * max(region.radius_px, other.radius_px)
            for other in kept
        ):
            kept.append(region)
    return tuple(kept)


def outermost(region: WeldRegion, candidates: 'list[WeldRegion]') -> WeldRegion:
    """The greatest circle about the same middle that is seen almost as well: a weld has a face within its outline."""
    near = np.array([other.centre_px for other in candidates]) - region.centre_px
    radii = np.array([other.radius_px for other in candidates])
    scores = np.array([other.score for other in candidates])
    about = np.hypot(near[:, 0], near[:, 1]) < _SAME_MIDDLE * radii
    about &= (radii >= region.radius_px) & (radii <= _MOST_AROUND * region.radius_px)
    about &= scores >= _ALMOST * region.score
    return candidates[int(np.where(about, radii, -1.0).argmax())]


def _level_candidates(grey: ImageArray, level: int, settings: FindSettings) -> list[WeldRegion]:
    """Round marks of the radii of a level, in pixels of the image; a wide edge votes more than once."""
    scale = 2**level
    size = (max(grey.shape[1] // scale, 1), max(grey.shape[0] // scale, 1))
    image = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    if min(size) < 4 * _RADII[0]:
        return []
    found = []
    for radius, symmetry in zip(_RADII, _symmetry(image), strict=True):
        diameter = 2.0 * radius * scale
        if not 0.8 * settings.least_diameter_px <= diameter <= 1.25 * settings.greatest_diameter_px:
            continue
        peaks = (symmetry == cv2.dilate(symmetry, np.ones((7, 7), np.uint8))) & (symmetry >= settings.min_score)
        for row, column in np.argwhere(peaks):
            centre = (np.array([column, row]) + 0.5) * scale - 0.5
            found.append(WeldRegion(centre, radius * scale, float(symmetry[row, column])))
    return found


def _symmetry(image: Float32Array) -> Float32Array:
    """(radii, h, w) share of the circle about each pixel that votes for it, the stronger of bright and dark ones."""
    soft = cv2.GaussianBlur(image, (0, 0), 0.8)
    x, y = cv2.Sobel(soft, -1, 1, 0) / 8.0, cv2.Sobel(soft, -1, 0, 1) / 8.0
    steepness = np.hypot(x, y)
    edges = steepness > max(_EDGE_FACTOR * float(np.median(steepness)), _LEAST_STEEPNESS)
    rows, columns = np.nonzero(edges)
    towards = np.stack([y[edges], x[edges]]) / steepness[edges]
    return np.stack([_votes(rows, columns, towards, radius, image.shape) for radius in _RADII])


def _votes(
    rows: 'np.ndarray', columns: 'np.ndarray', towards: Float32Array, radius: float, shape: tuple[int, ...]
) -> Float32Array:
    votes = []
    for sign in (1.0, -1.0):
        row = np.round(rows + sign * radius * towards[0]).astype(int)
        column = np.round(columns + sign * radius * towards[1]).astype(int)
        inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
        count = np.bincount(row[inside] * shape[1] + column[inside], minlength=shape[0] * shape[1])
        soft = cv2.GaussianBlur(count.reshape(shape[:2]).astype(np.float32), (0, 0), 1.0)
        votes.append(soft / np.float32(radius))  # by the filter's peak, 1 / 2 pi, and the circle's length, 2 pi r
    return np.asarray(np.maximum(*votes), np.float32)
