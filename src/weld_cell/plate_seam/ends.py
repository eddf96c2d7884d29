"""Ends of a seam, and the decision whether it is one.

Beside the line, on both sides, brightness is followed along it. Where it departs from what it was along the seam,
there something else begins. At a seam's end both plates end; or the shorter one, and then what comes after it is not
what lies on the other side. At a corner of a single plate the plate ends, and what comes after it is the table on
which the other side lies. Beside a scratch nothing ends.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import median_filter

from weld_cell.plate_seam.trace import Trace
from weld_cell.records import BoolArray, FloatArray, SeamEnd

_LEAST_STEP = 0.12  # of the logarithm of brightness
_SPREADS = 3.0
_SUSTAINED = 5
_MAD_TO_SIGMA = 1.4826
_DEGREES = (0, 1, 2, 2)  # of the usual brightness along the seam, step by step, what departs being left out
_BEFORE, _AFTER = 5, 24  # stations about the end in which a side departs
_AFTER_SHADOW = 8  # stations that a plate's shadow on the table may cover
_DAZZLING = 235.0  # grey value at which an arc hides whether the plates end
_OTHER_SURFACE = 0.25  # of the logarithm of brightness
_BORDER = 6
_STEP_REACH = 3  # stations to both sides of an end within which brightness passes from one level to the other
_STILL_DEEP = 0.5  # of the usual depth
_NOT_SHOWN = 0.8  # how certain a seam is of which the image cannot show an end, for its border or an arc
_CONTRADICTION, _ONE_END = 0.5, 0.6
_BLACK = 4.0


@dataclass(frozen=True)
class End:
    """An end of a line.

    Attributes:
        station: Number of the last one that belongs to the line, or of the first beyond it.
        place: Where the line ends, in stations: half-way up the step in brightness at the end of a plate.
        kind: What is there.
        of_seam: Whether a seam ends there; None where the end does not show it.
        dazzled: Whether an arc hides what is there.
    """

    station: int
    place: float
    kind: SeamEnd
    of_seam: bool | None
    dazzled: bool = False


def find_ends(
    trace: Trace, along: BoolArray, first: int, last: int, places_mm: FloatArray, most_mm: float
) -> tuple[End, End]:
    """Both ends of a line.

    Args:
        trace: Readings.
        along: (n,) where the seam is seen on its curve, from which what is usual beside it is taken.
        first: Number of the first station at which it is seen well.
        last: Of the last.
        places_mm: (n,) places along the seam, growing.
        most_mm: How far it may go on unseen.
    """
    lights = np.stack([trace.left_light, trace.right_light])
    departs = np.stack([_departs(light, along) for light in lights])
    # A lamp's edge crosses both sides, but there the seam goes on as deep as it was.
    deep = median_filter(along & (trace.depth >= _STILL_DEEP * np.median(trace.depth[along])), 11)
    departs[:, first : last + 1] &= ~deep[first : last + 1]
    end = _end(departs, lights, trace.in_image, last, places_mm, most_mm)
    back = lights[:, ::-1], trace.in_image[::-1], len(along) - 1 - first, -places_mm[::-1]
    turned = _end(departs[:, ::-1], *back, most_mm)
    count = len(along) - 1
    return replace(turned, station=count - turned.station, place=count - turned.place), end


def certainty(ends: tuple[End, End]) -> float:
    """0 to 1, how sure the ends make that the line lies between two plates; 0 where no end is that of a seam."""
    kinds = [end.kind for end in ends]
    if all(kind == SeamEnd.IMAGE_BORDER for kind in kinds):
        return _NOT_SHOWN
    if not any(end.of_seam for end in ends):
        return 0.0
    if any(end.of_seam is False for end in ends):
        return _CONTRADICTION
    if any(end.kind == SeamEnd.UNSEEN and not end.dazzled for end in ends):
        return _ONE_END
    return _NOT_SHOWN if any(end.dazzled for end in ends) else 1.0


def _departs(light: FloatArray, along: BoolArray) -> BoolArray:
    """(n,) whether brightness is not what it is along the seam."""
    numbers, level = np.arange(len(light), dtype=float), np.log(light + _BLACK)
    good = along.copy()
    scale = max(numbers[along].max(), 1.0)
    for degree in _DEGREES:
        curve = np.polyfit(numbers[good] / scale, level[good], degree) if degree else [np.median(level[good])]
        rest = level - np.polyval(curve, np.clip(numbers, *numbers[along][[0, -1]]) / scale)
        spread = _MAD_TO_SIGMA * float(np.median(np.abs(rest[along])))
        good = along & (np.abs(rest) <= 3.0 * spread + 0.01)
    departs: BoolArray = np.abs(median_filter(rest, 5, mode='nearest')) > max(_LEAST_STEP, _SPREADS * spread)
    return departs


def _end(
    departs: BoolArray, lights: FloatArray, in_image: BoolArray, last: int, places_mm: FloatArray, most_mm: float
) -> End:
    """The end after a station; departs and lights (2, n) of both sides."""
    either = np.asarray(departs.any(axis=0))
    sustained = np.convolve(either, np.ones(_SUSTAINED), 'full')[_SUSTAINED - 1 :] >= _SUSTAINED - 1
    station = last
    if either[last : last + _SUSTAINED].all():
        while station > 0 and either[station - 1]:
            station -= 1
    else:
        ahead = np.flatnonzero(sustained[last:] & (places_mm[last:] - places_mm[last] <= most_mm))
        station = last + int(ahead[0]) if len(ahead) else last
    if not in_image[min(station + _BORDER, len(in_image) - 1)]:
        inner = int(np.flatnonzero(in_image)[-1])
        return End(inner, inner, SeamEnd.IMAGE_BORDER, None)
    dazzled = np.median(lights[:, station : station + _AFTER_SHADOW]) >= _DAZZLING
    if dazzled or (station == last and not sustained[last]):
        return End(last, last, SeamEnd.UNSEEN, None, bool(dazzled))
    places = [place for light in lights for place in _boundaries(light, station)]
    # Where a shadow hides the step, the end is no further than the first pixel in which something has changed.
    changed = station + float(np.argmax(either[station : station + _SUSTAINED]))
    return End(station, min([*places, changed]), SeamEnd.PLATE_END, _of_seam(departs, lights, station))


def _boundaries(light: FloatArray, station: int) -> list[float]:
    """The places about a station at which brightness (n,) is half-way from what it is before to what it is after."""
    first, last = max(station - _STEP_REACH, 0), min(station + _STEP_REACH, len(light) - 1)
    before = np.median(light[max(first - _STEP_REACH, 0) : first + 1])
    after = np.median(light[last : last + _STEP_REACH + 1])
    if abs(np.log((after + _BLACK) / (before + _BLACK))) < _LEAST_STEP:
        return []
    above = light[first : last + 1] - 0.5 * (before + after)
    passed = np.flatnonzero((above[:-1] > 0.0) != (above[1:] > 0.0))
    return [float(first + k + above[k] / (above[k] - above[k + 1])) for k in passed]


def _of_seam(departs: BoolArray, lights: FloatArray, station: int) -> bool:
    """Whether both sides end about a station, or one does and what comes after it is not the other side's surface."""
    window = departs[:, max(station - _BEFORE, 0) : station + _AFTER]
    changed = [np.convolve(side, np.ones(_SUSTAINED), 'valid').max(initial=0.0) >= _SUSTAINED for side in window]
    after = np.log(lights[:, station + _AFTER_SHADOW : station + _AFTER] + _BLACK)
    if all(changed) or not after.size:
        return all(changed)
    return bool(abs(np.diff(np.median(after, axis=1))[0]) > _OTHER_SURFACE)
