"""Identification of parts in an image, with position and rotation."""

from collections.abc import Sequence

import numpy as np

from weld_cell.errors import ImageError, PartError, PartUnknownError
from weld_cell.parts.anywhere import KeptPlans
from weld_cell.parts.blobs import Blob, Ground, blobs, ground_of
from weld_cell.parts.decision import decided, match_of, shifted
from weld_cell.parts.findings import PartFindings, nothing_lies_there, reaches_out, something_else
from weld_cell.parts.library import PreparedLibrary, prepare_library
from weld_cell.parts.literal import emsd, literal_match, square_differences
from weld_cell.parts.pyramid import ImagePyramid, Window
from weld_cell.parts.refine import Candidate, judged
from weld_cell.parts.scene import MOST_MISSING, Place, is_cut, places_in, without_neighbours
from weld_cell.parts.scores import AS_TEMPLATE, match_score
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.single import candidates_of_blob
from weld_cell.parts.template import other_hand, prepare_template
from weld_cell.parts.thresholds import LearnedScores, learn_scores, own_picture
from weld_cell.records import ImageArray, PartMatch, PartTemplate

DIRT_SHARE = 0.3
"""What has less than this share of the smallest part's area is no part."""
CLUSTER_MARGIN_PX = 24
DOUBLE_SHARE = 0.25
"""Of the smallest part's radius: two matches nearer than this are of one part."""
LEAST_SHARE = 0.6
"""Of a part so much must lie apart from the metal of others: two matches that hide each other prove nothing."""
FEW_SHARE = 0.03
"""A part of more than this share of the image has no crowd around it."""
OTHER_FACTOR = 2.0
"""A mirror image that scores more than this times its own score is another part."""
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
        self.settings = settings
        self._kept_plans = KeptPlans()
        self._take(templates)
        missing = (
            [hand for hand in map(other_hand, templates) if self._is_no_part(hand)] if settings.other_hand else []
        )
        if missing:
            self._take([*templates, *missing])

    def _take(self, templates: Sequence[PartTemplate]) -> None:
        """Make templates ready and learn from them."""
        self.library: PreparedLibrary = prepare_library(templates, surface_counts=self.settings.surface_share == 0.0)
        rng = np.random.default_rng(SEED)
        learned = {
            template.code: learn_scores(template, self._candidates_of_one, self.settings, rng)
            for template in self.library.templates
        }
        self.learned = {code: with_background for code, (with_background, _) in learned.items()}
        self.learned_on_metal = {code: on_metal for code, (_, on_metal) in learned.items()}

    def _is_no_part(self, hand: PartTemplate) -> bool:
        """Whether a template fits none of the library's as well as those fit themselves."""
        prepared = prepare_template(hand, surface_counts=self.settings.surface_share == 0.0)
        candidates, _ = self._candidates_of_one(own_picture(prepared, 0.0, np.random.default_rng(SEED)))
        return not candidates or candidates[0].score > OTHER_FACTOR * self.learned[candidates[0].template.code].own

    def identify(self, image: ImageArray) -> list[PartMatch]:
        """All parts in an image, if each of them is known.

        Raises:
            ImageError: not a grey 8-bit image.
            PartCutError: a part extends beyond the image.
            PartUnknownError: nothing lies there, or something that is none of the library's parts.
            PartAmbiguousError: two parts of the library fit it.
        """
        findings = self.look(image)
        if findings.refusals:
            raise findings.refusals[0]
        return list(findings.matches)

    def look(self, image: ImageArray) -> PartFindings:
        """What lies in an image: the parts that are known, and why the others are not identified.

        Raises:
            ImageError: not a grey 8-bit image, or smaller than a part.
        """
        pyramid = ImagePyramid.of_image(image, self.library.inverted)
        self._refuse_small(pyramid.size_px)
        ground = ground_of(pyramid.level(self.library.outline_factor))
        if not ground.shows_parts():
            return PartFindings((), (nothing_lies_there(),))
        if self.settings.method == 'literal':
            return PartFindings.of([self._literally(pyramid)])
        even = ground.is_even(self.settings.even_share)
        if self.settings.method == 'anywhere' or (self.settings.method == 'auto' and not even):
            return self._in_any_scene(pyramid, metal_only=not even)
        return self._in_blobs(pyramid, self._blobs(pyramid, ground))

    def _refuse_small(self, size_px: tuple[int, int]) -> None:
        largest = max(self.library.templates, key=lambda template: template.radius_px)
        if 2.0 * largest.radius_px * self.settings.scale_min > np.hypot(*size_px):
            raise ImageError(
                f'The template of {largest.code} is larger than the image of {size_px[0]} x {size_px[1]} px.',
                'Give the whole image, and take the templates by the same camera at the same height.',
            )

    def _in_blobs(self, pyramid: ImagePyramid, found: Sequence[Blob]) -> PartFindings:
        """Each blob by itself; one that is none of the parts may be several that touch."""
        findings = PartFindings((), () if found else (nothing_lies_there(),))
        for blob in found:
            findings = findings.and_(self._in_blob(pyramid, blob))
        return self._without_doubles(findings)

    def _without_doubles(self, findings: PartFindings) -> PartFindings:
        """A part that lies beside a cluster may be found with it as well: the better match stands."""
        kept: list[PartMatch] = []
        near = DOUBLE_SHARE * min(template.radius_px for template in self.library.templates) * self.settings.scale_min
        for match in sorted(findings.matches, key=lambda match: match.score):
            if all(np.hypot(*(match.origin_px - other.origin_px)) > near for other in kept):
                kept.append(match)
        return PartFindings(tuple(m for m in findings.matches if m in kept), findings.refusals)

    def _in_blob(self, pyramid: ImagePyramid, blob: Blob) -> PartFindings:
        if blob.cut:
            return PartFindings((), (reaches_out(blob.outline.centre_px),))
        candidates = candidates_of_blob(pyramid, blob, self.library, self.settings)
        single = decided(candidates, self.learned, self.settings, blob.outline.centre_px)
        if self.settings.method == 'single' or not isinstance(single, PartUnknownError):
            return PartFindings.of([single])
        return self._in_cluster(pyramid, blob, single)

    def _in_cluster(self, pyramid: ImagePyramid, blob: Blob, refusal: PartError) -> PartFindings:
        """Parts that touch, in a blob that is none by itself."""
        if blob.outline.area_px < self.library.areas_px.min() * self.settings.scale_min**2:
            return PartFindings((), (refusal,))
        window = Window.around(blob.box_px, CLUSTER_MARGIN_PX, pyramid.size_px)
        crop = pyramid.window(window)
        places, _ = self._accepted(crop, metal_only=False, crowded=True)
        if not places:
            return PartFindings((), (refusal,))
        found = PartFindings.of([self._identified(place, window.corner_px, self.learned) for place in places])
        rest = blob.outline.area_px - sum(p.best.template.area_px * p.best.placement.scale**2 for p in places)
        if rest > DIRT_SHARE * float(self.library.areas_px.min()):
            return found.and_(PartFindings((), (something_else(blob.outline.centre_px),)))
        return found

    def _in_any_scene(self, pyramid: ImagePyramid, metal_only: bool) -> PartFindings:
        width, height = pyramid.size_px
        share = float(self.library.areas_px.min()) * self.settings.scale_min**2 / (width * height)
        places, cut = self._accepted(pyramid, metal_only, crowded=share < FEW_SHARE)
        if not places and not cut:
            return PartFindings((), (nothing_lies_there(),))
        learned = self.learned_on_metal if metal_only else self.learned
        found = PartFindings.of([self._identified(place, (0, 0), learned) for place in places])
        return found.and_(PartFindings((), tuple(reaches_out(place.at_px) for place in cut)))

    def _accepted(self, pyramid: ImagePyramid, metal_only: bool, crowded: bool) -> tuple[list[Place], list[Place]]:
        """Places whose best candidate is within its limit once its neighbours are left out: whole, and cut."""
        learned = self.learned_on_metal if metal_only else self.learned
        kept = KeptPlans() if crowded else self._kept_plans
        plans = kept.of(self.library.templates, pyramid.size_px, self.settings, crowded)
        places = places_in(pyramid, plans, self.settings, metal_only)
        places = [place for place in places if place.best.match.shows_metal(MOST_MISSING)]
        fits = [
            place
            for place in without_neighbours(pyramid, places, self.settings, metal_only)
            if place.best.score <= learned[place.best.template.code].limit(self.settings.strictness)
        ]
        cut = [place for place in fits if is_cut(place.best, pyramid.size_px)]
        whole = [place for place in fits if place not in cut and place.best.match.share >= LEAST_SHARE]
        return whole, cut

    def _literally(self, pyramid: ImagePyramid) -> PartMatch:
        """The part whose F is the least anywhere, as the paper has it: it always answers."""
        found = []
        for template in self.library.templates:
            best = literal_match(pyramid, template, square_differences, emsd)
            match = match_score(pyramid.level(1), template, best.placement)
            found.append(Candidate(template, best.placement, AS_TEMPLATE, match, best.score))
        return match_of(sorted(found, key=lambda candidate: candidate.score))

    def _identified(
        self, place: Place, corner_px: tuple[int, int], learned: dict[str, LearnedScores]
    ) -> PartMatch | PartError:
        moved = Place(tuple(shifted(candidate, corner_px) for candidate in place.candidates))
        return decided(moved.candidates, learned, self.settings, moved.at_px)

    def _blobs(self, pyramid: ImagePyramid, ground: Ground) -> list[Blob]:
        least = DIRT_SHARE * self.settings.scale_min**2 * float(self.library.areas_px.min())
        return blobs(pyramid, self.library.outline_factor, ground, least)

    def candidates_of_largest(self, image: ImageArray) -> list[Candidate]:
        """The templates that come near the largest thing on an even background, best first.

        Raises:
            ImageError: not a grey 8-bit image.
            PartUnknownError: nothing lies there.
        """
        pyramid = ImagePyramid.of_image(image, self.library.inverted)
        found = self._blobs(pyramid, ground_of(pyramid.level(self.library.outline_factor)))
        if not found:
            raise nothing_lies_there()
        largest = max(found, key=lambda blob: blob.outline.area_px)
        return candidates_of_blob(pyramid, largest, self.library, self.settings)

    def _candidates_of_one(self, image: ImageArray) -> tuple[list[Candidate], list[Candidate]]:
        """The templates that come near in an image of a single part, judged with its background and without."""
        pyramid = ImagePyramid.of_image(image, self.library.inverted)
        candidates = self.candidates_of_largest(image)
        alone = [judged(pyramid, c.template, c.placement, 1, self.settings, metal_only=True) for c in candidates]
        return candidates, alone


def identify(
    image: ImageArray, templates: Sequence[PartTemplate], settings: PartSettings = DEFAULTS
) -> list[PartMatch]:
    """All parts in an image, for one image; whoever has more keeps a `PartIdentifier`, which says what is raised."""
    return PartIdentifier(templates, settings).identify(image)
