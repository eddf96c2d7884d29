"""Residuals of stripes in a laser calibration, as a picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from weld_cell.calibration.laser_plane import LaserPlane
from weld_cell.records import FloatArray, ImageArray
from weld_cell.wording import counted

WIDTH_PX, STRIP_PX, TEXT_PX, SCALE_PX, FOOT_PX = 960, 56, 230, 50, 28
_PAPER, _INK, _LINE, _POINT, _LEFT_OUT = (255, 255, 255), (0, 0, 0), (190, 190, 190), (170, 80, 0), (60, 60, 220)
_FONT, _SCALE, _SMALL = cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0.35
_QUANTILE = 0.99


def strips_picture(
    title: str, names: Sequence[str], curves: Sequence[FloatArray], used: Sequence[bool], unit: str
) -> ImageArray:
    """BGR picture: for each view how far its stripe is off, from one end of the stripe to the other.

    Args:
        title: First line.
        names: Of the views.
        curves: Of each view (n,) deviations, in order along the stripe.
        used: Whether a view took part; others are red.
        unit: Of the deviations.
    """
    everything = np.abs(np.concatenate([curve for curve, uses in zip(curves, used, strict=True) if uses]))
    limit = max(float(np.quantile(everything, _QUANTILE)) * 1.5, 1e-9)
    picture = np.full((STRIP_PX * (len(names) + 1) + FOOT_PX, WIDTH_PX, 3), _PAPER, np.uint8)
    cv2.putText(picture, title, (10, STRIP_PX // 2), _FONT, 0.55, _INK, 1, cv2.LINE_AA)
    across = f'upwards: deviation in {unit}; to the right: along the stripe, from its first point to its last'
    cv2.putText(picture, across, (TEXT_PX, len(picture) - 9), _FONT, _SCALE, _INK, 1, cv2.LINE_AA)
    for number, (name, curve, uses) in enumerate(zip(names, curves, used, strict=True)):
        _strip(picture[STRIP_PX * (number + 1) : STRIP_PX * (number + 2)], name, curve / limit, uses, unit, limit)
    return picture


def _strip(strip: ImageArray, name: str, curve: FloatArray, used: bool, unit: str, limit: float) -> None:
    middle, half = STRIP_PX // 2, STRIP_PX // 2 - 2
    cv2.line(strip, (TEXT_PX, middle), (WIDTH_PX, middle), _LINE, 1)
    for value, row in ((f'{limit:+.2g}', 11), ('0', middle + 4), (f'{-limit:+.2g}', STRIP_PX - 3)):
        cv2.putText(strip, value, (TEXT_PX - SCALE_PX, row), _FONT, _SMALL, _INK, 1, cv2.LINE_AA)
    cv2.line(strip, (0, 0), (WIDTH_PX, 0), _LINE, 1)
    rms = limit * float(np.sqrt(np.mean(curve**2)))
    for row, words in enumerate((name[-20:], f'{rms:.3g} {unit} RMS' + ('' if used else ', left out'))):
        cv2.putText(strip, words, (8, 20 + 20 * row), _FONT, _SCALE, _INK if used else _LEFT_OUT, 1, cv2.LINE_AA)
    xs = np.linspace(TEXT_PX, WIDTH_PX - 6, len(curve)).astype(int)
    ys = (middle - half * np.clip(curve, -1.0, 1.0)).astype(int)
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        cv2.circle(strip, (x, y), 1, _POINT if used else _LEFT_OUT, -1)


def laser_plane_picture(result: LaserPlane) -> ImageArray:
    """Distances of each view's stripe from the laser plane."""
    return strips_picture(
        f'Distance of the stripe from the laser plane: {result.scatter_mm:.3f} mm RMS over '
        f'{counted(result.used, "view")}',
        [view.name for view in result.views],
        [view.distances_mm for view in result.views],
        [view.used for view in result.views],
        'mm',
    )
