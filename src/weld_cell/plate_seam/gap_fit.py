"""Where both edges of a gap lie in the profiles across it, to a part of a pixel.

A gap that is narrower than the lens's blur is a dip of which depth and width cannot both be told. So the profile of
two plates and a gap between them, blurred, is fitted to what is seen: centre, width and both plates' brightness are
free at each station. The blur and the brightness inside the gap are the same along a seam and are fitted to the
median of all its profiles, beside what is usual of both, which decides where the profiles do not.
"""

from dataclasses import dataclass
from math import erf, exp, pi, sqrt

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtr

from weld_cell.compiled import compiled
from weld_cell.plate_seam.profiles import STEP_PX, Float32Array, Profiles
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray

_BLUR_TO_WIDTH = 2.3548  # from a normal distribution's standard deviation to its width at half height
_SHARE_SPREAD = 0.05  # standard deviations of what is usual, and of what the model leaves of a pooled profile
_LOG_BLUR_SPREAD = 0.6
_MODEL_SPREAD = 0.01
_LEAST_OF_USUAL = 0.25  # of the seam's usual depth
_ROUNDS = 12
_LEAST_POOLED, _MOST_POOLED = 8, 150
_SETTLED = 1e-3  # of a pixel: a step from which no further one is made


@dataclass(frozen=True, eq=False)
class GapReadings:
    """What is read across a gap at n stations.

    Attributes:
        offset_px: (n,) of the gap's middle along the normal, from the station.
        width_px: (n,) of the gap.
        depth: (n,) how much darker the gap's middle is than the plates' mean, as a part of it.
        contrast: (n,) the same over the scatter of what the model does not explain.
        blur_px: Of the image, as the seam shows it.
        dark_share: Brightness inside over that of the plates, likewise.
    """

    offset_px: FloatArray
    width_px: FloatArray
    depth: FloatArray
    contrast: FloatArray
    blur_px: float
    dark_share: float

    def deep(self, most_gap_px: float, settings: PlateSeamSettings) -> BoolArray:
        """(n,) whether something dark enough for a gap is there, no wider than a width, be it seen well or not."""
        deep: BoolArray = (
            (self.depth >= settings.min_depth)
            & (self.width_px <= most_gap_px)
            & (np.abs(self.offset_px) <= 0.5 * most_gap_px + 2.0)
        )
        return deep

    def seen(self, most_gap_px: float, settings: PlateSeamSettings) -> BoolArray:
        """(n,) whether the gap is seen at all, no wider than a width."""
        seen: BoolArray = self.deep(most_gap_px, settings) & (self.contrast >= settings.min_contrast_sigma)
        if seen.any():
            seen &= self.depth >= _LEAST_OF_USUAL * np.median(self.depth[seen])
        return seen


def read_gaps(
    profiles: Profiles, most_gap_px: float, blur: float, share: float, width: float | None = None
) -> GapReadings:
    """Read the gap of a butt seam in profiles taken near it.

    Args:
        profiles: Across the seam.
        most_gap_px: Widest gap that is looked for.
        blur: Standard deviation of the image's blur in pixels.
        share: Brightness inside the gap over that of the plates.
        width: Of the gap in pixels, about, where the stations lie in its middle; else it is looked for.
    """
    start = _first_guess(profiles, most_gap_px, blur, width)
    fitted, missed = np.empty_like(start), np.empty(len(start))
    _fit(profiles.light, profiles.offsets_px, start, share, blur, fitted, missed)
    centre, widths, left, right = fitted.T
    between = 0.5 * (left + right)
    dip = np.asarray((1.0 - share) * between * (2.0 * ndtr(0.5 * widths / blur) - 1.0), float)
    return GapReadings(centre, widths, dip / np.maximum(between, 1.0), dip / np.maximum(missed, 0.5), blur, share)


def blur_and_share(
    profiles: Profiles, readings: GapReadings, seen: BoolArray, settings: PlateSeamSettings
) -> tuple[float, float]:
    """The blur in pixels and the darkness that the median of all profiles has where the gap is seen.

    Args:
        profiles: Across the seam.
        readings: Of them.
        seen: (n,) whether the gap is seen.
        settings: What is usual.
    """
    if np.count_nonzero(seen) < _LEAST_POOLED:
        return readings.blur_px, readings.dark_share
    x = profiles.offsets_px
    width = float(np.median(readings.width_px[seen]))
    reach = 0.6 * width + 4.0 * readings.blur_px + 2.0
    x = x[np.abs(x) <= reach]
    few = np.flatnonzero(seen)[:: max(np.count_nonzero(seen) // _MOST_POOLED, 1)]
    rows = np.array([np.interp(x + readings.offset_px[i], profiles.offsets_px, profiles.light[i]) for i in few])
    level = np.maximum(np.percentile(rows, 75.0, axis=1), 1.0)
    profile = np.median(rows / level[:, None], axis=0)
    usual = np.array([np.log(settings.blur_px), settings.dark_share])
    start = np.array([0.0, width, profile[-3:].mean(), profile[:3].mean(), *usual])

    def missed(p: FloatArray) -> FloatArray:
        model = _profile(x, p[0], p[1], p[2], p[3], p[5], float(np.exp(p[4])))
        prior = (p[4:] - usual) / [_LOG_BLUR_SPREAD, _SHARE_SPREAD]
        return np.concatenate([(model - profile) / _MODEL_SPREAD, prior])

    low, high = [-2.0, 0.0, 0.0, 0.0, np.log(0.3), 0.0], [2.0, 2.0 * reach, 3.0, 3.0, np.log(8.0), 0.9]
    fit = least_squares(missed, np.clip(start, np.add(low, 1e-6), np.subtract(high, 1e-6)), bounds=(low, high)).x
    return float(np.exp(fit[4])), float(fit[5])


def _profile(
    x: FloatArray, centre: float, width: float, left: float, right: float, share: float, blur: float
) -> FloatArray:
    """Brightness (m,) at offsets x (m,); left is the side of the positive offsets."""
    on_left, on_right = ndtr((x - centre - 0.5 * width) / blur), ndtr((centre - 0.5 * width - x) / blur)
    dark = 0.5 * share * (left + right)
    profile: FloatArray = dark + (left - dark) * on_left + (right - dark) * on_right
    return profile


def _first_guess(profiles: Profiles, most_gap_px: float, blur: float, width: float | None) -> FloatArray:
    """(n, 4) centre, width, and the brightness left and right of the gap."""
    offsets, light = profiles.offsets_px, profiles.light
    middle = len(offsets) // 2
    if width is not None:
        away = int((0.5 * width + 2.0 * blur + 1.0) / STEP_PX)
        sides = (light[:, middle + away :], light[:, : middle - away + 1])
        levels = [np.median(side[:, :9] if i == 0 else side[:, -9:], axis=1) for i, side in enumerate(sides)]
        return np.column_stack([np.zeros(len(light)), np.full(len(light), width), *levels]).astype(float)
    inner = np.abs(offsets) <= 0.5 * most_gap_px + 1.0
    at = np.flatnonzero(inner)[light[:, inner].argmin(axis=1)]
    guess = np.empty((len(light), 4))
    _guess(light, at, guess)
    guess[:, 0] = offsets[0] + STEP_PX * guess[:, 0]
    guess[:, 1] = np.clip(STEP_PX * guess[:, 1] - _BLUR_TO_WIDTH * blur, 0.3, None)
    return guess


@compiled('void(float32[:, ::1], int64[::1], float64[:, ::1])')
def _guess(light: Float32Array, at: 'np.ndarray[tuple[int], np.dtype[np.int64]]', guess: FloatArray) -> None:
    """Fill in middle and width of the run about the darkest place, in samples, and both sides' brightness."""
    stations, count = light.shape
    for i in range(stations):
        row, place = light[i], at[i]
        right = np.median(row[: max(place, 1)])
        left = np.median(row[min(place + 1, count - 1) :])
        level = 0.5 * (row[place] + min(left, right))
        first, last = place, place
        while first > 0 and row[first - 1] <= level:
            first -= 1
        while last < count - 1 and row[last + 1] <= level:
            last += 1
        guess[i, 0], guess[i, 1] = 0.5 * (first + last), float(last - first + 1)
        guess[i, 2], guess[i, 3] = left, right


@compiled('float64(float32[::1], float64[::1], int64, int64, float64[::1], float64, float64, float64[:, ::1])')
def _equations(
    row: Float32Array,
    offsets: FloatArray,
    first: int,
    last: int,
    p: FloatArray,
    share: float,
    blur: float,
    normal: FloatArray,
) -> float:
    """Fill in the normal equations (4, 5) of one profile at parameters p; the sum of squares that they leave."""
    total, slopes = 0.0, np.empty(4)
    normal[:] = 0.0
    dark = 0.5 * share * (p[2] + p[3])
    for j in range(first, last):
        a, b = (offsets[j] - p[0] - 0.5 * p[1]) / blur, (p[0] - 0.5 * p[1] - offsets[j]) / blur
        on_left, on_right = 0.5 + 0.5 * erf(a / sqrt(2.0)), 0.5 + 0.5 * erf(b / sqrt(2.0))
        rest = row[j] - dark - (p[2] - dark) * on_left - (p[3] - dark) * on_right
        total += rest * rest
        left_slope = (p[2] - dark) * exp(-0.5 * a * a) / (blur * sqrt(2.0 * pi))
        right_slope = (p[3] - dark) * exp(-0.5 * b * b) / (blur * sqrt(2.0 * pi))
        inside = 0.5 * share * (1.0 - on_left - on_right)
        slopes[0], slopes[1] = right_slope - left_slope, -0.5 * (left_slope + right_slope)
        slopes[2], slopes[3] = on_left + inside, on_right + inside
        for k in range(4):
            for m in range(4):
                normal[k, m] += slopes[k] * slopes[m]
            normal[k, 4] += slopes[k] * rest
    return total


@compiled('void(float64[:, ::1], float64, float64[:, ::1])')
def _solve(normal: FloatArray, damping: float, work: FloatArray) -> None:
    """Fill in the last column of work (4, 5) with the damped step, by Gauss's elimination."""
    work[:] = normal
    for k in range(4):
        work[k, k] += damping * work[k, k] + 1e-9
    for k in range(4):
        for m in range(k + 1, 4):
            factor = work[m, k] / work[k, k]
            for n in range(k, 5):
                work[m, n] -= factor * work[k, n]
    for k in range(3, -1, -1):
        for m in range(k + 1, 4):
            work[k, 4] -= work[k, m] * work[m, 4]
        work[k, 4] /= work[k, k]


@compiled('void(float32[:, ::1], float64[::1], float64[:, ::1], float64, float64, float64[:, ::1], float64[::1])')
def _fit(
    light: Float32Array,
    offsets: FloatArray,
    start: FloatArray,
    share: float,
    blur: float,
    fitted: FloatArray,
    missed: FloatArray,
) -> None:
    """Fill in the parameters after Levenberg-Marquardt steps, and the root mean square of what they leave."""
    stations, count = light.shape
    normal, kept, work = np.empty((4, 5)), np.empty((4, 5)), np.empty((4, 5))
    for i in range(stations):
        p, best = start[i].copy(), start[i].copy()
        reach = 0.5 * p[1] + 3.0 * blur + 2.0
        first = max(int((p[0] - reach - offsets[0]) / STEP_PX), 0)
        last = min(int((p[0] + reach - offsets[0]) / STEP_PX) + 2, count)
        least, damping = 1e30, 1e-2
        for _ in range(_ROUNDS):
            total = _equations(light[i], offsets, first, last, p, share, blur, normal)
            if total < least:
                least, damping = total, 0.2 * damping
                best[:] = p
                kept[:] = normal
            else:
                damping *= 10.0
            _solve(kept, damping, work)
            for k in range(2):
                p[k] = best[k] + min(max(work[k, 4], -1.0), 1.0)
                p[k + 2] = max(best[k + 2] + work[k + 2, 4], 1.0)
            if total == least and max(abs(work[0, 4]), abs(work[1, 4])) < _SETTLED:
                break
            p[0] = min(max(p[0], offsets[0]), offsets[count - 1])
            p[1] = min(max(p[1], 0.0), offsets[count - 1] - offsets[0])
        fitted[i] = best
        missed[i] = sqrt(least / max(last - first, 1))
