"""What a resistance spot weld looks like: the indentation of the electrodes, its rim, the tint of the heat.

A weld is drawn into pictures of height and reflectance, so that the lamp of a scene shades it. Lengths are
millimetres.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray
from weld_cell.sim.sheet import Float32Array

REACH = 2.6
"""Of what is drawn of a weld, in its radii."""


@dataclass(frozen=True)
class WeldStyle:
    """What the welds of a panel have in common: their electrodes and their current.

    Attributes:
        radius_mm: Of the indentation, its wall included.
        face: Radius of its flat bottom over that of the indentation.
        depth_mm: Of the indentation.
        face_gain: Reflectance of the bottom over that of the sheet.
        wall_gain: The same of the wall.
        tint: Strength of the rings of heat tint, 0 to 1.
        mottle: Strength of the marks that the electrode leaves on the bottom, 0 to 1.
    """

    radius_mm: float
    face: float
    depth_mm: float
    face_gain: float
    wall_gain: float
    tint: float
    mottle: float

    @classmethod
    def at_random(cls, rng: Generator) -> 'WeldStyle':
        """Electrodes of a body shop at some time of their life."""
        low = [2.3, 0.66, 0.10, 0.72, 0.42, 0.15, 0.3]
        high = [3.8, 0.80, 0.24, 1.12, 0.66, 0.55, 1.0]
        return cls(*rng.uniform(low, high).tolist())

    def varied(self, rng: Generator) -> 'WeldStyle':
        """One weld of the panel: somewhat other than the next one."""
        share = rng.normal(1.0, [0.03, 0.02, 0.12, 0.05, 0.06, 0.25, 0.2])
        values = np.array(list(vars(self).values())) * share.clip(0.6, 1.4)
        return WeldStyle(*values.tolist())


@dataclass(frozen=True, eq=False)
class Canvas:
    """The part of a panel's pictures on which a weld is drawn; the arrays are changed in place.

    Attributes:
        x: (h, w) mm from the weld's centre along the columns.
        y: (h, w) mm against the rows.
        height_mm: (h, w) of the surface.
        gain: (h, w) reflectance over that of the bare sheet.
        cover: (h, w) share of metal.
        defect: (h, w) 1 where the weld is defective.
        texels_per_mm: Resolution.
    """

    x: Float32Array
    y: Float32Array
    height_mm: Float32Array
    gain: Float32Array
    cover: Float32Array
    defect: Float32Array
    texels_per_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w)."""
        return self.x.shape[0], self.x.shape[1]

    def mark(self, where: Float32Array) -> None:
        """Call texels (h, w) defective where the array is above one half."""
        np.maximum(self.defect, (where > 0.5).astype(np.float32), out=self.defect)


def noise(shape: tuple[int, int], sigma: tuple[float, float], rng: Generator) -> Float32Array:
    """(h, w) smooth noise of mean 0 and variance 1; sigma in texels along columns and rows."""
    step = max(int(min(sigma) / 3.0), 1)
    coarse = rng.standard_normal((shape[0] // step + 2, shape[1] // step + 2), dtype=np.float32)
    soft = cv2.GaussianBlur(coarse, (0, 0), sigmaX=sigma[0] / step, sigmaY=sigma[1] / step)
    smooth = np.asarray(cv2.resize(soft, shape[::-1]), np.float32)
    return np.asarray((smooth - smooth.mean()) / (smooth.std() + 1e-6), np.float32)


def step_at(distance: FloatArray | Float32Array, width: float) -> Float32Array:
    """0 well before a place, 1 well behind it, smooth between; the width is that of the smooth part."""
    share = np.clip(distance / width + 0.5, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


def indent(
    canvas: Canvas, style: WeldStyle, rng: Generator, at_mm: tuple[float, float] = (0.0, 0.0), squeeze: float = 0.0
) -> Float32Array:
    """Press a weld into the sheet.

    Args:
        canvas: Where.
        style: How it looks.
        rng: Where the marks on its bottom are drawn from.
        at_mm: Its middle, from that of the canvas.
        squeeze: How much longer than wide it is, as a share: 0 is round.

    Returns:
        (h, w) distance from its middle in radii.
    """
    turn = rng.uniform(0.0, np.pi)
    x, y = canvas.x - np.float32(at_mm[0]), canvas.y - np.float32(at_mm[1])
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wobble = 1.0 + 0.012 * np.sin(2.0 * np.arctan2(y, x) + rng.uniform(0.0, 6.0))
    away = np.hypot(along / (1.0 + squeeze), across * (1.0 + 0.3 * squeeze)) / style.radius_mm * wobble
    rho = np.asarray(away, np.float32)
    inside = 1.0 - step_at(rho - 0.5 * (1.0 + style.face), 1.0 - style.face)
    rim = np.exp(-(((rho - 1.06) / 0.06) ** 2))
    canvas.height_mm[:] += -style.depth_mm * inside + 0.18 * style.depth_mm * rim
    face, wall = 1.0 - step_at(rho - style.face, 0.08), step_at(1.03 - rho, 0.08)
    marks = np.float32(style.mottle) * _marks(canvas, rng)
    bottom = style.face_gain * (1.0 + np.float32(0.14) * marks)
    gain = np.float32(style.wall_gain) + (bottom - np.float32(style.wall_gain)) * face
    canvas.gain[:] = canvas.gain * (1.0 - wall) + wall * gain
    canvas.height_mm[:] += np.float32(0.012) * face * marks
    _tint(canvas, rho, style, rng)
    return rho


def _marks(canvas: Canvas, rng: Generator) -> Float32Array:
    """(h, w) smears of the electrode, of variance 1."""
    long, wide = 0.55 * canvas.texels_per_mm, 0.16 * canvas.texels_per_mm
    sigma = (long, wide) if rng.random() < 0.5 else (wide, long)
    marks = noise(canvas.shape, sigma, rng) + 0.6 * noise(canvas.shape, (wide, wide), rng)
    return np.asarray(marks / 1.17, np.float32)


def _tint(canvas: Canvas, rho: Float32Array, style: WeldStyle, rng: Generator) -> None:
    """Rings of oxide outside the wall, now and then the crescent of an electrode that came down a little aside."""
    outer = rng.uniform(1.25, 1.5)
    rings = np.cos((rho - 1.0) * rng.uniform(9.0, 13.0)) * 0.5 + 0.5
    fall = np.exp(-(((rho - 1.0) / (outer - 1.0)) ** 2)) * step_at(rho - 0.98, 0.08)
    canvas.gain[:] *= 1.0 - np.float32(0.55 * style.tint) * fall * (0.35 + 0.65 * rings)
    if rng.random() < 0.35:
        turn, strength = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.1, 0.35)
        towards = (canvas.x * np.cos(turn) + canvas.y * np.sin(turn)) / (style.radius_mm * np.maximum(rho, 0.2))
        crescent = np.exp(-(((rho - 1.16) / 0.08) ** 2)) * np.clip(towards - 0.6, 0.0, None) / 0.4
        canvas.gain[:] *= 1.0 - np.float32(strength) * crescent
