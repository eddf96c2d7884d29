"""Plate seams drawn over the area camera's image, with the reasons of refusals."""

import cv2
import numpy as np

from weld_cell.errors import PlateSeamError
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import FloatArray, ImageArray, PlateSeam
from weld_cell.report.overlays import LINE_PX, label, to_bgr, wrapped

CHOSEN_BGR = (60, 255, 60)
OTHER_BGR = (0, 230, 255)
REGION_BGR = (255, 170, 60)
REFUSED_BGR = (40, 110, 255)
_SHIFT = 4  # OpenCV draws at 1/16 pixel
_CHOSEN_PX, _OTHER_PX, _RIM_PX, _BOX_PX = 5, 3, 4, 2
_ARROW_PX = 60.0
_START_PX = 9
_AWAY_PX = 40.0  # of a label from its seam
_LABEL_PX = 640  # widest line of a reason


def draw_plate_seams(pixels: ImageArray, survey: Survey, boxes_xyxy: FloatArray, chosen: int | None) -> ImageArray:
    """Every seam with its length and gap, the one to weld from its dot to its arrow, and the regions without one.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR.
        survey: What was found.
        boxes_xyxy: (n, 4) where it was looked for.
        chosen: Number of the seam to weld, from 0.

    Returns:
        A new picture (h, w, 3) BGR.
    """
    canvas = to_bgr(pixels)
    refusals = dict(zip(survey.refused, survey.refusals, strict=True))
    for number, error in refusals.items():
        _reason(canvas, boxes_xyxy[number], error)
    for number, box in enumerate(boxes_xyxy):
        _box(canvas, box, REFUSED_BGR if number in refusals else REGION_BGR)
    for number, seam in enumerate(survey.seams):
        _seam(canvas, seam, number == chosen)
    for number, seam in enumerate(survey.seams):
        _measures(canvas, seam, number, number == chosen)
    return canvas


def _box(canvas: ImageArray, box: FloatArray, colour: tuple[int, int, int]) -> None:
    height, width = canvas.shape[:2]
    inside = np.clip(np.round(box), 0, np.array([width, height, width, height]) - 1).astype(int)
    left, top, right, bottom = inside.tolist()
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, _BOX_PX)


def _seam(canvas: ImageArray, seam: PlateSeam, chosen: bool) -> None:
    line = np.round(seam.path_px * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
    width, colour = (_CHOSEN_PX, CHOSEN_BGR) if chosen else (_OTHER_PX, OTHER_BGR)
    cv2.polylines(canvas, [line], False, (0, 0, 0), width + _RIM_PX, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, [line], False, colour, width, cv2.LINE_AA, _SHIFT)
    if chosen:
        _direction(canvas, seam.path_px)


def _direction(canvas: ImageArray, path_px: FloatArray) -> None:
    """A dot where the weld starts, and an arrow where it ends."""
    along = path_px[-1] - path_px[-2]
    tail = path_px[-1] - _ARROW_PX * along / max(float(np.linalg.norm(along)), 1e-9)
    start, tail_px, tip = (tuple(np.round(point).astype(int).tolist()) for point in (path_px[0], tail, path_px[-1]))
    for grown, colour in ((_RIM_PX, (0, 0, 0)), (0, CHOSEN_BGR)):
        cv2.circle(canvas, start, _START_PX + grown // 2, colour, -1, cv2.LINE_AA)
        cv2.arrowedLine(canvas, tail_px, tip, colour, _CHOSEN_PX + grown, cv2.LINE_AA, tipLength=0.45)


def _measures(canvas: ImageArray, seam: PlateSeam, number: int, chosen: bool) -> None:
    lines = [
        f'seam {number + 1}{", to weld" if chosen else ""}: {seam.length_mm:.1f} mm long',
        f'gap {np.median(seam.gap_mm):.2f} mm ({seam.gap_mm.min():.2f} to {seam.gap_mm.max():.2f})',
        f'straight within {seam.straightness_mm:.2f} mm, confidence {seam.confidence:.2f}',
    ]
    label(canvas, lines, _beside(seam.path_px))


def _beside(path_px: FloatArray) -> FloatArray:
    """(2,) the upper left corner of a label on the right of a seam that runs down, or else below it."""
    middle, chord = path_px[len(path_px) // 2], path_px[-1] - path_px[0]
    upright = abs(chord[1]) > abs(chord[0])
    return np.asarray(middle + ([_AWAY_PX, -1.5 * LINE_PX] if upright else [-150.0, _AWAY_PX]), dtype=float)


def _reason(canvas: ImageArray, box: FloatArray, error: PlateSeamError) -> None:
    lines = wrapped(f'no seam: {error.message}', min(_LABEL_PX, canvas.shape[1] - 12))
    label(canvas, lines, box[:2] + _BOX_PX + 2)
