"""Body panels with spot welds along their flanges, holes, bolts and stamps that look like one, oil and scratches."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray
from weld_cell.sim.dials import Dials, dial
from weld_cell.sim.sheet import Float32Array, Sheet
from weld_cell.sim.spot_weld import REACH, Canvas, WeldStyle, noise, step_at
from weld_cell.sim.spot_weld_defects import WeldDefect, draw_weld

_FULL_SCRATCHES, _FULL_OIL = 60, 9
_APART = 2.9  # of the middles of two welds, in radii
_TRIES = 400
_THICKNESS_M = 1.2e-3


@dataclass(frozen=True)
class PanelEffects(Dials):
    """One dial for each thing on a panel."""

    rolled: float = dial('Grain and blotches of the sheet.')
    oil: float = dial('Drops and smears of oil.')
    scratches: float = dial('Scratches in all directions, over the welds too.')
    writing: float = dial('Strokes of a black marker.')


@dataclass(frozen=True)
class PlannedWeld:
    """A weld to draw.

    Attributes:
        xy_mm: Its middle in the panel's frame.
        style: How it looks.
        defect: What is wrong; None: it is good.
        severity: 0 to 1.
    """

    xy_mm: tuple[float, float]
    style: WeldStyle
    defect: WeldDefect | None = None
    severity: float = 0.0


@dataclass(frozen=True, eq=False)
class WeldedPanel:
    """A panel as the area camera's simulator lays it.

    Attributes:
        sheet: Its upper side; the frame's origin is its middle.
        defects: (h, w) texels of the sheet: 0, or the number of the weld, from 1, whose defect they show.
        welds: On it, in the order of these numbers.
    """

    sheet: Sheet
    defects: Float32Array
    welds: tuple[PlannedWeld, ...]


@dataclass(frozen=True, eq=False)
class Lookalike:
    """Something round that is no weld.

    Attributes:
        kind: hole, bolt, or stamp.
        xy_mm: (2,) its middle.
        radius_mm: Of it.
    """

    kind: str
    xy_mm: FloatArray
    radius_mm: float


def draw_panel(
    size_mm: tuple[float, float],
    texels_per_mm: float,
    welds: tuple[PlannedWeld, ...],
    others: tuple[Lookalike, ...],
    effects: PanelEffects,
    rng: Generator,
) -> WeldedPanel:
    """Draw a panel.

    Args:
        size_mm: Width and height.
        texels_per_mm: Resolution.
        welds: What to weld.
        others: What else is round.
        effects: The dials.
        rng: Where everything is drawn from.
    """
    columns, rows = (round(side * texels_per_mm) for side in size_mm)
    shape = (rows, columns)
    height, gain = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    cover, defects = np.ones(shape, np.float32), np.zeros(shape, np.float32)
    middle = (np.array([columns, rows]) - 1.0) / 2.0
    for other in others:
        _draw_lookalike(_canvas(other.xy_mm, 1.6 * other.radius_mm, height, gain, cover, texels_per_mm), other, rng)
    for number, weld in enumerate(welds, 1):
        canvas = _canvas(np.array(weld.xy_mm), REACH * weld.style.radius_mm, height, gain, cover, texels_per_mm)
        draw_weld(canvas, weld.style, weld.defect, weld.severity, rng)
        window = _window(np.array(weld.xy_mm), REACH * weld.style.radius_mm, shape, texels_per_mm)
        defects[window][canvas.defect > 0.0] = number
    reflectance = _bare(shape, texels_per_mm, effects, rng) * gain
    _write(reflectance, _near(welds, shape, texels_per_mm), texels_per_mm, effects, rng)
    _scratch(reflectance, texels_per_mm, effects, rng)
    slope = texels_per_mm * np.dstack([cv2.Sobel(height, -1, 1, 0) / 8.0, -cv2.Sobel(height, -1, 0, 1) / 8.0])
    sheet = Sheet(
        np.clip(reflectance, 0.02, 1.0), cover, slope.astype(np.float32), middle, texels_per_mm, _THICKNESS_M
    )
    return WeldedPanel(sheet, defects, welds)


def random_places(
    count: int, size_mm: tuple[float, float], radius_mm: float, margin_mm: float, rng: Generator
) -> list[FloatArray]:
    """Up to so many places for welds: along flanges, which are straight rows, and some anywhere.

    Args:
        count: At most.
        size_mm: Of the panel.
        radius_mm: Of a weld.
        margin_mm: To the panel's border.
        rng: Where they are drawn from.

    Returns:
        (2,) each, none nearer to another than the welds reach.
    """
    half = np.array(size_mm) / 2.0 - margin_mm
    places: list[FloatArray] = []
    for _ in range(_TRIES):
        start, turn = rng.uniform(-half, half), rng.choice([0.0, 0.5, 1.0, 1.5]) * np.pi + rng.normal(0.0, 0.08)
        step = radius_mm * rng.uniform(_APART, 2.2 * _APART) * np.array([np.cos(turn), np.sin(turn)])
        for number in range(int(rng.integers(1, 12))):
            place = start + number * step + rng.normal(0.0, 0.06 * radius_mm, 2)
            if len(places) < count and (np.abs(place) < half).all() and _is_free(place, places, radius_mm):
                places.append(place)
        if len(places) == count:
            break
    return places


def random_lookalikes(
    count: int, size_mm: tuple[float, float], radius_mm: float, welds: list[FloatArray], rng: Generator
) -> tuple[Lookalike, ...]:
    """Up to so many holes, bolts and stamps, of about the size of the welds and clear of them."""
    half = np.array(size_mm) / 2.0
    places, found = list(welds), list[Lookalike]()
    for _ in range(8 * count):
        place, radius = rng.uniform(-half, half), radius_mm * rng.uniform(0.6, 1.7)
        if len(found) < count and _is_free(place, places, radius_mm + 0.4 * radius):
            places.append(place)
            found.append(Lookalike(str(rng.choice(['hole', 'bolt', 'stamp'])), place, radius))
    return tuple(found)


def _is_free(place: FloatArray, places: list[FloatArray], radius_mm: float) -> bool:
    return not places or float(np.linalg.norm(np.array(places) - place, axis=1).min()) > _APART * radius_mm


def _window(xy_mm: FloatArray, reach_mm: float, shape: tuple[int, int], texels_per_mm: float) -> tuple[slice, slice]:
    """Rows and columns about a place of the panel, cut at its border."""
    column, row = (np.array(shape[::-1]) - 1.0) / 2.0 + xy_mm * texels_per_mm * [1.0, -1.0]
    reach = reach_mm * texels_per_mm
    rows = slice(max(int(row - reach), 0), max(int(row + reach) + 1, 0))
    return rows, slice(max(int(column - reach), 0), max(int(column + reach) + 1, 0))


def _canvas(
    xy_mm: FloatArray,
    reach_mm: float,
    height: Float32Array,
    gain: Float32Array,
    cover: Float32Array,
    texels_per_mm: float,
) -> Canvas:
    shape = (height.shape[0], height.shape[1])
    window = _window(xy_mm, reach_mm, shape, texels_per_mm)
    rows, columns = np.arange(shape[0])[window[0]], np.arange(shape[1])[window[1]]
    middle = (np.array(shape[::-1]) - 1.0) / 2.0
    x, y = np.meshgrid(
        (columns - middle[0]) / texels_per_mm - xy_mm[0], (middle[1] - rows) / texels_per_mm - xy_mm[1]
    )
    parts = (height[window], gain[window], cover[window])
    return Canvas(x.astype(np.float32), y.astype(np.float32), *parts, np.zeros(x.shape, np.float32), texels_per_mm)


def _draw_lookalike(canvas: Canvas, other: Lookalike, rng: Generator) -> None:
    if not canvas.x.size:
        return
    rho = np.asarray(np.hypot(canvas.x, canvas.y) / other.radius_mm, np.float32)
    soft = 1.5 / (canvas.texels_per_mm * other.radius_mm)
    if other.kind == 'hole':
        canvas.cover[:] *= 1.0 - step_at(0.9 - rho, soft)
        canvas.height_mm[:] -= np.float32(0.12) * (1.0 - step_at(rho - 0.95, 0.12))
    elif other.kind == 'stamp':
        ring = np.exp(-(((rho - 0.9) / 0.07) ** 2)).astype(np.float32)
        canvas.gain[:] *= 1.0 - np.float32(rng.uniform(0.3, 0.7)) * ring
    else:
        turn = np.arctan2(canvas.y, canvas.x) + rng.uniform(0.0, 1.0)
        sector = np.pi / 3.0
        hexagon = rho * np.cos(np.mod(turn, sector) - sector / 2.0) / np.cos(sector / 2.0)
        head = step_at(0.85 - hexagon, soft)
        canvas.gain[:] = canvas.gain * (1.0 - head) + np.float32(rng.uniform(0.5, 1.3)) * head
        canvas.gain[:] *= 1.0 - np.float32(0.6) * np.exp(-(((hexagon - 0.93) / 0.06) ** 2)).astype(np.float32)
        canvas.height_mm[:] += np.float32(0.3) * head * (1.0 - 0.5 * np.minimum(rho, 1.0) ** 2)


def _bare(shape: tuple[int, int], texels_per_mm: float, effects: PanelEffects, rng: Generator) -> Float32Array:
    """(h, w) reflectance of the sheet with what lies on it."""
    grain = noise(shape, (1.2 * texels_per_mm, 0.25 * texels_per_mm), rng) if rng.random() < 0.7 else 0.0
    blotches = noise(shape, (9.0 * texels_per_mm,) * 2, rng)
    fine = noise(shape, (0.15 * texels_per_mm + 0.3,) * 2, rng)
    share = np.float32(0.06 * effects.rolled)
    reflectance = np.float32(rng.uniform(0.32, 0.55)) * (1.0 + share * (0.6 * grain + 0.7 * blotches + 0.4 * fine))
    for _ in range(rng.poisson(_FULL_OIL * effects.oil)):
        _oil(reflectance, texels_per_mm, rng)
    return np.asarray(reflectance, np.float32)


def _oil(reflectance: Float32Array, texels_per_mm: float, rng: Generator) -> None:
    rows, columns = reflectance.shape
    spot = np.zeros((64, 64), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        place, axes = rng.uniform(20, 44, 2).astype(int).tolist(), rng.uniform(4, 16, 2).astype(int).tolist()
        cv2.ellipse(spot, place, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
    side = max(int(texels_per_mm * rng.uniform(6.0, 40.0)), 8)
    spot = np.asarray(cv2.resize(cv2.GaussianBlur(spot, (0, 0), 2.0), (side, side)), np.float32)
    row, column = int(rng.integers(-side // 2, rows)), int(rng.integers(-side // 2, columns))
    target = reflectance[max(row, 0) : row + side, max(column, 0) : column + side]
    part = spot[max(-row, 0) :, max(-column, 0) :][: target.shape[0], : target.shape[1]]
    target *= 1.0 - np.float32(rng.uniform(0.08, 0.3)) * part


def _scratch(reflectance: Float32Array, texels_per_mm: float, effects: PanelEffects, rng: Generator) -> None:
    rows, columns = reflectance.shape
    for _ in range(rng.poisson(_FULL_SCRATCHES * effects.scratches)):
        start, turn = rng.uniform([0, 0], [columns, rows]), rng.uniform(0.0, np.pi)
        end = start + texels_per_mm * rng.exponential(9.0) * np.array([np.cos(turn), np.sin(turn)])
        ends = [tuple(int(8 * v) for v in point) for point in (start, end)]
        light = float(reflectance.mean() * rng.uniform(0.8, 1.25))
        cv2.line(reflectance, ends[0], ends[1], light, max(round(0.08 * texels_per_mm), 1), cv2.LINE_AA, shift=3)


def _write(
    reflectance: Float32Array, kept_clear: Float32Array, texels_per_mm: float, effects: PanelEffects, rng: Generator
) -> None:
    """Strokes of a marker, which nobody leads over a weld."""
    rows, columns = reflectance.shape
    ink = np.zeros_like(reflectance)
    for _ in range(rng.poisson(3.0 * effects.writing)):
        start = rng.uniform([0, 0], [columns, rows])
        way = start + np.cumsum(rng.normal(0.0, 5.0 * texels_per_mm, (int(rng.integers(3, 7)), 2)), axis=0)
        thick = max(round(texels_per_mm * rng.uniform(1.0, 2.0)), 1)
        cv2.polylines(ink, [np.round(way).astype(np.int32)], False, 1.0, thick, cv2.LINE_AA)
    reflectance *= 1.0 - np.float32(0.9) * ink * (1.0 - kept_clear)


def _near(welds: tuple[PlannedWeld, ...], shape: tuple[int, int], texels_per_mm: float) -> Float32Array:
    """(h, w) 1 on welds and close to them."""
    near = np.zeros(shape, np.float32)
    middle = (np.array(shape[::-1]) - 1.0) / 2.0
    for weld in welds:
        u, v = np.round(middle + np.array(weld.xy_mm) * texels_per_mm * [1.0, -1.0]).astype(int).tolist()
        cv2.circle(near, (u, v), int(1.9 * weld.style.radius_mm * texels_per_mm), 1.0, -1)
    return near
