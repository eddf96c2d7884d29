"""Confirmation of lines traced in the whole image by the regions that the network found.

Two looks that know nothing of each other: the trace asks for a narrow dark line between two plates, the network for
what looks like a seam. An edge of a plate or of a clamp that passes for one of them seldom passes for both.
"""

from dataclasses import replace

import numpy as np

from weld_cell.errors import PlateSeamError
from weld_cell.plate_seam.refusals import refuse_unconfirmed
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import FloatArray, PlateSeam

_MARGIN_PX = 8.0  # about a region, within which a line is still its seam
_LEAST_FILL = 0.6  # least share of the one's extent in the other's, of a line and the region that confirms it


def confirm(survey: Survey, regions_xyxy: FloatArray, settings: PlateSeamSettings) -> Survey:
    """The survey without the lines that only one of both looks shows, unless they are certain by themselves.

    Args:
        survey: Of the whole image.
        regions_xyxy: (n, 4) the network's, in pixels; each confirms the one line that fills it best.
        settings: How certain a line must be by itself.
    """
    confirmed = _confirmed(survey.seams, regions_xyxy)
    seams: list[PlateSeam] = []
    refusals: list[PlateSeamError] = []
    for number, seam in enumerate(survey.seams):
        try:
            refuse_unconfirmed(seam, number in confirmed, settings)
            seams.append(seam)
        except PlateSeamError as error:
            refusals.append(error)
    if seams or not refusals:
        return replace(survey, seams=tuple(seams))
    return Survey((), (refusals[0],), (0,))


def _confirmed(seams: tuple[PlateSeam, ...], regions_xyxy: FloatArray) -> set[int]:
    """Numbers of the seams that a region confirms."""
    if not seams or not len(regions_xyxy):
        return set()
    fills = np.array([[_fill(seam.path_px, region) for seam in seams] for region in regions_xyxy])
    claims = fills * [seam.confidence for seam in seams]
    best = claims.argmax(axis=1)
    return {int(number) for number, fill in zip(best, fills, strict=True) if fill[number] >= _LEAST_FILL}


def _fill(path_px: FloatArray, region_xyxy: FloatArray) -> float:
    """How well a path (n, 2) and a region are each other: the lesser of the shares that they have of one another."""
    low, high = region_xyxy[:2] - _MARGIN_PX, region_xyxy[2:] + _MARGIN_PX
    within = path_px[((path_px >= low) & (path_px <= high)).all(axis=1)]
    if len(within) < 2:
        return 0.0
    filled = float((np.ptp(within, axis=0) / (region_xyxy[2:] - region_xyxy[:2])).max())
    return min(filled, len(within) / len(path_px))
