"""Pictures of inspected spot welds: the image with circles and masks, and each weld with its heat map."""

import cv2
import numpy as np

from weld_cell.records import ImageArray, InspectedWeld, WeldInspection, WeldVerdict

COLOURS = {
    WeldVerdict.GOOD: (80, 200, 80),
    WeldVerdict.DOUBTFUL: (0, 200, 255),
    WeldVerdict.DEFECTIVE: (40, 40, 255),
}
_CUT = (180, 180, 180)
_TILE, _COLUMNS, _GAP, _TEXT = 128, 5, 6, 22
_HOTTEST = 3.0  # in thresholds


def draw_inspection(grey: ImageArray, found: WeldInspection) -> ImageArray:
    """(h, w, 3) BGR: each weld's circle in the colour of its verdict, with its number; defective pixels red."""
    canvas = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    tinted = canvas[found.mask].astype(float)
    canvas[found.mask] = (0.45 * tinted + 0.55 * np.array(COLOURS[WeldVerdict.DEFECTIVE])).astype(np.uint8)
    for region in found.cut:
        _circle(canvas, region.centre_px, region.radius_px, _CUT)
    for number, weld in enumerate(found.welds, 1):
        _circle(canvas, weld.region.centre_px, weld.region.radius_px, COLOURS[weld.verdict])
        place = (weld.region.centre_px + 0.95 * weld.region.radius_px + 3.0).astype(int).tolist()
        cv2.putText(canvas, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, COLOURS[weld.verdict], 1, cv2.LINE_AA)
    return canvas


def draw_gallery(grey: ImageArray, found: WeldInspection) -> ImageArray:
    """(h, w, 3) BGR: every weld with its heat map beside it, the worst first, with number, score and verdict."""
    numbered = sorted(enumerate(found.welds, 1), key=lambda each: -each[1].score)
    tiles = [_tile(grey, number, weld) for number, weld in numbered]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % min(_COLUMNS, len(tiles)))
    columns = min(_COLUMNS, len(tiles))
    return np.vstack([np.hstack(tiles[first : first + columns]) for first in range(0, len(tiles), columns)])


def _tile(grey: ImageArray, number: int, weld: InspectedWeld) -> ImageArray:
    left, top, right, bottom = weld.box_xyxy
    scale = np.array([(right - left) / _TILE, (bottom - top) / _TILE])
    into_image = np.array([[scale[0], 0.0, left + 0.5 * scale[0]], [0.0, scale[1], top + 0.5 * scale[1]]])
    crop = cv2.warpAffine(grey, into_image, (_TILE, _TILE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    seen = np.asarray(cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR), np.uint8)
    heat = cv2.resize(weld.anomaly_map.astype(np.float32), (_TILE, _TILE)) / _HOTTEST
    hot = cv2.applyColorMap((255.0 * heat.clip(0.0, 1.0)).astype(np.uint8), cv2.COLORMAP_INFERNO)
    mask = cv2.resize(weld.mask.astype(np.uint8), (_TILE, _TILE), interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(seen, outlines, -1, COLOURS[WeldVerdict.DEFECTIVE], 1)
    title = np.zeros((_TEXT, 2 * _TILE, 3), np.uint8)
    words = f'{number}: {weld.score:.2f} {weld.verdict}'
    cv2.putText(title, words, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, COLOURS[weld.verdict], 1, cv2.LINE_AA)
    tile = np.vstack([title, np.hstack([seen, np.asarray(hot, np.uint8)])])
    return np.asarray(cv2.copyMakeBorder(tile, 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT), np.uint8)


def _circle(canvas: ImageArray, centre: 'np.ndarray', radius: float, colour: tuple[int, int, int]) -> None:
    middle = (round(8 * float(centre[0])), round(8 * float(centre[1])))
    cv2.circle(canvas, middle, round(8 * 1.15 * radius), colour, 2, cv2.LINE_AA, 3)
