"""Augmentation: the stripe of a deeper or wider joint, made from that of another."""

import cv2
import numpy as np

from weld_cell.joint_type.curve import StripeCurve


def stretched(curve: StripeCurve, across: float, along: float) -> StripeCurve:
    """A curve and the light around it, drawn out.

    Args:
        curve: The stripe with the light around it.
        across: Factor of the columns, and so of every depth.
        along: Factor of the rows. What was seen at row r of the curve is then seen at (r + 1/2) along - 1/2.

    Returns:
        The curve in an image of its own, whose first pixel is (0, 0).

    Raises:
        ValueError: a factor is not above 0, or the light is not known.
    """
    if min(across, along) <= 0 or curve.light.size == 0:
        raise ValueError(
            f'expected factors above 0 and the light around the stripe, got {across:g} and {along:g} '
            f'for light of shape {curve.light.shape}'
        )
    height, width = curve.light.shape
    left, top = curve.light_origin_px
    size = max(1, round(width * across)), max(1, round(height * along))
    place = np.array([[across, 0.0, (across - 1) / 2], [0.0, along, (along - 1) / 2]])
    light = cv2.warpAffine(curve.light, place, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    rows = (np.arange(max(1, round(len(curve.columns_px) * along))) + 0.5) / along - 0.5
    nearest = np.clip(np.round(rows).astype(int), 0, len(curve.columns_px) - 1)
    columns = np.interp(rows, np.arange(len(curve.columns_px)), curve.columns_px)
    return StripeCurve(
        (curve.first_row_px - top + 0.5) * along - 0.5,
        (columns - left + 0.5) * across - 0.5,
        curve.intensity[nearest],
        curve.missing[nearest],
        np.asarray(light),
        (0, 0),
    )
