"""Features of our own beside the paper's: what is left of a stripe when the two plates are taken away.

Every value is the same when the profile is mirrored along its rows and when the sensor is rolled (a constant
slope), so that the model need not learn it.
"""

import numpy as np

from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.notch import NOTCH_FEATURE_NAMES, notch_features
from weld_cell.joint_type.plates import JointShape, joint_shape, median, runs
from weld_cell.records import BoolArray, FloatArray

EXTENDED_FEATURE_NAMES = (
    'bend',                 # difference of the plates' slopes, columns a row; a fillet has the most
    'step_px',              # height of one plate over the other where they meet
    'log_groove_rows',      # rows of the largest groove below both plates
    'log_groove_depth_px',  # the depth that a tenth of its rows exceed
    'groove_fill',          # its area over width times depth: 0.5 triangle, 1 rectangle
    'groove_flat_share',    # share of its rows near its bottom
    *NOTCH_FEATURE_NAMES,
    'steepest_wall',        # largest slope against the plates over a few rows
    'log_dark_rows',        # longest stretch without a bright stripe
    'missing_share',        # share of the rows without stripe
    'joint_brightness',     # brightness of the joint over that of the whole stripe
    'log_scatter_px',       # scatter of the stripe on the plates
)

_WALL_LAG = 3
_DARK_SHARE = 0.6           # a row darker than this part of the usual one says little about its column
_AROUND_JOINT_ROWS = 12
_LEAST_SCATTER_PX = 0.05


def extended_features(curve: StripeCurve) -> FloatArray:
    """Our features, in the order of EXTENDED_FEATURE_NAMES.

    Args:
        curve: The stripe, one centre a row, larger columns deeper.

    Returns:
        (16,) values, not normalised.
    """
    shape = joint_shape(curve.columns_px)
    first, last = shape.plates
    dark = curve.missing | (curve.intensity < _DARK_SHARE * median(curve.intensity))
    gap = _longest_run(dark)
    return np.array([
        first.slope - last.slope,
        shape.step_px,
        *_groove_features(shape),
        *notch_features(shape.columns_px, ~_widened(dark)),
        _steepest(shape),
        np.log1p(gap.stop - gap.start),
        curve.missing.mean(),
        _brightness(curve, _joint_rows(shape, gap)),
        np.log(max(first.scatter_px, last.scatter_px) + _LEAST_SCATTER_PX),
    ])


def _groove_features(shape: JointShape) -> tuple[float, float, float, float]:
    """log rows, log depth, fill and flat share of the largest groove; zeros where there is none."""
    depths = shape.below_px[shape.groove]
    if not len(depths):
        return 0.0, 0.0, 0.0, 0.0
    tenth = int(0.9 * len(depths))  # a few wild rows make no depth
    depth = max(float(np.partition(depths, tenth)[tenth]), 1.0)
    fill = float(np.minimum(depths, depth).mean()) / depth
    return np.log1p(len(depths)), np.log1p(depth), fill, float(np.mean(depths > 0.8 * depth))


def _steepest(shape: JointShape) -> float:
    """Largest slope against the plates' mean slope, over a few rows."""
    rise = shape.columns_px[2 * _WALL_LAG:] - shape.columns_px[:-2 * _WALL_LAG]
    level = (shape.plates[0].slope + shape.plates[1].slope) / 2
    return float(np.abs(rise / (2 * _WALL_LAG) - level).max())


def _joint_rows(shape: JointShape, gap: slice) -> slice:
    """Where the joint is, with a few rows on both sides: the groove, else the gap, else where the plates meet."""
    meeting = slice(shape.split, shape.split + 1)
    joint = next(part for part in (shape.groove, gap, meeting) if part.stop > part.start)
    return slice(max(0, joint.start - _AROUND_JOINT_ROWS), joint.stop + _AROUND_JOINT_ROWS)


def _longest_run(flags: BoolArray) -> slice:
    """The longest run of True; an empty slice where there is none."""
    found = runs(flags)
    if not len(found):
        return slice(0, 0)
    first, stop = found[int((found[:, 1] - found[:, 0]).argmax())].tolist()
    return slice(first, stop)


def _widened(flags: BoolArray) -> BoolArray:
    """True also one row before and after; the stripe's centre is drawn aside at the edge of a dark stretch."""
    wider = flags.copy()
    wider[1:] |= flags[:-1]
    wider[:-1] |= flags[1:]
    return wider


def _brightness(curve: StripeCurve, joint: slice) -> float:
    """Mean grey value of the joint over that of the whole stripe; 1 where the stripe has no brightness."""
    whole = float(curve.intensity.mean())
    return float(curve.intensity[joint].mean()) / whole if whole > 0 else 1.0
