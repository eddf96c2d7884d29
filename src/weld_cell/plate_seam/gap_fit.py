"""Sub-pixel position of both edges of a gap, from the profiles across it.

A gap that is narrower than the lens's blur is a dip of which depth and width cannot both be told. So the profile of
two plates and a gap between them, blurred, is fitted to what is seen: centre, width and both plates' brightness are
free at each station. The blur and the brightness inside the gap are the same along a seam and are fitted to the
median of all its profiles, beside what is usual of both, which decides where the profiles do not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from weld_cell.compiled import compiled
from weld_cell.plate_seam.gap_model import fit_profile, fit_profiles
from weld_cell.plate_seam.profiles import STEP_PX, Float32Array, Profiles
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray

_BLUR_TO_WIDTH = 2.3548  # from a normal distribution's standard deviation to its width at half height
_SHARE_SPREAD = 0.1  # standard deviations of what is usual of blur and darkness
_LOG_BLUR_SPREAD = 0.6
_PERCENT = 100.0
_MODEL_SPREAD = 1.0  # of a pooled profile in percent
_LEAST_OF_USUAL = 0.25  # of the seam's usual depth
_ROUNDS = 40
_LEAST_POOLED, _MOST_POOLED = 8, 150


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
    fit_profiles(profiles.light, profiles.offsets_px, start, blur, share, fitted, missed)
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
    width = float(np.median(readings.width_px[seen]))
    reach = 0.6 * width + 4.0 * readings.blur_px + 2.0
    inner = np.abs(profiles.offsets_px) <= reach
    few = np.flatnonzero(seen)[:: max(np.count_nonzero(seen) // _MOST_POOLED, 1)]
    rows = np.empty((len(few), np.count_nonzero(inner)), np.float32)
    _shifted(profiles.light[few], readings.offset_px[few] / STEP_PX, int(np.argmax(inner)), rows)
    level = np.maximum(np.percentile(rows, 75.0, axis=1), 1.0).astype(np.float32)
    pooled = np.median(_PERCENT * rows / level[:, None], axis=0).astype(np.float32)
    usual = np.array([0.0, 0.0, 0.0, 0.0, np.log(settings.blur_px), settings.dark_share])
    spreads = np.array([0.0, 0.0, 0.0, 0.0, _LOG_BLUR_SPREAD, _SHARE_SPREAD])
    low = np.array([-2.0, 0.0, 1.0, 1.0, np.log(0.3), 0.0])
    high = np.array([2.0, 2.0 * reach, 3.0 * _PERCENT, 3.0 * _PERCENT, np.log(8.0), 0.9])
    found = np.array([0.0, width, pooled[-3:].mean(), pooled[:3].mean(), *usual[4:]])
    found = np.clip(found, low, high)
    prior = np.concatenate([usual, spreads])
    fit_profile(pooled, profiles.offsets_px[inner], found, low, high, prior, _MODEL_SPREAD, _ROUNDS)
    return float(np.exp(found[4])), float(found[5])


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


@compiled('void(float32[:, ::1], float64[::1], int64, float32[:, ::1])')
def _shifted(light: Float32Array, shifts: FloatArray, first: int, rows: Float32Array) -> None:
    """Fill in profiles moved back by shifts (n,) in samples, linear between samples, from a sample on."""
    stations, count = light.shape
    for i in range(stations):
        for j in range(rows.shape[1]):
            place = min(max(first + j + shifts[i], 0.0), count - 1.001)
            before = int(place)
            share = place - before
            rows[i, j] = (1.0 - share) * light[i, before] + share * light[i, before + 1]
