"""The pyramid search of Zhang et al. 2023 as published, for comparison.

At the top (1/8) every place and every turn in steps of 1 degree, then non-maximum suppression; on 1/4 and 1 within
one step of the level above, in steps of a tenth of it. The image is sampled into the template's frame, black outside.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.compiled import compiled
from weld_cell.parts.placement import Placement, angle_between
from weld_cell.parts.pyramid import ImagePyramid, shrunk
from weld_cell.parts.template import PreparedTemplate
from weld_cell.records import FloatArray, ImageArray

LEVELS = (8, 4, 1)
STEPS_DEG = (1.0, 0.1, 0.01)
KEPT = (4, 1)
"""Matches of the top level, and of the next one, that go on to the next."""
APART_DEG = 10.0
WINDOW_PX = 2

Measure = Callable[[ImageArray, ImageArray], FloatArray]
"""(window, template) -> map of scores over the template's places in the window; smaller is better."""


@dataclass(frozen=True)
class LiteralMatch:
    """Where a template fits best, and how well; smaller is better."""

    placement: Placement
    score: float


def square_differences(window: ImageArray, pixels: ImageArray) -> FloatArray:
    """D at each place, greys 0 to 1."""
    return np.asarray(cv2.matchTemplate(window, pixels, cv2.TM_SQDIFF), float) / (pixels.size * 255.0**2)


def correlations(window: ImageArray, pixels: ImageArray) -> FloatArray:
    """1 - NCC at each place."""
    return 1.0 - np.asarray(cv2.matchTemplate(window, pixels, cv2.TM_CCOEFF_NORMED), float)


@compiled('float64[:, ::1](uint8[:, ::1], uint8[:, ::1])')
def emsd(window: ImageArray, pixels: ImageArray) -> FloatArray:
    """F = E D at each place, as the paper has it, greys 0 to 1."""
    height, width = pixels.shape
    scores = np.empty((window.shape[0] - height + 1, window.shape[1] - width + 1))
    for top in range(scores.shape[0]):
        for left in range(scores.shape[1]):
            square, weighted, total = np.int64(0), np.int64(0), np.int64(0)
            for row in range(height):
                for column in range(width):
                    t = np.int64(pixels[row, column])
                    difference = abs(np.int64(window[top + row, left + column]) - t)
                    square += difference * difference
                    weighted += difference * t
                    total += t
            coefficient = float(weighted) / (255.0 * max(float(total), 1.0))
            scores[top, left] = coefficient * float(square) / (height * width * 255.0**2)
    return scores


def literal_match(pyramid: ImagePyramid, template: PreparedTemplate, top: Measure, finer: Measure) -> LiteralMatch:
    """The best place of a template.

    Args:
        pyramid: Of the image.
        template: What is sought.
        top: Measure of the top level, where there are millions of places.
        finer: Measure of the two others.
    """
    matches = _at_top(pyramid.level(LEVELS[0]), template, top)
    for above, factor, step_deg, kept in zip(LEVELS[:-1], LEVELS[1:], STEPS_DEG[1:], KEPT, strict=True):
        image, pixels = pyramid.level(factor), _pixels(template, factor)
        window_px = max(WINDOW_PX, above // factor)
        grid = (factor, step_deg, window_px)
        matches = sorted((_finer(image, pixels, template, m, grid, finer) for m in matches[:kept]), key=_score)
    return matches[0]


def _score(match: LiteralMatch) -> float:
    return match.score


def _pixels(template: PreparedTemplate, factor: int) -> ImageArray:
    height, width = (n // factor * factor for n in template.pixels.shape)
    return shrunk(template.pixels[:height, :width], factor) if factor > 1 else template.pixels


def _at_top(image: ImageArray, template: PreparedTemplate, measure: Measure) -> list[LiteralMatch]:
    """The best place at each turn, then the best few turns that are no neighbours of each other."""
    factor, pixels = LEVELS[0], _pixels(template, LEVELS[0])
    found = []
    for angle_deg in np.arange(0.0, 360.0, STEPS_DEG[0]):
        middle = Placement(0.5 * factor * image.shape[1], 0.5 * factor * image.shape[0], float(angle_deg))
        width, height = _turned_size(image, float(angle_deg))
        window = _window(image, middle, (0.5 * width, 0.5 * height), (width, height), factor)
        scores = measure(window, pixels)
        row, column = np.unravel_index(int(np.argmin(scores)), scores.shape)
        at = _moved(middle, float(column) - 0.5 * width, float(row) - 0.5 * height, template, factor)
        found.append(LiteralMatch(at, float(scores[row, column])))
    kept: list[LiteralMatch] = []
    for match in sorted(found, key=_score):
        if all(_apart(match.placement, other.placement, template.radius_px) for other in kept):
            kept.append(match)
    return kept


def _turned_size(image: ImageArray, angle_deg: float) -> tuple[int, int]:
    """Width and height of the upright box around a turned image; no part lies outside of it."""
    a, b = abs(math.cos(math.radians(angle_deg))), abs(math.sin(math.radians(angle_deg)))
    height, width = image.shape
    return math.ceil(a * width + b * height), math.ceil(b * width + a * height)


def _apart(one: Placement, other: Placement, radius_px: float) -> bool:
    return one.distance(other) > 0.5 * radius_px or angle_between(one.angle_deg, other.angle_deg) > APART_DEG


def _finer(
    image: ImageArray,
    pixels: ImageArray,
    template: PreparedTemplate,
    match: LiteralMatch,
    grid: tuple[int, float, int],
    measure: Measure,
) -> LiteralMatch:
    """The best of a small grid around a match; grid: factor, step of the turn, places on either side."""
    factor, step_deg, window_px = grid
    u, v = ((x + 0.5) / factor - 0.5 + window_px for x in template.centre_px)
    size = (pixels.shape[1] + 2 * window_px, pixels.shape[0] + 2 * window_px)
    best = LiteralMatch(match.placement, math.inf)
    for angle_deg in match.placement.angle_deg + step_deg * np.arange(-10, 11):
        middle = Placement(match.placement.u, match.placement.v, float(angle_deg))
        scores = measure(_window(image, middle, (u, v), size, factor), pixels)
        row, column = np.unravel_index(int(np.argmin(scores)), scores.shape)
        if scores[row, column] < best.score:
            x, y = factor * (float(column) - window_px), factor * (float(row) - window_px)
            best = LiteralMatch(_shifted(middle, x, y), float(scores[row, column]))
    return best


def _window(
    image: ImageArray, middle: Placement, at: tuple[float, float], size: tuple[int, int], factor: int
) -> ImageArray:
    """The image in a frame that is turned like the template, with `middle` at pixel `at`."""
    u, v, a, b = middle.at_level(factor)
    onto = np.array([[a, -b, u - a * at[0] + b * at[1]], [b, a, v - b * at[0] - a * at[1]]])
    return np.asarray(cv2.warpAffine(image, onto, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8)


def _moved(middle: Placement, x: float, y: float, template: PreparedTemplate, factor: int) -> Placement:
    """Where the template's centre lies if its first pixel is x, y from the middle, at the level of a factor."""
    u, v = ((c + 0.5) / factor - 0.5 for c in template.centre_px)
    return _shifted(middle, factor * (x + u), factor * (y + v))


def _shifted(middle: Placement, x: float, y: float) -> Placement:
    angle = math.radians(middle.angle_deg)
    a, b = math.cos(angle), math.sin(angle)
    return Placement(middle.u + a * x - b * y, middle.v + b * x + a * y, middle.angle_deg)
