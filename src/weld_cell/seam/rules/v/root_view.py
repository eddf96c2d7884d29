"""Image patch around the root of an open v joint, centred on the apex of the walls."""

import cv2
import numpy as np

from weld_cell.records import FloatArray
from weld_cell.seam.cross_section import CrossSection
from weld_cell.seam.rules.v.evidence import RootView
from weld_cell.seam.rules.v.root_image import LEFT_PX, REACH_ROWS, SHAPE

_MM = 1e-3


def view_root(
    section: CrossSection, around: FloatArray, upwards: FloatArray, tangent: float, mismatch: float
) -> RootView | None:
    """The light around the root, or None where the profile does not know it.

    Args:
        section: The measured profile.
        around: (3, 2) as of `weld_cell.seam.rules.v.root_sight.pixels_around`.
        upwards: (2,) unit vector out of the joint.
        tangent: Of half the groove angle.
        mismatch: Height of the right plate over the left one, metres.
    """
    if section.light.size == 0:
        return None
    _, beside, above = around
    towards = 1.0 if above[0] < 0.0 else -1.0
    column, row = around[0] - section.light_origin_px
    cut = np.array([[towards, 0.0, column - towards * LEFT_PX], [0.0, 1.0, row - REACH_ROWS]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    light = cv2.warpAffine(section.light, cut, SHAPE[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    geometry = np.array([*upwards, tangent, mismatch / _MM, -abs(above[0]), beside[1], above[1]])
    return RootView(np.asarray(light, np.uint8), geometry)
