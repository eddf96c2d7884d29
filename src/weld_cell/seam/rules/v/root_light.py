"""Root gap of an open v joint from the light around its root in one image.

Where the walls end is read from their light better than from the stripe's centres: lens and backing pull these
together, while a wall's light falls to one half at its end. So the light is drawn (both walls, a level backing, the
root face in sight, each wall's mirror image in the other one) and fitted (Levenberg and Marquardt): root gap, root
face, width of the stripe, blur along it and the brightness of each piece, of which none is presumed. Saturated pixels
take no part.

In each row the light of a straight piece is a Gaussian about the mean column of what the lens brings in of it: the
moments of a normal distribution cut off at the piece's ends.
"""

import math

import numpy as np

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray

GAP, FACE, WIDTH, BLUR, OFFSET = range(5)
_LEFT, _RIGHT, _BACKING, _LEFT_MIRRORED, _RIGHT_MIRRORED, _ROOT_FACE, _LEVEL = range(7)
_SHAPES, _LIGHTS = 5, 7
_COUNT = _SHAPES + _LIGHTS
_ONES = np.ones(_LIGHTS)
_OF_FACE = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0])  # 1 for the pieces that the depth of the root face moves
# Root gap and face, mm; sigmas of the stripe, columns, and of the lens, rows; offset, columns; light of each piece.
_LEAST = np.array([0.0, 0.02, 0.5, 0.3, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -np.inf])
_GREATEST = np.array([np.inf, 4.0, 8.0, 3.0, 2.0, np.inf, np.inf, np.inf, np.inf, np.inf, np.inf, np.inf])
_EXPECTED = np.array([0.0, 1.0, 2.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
_STIFFNESS = np.array([1e-9, 0.02, 1e-9, 6.0, 11.0, 1e-9, 1e-9, 1e-4, 1e-4, 1e-4, 1e-4, 1e-9])  # so weak that it
_STEPS = np.array([0.02, 0.03, 0.0, 0.05, 0.0])  # matters only where the light leaves something open
_NOISE, _SPECKLE = 4.0, 0.1  # grey values, and share of the light
_CORRELATED_PIXELS = 8.0  # pixels with correlated errors count as one
_SATURATED = 250.0
_REACH_SIGMAS = 3.7  # beyond this no light is left of a stripe
_FAR = 1e3  # rows
_LEAST_SHARE, _LEAST_RUN = 1e-4, 0.1
_ROW_VARIANCE = 1.0 / 12.0  # of a row's own height
_ROUNDS, _TRIALS, _SETTLED = 9, 4, 0.2  # a round that wins less is the last one
_DAMPING, _EASIER, _HARDER = 1e-3, 0.2, 8.0


@compiled_helper('numpy')
def _cut_normal(first: float, last: float, sigma: float, row: int) -> tuple[float, float, float]:
    """Share, mean and variance of what lies between two places of a normal distribution about a row."""
    low, high = (first - row) / sigma, (last - row) / sigma
    if low > _REACH_SIGMAS or high < -_REACH_SIGMAS or high <= low:
        return 0.0, 0.0, 0.0
    if low < -_REACH_SIGMAS and high > _REACH_SIGMAS:
        return 1.0, float(row), sigma * sigma
    low, high = max(low, -9.0), min(high, 9.0)
    share = 0.5 * (math.erf(high / math.sqrt(2.0)) - math.erf(low / math.sqrt(2.0)))
    if share < _LEAST_SHARE:
        return 0.0, 0.0, 0.0
    unit = share * math.sqrt(2.0 * math.pi)
    at_low, at_high = math.exp(-0.5 * low * low) / unit, math.exp(-0.5 * high * high) / unit
    mean = at_low - at_high
    variance = max(1.0 + low * at_low - high * at_high - mean * mean, 0.0)
    return share, row + sigma * mean, sigma * sigma * variance


@compiled_helper('numpy')
def _draw_stripe(line: FloatArray, column: float, sigma: float, light: float) -> None:
    """Add a Gaussian to a row (w,): each value follows from the one before, without an exponential."""
    first = max(0, int(column - _REACH_SIGMAS * sigma))
    last = min(len(line), int(column + _REACH_SIGMAS * sigma) + 2)
    half = 0.5 / (sigma * sigma)
    value = light * math.exp(-half * (first - column) ** 2)
    ratio, change = math.exp(-half * (2.0 * (first - column) + 1.0)), math.exp(-2.0 * half)
    for k in range(first, last):
        line[k] += value
        value *= ratio
        ratio *= change


@compiled_helper('numpy')
def _draw_piece(
    picture: FloatArray,
    rows: tuple[float, float],
    through: tuple[float, float],
    slope: float,
    sigmas: tuple[float, float],
    light: float,
) -> None:
    """Add a straight piece to (h, w).

    Args:
        rows: At which it begins and ends.
        through: Row and column of a point of its line.
        slope: Columns a row.
        sigmas: Of the stripe, columns, and of the lens, rows.
        light: Of the piece; without any nothing is drawn.
    """
    if light == 0.0:
        return
    width, blur = sigmas
    sigma = math.sqrt(blur * blur + _ROW_VARIANCE)
    for row in range(len(picture)):
        share, mean, variance = _cut_normal(rows[0], rows[1], sigma, row)
        if share > 0.0:
            wide = math.sqrt(width * width + slope * slope * variance)
            column = through[1] + slope * (mean - through[0])
            _draw_stripe(picture[row], column, wide, light * share * width / wide)


@compiled_helper('numpy')
def _draw(parameters: FloatArray, geometry: FloatArray, lights: FloatArray, pictures: FloatArray) -> None:
    """Draw the pieces with their lights (7,), on a picture of its own each (7, h, w), or on one for all (1, h, w)."""
    each = len(pictures) // _LIGHTS
    row, column, rows_across, rows_up, columns_across, columns_up, tangent, mismatch = geometry
    gap, face, width, blur, offset = parameters[:_SHAPES]
    apex, sigmas = (row, column + offset), (width, blur)
    cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    sine_3, cosine_3 = 3.0 * sine - 4.0 * sine**3, 4.0 * cosine**3 - 3.0 * cosine
    left, right = 0.5 * (mismatch * tangent - gap), 0.5 * (mismatch * tangent + gap)
    low, high = 0.5 * (gap / tangent - mismatch), 0.5 * (gap / tangent + mismatch)
    level = min(low, high) - face
    left_end, right_end = row + rows_across * left + rows_up * low, row + rows_across * right + rows_up * high
    floor = (row + rows_across * left + rows_up * level, row + rows_across * right + rows_up * level)
    pictures[:] = 0.0
    pictures[_LEVEL * each] += lights[_LEVEL]
    for side in (-1.0, 1.0):
        wall, mirrored = (_LEFT, _RIGHT_MIRRORED) if side < 0.0 else (_RIGHT, _LEFT_MIRRORED)
        run, aside = side * rows_across * sine + rows_up * cosine, side * columns_across * sine + columns_up * cosine
        run_3 = side * rows_across * sine_3 + rows_up * cosine_3
        aside_3 = side * columns_across * sine_3 + columns_up * cosine_3
        other = max(high if side < 0.0 else low, 0.0) / cosine  # the lower end of what is mirrored, from the apex
        if side * run > _LEAST_RUN:
            ends = (-_FAR, left_end) if side < 0.0 else (right_end, _FAR)
            _draw_piece(pictures[wall * each], ends, apex, aside / run, sigmas, lights[wall])
        if side * run_3 > _LEAST_RUN:
            begin = row + other * run_3
            ends = (-_FAR, min(left_end, begin)) if side < 0.0 else (max(right_end, begin), _FAR)
            _draw_piece(pictures[mirrored * each], ends, apex, aside_3 / run_3, sigmas, lights[mirrored])
    on_floor = (row + rows_up * level, apex[1] + columns_up * level)
    ends = (max(floor[0], left_end), min(floor[1], right_end))
    _draw_piece(pictures[_BACKING * each], ends, on_floor, columns_across / rows_across, sigmas, lights[_BACKING])
    face_light, face_picture = lights[_ROOT_FACE], pictures[_ROOT_FACE * each]
    if floor[0] - left_end > _LEAST_RUN:
        upper = (left_end, apex[1] + columns_across * left + columns_up * low)
        slope = columns_up * (level - low) / (floor[0] - left_end)
        _draw_piece(face_picture, (left_end, min(floor[0], right_end)), upper, slope, sigmas, face_light)
    elif right_end - floor[1] > _LEAST_RUN:
        upper = (right_end, apex[1] + columns_across * right + columns_up * high)
        slope = columns_up * (level - high) / (floor[1] - right_end)
        _draw_piece(face_picture, (max(floor[1], left_end), right_end), upper, slope, sigmas, face_light)


@compiled_helper('numpy')
def _weights(light: FloatArray) -> tuple[FloatArray, int]:
    """One over the variance (h, w) of each pixel, 0 where it is saturated; and how many are not."""
    weight, seen, ambient = np.zeros_like(light), 0, np.median(light)
    for i in range(light.shape[0]):
        for j in range(light.shape[1]):
            if light[i, j] < _SATURATED:
                speckle = _SPECKLE * max(light[i, j] - ambient, 0.0)
                weight[i, j] = 1.0 / (_CORRELATED_PIXELS * (_NOISE**2 + speckle**2))
                seen += 1
    return weight, seen


@compiled_helper('numpy')
def _residuals(parameters: FloatArray, pictures: FloatArray, light: FloatArray, off: FloatArray) -> None:
    """Fill in what is drawn less what is seen (h, w)."""
    for i in range(light.shape[0]):
        for j in range(light.shape[1]):
            off[i, j] = parameters[_SHAPES + _LEVEL] - light[i, j]
        for k in range(_LIGHTS - 1):
            if parameters[_SHAPES + k] != 0.0:
                for j in range(light.shape[1]):
                    off[i, j] += parameters[_SHAPES + k] * pictures[k, i, j]


@compiled_helper('numpy')
def _cost(parameters: FloatArray, off: FloatArray, weight: FloatArray) -> float:
    """Weighted squares of the residuals and of what differs from what is expected."""
    total = (weight * off * off).sum()
    for k in range(_COUNT):
        total += _STIFFNESS[k] * (parameters[k] - _EXPECTED[k]) ** 2
    return float(total)


@compiled_helper('numpy')
def _slopes(parameters: FloatArray, geometry: FloatArray, pictures: FloatArray, terms: FloatArray) -> None:
    """Fill in the derivatives (5, h, w) of what is drawn by the shape.

    Those by offset and width follow from the differences between columns: a Gaussian obeys the heat equation.
    """
    lights = parameters[_SHAPES:].copy()
    lights[_LEVEL] = 0.0
    drawn, moving = np.zeros_like(pictures[0]), np.zeros_like(pictures[0])
    for piece in range(_LIGHTS - 1):
        if lights[piece] != 0.0:
            drawn += lights[piece] * pictures[piece]
    for k in (GAP, FACE, BLUR):
        moving[:] = drawn
        if k == FACE:
            moving[:] = lights[_BACKING] * pictures[_BACKING] + lights[_ROOT_FACE] * pictures[_ROOT_FACE]
        tried = parameters.copy()
        tried[k] += _STEPS[k]
        _draw(tried, geometry, lights * _OF_FACE if k == FACE else lights, terms[k : k + 1])
        terms[k] = (terms[k] - moving) / _STEPS[k]
    terms[WIDTH] = 0.0
    terms[OFFSET] = 0.0
    width = parameters[WIDTH]
    for i in range(drawn.shape[0]):
        for j in range(1, drawn.shape[1] - 1):
            terms[OFFSET, i, j] = 0.5 * (drawn[i, j - 1] - drawn[i, j + 1])
            terms[WIDTH, i, j] = width * (drawn[i, j - 1] - 2.0 * drawn[i, j] + drawn[i, j + 1]) + drawn[i, j] / width


@compiled_helper('numpy')
def _normal_equations(
    parameters: FloatArray, terms: FloatArray, off: FloatArray, weight: FloatArray, first: int
) -> tuple[FloatArray, FloatArray]:
    """Matrix (12, 12) and right-hand side (12,); held is what comes before the first or would leave a limit."""
    count = off.size
    columns, seen, weights = terms.reshape(_COUNT, count), off.reshape(count), weight.reshape(count)
    normal, pull = np.eye(_COUNT), np.zeros(_COUNT)
    weighted = columns[first:] * weights
    normal[first:, first:] = np.dot(weighted, columns[first:].T)
    pull[first:] = -np.dot(weighted, seen)
    for a in range(first, _COUNT):
        pull[a] -= _STIFFNESS[a] * (parameters[a] - _EXPECTED[a])
        normal[a, a] += _STIFFNESS[a]
    for a in range(first, _COUNT):
        low = parameters[a] <= _LEAST[a] and pull[a] < 0.0
        high = parameters[a] >= _GREATEST[a] and pull[a] > 0.0
        if low or high:
            normal[a, :] = 0.0
            normal[:, a] = 0.0
            normal[a, a], pull[a] = 1.0, 0.0
    return normal, pull


@compiled_helper('numpy')
def _with_lights(
    shape: FloatArray, light: FloatArray, weight: FloatArray, geometry: FloatArray, terms: FloatArray, off: FloatArray
) -> tuple[FloatArray, float]:
    """Parameters (12,) of a shape (5,) with the lights that suit it best, and the cost; terms hold its pictures."""
    parameters = np.zeros(_COUNT)
    parameters[:_SHAPES] = np.minimum(np.maximum(shape, _LEAST[:_SHAPES]), _GREATEST[:_SHAPES])
    _draw(parameters, geometry, _ONES, terms[_SHAPES:])
    off[:] = -light
    normal, pull = _normal_equations(parameters, terms, off, weight, _SHAPES)
    parameters = np.maximum(parameters + np.linalg.solve(normal, pull), _LEAST)
    _residuals(parameters, terms[_SHAPES:], light, off)
    return parameters, _cost(parameters, off, weight)


@compiled('Tuple((float64[::1], float64))(float64[:, ::1], float64[:, ::1], float64[::1])', error_model='numpy')
def fit_root(light: FloatArray, starts: FloatArray, geometry: FloatArray) -> tuple[FloatArray, float]:
    """What explains the light around a root best.

    Args:
        light: (h, w) grey values; the walls rise towards smaller columns.
        starts: (n, 5) root gap and face, mm, sigmas of the stripe, columns, and of the lens, rows, offset, columns:
            the best of them is refined.
        geometry: (8,) row and column of the walls' apex; rows for a millimetre across the joint and for one out of
            it; columns for them; tangent of half the groove angle; height of the right plate over the left one, mm.

    Returns:
        (12,) the shape, as a start, and the lights: left and right wall, backing, mirror images of both walls, root
        face, ambient light; and what they leave unexplained of a pixel on average, in squared sigmas.
    """
    weight, seen = _weights(light)
    terms, off = np.zeros((_COUNT, light.shape[0], light.shape[1])), np.empty_like(light)
    pictures, moved = terms[_SHAPES:], np.empty_like(terms[_SHAPES:])
    best, best_off, parameters, cost = moved.copy(), off.copy(), np.empty(_COUNT), np.inf
    for k in range(len(starts)):
        started, reached = _with_lights(starts[k], light, weight, geometry, terms, off)
        if k == 0 or reached < cost:
            parameters, cost = started, reached
            best[:], best_off[:] = pictures, off
    pictures[:], off[:] = best, best_off
    damping = _DAMPING
    for _ in range(_ROUNDS):
        _slopes(parameters, geometry, pictures, terms)
        normal, pull = _normal_equations(parameters, terms, off, weight, 0)
        before = cost
        for _ in range(_TRIALS):
            damped = normal.copy()
            for a in range(_COUNT):
                damped[a, a] *= 1.0 + damping
            tried = np.minimum(np.maximum(parameters + np.linalg.solve(damped, pull), _LEAST), _GREATEST)
            _draw(tried, geometry, _ONES, moved)
            _residuals(tried, moved, light, off)
            reached = _cost(tried, off, weight)
            if reached < cost:
                parameters, cost, damping = tried, reached, damping * _EASIER
                pictures[:] = moved
                break
            damping *= _HARDER
        if before - cost < _SETTLED:
            break
    return parameters, _CORRELATED_PIXELS * cost / max(seen, 1)
