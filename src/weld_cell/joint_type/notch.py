"""Where a stripe looks most like a small notch (splice) or slot (butt), and how much it does.

Every stretch of the stripe is fitted by a straight line with a step, and on top of these by a triangle or a box
of several widths. The step lets the plates stand at different heights and the line lets the sensor be rolled;
neither counts for or against the notch.
"""

import numpy as np

from weld_cell.records import BoolArray, FloatArray

NOTCH_FEATURE_NAMES = (
    'notch_likeness',      # correlation with the best triangular notch, 0 to 1
    'notch_depth_px',      # its depth
    'slot_likeness',       # correlation with the best rectangular slot, 0 to 1
    'slot_depth_px',       # its depth
    'ridge_likeness',      # correlation with the best triangle upside down: what the surface's texture can do
)

_HALF_WINDOW_ROWS = 17
_NOTCH_WIDTHS_ROWS = (9, 13, 19)   # 0.8 to 1.6 mm of chamfer on both sides
_SLOT_WIDTHS_ROWS = (4, 8, 13)     # 0.5 to 2 mm of root gap
_TEXTURE_PX = 0.3                  # scatter of the stripe on a rough surface; less does not make it likelier
_NOTCH_LIMIT_PX = 6.5              # a splice's notch is no deeper; what is deeper is no notch


def _unit_templates() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nuisance basis (w, 3), triangles and boxes (w, 6) of norm 1 free of it, and (6,) norms that they had."""
    x = np.arange(-_HALF_WINDOW_ROWS, _HALF_WINDOW_ROWS + 1.0)
    basis, _ = np.linalg.qr(np.column_stack([np.ones_like(x), x, np.sign(x)]))
    triangles = [np.maximum(0.0, 1.0 - np.abs(x) / ((width + 1) / 2)) for width in _NOTCH_WIDTHS_ROWS]
    boxes = [(np.abs(x) < (width + 1) / 2).astype(float) for width in _SLOT_WIDTHS_ROWS]
    shapes = np.column_stack(triangles + boxes)
    shapes -= basis @ (basis.T @ shapes)
    norms = np.linalg.norm(shapes, axis=0)
    return basis, shapes / norms, norms


_BASIS, _TEMPLATES, _NORMS = _unit_templates()
_PROJECTIONS = np.column_stack([_BASIS, _TEMPLATES]).T.astype(np.float32)


def notch_features(columns_px: FloatArray, reliable: BoolArray) -> FloatArray:
    """Likeness and depth of the best notch and of the best slot.

    Args:
        columns_px: (n,) stripe, larger is deeper; n at least 35.
        reliable: (n,) False where the column is a guess; the stripe is taken as straight there.

    Returns:
        (5,) in the order of NOTCH_FEATURE_NAMES.
    """
    known = np.flatnonzero(reliable)
    level = np.interp(np.arange(len(columns_px)), known, columns_px[known]) if len(known) else columns_px
    level = level - level.mean()
    width = len(_BASIS)
    windows = np.lib.stride_tricks.sliding_window_view(level.astype(np.float32), width)
    parts = (_PROJECTIONS @ np.ascontiguousarray(windows).T).astype(float)  # single precision: twice as fast
    squares = np.concatenate([[0.0], np.cumsum(level * level)])
    energy = squares[width:] - squares[:-width] - (parts[:3] ** 2).sum(axis=0)
    weight = _share_around(reliable) / np.sqrt(np.maximum(energy, 0.0) + width * _TEXTURE_PX**2)
    likeness = parts[3:] * weight
    depths = parts[3:] / _NORMS[:, None]
    triangles, boxes = slice(0, len(_NOTCH_WIDTHS_ROWS)), slice(len(_NOTCH_WIDTHS_ROWS), None)
    ridge = -float(likeness[triangles].min())
    likeness[triangles][depths[triangles] > _NOTCH_LIMIT_PX] = 0.0
    return np.array([
        *_best(likeness[triangles], depths[triangles]), *_best(likeness[boxes], depths[boxes]), ridge])


def _best(likeness: FloatArray, depths: FloatArray) -> tuple[float, float]:
    place = int(likeness.argmax())
    return float(likeness.flat[place]), float(depths.flat[place])


def _share_around(reliable: BoolArray) -> FloatArray:
    """(n - 34,) share of reliable rows in the middle half of each window."""
    half = _HALF_WINDOW_ROWS // 2
    total = np.concatenate([[0], np.cumsum(reliable)])
    share = (total[2 * half + 1:] - total[:-2 * half - 1]) / (2 * half + 1)
    cut = _HALF_WINDOW_ROWS - half
    middle: FloatArray = share[cut:-cut]
    return middle
