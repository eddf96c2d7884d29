"""Certainty of a seam, and refusal of those that are not certain enough to weld."""

import numpy as np

from weld_cell.errors import PlateSeamAbsentError, PlateSeamAmbiguousError, PlateSeamDoubtfulError
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import FloatArray, PlateSeam

_LOOK = 'Clean the seam, take clamps off it, or mend the light; else weld by the laser sensor.'
_HALF_CONTRAST = 3.0
_HALF_DEPTH = 0.08


def confidence(seam: PlateSeam, depth: float, settings: PlateSeamSettings) -> float:
    """0 to 1: the share of the seam that is read on its path, less where it scatters or is faint.

    Args:
        seam: As measured, its confidence being the share that is read on its path.
        depth: How much darker it is than the plates, as a part of them.
        settings: The scatter at which a seam is refused.
    """
    shallow = depth / (depth + _HALF_DEPTH)
    faint = seam.contrast / (seam.contrast + _HALF_CONTRAST)
    loose = 1.0 / (1.0 + (2.0 * seam.scatter_mm / settings.max_scatter_mm) ** 2)
    return seam.confidence * shallow * faint * loose


def refuse_no_plates(between_plates: bool) -> None:
    """Refuse a line at neither of whose ends both plates end.

    Raises:
        PlateSeamAbsentError: it is a scratch or the edge of one plate.
    """
    if not between_plates:
        raise PlateSeamAbsentError(
            'The line in the region does not lie between two plates: at neither of its ends both sides end.',
            'Check that the region shows a whole seam, not a scratch or the edge of a single plate.',
        )


def refuse_wide(seam: PlateSeam, settings: PlateSeamSettings) -> None:
    """Refuse a gap that is too wide for a seam.

    Raises:
        PlateSeamAbsentError: says the width and the limit.
    """
    width = float(np.median(seam.gap_mm))
    if width > settings.max_gap_mm:
        raise PlateSeamAbsentError(
            f'The gap in the region is {width:.1f} mm wide, at most {settings.max_gap_mm:.1f} mm are a seam.',
            'Push the plates together, or raise max_gap_mm.',
        )


def refuse_fragment(seam: PlateSeam, box_xyxy: FloatArray, settings: PlateSeamSettings) -> None:
    """Refuse a line that is too short for its region, which lies about a whole seam.

    Args:
        seam: As measured.
        box_xyxy: (4,) the region.
        settings: The limit.

    Raises:
        PlateSeamDoubtfulError: says the share and the limit.
    """
    fill = float((np.ptp(seam.path_px, axis=0) / (box_xyxy[2:] - box_xyxy[:2])).max())
    if fill < settings.min_fill:
        raise PlateSeamDoubtfulError(
            f'The line fills {100.0 * fill:.0f} % of the region found by the network, at least '
            f'{100.0 * settings.min_fill:.0f} are needed: it is part of a seam, or something else.',
            _LOOK,
        )


def refuse_unconfirmed(seam: PlateSeam, confirmed: bool, settings: PlateSeamSettings) -> None:
    """Refuse a line of the whole image where the network sees no seam, unless it is certain by itself.

    Args:
        seam: As measured.
        confirmed: Whether the network sees a seam there.
        settings: The limit.

    Raises:
        PlateSeamDoubtfulError: says the confidence and the limit.
    """
    if not confirmed and seam.confidence < settings.min_confidence_alone:
        u, v = seam.path_px[len(seam.path_px) // 2]
        raise PlateSeamDoubtfulError(
            f'A line is seen about ({u:.0f}, {v:.0f}) px where the network sees no seam; its confidence is '
            f'{seam.confidence:.2f}, by itself {settings.min_confidence_alone:.2f} is needed.',
            'Is it the edge of a plate or clamp? If it is the seam: a region (plates.locate: box), or more light.',
        )


def refuse_rival(share: float, settings: PlateSeamSettings) -> None:
    """Refuse a seam beside which another could be meant as well.

    Args:
        share: How much speaks for the other one, as a part of what speaks for this.
        settings: The limit.

    Raises:
        PlateSeamAmbiguousError: says the share.
    """
    if share > settings.ambiguous_share:
        raise PlateSeamAmbiguousError(
            f'Two seams in the region could be meant: the weaker has {100.0 * share:.0f} % of the evidence for both.',
            'Narrow the region to one seam.',
        )


def refuse_doubtful(seam: PlateSeam, unseen_mm: float, settings: PlateSeamSettings) -> None:
    """Refuse a seam that is seen too little, too scattered, or whose confidence is too low.

    Args:
        seam: As measured.
        unseen_mm: Its longest stretch without a reading.
        settings: Limits.

    Raises:
        PlateSeamDoubtfulError: says the figure and its limit.
    """
    if unseen_mm > settings.max_unseen_mm:
        raise PlateSeamDoubtfulError(
            f'The seam is hidden for {unseen_mm:.0f} mm, at most {settings.max_unseen_mm:.0f} are bridged.', _LOOK
        )
    if seam.seen_share < settings.min_seen_share:
        raise PlateSeamDoubtfulError(
            f'Of the seam {100 * seam.seen_share:.0f} % are seen, {100 * settings.min_seen_share:.0f} are needed.',
            _LOOK,
        )
    if seam.scatter_mm > settings.max_scatter_mm:
        raise PlateSeamDoubtfulError(
            f'The readings scatter by {seam.scatter_mm:.2f} mm about the seam, at most {settings.max_scatter_mm:.2f} '
            'are trusted.',
            _LOOK,
        )
    if seam.confidence < settings.min_confidence:
        raise PlateSeamDoubtfulError(
            f'The confidence in the seam is {seam.confidence:.2f}, {settings.min_confidence:.2f} is needed.', _LOOK
        )
