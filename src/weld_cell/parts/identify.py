"""Which parts lie in an image, where, and how they are turned."""

import math
from collections.abc import Sequence

import numpy as np

from weld_cell.errors import PartAmbiguousError, PartCutError, PartError, PartUnknownError
from weld_cell.parts.blobs import Blob, Ground, blobs, ground_of
from weld_cell.parts.library import PreparedLibrary, prepare_library
from weld_cell.parts.placement import wrapped
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import Candidate
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.single import candidates_of_blob
from weld_cell.parts.thresholds import LearnedScores, is_clear, learn_scores
from weld_cell.records import ImageArray, PartMatch, PartTemplate

DIRT_SHARE = 0.3
"""What has less than this share of the smallest part's area is no part."""
SEED = 0
DEFAULTS = PartSettings()


class PartIdentifier:
    """A library of parts, made ready once, and what was learned from it.

    Args:
        templates: Of different codes; parts all brighter or all darker than their background.
        settings: How they are sought.

    Raises:
        PartLibraryError: the library is empty, or not fit to tell parts apart by.
        ImageError: a template is no grey 8-bit image.
    """

    def __init__(self, templates: Sequence[PartTemplate], settings: PartSettings = DEFAULTS) -> None:
        self.library: PreparedLibrary = prepare_library(templates)
        self.settings = settings
        rng = np.random.default_rng(SEED)
        self.learned: dict[str, LearnedScores] = {
            template.code: learn_scores(template, self._candidates_of_one, rng) for template in self.library.templates
        }

    def identify(self, image: ImageArray) -> list[PartMatch]:
        """All parts in an image, in reading order of their blobs.

        Raises:
            ImageError: not a grey 8-bit image.
            PartCutError: a part reaches out of the image.
            PartUnknownError: nothing lies there, or something that is none of the library's parts.
            PartAmbiguousError: two parts of the library fit it.
        """
        pyramid = ImagePyramid(image, self.library.inverted)
        ground = ground_of(pyramid.level(self.library.outline_factor))
        found = self._blobs(pyramid, ground)
        if not found:
            raise PartUnknownError('No part lies in the image.', 'Lay a part under the camera, or add light.')
        return [self._decided(pyramid, blob) for blob in found]

    def _blobs(self, pyramid: ImagePyramid, ground: Ground) -> list[Blob]:
        if not ground.shows_parts():
            return []
        least = DIRT_SHARE * self.settings.scale_min**2 * float(self.library.areas_px.min())
        return blobs(pyramid, self.library.outline_factor, ground, least)

    def _candidates_of_one(self, image: ImageArray) -> list[Candidate]:
        """The templates that come near in an image of a single part."""
        pyramid = ImagePyramid(image, self.library.inverted)
        found = self._blobs(pyramid, ground_of(pyramid.level(self.library.outline_factor)))
        if not found:
            return []
        largest = max(found, key=lambda blob: blob.outline.area_px)
        return candidates_of_blob(pyramid, largest, self.library, self.settings)

    def _decided(self, pyramid: ImagePyramid, blob: Blob) -> PartMatch:
        where = 'at ({:.0f}, {:.0f}) px'.format(*blob.outline.centre_px)
        if blob.cut:
            raise PartCutError(f'The part {where} reaches out of the image.', 'Move it wholly under the camera.')
        return decided(
            candidates_of_blob(pyramid, blob, self.library, self.settings), self.learned, self.settings, where
        )


def identify(
    image: ImageArray, templates: Sequence[PartTemplate], settings: PartSettings = DEFAULTS
) -> list[PartMatch]:
    """All parts in an image, for one image; whoever has more keeps a `PartIdentifier`, which says what is raised."""
    return PartIdentifier(templates, settings).identify(image)


def decided(
    candidates: Sequence[Candidate], learned: dict[str, LearnedScores], settings: PartSettings, where: str
) -> PartMatch:
    """The best of the candidates for one place, if it is good enough and alone so.

    Args:
        candidates: Best first.
        learned: Of each code.
        settings: How strict.
        where: For messages.

    Raises:
        PartError: unknown or ambiguous.
    """
    if not candidates:
        raise PartUnknownError(
            f'What lies {where} has area and shape of no part of the library.', 'Add it by weld_cell parts add.'
        )
    match = match_of(candidates)
    own = learned[match.code]
    if match.score > own.limit(settings.strictness):
        raise PartUnknownError(
            f'What lies {where} is none of the parts: {match.code} comes nearest with F {match.score:.2g}, and '
            f'{own.limit(settings.strictness):.2g} is its limit.',
            'Add the part, or clean lens and table; a lower strictness lets worse matches pass.',
        )
    if not is_clear(match, own, settings):
        raise _ambiguous(match, own, where)
    return match


def _ambiguous(match: PartMatch, own: LearnedScores, where: str) -> PartError:
    remedy = 'Take a sharper image with the part at another place; see weld_cell parts check for how far they differ.'
    if own.is_twin():
        remedy = 'Their templates are the same for this camera: keep one code for both, or come nearer.'
    return PartAmbiguousError(
        f'The part {where} may be {match.code} or {match.runner_up}: F {match.score:.2g} and '
        f'{match.runner_up_score:.2g}.',
        remedy,
    )


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
