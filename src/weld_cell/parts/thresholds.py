"""Acceptance thresholds, learned from the library: how well a part matches itself and its nearest neighbour."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import Candidate, judged, refined
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.template import PreparedTemplate
from weld_cell.records import ImageArray, PartMatch

NOISE_GREY = 4.0
TURNS_DEG = (0.0, 33.0)
BLUR_PX = 0.8
OWN_FACTOR = 30.0
"""A part may fit so much worse than in its own disturbed picture: another piece, another light."""
STRANGER_SCALE = 0.9
"""A part of the same shape that is smaller by this is a stranger: its score is the limit for all of them."""
LEAST_LEAD = 0.1
"""Least lead over the runner-up as a share of its own score, whatever was learned."""


@dataclass(frozen=True)
class LearnedScores:
    """Scores of one template in its own pictures.

    Attributes:
        own: The worst of its own.
        rival: The best of any other part; infinite where none comes near.
        rival_code: Which.
        stranger: Of a smaller part of the same shape; what scores more is no picture of the part.
    """

    own: float
    rival: float
    rival_code: str
    stranger: float

    def limit(self, strictness: float) -> float:
        """What scores more is another part."""
        between = math.sqrt(self.own * self.rival) if math.isfinite(self.rival) else self.stranger
        return min(max(OWN_FACTOR * self.own, between), self.stranger) / strictness

    def is_twin(self) -> bool:
        """Whether another template fits this part as well as its own does."""
        return self.rival < 2.0 * self.own

    def least_lead(self, share: float) -> float:
        """What the runner-up has to score more, at least."""
        return min(share * max(self.rival - self.own, self.own), self.limit(1.0))


def learn_scores(
    template: PreparedTemplate,
    candidates_in: Callable[[ImageArray], tuple[Sequence[Candidate], Sequence[Candidate]]],
    settings: PartSettings,
    rng: Generator,
) -> tuple[LearnedScores, LearnedScores]:
    """Identify a template in pictures made of itself: turned, with noise, the turned one blurred as well.

    Args:
        template: Which.
        candidates_in: All templates that come near in an image that shows one part, refined; judged with their
            background, and judged on their metal alone.
        settings: How parts are judged.
        rng: For the noise.

    Returns:
        What is learned with the background, and on the metal alone.
    """
    seen = [candidates_in(own_picture(template, turn_deg, rng)) for turn_deg in TURNS_DEG]
    stranger, stranger_on_metal = _stranger_scores(template, settings, rng)
    with_background = [candidate for candidates, _ in seen for candidate in candidates]
    on_metal = [candidate for _, candidates in seen for candidate in candidates]
    return (
        _learned(template.code, with_background, stranger),
        _learned(template.code, on_metal, stranger_on_metal),
    )


def _stranger_scores(template: PreparedTemplate, settings: PartSettings, rng: Generator) -> tuple[float, float]:
    """What the template scores on a smaller part of its shape, with the background and on the metal alone."""
    picture = own_picture(template, 0.0, rng, STRANGER_SCALE)
    pyramid = ImagePyramid.of_image(picture, template.inverted)
    middle = Placement(0.5 * picture.shape[1], 0.5 * picture.shape[0], 0.0)
    of_one_size = replace(settings, scale_min=1.0, scale_max=1.0)
    placed = refined(pyramid, template, middle, template.factors[1:] or (1,), of_one_size)
    return placed.score, judged(pyramid, template, placed.placement, 1, settings, metal_only=True).score


def _learned(code: str, candidates: Sequence[Candidate], stranger: float) -> LearnedScores:
    own = max((c.score for c in candidates if c.template.code == code), default=0.0)
    rivals = sorted((c for c in candidates if c.template.code != code), key=lambda c: c.score)
    rival, rival_code = (rivals[0].score, rivals[0].template.code) if rivals else (math.inf, '')
    return LearnedScores(own, rival, rival_code, stranger)


def own_picture(template: PreparedTemplate, turn_deg: float, rng: Generator, scale: float = 1.0) -> ImageArray:
    """The template alone on its background, as its camera would show it again, or a part of another size."""
    side = 2 * math.ceil(template.radius_px) + 64
    grey = np.where(template.template.mask, template.pixels, template.background_grey).astype(np.float32)
    matrix = np.asarray(cv2.getRotationMatrix2D(template.centre_px, -turn_deg, scale), float)
    matrix[:, 2] += 0.5 * side - np.array(template.centre_px)
    picture = cv2.warpAffine(grey, matrix, (side, side), borderValue=template.background_grey)
    if turn_deg:
        picture = cv2.GaussianBlur(picture, (0, 0), BLUR_PX)
    noisy = np.clip(np.round(picture + rng.normal(0.0, NOISE_GREY, picture.shape)), 0, 255).astype(np.uint8)
    return 255 - noisy if template.inverted else noisy


def is_clear(match: PartMatch, learned: LearnedScores, settings: PartSettings) -> bool:
    """Whether the runner-up is far enough behind."""
    lead = match.runner_up_score - match.score
    return lead > max(learned.least_lead(settings.ambiguous_share), LEAST_LEAD * match.score)
