"""Check of a calibration with scans of a known step from several poses.

The sensor is held as calibrated, only the place of the step is found. What is left over says by how much the
calibration is off at the seam: the height against the known one (laser plane and intrinsics), and how far surface and
edge jump from view to view when the hand tilts and turns (hand-eye).
"""

from dataclasses import dataclass, replace

import numpy as np

from weld_cell.calibration.scans.fit import fitted_target
from weld_cell.calibration.scans.model import Sensor, Stripes, distances
from weld_cell.calibration.scans.targets import Part
from weld_cell.calibration.scans.views import first_plane
from weld_cell.errors import CalibrationError
from weld_cell.records import BoolArray, FloatArray, IntArray

HOLDS_MM = 0.5
"""A calibration holds that is off by no more: half of a wire's diameter of 1 mm."""
CERTAIN = 4.0
"""So many standard deviations are no chance."""
LEAST_SPREAD_MM = 0.02
"""Of the heights of single views, however well a few of them agree."""
LEAST_TILT_DEG = 10.0
"""Between the views that differ most; below it a wrong hand-eye shows nothing."""


@dataclass(frozen=True, eq=False)
class StepCheck:
    """How a calibration sees a known step.

    Attributes:
        names: (v,) of the views.
        known_mm: Height of the step.
        heights_mm: (v,) as seen in each view.
        surface_mm: (v,) distance of the upper side in each view from that of all.
        edge_mm: (v,) distance of the edge in each view from that of all.
        tilt_deg: Between the two views that are tilted most differently.
        most_mm: What the calibration may be off by.
    """

    names: tuple[str, ...]
    known_mm: float
    heights_mm: FloatArray
    surface_mm: FloatArray
    edge_mm: FloatArray
    tilt_deg: float
    most_mm: float

    @property
    def height_off_mm(self) -> float:
        """Median of the seen heights minus the known one."""
        return float(np.median(self.heights_mm) - self.known_mm)

    @property
    def height_deviation_mm(self) -> float:
        """Standard deviation of `height_off_mm`, by how far the views differ (that of a median)."""
        spread = 1.4826 * float(np.median(np.abs(self.heights_mm - np.median(self.heights_mm))))
        return float(np.sqrt(0.5 * np.pi / len(self.heights_mm)) * max(spread, LEAST_SPREAD_MM))

    @property
    def height_differs(self) -> bool:
        """Whether the seen height is another than the known one, beyond chance: either may be wrong."""
        return abs(self.height_off_mm) > CERTAIN * self.height_deviation_mm

    @property
    def surface_off_mm(self) -> float:
        """RMS over the views."""
        return float(np.sqrt(np.mean(self.surface_mm**2)))

    @property
    def edge_off_mm(self) -> float:
        """RMS over the views."""
        return float(np.sqrt(np.mean(self.edge_mm**2)))

    @property
    def hand_eye_is_tested(self) -> bool:
        """Whether the hand turned enough to show a wrong hand-eye."""
        return self.tilt_deg >= LEAST_TILT_DEG

    @property
    def off_mm(self) -> float:
        """The largest of the three."""
        return max(abs(self.height_off_mm), self.surface_off_mm, self.edge_off_mm)

    @property
    def holds(self) -> bool:
        """Whether nothing is off by more than it may be."""
        return self.off_mm <= self.most_mm


def check_step(stripes: Stripes, sensor: Sensor, height_m: float, most_mm: float = HOLDS_MM) -> StepCheck:
    """Compare scans of a step with what a calibration makes of them.

    Args:
        stripes: Of the step, with its edge in each view.
        sensor: As calibrated.
        height_m: Of the step, measured.
        most_mm: What the calibration may be off by.

    Raises:
        CalibrationError: no view shows both sides of the step.
    """
    target = fitted_target(stripes, sensor, first_plane(stripes, sensor, height_m))
    level = replace(target, height_m=0.0)
    off_mm = 1e3 * distances(stripes, sensor, level)
    seen = np.isfinite(stripes.sigma_px)
    upper, lower, edge = (_by_view(off_mm, seen & (stripes.parts == part)) for part in Part)
    whole = np.isfinite(upper + lower + edge)
    if not whole.any():
        raise CalibrationError('No view shows both sides of the step and its edge.', 'Scan across the edge.')
    return StepCheck(
        tuple(name for name, is_whole in zip(stripes.names, whole, strict=True) if is_whole),
        1e3 * height_m,
        _heights_mm(stripes.base_points(sensor)[whole], seen[whole], stripes.parts[whole], target.frame[:, 2]),
        upper[whole] - np.median(upper[whole]),
        edge[whole] - np.median(edge[whole]),
        _tilt_deg(stripes.T_base_tool0[whole]),
        most_mm,
    )


def _heights_mm(points: FloatArray, seen: BoolArray, parts: IntArray, normal: FloatArray) -> FloatArray:
    """(v,) height of the step in each view by itself: from line to line in the laser plane, then along the normal."""
    heights = []
    for view, here, part in zip(points, seen, parts, strict=True):
        sides = [view[here & (part == side)] for side in (Part.SURFACE, Part.LOWER)]
        middles = [side.mean(axis=0) for side in sides]
        both = np.concatenate([side - middle for side, middle in zip(sides, middles, strict=True)])
        along = np.linalg.svd(both, full_matrices=False)[2][0]
        up = middles[0] - middles[1]
        heights.append(1e3 * float((up - (up @ along) * along) @ normal))
    return np.array(heights)


def _by_view(values: FloatArray, chosen: BoolArray) -> FloatArray:
    """(v,) medians of the chosen values of each view; infinite where there are none."""
    return np.array(
        [np.median(row[here]) if here.any() else np.inf for row, here in zip(values, chosen, strict=True)]
    )


def _tilt_deg(poses: FloatArray) -> float:
    """Largest angle between the z axes of two poses."""
    axes = poses[:, :3, 2]
    return float(np.degrees(np.arccos(np.clip(axes @ axes.T, -1.0, 1.0).min())))
