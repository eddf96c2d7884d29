"""A single part on an even background: its blob gives position, rotation and possible parts."""

import math

import numpy as np

from weld_cell.parts.blobs import Blob
from weld_cell.parts.library import PreparedLibrary
from weld_cell.parts.outline import correlations, peak_turns
from weld_cell.parts.placement import Placement
from weld_cell.parts.pyramid import ImagePyramid
from weld_cell.parts.refine import Candidate, refined
from weld_cell.parts.settings import PartSettings
from weld_cell.parts.shortlist import best_per_part, finalists, realigned
from weld_cell.parts.template import PreparedTemplate

AREA_TOLERANCE = 0.15
CORRELATION_LAG = 0.08
MOST_PARTS = 12
MOST_TURNS = 3
TURN_SHARE = 0.93
"""Another turn is tried where the outlines correlate nearly as well: most parts are nearly symmetric."""


def candidates_of_blob(
    pyramid: ImagePyramid, blob: Blob, library: PreparedLibrary, settings: PartSettings
) -> list[Candidate]:
    """The templates that a blob may be, refined at full size, best first; empty where none comes near."""

    def rough(template: PreparedTemplate, placement: Placement) -> Candidate:
        return refined(pyramid, template, placement, template.factors[1:2] or (1,), settings)

    placed = [rough(library.templates[k], placement) for k, placement in _rough_placements(blob, library, settings)]
    kept = realigned(finalists(best_per_part(placed)), lambda candidate, at: rough(candidate.template, at))
    return sorted(
        (refined(pyramid, c.template, c.placement, c.template.factors[2:] or (1,), settings) for c in kept),
        key=lambda candidate: candidate.score,
    )


def _rough_placements(blob: Blob, library: PreparedLibrary, settings: PartSettings) -> list[tuple[int, Placement]]:
    """Templates whose outline has the blob's area and shape, and where they would lie."""
    scales = np.sqrt(blob.outline.area_px / library.areas_px)
    slack = 1.0 + 0.5 * AREA_TOLERANCE
    fits = np.flatnonzero((scales > settings.scale_min / slack) & (scales < settings.scale_max * slack))
    if not len(fits):
        return []
    turns = correlations(blob.outline, library.spectra[fits])
    best = turns.max(axis=1)
    order = [k for k in np.argsort(-best)[:MOST_PARTS] if best[k] > best.max() - CORRELATION_LAG]
    scale_of = np.clip(scales, settings.scale_min, settings.scale_max)
    return [
        (int(fits[k]), _placement(blob, library.offsets_px[fits[k]], turn, float(scale_of[fits[k]])))
        for k in order
        for turn, height in peak_turns(turns[k], MOST_TURNS, TURN_SHARE)
    ]


def _placement(blob: Blob, offset_px: 'np.ndarray', angle_deg: float, scale: float) -> Placement:
    """The outline's centroid lies at the blob's."""
    angle = math.radians(angle_deg)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    u, v = blob.outline.centre_px
    return Placement(
        u - a * offset_px[0] + b * offset_px[1], v - b * offset_px[0] - a * offset_px[1], angle_deg, scale
    )
