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
_ROUNDS, _TRIALS, _SETTLED = 9, 4, 0.05  # a round that wins less is the last one
_DAMPING, _EASIER, _HARDER = 1e-3, 0.2, 8.0


@compiled_helper('numpy')
def _cut_normal(first: float, last: float, sigma: float, row: int) -> tuple[float, float, float]:
    """Share, mean and variance of what lies between two places of a normal distribution about a row."""
    low, high = (first - row) / sigma, (last - row) / sigma
    if low > _REACH_SIGMAS or high < -_REACH_SIGMAS or high <= low:
        return 0.0, 0.0, 0.0
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
    first: float,
    last: float,
    through: tuple[float, float],
    slope: float,
    width: float,
    blur: float,
) -> None:
    """Draw a straight piece on (h, w), of a light of 1, from a row to another one.

    Args:
        through: Row and column of a point of its line.
        slope: Columns a row.
        width, blur: Sigmas of the stripe, columns, and of the lens, rows.
    """
    sigma = math.sqrt(blur * blur + _ROW_VARIANCE)
    for row in range(len(picture)):
        share, mean, variance = _cut_normal(first, last, sigma, row)
        if share > 0.0:
            wide = math.sqrt(width * width + slope * slope * variance)
            column = through[1] + slope * (mean - through[0])
            _draw_stripe(picture[row], column, wide, share * width / wide)


@compiled_helper('numpy')
def _draw(parameters: FloatArray, geometry: FloatArray, pictures: FloatArray) -> None:
    """Draw each piece, of a light of 1, on a picture of its own (7, h, w)."""
    row, column, rows_across, rows_up, columns_across, columns_up, tangent, mismatch = geometry
    gap, face, width, blur, offset = parameters[:_SHAPES]
    apex = (row, column + offset)
    cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
    sine = tangent * cosine
    sine_3, cosine_3 = 3.0 * sine - 4.0 * sine**3, 4.0 * cosine**3 - 3.0 * cosine
    left, right = 0.5 * (mismatch * tangent - gap), 0.5 * (mismatch * tangent + gap)
    low, high = 0.5 * (gap / tangent - mismatch), 0.5 * (gap / tangent + mismatch)
    level = min(low, high) - face
    left_end, right_end = row + rows_across * left + rows_up * low, row + rows_across * right + rows_up * high
    floor = (row + rows_across * left + rows_up * level, row + rows_across * right + rows_up * level)
    pictures[:] = 0.0
    pictures[_LEVEL] = 1.0
    for side in (-1.0, 1.0):
        wall, mirrored = (_LEFT, _RIGHT_MIRRORED) if side < 0.0 else (_RIGHT, _LEFT_MIRRORED)
        run, aside = side * rows_across * sine + rows_up * cosine, side * columns_across * sine + columns_up * cosine
        run_3 = side * rows_across * sine_3 + rows_up * cosine_3
        aside_3 = side * columns_across * sine_3 + columns_up * cosine_3
        other = max(high if side < 0.0 else low, 0.0) / cosine  # the lower end of what is mirrored, from the apex
        if side * run > _LEAST_RUN:
            ends = (-_FAR, left_end) if side < 0.0 else (right_end, _FAR)
            _draw_piece(pictures[wall], ends[0], ends[1], apex, aside / run, width, blur)
        if side * run_3 > _LEAST_RUN:
            begin = row + other * run_3
            ends = (-_FAR, min(left_end, begin)) if side < 0.0 else (max(right_end, begin), _FAR)
            _draw_piece(pictures[mirrored], ends[0], ends[1], apex, aside_3 / run_3, width, blur)
    on_floor = (row + rows_up * level, apex[1] + columns_up * level)
    first, last = max(floor[0], left_end), min(floor[1], right_end)
    _draw_piece(pictures[_BACKING], first, last, on_floor, columns_across / rows_across, width, blur)
    if floor[0] - left_end > _LEAST_RUN:
        upper = (left_end, apex[1] + columns_across * left + columns_up * low)
        slope = columns_up * (level - low) / (floor[0] - left_end)
        _draw_piece(pictures[_ROOT_FACE], left_end, min(floor[0], right_end), upper, slope, width, blur)
    elif right_end - floor[1] > _LEAST_RUN:
        upper = (right_end, apex[1] + columns_across * right + columns_up * high)
        slope = columns_up * (level - high) / (floor[1] - right_end)
        _draw_piece(pictures[_ROOT_FACE], max(floor[1], left_end), right_end, upper, slope, width, blur)


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
    off[:] = -light
    for k in range(_LIGHTS):
        if parameters[_SHAPES + k] != 0.0:
            off += parameters[_SHAPES + k] * pictures[k]


@compiled_helper('numpy')
def _cost(parameters: FloatArray, off: FloatArray, weight: FloatArray) -> float:
    """Weighted squares of the residuals and of what differs from what is expected."""
    total = (weight * off * off).sum()
    for k in range(_COUNT):
        total += _STIFFNESS[k] * (parameters[k] - _EXPECTED[k]) ** 2
    return float(total)


@compiled_helper('numpy')
def _slopes(
    parameters: FloatArray, geometry: FloatArray, pictures: FloatArray, moved: FloatArray, terms: FloatArray
) -> None:
    """Fill in the derivatives (5, h, w) of what is drawn by the shape.

    Those by offset and width follow from the differences between columns: a Gaussian obeys the heat equation.
    """
    drawn = np.zeros_like(moved[0])
    for piece in range(_LIGHTS - 1):
        if parameters[_SHAPES + piece] != 0.0:
            drawn += parameters[_SHAPES + piece] * pictures[piece]
    for k in (GAP, FACE, BLUR):
        tried = parameters.copy()
        tried[k] += _STEPS[k]
        _draw(tried, geometry, moved)
        terms[k] = -drawn / _STEPS[k]
        for piece in range(_LIGHTS - 1):
            if parameters[_SHAPES + piece] != 0.0:
                terms[k] += parameters[_SHAPES + piece] / _STEPS[k] * moved[piece]
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
    for a in range(first, _COUNT):
        weighted = columns[a] * weights
        pull[a] = -np.dot(weighted, seen) - _STIFFNESS[a] * (parameters[a] - _EXPECTED[a])
        for b in range(first, a + 1):
            normal[a, b] = normal[b, a] = np.dot(weighted, columns[b])
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
    _draw(parameters, geometry, terms[_SHAPES:])
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
    pictures, moved, best, cost = terms[_SHAPES:], np.empty_like(terms[_SHAPES:]), 0, np.inf
    for k in range(len(starts)):
        _, reached = _with_lights(starts[k], light, weight, geometry, terms, off)
        best, cost = (k, reached) if reached < cost else (best, cost)
    parameters, cost = _with_lights(starts[best], light, weight, geometry, terms, off)
    damping = _DAMPING
    for _ in range(_ROUNDS):
        _slopes(parameters, geometry, pictures, moved, terms)
        normal, pull = _normal_equations(parameters, terms, off, weight, 0)
        before = cost
        for _ in range(_TRIALS):
            damped = normal.copy()
            for a in range(_COUNT):
                damped[a, a] *= 1.0 + damping
            tried = np.minimum(np.maximum(parameters + np.linalg.solve(damped, pull), _LEAST), _GREATEST)
            _draw(tried, geometry, moved)
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
