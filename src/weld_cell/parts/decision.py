"""Decision whether the best candidate at a place is good enough and unambiguous."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from weld_cell.errors import PartAmbiguousError, PartError, PartUnknownError
from weld_cell.parts.findings import Pixel, at
from weld_cell.parts.placement import wrapped
from weld_cell.parts.refine import Candidate
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.template import MIRRORED
from weld_cell.parts.thresholds import LearnedScores, is_clear
from weld_cell.records import PartMatch


def decided(
    candidates: Sequence[Candidate], learned: dict[str, LearnedScores], settings: PartSettings, at_px: Pixel
) -> PartMatch | PartError:
    """The best of the candidates for one place, or why it is not told: a PartUnknownError or a PartAmbiguousError.

    Args:
        candidates: Best first.
        learned: Of each code.
        settings: How strict.
        at_px: u, v of its middle.
    """
    if not candidates:
        return PartUnknownError(
            f'What lies {at(at_px)} matches no part of the library in area and shape.',
            'Add it by weld_cell parts add.',
            at_px,
        )
    match = match_of(candidates)
    if match.code.endswith(MIRRORED):
        return _other_hand(match, at_px)
    own = learned[match.code]
    if match.score > own.limit(settings.strictness):
        return _unknown(match, own.limit(settings.strictness), at_px)
    return match if is_clear(match, own, settings) else _ambiguous(match, own, at_px)


def _other_hand(match: PartMatch, at_px: Pixel) -> PartUnknownError:
    code = match.code.removesuffix(MIRRORED)
    return PartUnknownError(
        f'What lies {at(at_px)} is rather the mirror image of {code} than {code}: F {match.score:.2g} and '
        f'{match.runner_up_score:.2g}.',
        'Turn it over if it lies upside down; add the other hand, or set parts.other_hand: false if there is none.',
        at_px,
    )


def _unknown(match: PartMatch, limit: float, at_px: Pixel) -> PartUnknownError:
    return PartUnknownError(
        f'What lies {at(at_px)} is none of the parts: {match.code} comes nearest with F {match.score:.2g}, and '
        f'{limit:.2g} is its limit.',
        'Add the part, or clean lens and table; a lower strictness lets worse matches pass.',
        at_px,
    )


def _ambiguous(match: PartMatch, own: LearnedScores, at_px: Pixel) -> PartAmbiguousError:
    remedy = 'Take a sharper image with the part at another place; see weld_cell parts check for how far they differ.'
    if own.is_twin():
        remedy = 'Their templates are the same for this camera: keep one code for both, or come nearer.'
    return PartAmbiguousError(
        f'The part {at(at_px)} may be {match.code} or {match.runner_up}: F {match.score:.2g} and '
        f'{match.runner_up_score:.2g}.',
        remedy,
        at_px,
    )


def shifted(candidate: Candidate, corner_px: tuple[int, int]) -> Candidate:
    """A candidate of a part of the image, in the whole of it."""
    u, v = candidate.placement.u + corner_px[0], candidate.placement.v + corner_px[1]
    return replace(candidate, placement=replace(candidate.placement, u=u, v=v))


def match_of(candidates: Sequence[Candidate]) -> PartMatch:
    """The first of the candidates beside the second, in the image's and the part's frames."""
    best = candidates[0]
    template, placement = best.template, best.placement
    angle = math.radians(placement.angle_deg)
    a, b = placement.scale * math.cos(angle), placement.scale * math.sin(angle)
    x, y = np.subtract(template.template.origin_px, template.centre_px)
    rivals = [candidate for candidate in candidates[1:] if candidate.template.code != template.code]
    return PartMatch(
        template.code,
        np.array([placement.u + a * x - b * y, placement.v + b * x + a * y]),
        wrapped(template.template.axis_deg + placement.angle_deg),
        placement.scale,
        best.score,
        rivals[0].template.code if rivals else '',
        rivals[0].score if rivals else math.inf,
    )
