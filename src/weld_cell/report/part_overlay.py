"""Sheet-metal parts drawn over the area camera's image: matches, a new template, differences of two parts.

Every function returns a new BGR image (h, w, 3) and leaves its input as it was.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from weld_cell.errors import PartError, WeldCellError
from weld_cell.part_library.comparison import Comparison
from weld_cell.part_library.part import LibraryPart
from weld_cell.records import BoolArray, FloatArray, ImageArray, PartMatch, PartTemplate
from weld_cell.report.overlays import LINE_PX, label, to_bgr, wrapped

OUTLINE_BGR = (80, 220, 60)
DOUBTFUL_BGR = (0, 165, 255)
REFUSED_BGR = (40, 40, 255)
X_AXIS_BGR = (60, 60, 255)
Y_AXIS_BGR = (60, 255, 60)
BOX_BGR = (255, 160, 0)
ONLY_FIRST_BGR = (60, 60, 255)
ONLY_SECOND_BGR = (255, 140, 30)
DOUBTFUL_MARGIN = 0.1
_SHIFT = 4  # OpenCV draws at 1/16 pixel
_SPECK_PX = 12.0
_CROSS_PX = 30
_CAPTION_WIDTH_PX = 560
_ENLARGED = 2
_LABEL_AWAY_PX = 75.0  # from the origin, on the side that the axes leave free
_LABEL_MIDDLE_PX = np.array([52.0, 27.0])


def draw_parts(
    pixels: ImageArray,
    matches: Sequence[PartMatch],
    templates: Sequence[PartTemplate],
    refusals: Sequence[WeldCellError] = (),
) -> ImageArray:
    """Outline, axis, code and margin of each part, orange where the runner-up is near; why other things are not told.

    Args:
        pixels: (h, w) grey or (h, w, 3) BGR.
        matches: What was found.
        templates: Those that were sought.
        refusals: Numbered at their place, and in words along the lower border, as many as fit into its half.

    Raises:
        ValueError: a match is of no template.
    """
    canvas, by_code = to_bgr(pixels), {template.code: template for template in templates}
    for match in matches:
        if match.code not in by_code:
            raise ValueError(f'no template of code {match.code} among {", ".join(sorted(by_code)) or "none"}')
        template = by_code[match.code]
        colour = DOUBTFUL_BGR if match.margin < DOUBTFUL_MARGIN else OUTLINE_BGR
        contours = [_placed(contour, template, match) for contour in _contours(_stands_out(template))]
        _outline(canvas, contours, colour)
        size = float(np.ptp(np.concatenate(contours), axis=0).max()) if contours else 100.0
        _axes(canvas, match.origin_px, match.axis_deg, 0.2 * size)
        beside = match.origin_px - _LABEL_AWAY_PX * _heading(match.axis_deg - 45.0) - _LABEL_MIDDLE_PX
        label(canvas, [match.code, f'margin {match.margin:.2f}'], beside)
    _refused(canvas, refusals)
    return canvas


def draw_new_part(photo: ImageArray, part: LibraryPart, corner_px: tuple[int, int], box: Sequence[int]) -> ImageArray:
    """What is to become a template, for a person to confirm; a caption stands below the photo.

    Args:
        photo: (h, w) grey or (h, w, 3) BGR that it was cut out of.
        part: What was cut out.
        corner_px: u, v of its template in the photo.
        box: u, v, width and height of the region that was looked at.
    """
    canvas = _bordered(to_bgr(photo), 0, 3 * LINE_PX)
    u, v, width, height = box
    cv2.rectangle(canvas, (u, v), (u + width - 1, v + height - 1), BOX_BGR, 1)
    contours = [contour + corner_px for contour in _contours(part.cover > 127)]
    _outline(canvas, contours, OUTLINE_BGR)
    _axes(canvas, part.origin_px + corner_px, part.axis_deg, 0.2 * max(part.cover.shape))
    wide, high = part.size_mm
    label(
        canvas,
        [part.code, f'{wide:.1f} x {high:.1f} mm, {part.mm_per_px:.4g} mm/px'],
        np.array([4, photo.shape[0] + 4]),
    )
    return canvas


def draw_difference(comparison: Comparison) -> ImageArray:
    """The second part laid on the first: red is what only the first covers, blue what only the second."""
    first, size = comparison.first, (comparison.laid.shape[1] * _ENLARGED, comparison.laid.shape[0] * _ENLARGED)
    own, other = (cover.astype(np.float32)[..., None] / 255.0 for cover in (first.cover, comparison.laid))
    shared = np.minimum(own, other) * 110.0
    reds = np.maximum(own - other, 0.0) * np.array(ONLY_FIRST_BGR)
    blues = np.maximum(other - own, 0.0) * np.array(ONLY_SECOND_BGR)
    picture = np.clip(np.round(shared + reds + blues), 0, 255).astype(np.uint8)
    enlarged = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    canvas = _bordered(enlarged, 3 * LINE_PX, 0)
    other_name = comparison.second.code + (' mirrored' if comparison.mirrored else '')
    lines = [
        f'{first.code} (only it: red) and {other_name} (only it: blue)',
        f'differ by {comparison.differing_pct:.2f} % = {comparison.differing_mm2:.1f} mm2, F {comparison.score:.2e}',
    ]
    label(canvas, lines, np.array([4, 4]))
    return canvas


def _bordered(picture: ImageArray, above: int, below: int) -> ImageArray:
    """With room for a caption."""
    right = max(_CAPTION_WIDTH_PX - picture.shape[1], 0)
    bordered = cv2.copyMakeBorder(picture, above, below, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return np.asarray(bordered, np.uint8)


def _stands_out(template: PartTemplate) -> BoolArray:
    """Where a template shows the part rather than the background at the rim of its mask."""
    inner = cv2.erode(template.mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    rim = template.mask & (inner == 0)
    background = float(np.median(template.pixels[rim])) if rim.any() else 0.0
    off = np.abs(template.pixels.astype(np.float32) - background) * template.mask
    contrast = float(np.median(off[off > 0.3 * float(off.max())])) if off.max() > 0.0 else 1.0
    return np.asarray(off > 0.5 * contrast)


def _contours(part: BoolArray) -> list[FloatArray]:
    """Outline and holes, each (n, 2) u, v."""
    found, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [contour[:, 0].astype(float) for contour in found if cv2.contourArea(contour) > _SPECK_PX]


def _placed(points: FloatArray, template: PartTemplate, match: PartMatch) -> FloatArray:
    """Pixels of the template (n, 2) in the image."""
    turn = np.radians(match.axis_deg - template.axis_deg)
    linear = match.scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed: FloatArray = (points - template.origin_px) @ linear.T + match.origin_px
    return placed


def _outline(canvas: ImageArray, contours: list[FloatArray], colour: tuple[int, int, int]) -> None:
    lines = [np.round(contour * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2) for contour in contours]
    cv2.polylines(canvas, lines, True, (0, 0, 0), 4, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, lines, True, colour, 2, cv2.LINE_AA, _SHIFT)


def _axes(canvas: ImageArray, origin: FloatArray, axis_deg: float, length: float) -> None:
    """The part's x axis as an arrow, and half as long its y axis."""
    start = tuple(np.round(origin).astype(int).tolist())
    for turn_deg, share, colour in ((-90.0, 0.5, Y_AXIS_BGR), (0.0, 1.0, X_AXIS_BGR)):
        end = tuple(np.round(origin + share * length * _heading(axis_deg + turn_deg)).astype(int).tolist())
        cv2.arrowedLine(canvas, start, end, (0, 0, 0), 5, cv2.LINE_AA, tipLength=0.15)
        cv2.arrowedLine(canvas, start, end, colour, 3, cv2.LINE_AA, tipLength=0.15)
    cv2.circle(canvas, start, 5, X_AXIS_BGR, -1, cv2.LINE_AA)


def _heading(angle_deg: float) -> FloatArray:
    """Unit vector u, v."""
    return np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])


def _refused(canvas: ImageArray, refusals: Sequence[WeldCellError]) -> None:
    """A number at the place of each refusal, and all of them in words."""
    numbered = [f'{k}: {refusal}' if len(refusals) > 1 else str(refusal) for k, refusal in enumerate(refusals, 1)]
    lines = [line for text in numbered for line in wrapped(text, canvas.shape[1] - 12)]
    most = max(canvas.shape[0] // 2 // LINE_PX, 1)
    if lines:
        label(canvas, lines[:most], np.array([0, canvas.shape[0]]))
    for k, refusal in enumerate(refusals, 1):
        if isinstance(refusal, PartError) and refusal.at_px is not None:
            _cross(canvas, np.array(refusal.at_px), str(k) if len(refusals) > 1 else '')


def _cross(canvas: ImageArray, place: FloatArray, text: str) -> None:
    """A diagonal cross, and a text beside it."""
    u, v = np.round(place).astype(int).tolist()
    for colour, thickness in (((0, 0, 0), 6), (REFUSED_BGR, 3)):
        cv2.drawMarker(canvas, (u, v), colour, cv2.MARKER_TILTED_CROSS, _CROSS_PX, thickness, cv2.LINE_AA)
    if text:
        label(canvas, [text], place + [0.6 * _CROSS_PX, -0.5 * LINE_PX])
