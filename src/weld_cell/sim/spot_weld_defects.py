"""What goes wrong with spot welds, drawn with a severity from 0 (just to be seen) to 1.

Those texels are called defective that look otherwise than a good weld would at that place.
"""

from collections.abc import Callable
from enum import StrEnum

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray
from weld_cell.sim.sheet import Float32Array
from weld_cell.sim.spot_weld import Canvas, WeldStyle, indent, noise, step_at


class WeldDefect(StrEnum):
    """What can be wrong with a weld."""

    EXPULSION = 'expulsion'
    BURN_THROUGH = 'burn_through'
    DOUBLE = 'double'
    EDGE = 'edge'
    CRACK = 'crack'
    COLD = 'cold'
    DEFORMED = 'deformed'


def draw_weld(canvas: Canvas, style: WeldStyle, defect: WeldDefect | None, severity: float, rng: Generator) -> None:
    """Draw a weld, good or defective.

    Args:
        canvas: Where; it is a good weld's place before.
        style: Of this weld.
        defect: None: a good one.
        severity: 0 to 1.
        rng: Where everything is drawn from.

    Raises:
        ValueError: the severity lies outside 0 to 1.
    """
    if not 0.0 <= severity <= 1.0:
        raise ValueError(f'severity: expected 0 to 1, got {severity!r}')
    if defect is None:
        indent(canvas, style, rng)
        return
    _DRAWN[defect](canvas, style, severity, rng)


def _expulsion(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """Molten metal is thrown out: a torn crater at the wall, drops and streaks around it."""
    rho = indent(canvas, style, rng)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    middle = style.radius_mm * rng.uniform(0.75, 0.95) * np.array([np.cos(turn), np.sin(turn)])
    crater = _blob(canvas, middle, style.radius_mm * (0.22 + 0.25 * severity), rng)
    _paint(canvas, crater, 0.22, -0.15, rng)
    for _ in range(int(3 + 14 * severity)):
        aside, away = turn + rng.normal(0.0, 0.5), style.radius_mm * rng.uniform(1.05, 2.1)
        place = away * np.array([np.cos(aside), np.sin(aside)])
        drop = _blob(canvas, place, rng.uniform(0.12, 0.34) * (0.7 + 0.6 * severity), rng)
        _paint(canvas, drop, float(rng.choice([0.3, 1.6])), 0.12, rng)
    soot = np.exp(-(((rho - 1.1) / 0.35) ** 2)) * _sector(canvas, turn)
    canvas.gain[:] *= 1.0 - np.float32(0.45 * severity) * soot
    canvas.mark(np.asarray(np.float32(1.4 * severity) * soot, np.float32))


def _burn_through(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """A hole in the bottom with a burnt margin."""
    indent(canvas, style, rng)
    place = style.radius_mm * rng.uniform(-0.3, 0.3, 2)
    size = style.radius_mm * (0.2 + 0.45 * severity)
    burnt = _blob(canvas, place, 1.35 * size, rng)
    _paint(canvas, burnt, 0.45, -0.1, rng)
    hole = _blob(canvas, place, size, rng)
    canvas.cover[:] *= 1.0 - hole
    canvas.mark(hole)


def _double(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """The electrodes came down twice."""
    turn, apart = rng.uniform(0.0, 2.0 * np.pi), style.radius_mm * (0.45 + 0.75 * severity)
    first = indent(canvas, style, rng)
    at = (float(apart * np.cos(turn)), float(apart * np.sin(turn)))
    second = indent(canvas, style.varied(rng), rng, at)
    canvas.mark(np.asarray((first > style.face) & (second < 1.08), np.float32))
    canvas.mark(np.asarray((second > style.face) & (second < 1.08), np.float32))


def _edge(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """The weld was set over the edge of a cut-out, which is pressed out: metal is missing and bulges."""
    rho = indent(canvas, style, rng)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    away = canvas.x * np.cos(turn) + canvas.y * np.sin(turn)
    bulge = 0.12 * style.radius_mm * np.exp(-((rho / 0.8) ** 2))
    outside = step_at(away - style.radius_mm * (0.75 - 0.6 * severity) - bulge, 2.0 / canvas.texels_per_mm)
    outside *= step_at(1.6 - rho, 0.1)
    canvas.cover[:] *= 1.0 - outside
    canvas.mark(outside)


def _crack(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """One to three dark jagged lines through the bottom."""
    indent(canvas, style, rng)
    width_mm = 0.14 + 0.2 * severity
    for _ in range(1 + int(rng.random() < severity) + int(rng.random() < 0.5 * severity)):
        line = _jagged_line(canvas, style.radius_mm * (0.8 + 0.9 * severity), width_mm, rng)
        canvas.gain[:] *= 1.0 - np.float32(0.88) * line
        canvas.height_mm[:] -= np.float32(0.05) * line
        canvas.mark(line)


def _cold(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """Too little current: a faint and small mark without tint, its bottom as the sheet."""
    left = 1.0 - severity
    faint = WeldStyle(
        style.radius_mm * (0.7 + 0.15 * left),
        style.face,
        style.depth_mm * (0.12 + 0.25 * left),
        1.0 + 0.25 * left * (style.face_gain - 1.0),
        1.0 - (0.25 + 0.35 * left) * (1.0 - style.wall_gain),
        0.1 * style.tint * left,
        0.15,
    )
    rho = indent(canvas, faint, rng)
    canvas.mark(np.asarray(rho < style.radius_mm / faint.radius_mm, np.float32))


def _deformed(canvas: Canvas, style: WeldStyle, severity: float, rng: Generator) -> None:
    """The indentation is long and torn to one side: the electrode stood askew."""
    squeeze = 0.18 + 0.4 * severity
    rho = indent(canvas, style, rng, squeeze=squeeze)
    round_rho = np.hypot(canvas.x, canvas.y) / style.radius_mm
    canvas.mark(np.asarray((rho < 1.08) != (round_rho < 1.08), np.float32))
    turn = rng.uniform(0.0, 2.0 * np.pi)
    lip = np.exp(-(((rho - 0.85) / 0.16) ** 2)) * _sector(canvas, turn)
    ridges = noise(canvas.shape, (0.3 * canvas.texels_per_mm,) * 2, rng)
    canvas.height_mm[:] += np.float32(0.12 * (0.5 + severity)) * lip * ridges
    canvas.gain[:] *= 1.0 - np.float32(0.35) * lip
    canvas.mark(np.asarray(lip, np.float32))


_DRAWN: dict[WeldDefect, Callable[[Canvas, WeldStyle, float, Generator], None]] = {
    WeldDefect.EXPULSION: _expulsion,
    WeldDefect.BURN_THROUGH: _burn_through,
    WeldDefect.DOUBLE: _double,
    WeldDefect.EDGE: _edge,
    WeldDefect.CRACK: _crack,
    WeldDefect.COLD: _cold,
    WeldDefect.DEFORMED: _deformed,
}


def _blob(canvas: Canvas, place_mm: FloatArray, radius_mm: float, rng: Generator) -> Float32Array:
    """(h, w) 1 inside a ragged round spot, 0 outside."""
    x, y = canvas.x - np.float32(place_mm[0]), canvas.y - np.float32(place_mm[1])
    angle = np.arctan2(y, x)
    ragged = sum(rng.uniform(-0.12, 0.12) * np.cos(n * angle + rng.uniform(0.0, 6.3)) for n in (2, 3, 5))
    return step_at(radius_mm * (1.0 + ragged) - np.hypot(x, y), max(0.15 * radius_mm, 1.5 / canvas.texels_per_mm))


def _paint(canvas: Canvas, where: Float32Array, gain: float, height_mm: float, rng: Generator) -> None:
    """Give a place another reflectance and height, with grain, and call it defective."""
    grain = 1.0 + 0.2 * noise(canvas.shape, (0.12 * canvas.texels_per_mm,) * 2, rng)
    canvas.gain[:] += where * (np.float32(gain) * grain - canvas.gain)
    canvas.height_mm[:] += np.float32(height_mm) * where
    canvas.mark(where)


def _sector(canvas: Canvas, turn: float) -> Float32Array:
    """(h, w) 1 in a direction from the middle, 0 against it."""
    towards = (canvas.x * np.cos(turn) + canvas.y * np.sin(turn)) / np.maximum(np.hypot(canvas.x, canvas.y), 1e-3)
    return np.asarray(np.clip(1.4 * towards - 0.4, 0.0, 1.0), np.float32)


def _jagged_line(canvas: Canvas, length_mm: float, width_mm: float, rng: Generator) -> Float32Array:
    """(h, w) 1 on a line that runs through the bottom and changes its direction at each step."""
    steps = 10
    turn = rng.uniform(0.0, 2.0 * np.pi) + np.cumsum(rng.normal(0.0, 0.35, steps))
    way = np.cumsum(length_mm / steps * np.stack([np.cos(turn), np.sin(turn)], axis=1), axis=0)
    way += rng.uniform(-0.25, 0.25, 2) * length_mm - way.mean(axis=0)
    middle = np.array([-canvas.x[0, 0], canvas.y[0, 0]]) * canvas.texels_per_mm
    corners = middle + way * canvas.texels_per_mm * [1.0, -1.0]
    line = np.zeros(canvas.shape, np.float32)
    thick = max(round(width_mm * canvas.texels_per_mm), 1)
    cv2.polylines(line, [np.round(16.0 * corners).astype(np.int32)], False, 1.0, thick, cv2.LINE_AA, 4)
    return line
