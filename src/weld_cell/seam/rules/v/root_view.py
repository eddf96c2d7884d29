"""Image patch around the root of an open v joint, centred on the apex of the walls."""

import cv2
import numpy as np

from weld_cell.seam.breakpoints import Finding
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.rules.v.evidence import RootView
from weld_cell.seam.rules.v.root_image import LEFT_PX, REACH_ROWS, SHAPE

_MM = 1e-3


def view_root(section: CrossSection, found: Finding, gap_lift: float) -> RootView | None:
    """The light around the root, or None where the profile does not know it.

    Args:
        section: The measured profile.
        found: The seam point in it.
        gap_lift: As of SeamObservation.
    """
    if section.light.size == 0:
        return None
    tangent = 0.5 / gap_lift
    y_up, z_up = found.normal
    across = np.array([z_up, -y_up])
    apex = found.seam - found.gap * gap_lift * found.normal - 0.5 * found.mismatch * tangent * across
    places = apex + np.array([[0.0, 0.0], [_MM, 0.0], [0.0, _MM]])
    middle, beside, above = section.upright_px(section.to_optical(places))
    towards = 1.0 if above[0] < middle[0] else -1.0
    column, row = middle - section.light_origin_px
    cut = np.array([[towards, 0.0, column - towards * LEFT_PX], [0.0, 1.0, row - REACH_ROWS]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    light = cv2.warpAffine(section.light, cut, SHAPE[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    geometry = np.array(
        [
            y_up,
            z_up,
            tangent,
            found.mismatch / _MM,
            -abs(above[0] - middle[0]),
            beside[1] - middle[1],
            above[1] - middle[1],
        ]
    )
    return RootView(np.asarray(light, np.uint8), geometry)
