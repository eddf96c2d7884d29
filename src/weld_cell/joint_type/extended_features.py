"""Features of our own beside the paper's, in groups: the two plates, the groove between them and its walls,
dark stretches, and what a learnt filter says of the joint's corners.

All but the filter's are the same when the profile is mirrored along its rows and when the sensor is rolled (a
constant slope), so that the model need not learn it; the filter's hardly differ.
"""

import numpy as np

from weld_cell.joint_type.corner_net import CORNER_FEATURE_NAMES, corner_features
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.groove import GROOVE_FEATURE_NAMES, groove_features
from weld_cell.joint_type.plates import JointShape, joint_shape, median, runs
from weld_cell.joint_type.walls import WALL_FEATURE_NAMES, wall_features
from weld_cell.records import BoolArray, FloatArray

PLATE_FEATURE_NAMES = (
    'bend',                 # difference of the plates' slopes, columns a row; a fillet has the most
    'step_px',              # height of one plate over the other where they meet
    'steepest_wall',        # largest slope against the plates over a few rows
    'log_scatter_px',       # scatter of the stripe on the plates
)
LIGHT_FEATURE_NAMES = (
    'log_dark_rows',        # longest stretch without a bright stripe
    'missing_share',        # share of the rows without stripe
    'joint_brightness',     # brightness of the joint over that of the whole stripe
)
EXTENDED_FEATURE_GROUPS = {
    'plates': PLATE_FEATURE_NAMES, 'groove': GROOVE_FEATURE_NAMES, 'walls': WALL_FEATURE_NAMES,
    'light': LIGHT_FEATURE_NAMES,
    'corners': CORNER_FEATURE_NAMES}
EXTENDED_FEATURE_NAMES = tuple(name for names in EXTENDED_FEATURE_GROUPS.values() for name in names)

_WALL_LAG = 3
_DARK_SHARE = 0.6           # a row darker than this part of the usual one says little about its column
_AROUND_JOINT_ROWS = 12
_LEAST_SCATTER_PX = 0.05


def extended_features(curve: StripeCurve) -> FloatArray:
    """Our features, in the order of EXTENDED_FEATURE_NAMES.

    Args:
        curve: The stripe, one centre a row, larger columns deeper.

    Returns:
        (26,) values, not normalised.
    """
    shape = joint_shape(curve.columns_px)
    return np.concatenate([
        _plate_features(shape), groove_features(curve, shape), wall_features(curve, shape),
        _light_features(curve, shape), corner_features(curve, shape.plates)])


def _plate_features(shape: JointShape) -> FloatArray:
    first, last = shape.plates
    scatter = max(first.scatter_px, last.scatter_px) + _LEAST_SCATTER_PX
    return np.array([first.slope - last.slope, shape.step_px, _steepest(shape), np.log(scatter)])


def _light_features(curve: StripeCurve, shape: JointShape) -> FloatArray:
    gap = _longest_run(curve.missing | (curve.intensity < _DARK_SHARE * median(curve.intensity)))
    return np.array([
        np.log1p(gap.stop - gap.start), curve.missing.mean(), _brightness(curve, _joint_rows(shape, gap))])


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


def _brightness(curve: StripeCurve, joint: slice) -> float:
    """Mean grey value of the joint over that of the whole stripe; 1 where the stripe has no brightness."""
    whole = float(curve.intensity.mean())
    return float(curve.intensity[joint].mean()) / whole if whole > 0 else 1.0
