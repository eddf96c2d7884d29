"""Sub-pixel position of the upper plate's edge of a lap, from the profiles across it.

An edge is a step in brightness, a shadow on the lower plate or a bright line on the plate's side; which of them, the
median of all profiles along it shows. To that, three levels and two blurred steps between them are fitted. Of a
shadow the edge is the sharper step, for the other one is blurred by the lamp's size as well; of a narrow line its
middle. Where along each profile that median lies then says the edge at each station.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtr

from weld_cell.plate_seam.profiles import Profiles
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray

_ROUNDS = 8
_MOST_STEP_PX = 1.0
_MOST_SHIFT_PX = 4.0
_SHARPER = 0.8  # part of the other's blur, below which a step is the sharper one
_NARROW_BLURS = 2.0  # a line up to this many blurs wide is taken for one
_LEAST_LEVEL = 0.03  # of the brightness: steps below it are none
_MOST_BLUR_PX, _LEAST_BLUR_PX = 6.0, 0.3


@dataclass(frozen=True, eq=False)
class EdgeReadings:
    """What is read across an edge at n stations.

    Attributes:
        offset_px: (n,) of the edge along the normal, from the station.
        depth: (n,) how much the profile rises and falls, as a part of its brightness.
        contrast: (n,) the same over the scatter of what the median profile does not explain.
    """

    offset_px: FloatArray
    depth: FloatArray
    contrast: FloatArray

    def seen(self, settings: PlateSeamSettings) -> BoolArray:
        """(n,) whether the edge is seen."""
        seen: BoolArray = (
            (self.depth >= settings.min_depth)
            & (self.contrast >= settings.min_contrast_sigma)
            & (np.abs(self.offset_px) <= _MOST_SHIFT_PX + 4.0)
        )
        return seen


def read_edges(profiles: Profiles, settings: PlateSeamSettings) -> EdgeReadings:
    """Read the edge of a lap in profiles taken near it."""
    x, light = profiles.offsets_px, profiles.light.astype(float)
    template = _template(light)
    for _ in range(2):
        shift, gain, missed = _matched(x, light, template)
        template = _aligned(x, light, shift)
    edge = _edge_of(x, template, settings.blur_px)
    depth = gain * np.ptp(template)
    return EdgeReadings(
        edge + shift, depth / np.maximum(np.median(light, axis=1), 1.0), depth / np.maximum(missed, 0.5)
    )


def _template(light: FloatArray) -> FloatArray:
    """(m,) median of profiles (n, m), each over its own brightness."""
    template: FloatArray = np.median(light / np.maximum(np.median(light, axis=1), 1.0)[:, None], axis=0)
    return template


def _aligned(x: FloatArray, light: FloatArray, shift: FloatArray) -> FloatArray:
    return _template(np.array([np.interp(x + away, x, row) for away, row in zip(shift, light, strict=True)]))


def _matched(x: FloatArray, light: FloatArray, template: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shift, gain and what is left (n,) of the template in each profile, by Gauss-Newton steps for all at once."""
    slope = np.gradient(template, x)
    shift = np.zeros(len(light))
    for _ in range(_ROUNDS):
        there = x - shift[:, None]
        look = np.stack([np.interp(there, x, template), np.ones_like(there), -np.interp(there, x, slope)], axis=2)
        normal = np.einsum('nmi,nmj->nij', look, look) + 1e-9 * np.eye(3)
        gain, level, step = np.linalg.solve(normal, np.einsum('nmi,nm->ni', look, light)[..., None])[..., 0].T
        move = np.clip(step / np.where(np.abs(gain) > 1e-6, gain, 1e-6), -_MOST_STEP_PX, _MOST_STEP_PX)
        shift = np.clip(shift + move, -_MOST_SHIFT_PX, _MOST_SHIFT_PX)
    model = gain[:, None] * np.array([np.interp(x - away, x, template) for away in shift]) + level[:, None]
    return shift, gain, np.sqrt(np.mean((light - model) ** 2, axis=1))


def _edge_of(x: FloatArray, template: FloatArray, blur: float) -> float:
    """Offset of the plate's edge in the median profile."""
    fits = [_three_levels(x, template, start, blur) for start in _starts(x, template)]
    p = min(fits, key=lambda fit: fit[1])[0]
    first, width, (left, middle, right) = p[0], p[1], p[2:5]
    sharp = np.exp(p[5:7])
    steps = np.abs([middle - left, right - middle])
    if steps.min() < _LEAST_LEVEL:
        return float(first if steps[0] > steps[1] else first + width)
    if width <= _NARROW_BLURS * blur or middle > max(left, right):
        return float(first + 0.5 * width)
    if sharp[0] < _SHARPER * sharp[1]:
        return float(first)
    return float(first + width if sharp[1] < _SHARPER * sharp[0] else first + 0.5 * width)


def _starts(x: FloatArray, template: FloatArray) -> list[FloatArray]:
    """Parameters from which a fit begins: a dark line, a bright one, and a step in the middle."""
    ends = template[:5].mean(), template[-5:].mean()
    inner = np.abs(x) <= _MOST_SHIFT_PX + 2.0
    low, high = (x[inner][pick(template[inner])] for pick in (np.argmin, np.argmax))
    return [
        np.array([low - 1.0, 2.0, ends[0], template[inner].min(), ends[1], 0.0, 0.0]),
        np.array([high - 1.0, 2.0, ends[0], template[inner].max(), ends[1], 0.0, 0.0]),
        np.array([-0.5, 1.0, ends[0], 0.5 * sum(ends), ends[1], 0.0, 0.0]),
    ]


def _three_levels(x: FloatArray, template: FloatArray, start: FloatArray, blur: float) -> tuple[FloatArray, float]:
    """First step's place, distance to the second, three levels, logarithms of both blurs; and the cost."""

    def missed(p: FloatArray) -> FloatArray:
        first, second = ndtr((x - p[0]) / np.exp(p[5])), ndtr((x - p[0] - p[1]) / np.exp(p[6]))
        model = p[2] + (p[3] - p[2]) * first + (p[4] - p[3]) * second
        return np.concatenate([(model - template) / 0.01, (p[5:] - np.log(blur)) / 0.5])

    low = [x[0], 0.3, 0.0, 0.0, 0.0, *(np.log(_LEAST_BLUR_PX),) * 2]
    high = [x[-1], x[-1] - x[0], 5.0, 5.0, 5.0, *(np.log(_MOST_BLUR_PX),) * 2]
    fit = least_squares(missed, np.clip(start, np.add(low, 1e-6), np.subtract(high, 1e-6)), bounds=(low, high))
    return np.asarray(fit.x, float), float(fit.cost)
