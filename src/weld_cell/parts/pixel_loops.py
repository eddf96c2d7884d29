"""Compiled pixel loops of this stage: an image sampled in the frame of a template.

A placement stands here as (u, v, a, b): the template's centre in the image, and a = s cos, b = s sin of its turn, so
that a point (x, y) of the template, from its centre, lies at (u + a x - b y, v + b x + a y). Outside, an image is
black.
"""

import numpy as np
from numpy.typing import NDArray

from weld_cell.compiled import compiled, compiled_helper
from weld_cell.records import FloatArray, ImageArray

Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Sums = tuple[float, float, float, float]
Placed = tuple[float, float, float, float]
Greys = tuple[float, float, float, float]

LEAST_GAIN, MOST_GAIN = 0.2, 5.0
LEAST_LIGHT, MOST_LIGHT = 0.5, 1.4
BLOCK_PX = 8
SMALL_STEP_PX = 2e-3


@compiled('float32(uint8[:, ::1], float64, float64)')
def _grey(image: ImageArray, u: float, v: float) -> np.float32:
    """Bilinear sample; black outside."""
    if not (0.0 <= u < image.shape[1] - 1 and 0.0 <= v < image.shape[0] - 1):
        return np.float32(0.0)
    column, row = np.uint64(u), np.uint64(v)
    du, dv = np.float32(u - column), np.float32(v - row)
    one = np.uint64(1)
    left, right = np.float32(image[row, column]), np.float32(image[row, column + one])
    low_left, low_right = np.float32(image[row + one, column]), np.float32(image[row + one, column + one])
    top, low = left + du * (right - left), low_left + du * (low_right - low_left)
    return np.float32(top + dv * (low - top))


@compiled('UniTuple(float64, 2)(uint8[:, ::1], float32[:, ::1], UniTuple(float64, 4))')
def _medians(image: ImageArray, points: Float32Array, placed: Placed) -> tuple[float, float]:
    """Of the image and of the template, over points (k, 3)."""
    u0, v0, a, b = placed
    seen = np.empty(len(points), np.float32)
    for k in range(len(points)):
        x, y = float(points[k, 0]), float(points[k, 1])
        seen[k] = _grey(image, u0 + a * x - b * y, v0 + b * x + a * y)
    return float(np.median(seen)), float(np.median(points[:, 2]))


@compiled('float32[::1](uint8[:, ::1], float64[::1], float64[::1])')
def samples(image: ImageArray, u: FloatArray, v: FloatArray) -> Float32Array:
    """(k,) bilinear samples at u, v (k,); black outside."""
    values = np.empty(len(u), np.float32)
    for k in range(len(u)):
        values[k] = _grey(image, u[k], v[k])
    return values


@compiled(
    'UniTuple(float64, 4)(uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], uint8[:, ::1], int64[:, ::1], '
    'float32[:, ::1], float64, float64, float64, float64, float64)'
)
def match_sums(
    sampled: ImageArray,
    pixels: ImageArray,
    plain: ImageArray,
    left_out: ImageArray,
    runs: IntArray,
    light: Float32Array,
    background: float,
    gain: float,
    bias: float,
    dead_zone: float,
    surface_zone: float,
) -> Sums:
    """What D and E are made of, over the pixels of a template that count.

    A pixel's difference is that of the image to gain * T + bias (within 0 to 255, as a camera clips), over the gain,
    less the dead zone. Metal is expected as much darker or brighter than that as the light says.

    Args:
        sampled: (m, n) the image in the frame of the template.
        pixels: (m, n) the template.
        plain: (m, n) not 0 on metal away from edges, where the surface may differ.
        left_out: (m, n) not 0 where the image does not count; (0, 0): it counts everywhere.
        runs: (k, 3) row, first column, column after the last: the pixels that count.
        light: (m // BLOCK_PX + 1, n // BLOCK_PX + 1) of the metal in each block; (1, 1): the same everywhere.
        background: Grey of the template's background.
        gain: Of the image over the template.
        bias: As well, in grey levels.
        dead_zone: In grey levels of the template.
        surface_zone: The dead zone of plain metal.

    Returns:
        Number of pixels, sum of T, sum of |difference| T, sum of difference^2.
    """
    everywhere = light.size == 1
    over_gain, none, most = np.float32(1.0 / gain), np.float32(0.0), np.float32(255.0)
    slope, dark, low = np.float32(gain), np.float32(gain * background + bias), np.float32(background)
    narrow, wide = np.float32(dead_zone), np.float32(max(surface_zone, dead_zone))
    count, sum_t, sum_weighted, sum_square = 0, 0, 0.0, 0.0
    for k in range(len(runs)):
        row = runs[k, 0]
        for column in range(runs[k, 1], runs[k, 2]):
            if left_out.size > 0 and left_out[row, column]:
                continue
            t = np.float32(pixels[row, column])
            lit = light[0, 0] if everywhere else light[row // BLOCK_PX, column // BLOCK_PX]
            expected = min(max(dark + slope * (t - low) * lit, none), most)
            zone = wide if plain[row, column] else narrow
            difference = max(abs(np.float32(sampled[row, column]) - expected) * over_gain - zone, none)
            count += 1
            sum_t += pixels[row, column]
            sum_weighted += difference * t
            sum_square += difference * difference
    return float(count), float(sum_t), sum_weighted, sum_square


@compiled('float32[:, ::1](uint8[:, ::1], uint8[:, ::1], float64, float64)')
def light_on_metal(sampled: ImageArray, plain: ImageArray, bright: float, dark: float) -> Float32Array:
    """(m // BLOCK_PX + 1, n // BLOCK_PX + 1) how bright plain metal is around each block, over what is expected.

    Oil, rust and shadows darken it over tens of pixels, to its very edge. Pixels less than half as bright as expected
    are marks or holes, and are left out.

    Args:
        sampled: (m, n) the image in the frame of the template.
        plain: (m, n) not 0 on metal away from edges.
        bright: Grey that metal is expected to have in the image.
        dark: Grey that the background is expected to have.
    """
    rows, columns = sampled.shape[0] // BLOCK_PX + 1, sampled.shape[1] // BLOCK_PX + 1
    total, count = np.zeros((rows + 2, columns + 2)), np.zeros((rows + 2, columns + 2))
    least = dark + 0.5 * (bright - dark)
    for row in range(sampled.shape[0]):
        for column in range(sampled.shape[1]):
            if plain[row, column] and sampled[row, column] > least:
                total[row // BLOCK_PX + 1, column // BLOCK_PX + 1] += sampled[row, column]
                count[row // BLOCK_PX + 1, column // BLOCK_PX + 1] += 1.0
    light = np.ones((rows, columns), np.float32)
    for i in range(rows):
        for j in range(columns):
            seen = count[i : i + 3, j : j + 3].sum()
            if seen >= BLOCK_PX:
                light[i, j] = (total[i : i + 3, j : j + 3].sum() / seen - dark) / (bright - dark)
    return light


@compiled('UniTuple(float64, 2)(uint8[:, ::1], float32[:, ::1], float32[:, ::1], UniTuple(float64, 4))')
def flat_gain_and_bias(
    image: ImageArray, metal: Float32Array, background: Float32Array, placed: Placed
) -> tuple[float, float]:
    """Gain and bias of the image over the template by the medians of two sets of pixels away from edges.

    Medians, so that metal of a neighbour on less than half of the background, or dirt, changes neither.

    Args:
        image: (h, w).
        metal: (k, 3) x, y from the template's centre, and grey value, on the part; at least one.
        background: (j, 3) the same beside it; (0, 3): the bias is 0.
        placed: Where the template lies.
    """
    bright, bright_t = _medians(image, metal, placed)
    if len(background) == 0:
        return min(max(bright / bright_t, LEAST_GAIN), MOST_GAIN), 0.0
    dark, dark_t = _medians(image, background, placed)
    gain = min(max((bright - dark) / (bright_t - dark_t), LEAST_GAIN), MOST_GAIN)
    return gain, dark - gain * dark_t


@compiled('float32(uint8[:, ::1], float64, float64, float64, float64)')
def _rim_light(image: ImageArray, u: float, v: float, bright: float, dark: float) -> np.float32:
    """How bright metal is beside an edge, over what is expected; 1 where that is a mark or a hole."""
    light = np.float32((_grey(image, u, v) - dark) / (bright - dark))
    return light if LEAST_LIGHT < light < MOST_LIGHT else np.float32(1.0)


@compiled_helper()
def _normal_equations(
    image: ImageArray,
    edges: Float32Array,
    placed: Placed,
    greys: Greys,
    trust_grey: float,
    rim_px: float,
    normal: FloatArray,
    right: FloatArray,
) -> None:
    """Those of one Gauss-Newton step (x, y, turn, size), written into normal (4, 4) and right (4,)."""
    u0, v0, a, b = placed
    xx, xy, xt, xs, yy, yt, ys, tt, ts, ss = 1e-9, 0.0, 0.0, 0.0, 1e-9, 0.0, 0.0, 1e-9, 0.0, 1e-9
    rx, ry, rt, rs = 0.0, 0.0, 0.0, 0.0
    gain, bias, background, part = greys
    bright, dark, over_gain, light = gain * part + bias, gain * background + bias, 1.0 / gain, 1.0
    for k in range(len(edges)):
        x, y, gx, gy = float(edges[k, 0]), float(edges[k, 1]), float(edges[k, 3]), float(edges[k, 4])
        if rim_px > 0.0:
            inwards = rim_px / np.sqrt(gx * gx + gy * gy)
            x_in, y_in = x + gx * inwards, y + gy * inwards
            light = float(_rim_light(image, u0 + a * x_in - b * y_in, v0 + b * x_in + a * y_in, bright, dark))
        seen = float(_grey(image, u0 + a * x - b * y, v0 + b * x + a * y))
        difference = (dark + (seen - dark) / light - bias) * over_gain - edges[k, 2]
        weight = 1.0 if abs(difference) <= trust_grey else trust_grey / abs(difference)
        turn, size = x * gy - y * gx, x * gx + y * gy
        wx, wy, wt, ws = weight * gx, weight * gy, weight * turn, weight * size
        xx, xy, xt, xs = xx + wx * gx, xy + wx * gy, xt + wx * turn, xs + wx * size
        yy, yt, ys = yy + wy * gy, yt + wy * turn, ys + wy * size
        tt, ts, ss = tt + wt * turn, ts + wt * size, ss + ws * size
        rx, ry, rt, rs = rx + wx * difference, ry + wy * difference, rt + wt * difference, rs + ws * difference
    normal[0, 0], normal[0, 1], normal[0, 2], normal[0, 3] = xx, xy, xt, xs
    normal[1, 0], normal[1, 1], normal[1, 2], normal[1, 3] = xy, yy, yt, ys
    normal[2, 0], normal[2, 1], normal[2, 2], normal[2, 3] = xt, yt, tt, ts
    normal[3, 0], normal[3, 1], normal[3, 2], normal[3, 3] = xs, ys, ts, ss
    right[0], right[1], right[2], right[3] = rx, ry, rt, rs


@compiled(
    'UniTuple(float64, 4)(uint8[:, ::1], float32[:, ::1], UniTuple(float64, 4), UniTuple(float64, 4), float64, '
    'float64, int64, boolean)'
)
def aligned(
    image: ImageArray,
    edges: Float32Array,
    placed: Placed,
    greys: Greys,
    trust_grey: float,
    rim_px: float,
    rounds: int,
    scaled: bool,
) -> Placed:
    """Gauss-Newton from a placement to the one of least weighted squared difference, by the template's gradient.

    Huber's weights: differences above `trust_grey` pull no harder than it. The image's gradient at a point is that of
    the template there, turned (inverse compositional alignment, Baker and Matthews 2004), so none of the image is
    computed.

    Args:
        image: (h, w).
        edges: (k, 5) x, y from the template's centre, grey value, and its gradient along x and y.
        placed: Where to begin.
        greys: Gain and bias of the image over the template; greys of the template's background and metal.
        trust_grey: In grey levels of the template.
        rim_px: So far inwards of an edge the light on the metal is taken; 0: it is the same everywhere.
        rounds: At most.
        scaled: Whether the size is sought as well.
    """
    u0, v0, a, b = placed
    size = 4 if scaled else 3
    radius = np.sqrt(np.mean(edges[:, 0] ** 2 + edges[:, 1] ** 2)) + 1.0
    normal, right = np.empty((4, 4)), np.empty(4)
    for _ in range(rounds):
        _normal_equations(image, edges, (u0, v0, a, b), greys, trust_grey, rim_px, normal, right)
        step = np.linalg.solve(normal[:size, :size].copy(), right[:size].copy())
        grow = 1.0 - step[3] if scaled else 1.0
        u0, v0 = u0 - (a * step[0] - b * step[1]), v0 - (b * step[0] + a * step[1])
        c, s = grow * np.cos(step[2]), -grow * np.sin(step[2])
        a, b = a * c - b * s, a * s + b * c
        if abs(step[0]) + abs(step[1]) + radius * abs(step[2]) < SMALL_STEP_PX:
            break
    return u0, v0, a, b
