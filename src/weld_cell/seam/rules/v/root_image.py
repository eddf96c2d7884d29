"""Rendered image of the root of an open v joint, from groove geometry and optics.

The stripe runs down one wall to the root gap, over the root face that the camera looks upon, over a backing if there
is one, and up the other wall; each wall shows the other's stripe once more (second reflection). Places are rows and
columns of a small picture around the walls' apex, in which walls rise towards smaller columns. Rows are drawn FINE
times as densely, then blurred along the columns by lens and motion.
"""

import math

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

REACH_ROWS = 14
"""The picture reaches so many rows to both sides of the apex."""
LEFT_PX, RIGHT_PX = 24, 14
"""And so many columns up and down from it."""
SHAPE = (2 * REACH_ROWS + 1, LEFT_PX + RIGHT_PX + 1)
FINE = 2
PAD_ROWS = 6
"""So far beyond the picture walls are drawn, as blur brings their light in."""
FINE_SHAPE = (2 * FINE * (REACH_ROWS + PAD_ROWS) + 1, SHAPE[1])
LIGHT_ROWS = 2.5
"""Between the places on a wall at which its light is given, counted from its lower end."""
_WALL_MM = 8.0  # drawn of each wall: more than the picture shows
_STRIPE_REACH_SIGMAS = 3.7  # beyond this no light is left of a stripe
_LEAST_SPREAD = 0.1  # a second reflection seen end on is no brighter than so


@compiled('UniTuple(float64, 4)(float64)')
def _angles(tangent: float) -> tuple[float, float, float, float]:
    """Sine and cosine of half the groove angle, by its tangent, and of thrice that: of the second reflections."""
    cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    sine_3, cosine_3 = 3.0 * sine - 4.0 * sine**3, 4.0 * cosine**3 - 3.0 * cosine
    return sine, cosine, sine_3, cosine_3


@compiled('float64[:, ::1](float64, float64, float64, float64[::1])')
def outline(gap: float, face: float, offset: float, geometry: FloatArray) -> FloatArray:
    """Fine row and column (8, 2) of the groove's corners.

    They are: up on the left wall, its lower end, both ends of the backing, lower end of the right wall, up on it, and
    the upper ends of the second reflection of the left and of the right wall, both of which begin at the apex.

    Args:
        gap: Root gap, mm.
        face: Height of the root face, mm.
        offset: Of the whole groove, columns.
        geometry: (7,) see `weld_cell.seam.rules.v.evidence.RootView`.
    """
    y_up, z_up, tangent, mismatch, columns, rows, rows_z = geometry
    sine, cosine, sine_3, cosine_3 = _angles(tangent)
    left, right = 0.5 * (mismatch * tangent - gap), 0.5 * (mismatch * tangent + gap)
    low, high = 0.5 * (gap / tangent - mismatch), 0.5 * (gap / tangent + mismatch)
    level = min(low, high) - face
    across = np.array(
        [-_WALL_MM * sine, left, left, right, right, _WALL_MM * sine, _WALL_MM * sine_3, -_WALL_MM * sine_3]
    )
    up = np.array(
        [_WALL_MM * cosine, low, level, level, high, _WALL_MM * cosine, _WALL_MM * cosine_3, _WALL_MM * cosine_3]
    )
    corners = np.empty((8, 2))
    for k in range(8):
        y, z = across[k] * z_up + up[k] * y_up, up[k] * z_up - across[k] * y_up
        corners[k, 0] = FINE * (rows * y + rows_z * z + REACH_ROWS + PAD_ROWS)
        corners[k, 1] = columns * z + LEFT_PX + offset
    return corners


@compiled('float64(float64[::1], float64)')
def _light_at(lights: FloatArray, rows: float) -> float:
    """Light of a wall so many rows from its end; lights are logarithms, constant beyond the last."""
    place = min(max(rows / LIGHT_ROWS, 0.0), len(lights) - 1.0)
    k = min(int(place), len(lights) - 2)
    return math.exp(lights[k] + (lights[k + 1] - lights[k]) * (place - k))


@compiled_helper()
def _add_stripe(line: FloatArray, column: float, sigma: float, light: float) -> None:
    """Add a Gaussian to one row (1, w): each value follows from the one before, without an exponential."""
    first = max(0, int(column - _STRIPE_REACH_SIGMAS * sigma))
    last = min(line.shape[1], int(column + _STRIPE_REACH_SIGMAS * sigma) + 2)
    half = 0.5 / (sigma * sigma)
    value = light * math.exp(-half * (first - column) ** 2)
    ratio, change = math.exp(-half * (2.0 * (first - column) + 1.0)), math.exp(-2.0 * half)
    for k in range(first, last):
        line[0, k] += value
        value *= ratio
        ratio *= change


@compiled('void(float64[:, ::1], float64[::1], float64[::1], float64[::1], float64, float64, float64)')
def _draw(
    picture: FloatArray,
    begin: FloatArray,
    end: FloatArray,
    lights: FloatArray,
    lit_from: float,
    share: float,
    sigma: float,
) -> None:
    """Draw a straight piece from a corner (2,) to one in a later row, by its share of a wall's light.

    Args:
        picture: FINE_SHAPE, drawn upon.
        begin, end: Fine row and column.
        lights: Of the wall, see `_light_at`.
        lit_from: Fine row at which they begin.
        share: Nothing is drawn where it is not positive.
        sigma: Width of the stripe, columns.
    """
    if end[0] <= begin[0] or share <= 0.0:
        return
    slope = (end[1] - begin[1]) / (end[0] - begin[0])
    for row in range(max(0, int(begin[0] + 0.5)), min(len(picture) - 1, int(end[0] + 0.5)) + 1):
        part = min(end[0], row + 0.5) - max(begin[0], row - 0.5)
        if part <= 0.0:
            continue
        middle = max(begin[0], row - 0.5) + 0.5 * part
        column = begin[1] + slope * (middle - begin[0])
        wide = math.sqrt(sigma * sigma + (slope * part) ** 2 / 12.0)
        if -_STRIPE_REACH_SIGMAS * wide < column < picture.shape[1] + _STRIPE_REACH_SIGMAS * wide:
            light = share * part * _light_at(lights, abs(middle - lit_from) / FINE) * sigma / wide
            _add_stripe(picture[row : row + 1], column, wide, light)


@compiled_helper()
def _at_row(begin: FloatArray, end: FloatArray, row: float) -> FloatArray:
    """(2,) the place on a piece, or its prolongation, in a row."""
    if end[0] == begin[0]:
        return begin.copy()
    return np.array([row, begin[1] + (end[1] - begin[1]) * (row - begin[0]) / (end[0] - begin[0])])


@compiled_helper()
def _draw_root(
    picture: FloatArray,
    corners: FloatArray,
    left: FloatArray,
    right: FloatArray,
    seen: FloatArray,
    backing: float,
    sigma: float,
) -> None:
    """Draw what lies between the walls' lower ends: the root face that is in sight, and the backing (0: none)."""
    first, last = corners[1].copy(), corners[4].copy()
    if corners[2, 0] > first[0]:
        end = _at_row(first, corners[2], min(corners[2, 0], last[0]))
        _draw(picture, first, end, left, end[0], seen[2] / seen[0], sigma)
        first = end
    if corners[3, 0] < last[0]:
        begin = _at_row(corners[3], last, max(corners[3, 0], first[0]))
        _draw(picture, begin, last, right, begin[0], -seen[2] / seen[1], sigma)
        last = begin
    if corners[3, 0] > corners[2, 0]:
        plate = 0.5 * (math.exp(left[0]) / seen[0] + math.exp(right[0]) / seen[1])
        _draw(
            picture,
            _at_row(corners[2], corners[3], first[0]),
            _at_row(corners[2], corners[3], last[0]),
            np.zeros(2),
            first[0],
            plate * backing,
            sigma,
        )


@compiled_helper()
def _draw_reflections(
    picture: FloatArray,
    corners: FloatArray,
    left: FloatArray,
    right: FloatArray,
    seen: FloatArray,
    share: float,
    offset: float,
    sigma: float,
) -> None:
    """Draw each wall's mirror image in the other one: it lies on a line through the apex, at thrice the angle."""
    apex = np.array([FINE * (REACH_ROWS + PAD_ROWS), LEFT_PX + offset], dtype=np.float64)
    ends = np.empty(2)  # of what is mirrored: as parts of the drawn walls, from the apex
    for side in range(2):
        ends[side] = max((corners[1 + 3 * side, 0] - apex[0]) / (corners[5 * side, 0] - apex[0]), 0.0)
    begin = _at_row(apex, corners[6], max(corners[4, 0], apex[0] + ends[0] * (corners[6, 0] - apex[0])))
    _draw(picture, begin, corners[6], left, begin[0], share * seen[3], sigma)
    end = _at_row(apex, corners[7], min(corners[1, 0], apex[0] + ends[1] * (corners[7, 0] - apex[0])))
    _draw(picture, corners[7], end, right, end[0], share * seen[4], sigma)


@compiled_helper()
def _facing_sensor(geometry: FloatArray) -> FloatArray:
    """How much (5,) the line of sight faces the left wall, the right wall and the left root face, against a surface
    square to the groove; and the light of the second reflections of the left and the right wall, against the wall's.
    """
    y_up, z_up, tangent, _, _, rows, rows_z = geometry
    slant = (-rows_z / rows * z_up - y_up) / (-rows_z / rows * y_up + z_up)
    sine, cosine, sine_3, cosine_3 = _angles(tangent)
    left, right = max(sine + cosine * slant, _LEAST_SPREAD), max(sine - cosine * slant, _LEAST_SPREAD)
    return np.array(
        [
            left,
            right,
            slant,
            left / max(sine_3 - slant * cosine_3, _LEAST_SPREAD),
            right / max(sine_3 + slant * cosine_3, _LEAST_SPREAD),
        ]
    )


@compiled('float64[:, ::1](float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[:, ::1])')
def draw_root(
    shape: FloatArray, left: FloatArray, right: FloatArray, blur: FloatArray, geometry: FloatArray, fine: FloatArray
) -> FloatArray:
    """The picture (SHAPE) of a groove's root; 1 is what saturates the camera.

    Args:
        shape: (6,) gap and face in mm, offset in columns, width of the stripe as sigma in columns, light of the
            backing against that of a wall that faces the camera, light of the second reflection against its wall's.
        left, right: (k,) logarithm of the walls' light, one every LIGHT_ROWS from their lower ends.
        blur: (b,) weights of fine rows 0, 1, ... away.
        geometry: (7,) see `weld_cell.seam.rules.v.evidence.RootView`.
        fine: FINE_SHAPE, scratch.
    """
    gap, face, offset, sigma, backing, share = shape
    corners, seen = outline(gap, face, offset, geometry), _facing_sensor(geometry)
    fine[:] = 0.0
    _draw(fine, corners[0], corners[1], left, corners[1, 0], 1.0, sigma)
    _draw(fine, corners[4], corners[5], right, corners[4, 0], 1.0, sigma)
    _draw_root(fine, corners, left, right, seen, backing, sigma)
    _draw_reflections(fine, corners, left, right, seen, share, offset, sigma)
    picture = np.zeros(SHAPE)
    for row in range(SHAPE[0]):
        middle = (row + PAD_ROWS) * FINE
        for near in range(max(0, middle - len(blur) + 1), min(len(fine), middle + len(blur))):
            weight = blur[abs(near - middle)]
            for column in range(SHAPE[1]):
                picture[row, column] += weight * fine[near, column]
    return picture
