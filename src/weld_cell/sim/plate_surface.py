"""What plates look like: brushed or rolled, rusty, scratched, with spatter and tack welds."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import BoolArray, FloatArray
from weld_cell.sim.dials import Dials, dial
from weld_cell.sim.sheet import Float32Array

_PLATE = 0.48
_FULL_BRUSH = 0.06
_FULL_RUST = 0.55
_FULL_SCRATCHES, _FULL_SPATTER = 60, 120


@dataclass(frozen=True)
class PlateEffects(Dials):
    """One dial for each thing on the plates."""

    brushed: float = dial('Grain of the metal.')
    rust: float = dial('Rust in blotches.')
    scratches: float = dial('Scratches in all directions, dark and bright.')
    spatter: float = dial('Drops of earlier welds.')
    difference: float = dial('One plate is darker than the other.')

    @classmethod
    def nominal(cls) -> 'PlateEffects':
        """Clean new plates."""
        return cls(brushed=0.4, rust=0.1, scratches=0.2, spatter=0.1, difference=0.2)


@dataclass(frozen=True)
class Tack:
    """A tack weld.

    Attributes:
        x_mm: Where along the chord.
        length_mm: Along the seam.
        width_mm: Across it.
    """

    x_mm: float
    length_mm: float
    width_mm: float


def plate_reflectance(
    shape: tuple[int, ...], texels_per_mm: float, first: BoolArray, effects: PlateEffects, rng: Generator
) -> Float32Array:
    """(h, w) reflectance of two plates.

    Args:
        shape: (h, w).
        texels_per_mm: Resolution.
        first: (h, w) True where the first plate is; the other may be darker.
        effects: The dials.
        rng: Where everything is drawn from.
    """
    levels = _PLATE * (1.0 - 0.4 * effects.difference * rng.permutation([0.0, 1.0]))
    reflectance = np.asarray(np.where(first, levels[0], levels[1]), np.float32)
    grain = _noise(shape, (8.0 * texels_per_mm, 0.2 * texels_per_mm), rng)
    reflectance *= 1.0 + np.float32(_FULL_BRUSH * effects.brushed) * grain
    if effects.rust:
        blotches = _noise(shape, (6.0 * texels_per_mm,) * 2, rng) + 0.5 * _noise(
            shape, (0.8 * texels_per_mm,) * 2, rng
        )
        bare = 1.0 / (1.0 + cv2.exp(np.float32(4.0) * (blotches - np.float32(2.0 - 2.0 * effects.rust))))
        reflectance *= 1.0 - np.float32(_FULL_RUST) * (1.0 - np.asarray(bare, np.float32))
    _scratch(reflectance, texels_per_mm, rng.poisson(_FULL_SCRATCHES * effects.scratches), rng)
    _spatter(reflectance, texels_per_mm, rng.poisson(_FULL_SPATTER * effects.spatter), rng)
    return np.asarray(np.clip(reflectance, 0.02, 1.0), np.float32)


def add_tacks(
    tacks: Sequence[Tack],
    x: FloatArray,
    away: FloatArray,
    cover: Float32Array,
    reflectance: Float32Array,
    slope: Float32Array,
) -> None:
    """Lay tack welds over the gap: metal where there was none, duller, and domed.

    Args:
        tacks: Where.
        x: (h, w) mm along the chord.
        away: (h, w) mm to the left of the seam.
        cover: (h, w) share of metal, changed here, as are the next two.
        reflectance: (h, w).
        slope: (h, w, 2).
    """
    for tack in tacks:
        u, v = 2.0 * (x - tack.x_mm) / tack.length_mm, 2.0 * away / tack.width_mm
        inside = np.hypot(u, v) < 1.0
        cover[inside] = 1.0
        reflectance[inside] = 0.75 * _PLATE
        steepness = 0.25
        slope[inside] = -steepness * np.stack([u[inside], v[inside]], axis=-1)


def _noise(shape: tuple[int, ...], sigma: tuple[float, float], rng: Generator) -> Float32Array:
    """(h, w) smooth noise of mean 0 and variance 1; sigma in texels along x and y."""
    step = max(int(min(sigma) / 3.0), 1)
    coarse = rng.standard_normal((shape[0] // step + 2, shape[1] // step + 2), dtype=np.float32)
    soft = cv2.GaussianBlur(coarse, (0, 0), sigmaX=sigma[0] / step, sigmaY=sigma[1] / step)
    smooth = np.asarray(cv2.resize(soft, shape[1::-1]), np.float32)
    return np.asarray((smooth - smooth.mean()) / smooth.std(), np.float32)


def _scratch(reflectance: Float32Array, texels_per_mm: float, count: int, rng: Generator) -> None:
    height, width = reflectance.shape
    marks = np.zeros_like(reflectance)
    for _ in range(count):
        start, turn = rng.uniform([0, 0], [width, height]), rng.uniform(0.0, np.pi)
        end = start + texels_per_mm * rng.exponential(15.0) * np.array([np.cos(turn), np.sin(turn)])
        ends = [tuple(int(8 * v) for v in point) for point in (start, end)]
        cv2.line(marks, ends[0], ends[1], float(rng.uniform(-0.25, 0.25)), 1, cv2.LINE_AA, shift=3)
    reflectance *= 1.0 + marks


def _spatter(reflectance: Float32Array, texels_per_mm: float, count: int, rng: Generator) -> None:
    height, width = reflectance.shape
    for _ in range(count):
        u, v = rng.uniform([0, 0], [width, height]).astype(int).tolist()
        radius = max(int(texels_per_mm * rng.uniform(0.15, 0.9)), 1)
        cv2.circle(reflectance, (u, v), radius, float(rng.choice([0.1, 0.15, 0.75])), -1, cv2.LINE_AA)
