"""Results of a stage drawn over its image, for RViz and reports.

All but `label` return a new BGR image (h, w, 3) and leave their input as it was.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from weld_cell.records import (
    FloatArray,
    ImageArray,
    JointTypeDecision,
    JointTypeEstimate,
    LengthScale,
    SeamObservation,
    StripeProfile,
)

STRIPE_BGR = (80, 220, 60)
BRIDGED_BGR = (0, 165, 255)
BREAK_POINT_BGR = (255, 160, 0)
SEAM_BGR = (60, 60, 255)
TEXT_BGR = (255, 255, 255)
OUTLINE_BGR = (0, 0, 0)
_SHIFT = 4  # OpenCV draws at 1/16 pixel
_LARGEST_GAP_PX = 1.5
_LABEL_SCALE = 0.6
LINE_PX = 24
"""Height of a line of a label."""


def to_bgr(pixels: ImageArray) -> ImageArray:
    """A BGR copy of a grey (h, w) or BGR (h, w, 3) image."""
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    return pixels.copy()


def draw_stripe(pixels: ImageArray, profile: StripeProfile) -> ImageArray:
    """The profile as a curve in a dark outline: green where measured, orange where bridged."""
    canvas = to_bgr(pixels)
    points = profile.pixels
    breaks = (
        np.flatnonzero((np.diff(profile.rows_px) > _LARGEST_GAP_PX) | (np.diff(profile.bridged.astype(np.int8)) != 0))
        + 1
    )
    pieces = [piece for piece in np.split(np.arange(len(points)), breaks) if len(piece)]
    curves = [_subpixel(points[piece]) for piece in pieces]
    colours = [BRIDGED_BGR if profile.bridged[piece[0]] else STRIPE_BGR for piece in pieces]
    width = _line_px(canvas)
    cv2.polylines(canvas, curves, False, OUTLINE_BGR, width + 2, cv2.LINE_AA, _SHIFT)
    for curve, colour in zip(curves, colours, strict=True):
        cv2.polylines(canvas, [curve], False, colour, width, cv2.LINE_AA, _SHIFT)
    return canvas


def _line_px(canvas: ImageArray) -> int:
    """Width of lines: the picture is looked at as a whole, and large ones are scaled down for that."""
    return max(2, int(max(canvas.shape[:2])) // 400)


def draw_joint_type(
    pixels: ImageArray,
    profile: StripeProfile,
    estimate: JointTypeEstimate,
    decision: JointTypeDecision | None = None,
) -> ImageArray:
    """The stripe, what this image says of the joint type, and what the vote says so far."""
    canvas = draw_stripe(pixels, profile)
    lines = [f'{estimate.joint_type}  margin {estimate.margin:.2f}']
    if decision is not None:
        assumed = '  scale assumed' if decision.scale == LengthScale.ASSUMED else ''
        lines.append(f'vote: {decision.joint_type}  {100 * decision.share:.0f} % of {decision.images}{assumed}')
    return _write(canvas, lines)


def draw_seam(pixels: ImageArray, profile: StripeProfile, observation: SeamObservation) -> ImageArray:
    """The stripe, its break points and the seam point."""
    canvas = draw_stripe(pixels, profile)
    for point in observation.break_points_px:
        _ring(canvas, point, _ring_px(canvas) // 2, BREAK_POINT_BGR)
    _ring(canvas, observation.seam_px, _ring_px(canvas), SEAM_BGR)
    lines = [
        f'{observation.joint_type}  u {observation.seam_px[0]:.2f} v {observation.seam_px[1]:.2f} px',
        f'gap {observation.gap_mm:.2f} mm  mismatch {observation.mismatch_mm:.2f} mm',
    ]
    return _write(canvas, lines)


def _subpixel(points: FloatArray) -> np.ndarray:
    return np.round(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def _ring_px(canvas: ImageArray) -> int:
    """Radius of a ring about a seam point."""
    return max(7, int(max(canvas.shape[:2])) // 50)


def _ring(canvas: ImageArray, centre: FloatArray, radius: int, colour: tuple[int, int, int]) -> None:
    """A circle in a dark outline."""
    width = _line_px(canvas)
    _circle(canvas, centre, radius, OUTLINE_BGR, width + 3)
    _circle(canvas, centre, radius, colour, width)


def _circle(canvas: ImageArray, centre: FloatArray, radius: int, colour: tuple[int, int, int], width: int) -> None:
    if not np.isfinite(centre).all():
        return
    x, y = (int(round(float(c) * (1 << _SHIFT))) for c in centre)
    cv2.circle(canvas, (x, y), radius << _SHIFT, colour, width, cv2.LINE_AA, _SHIFT)


def _write(canvas: ImageArray, lines: list[str]) -> ImageArray:
    """Text in the upper left corner, with a dark outline that keeps it legible on any image.

    The outline is grown from the letters: OpenCV 5 sets thicker letters wider, so that letters drawn twice in two
    thicknesses would not lie on each other.
    """
    band = canvas[: 20 * len(lines) + 10]
    letters = np.zeros(band.shape[:2], np.uint8)
    for number, line in enumerate(lines):
        cv2.putText(letters, line, (8, 20 + 20 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    outline = cv2.dilate(letters, np.ones((3, 3), np.uint8))
    band[:] = band * (1 - outline[..., None] / 255) + np.array(TEXT_BGR) * (letters[..., None] / 255)
    return canvas


def label(canvas: ImageArray, lines: Sequence[str], corner: FloatArray) -> None:
    """Text on a dark ground, drawn into a picture, moved so that all of it lies in it as far as it can.

    Args:
        canvas: (h, w, 3).
        lines: At least one.
        corner: (2,) u, v of its upper left corner.
    """
    width = 12 + max(map(_width, lines))
    size = np.array([width, LINE_PX * len(lines) + 6])
    u, v = np.clip(np.round(corner), 0, np.maximum(np.array(canvas.shape[1::-1]) - size, 0)).astype(int).tolist()
    ground = canvas[v : v + size[1], u : u + size[0]]
    ground[:] = ground // 4
    for number, line in enumerate(lines):
        place = (u + 6, v + LINE_PX * (number + 1) - 6)
        cv2.putText(canvas, line, place, cv2.FONT_HERSHEY_SIMPLEX, _LABEL_SCALE, TEXT_BGR, 1, cv2.LINE_AA)


def wrapped(text: str, width_px: int) -> list[str]:
    """A text as lines for `label`: lines of whole words, none wider than allowed unless a single word is."""
    lines = ['']
    for word in text.split():
        longer = f'{lines[-1]} {word}'.strip()
        if lines[-1] and _width(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _width(line: str) -> int:
    return int(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, _LABEL_SCALE, 1)[0][0])
