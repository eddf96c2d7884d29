"""The stripe as one curve without gaps, from which all features are computed."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weld_cell.errors import JointTypeError
from weld_cell.records import BoolArray, FloatArray, ImageArray, StripeProfile

MINIMUM_ROWS = 40


@dataclass(frozen=True, eq=False)
class StripeCurve:
    """A profile with a centre in every row from its first to its last; arrays as compiled functions take them.

    Attributes:
        first_row_px: Image row of the first centre.
        columns_px: (n,) stripe centre in each row.
        intensity: (n,) grey value there; 0 where not seen.
        missing: (n,) True where the stripe was not seen and the centre is interpolated.
        light: (h, w) uint8 the image around the stripe; empty where not known.
        light_origin_px: (u, v) in the image of its first pixel.

    Raises:
        ValueError: fewer rows than a joint needs, or not one value of each kind for every row; compiled functions
            would read beyond the arrays.
    """

    first_row_px: float
    columns_px: FloatArray
    intensity: FloatArray
    missing: BoolArray
    light: ImageArray = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    light_origin_px: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        for name, kind in (
            ('columns_px', np.float64),
            ('intensity', np.float64),
            ('missing', np.bool_),
            ('light', np.uint8),
        ):
            object.__setattr__(self, name, _as_type(getattr(self, name), kind))
        count = len(self.columns_px)
        if count < MINIMUM_ROWS or not count == len(self.intensity) == len(self.missing):
            raise ValueError(
                f'expected {MINIMUM_ROWS} rows at least and as many intensities and flags, got {count} columns, '
                f'{len(self.intensity)} intensities, {len(self.missing)} flags'
            )

    def mirrored(self) -> 'StripeCurve':
        """The curve as a sensor sees it that has the laser on the other side of its camera."""
        left, top = self.light_origin_px
        return replace(
            self,
            columns_px=-self.columns_px,
            light=self.light[:, ::-1],
            light_origin_px=(1 - left - self.light.shape[1], top),
        )


def _as_type(array: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """The array itself, or a copy where it is strided, read-only, unaligned or of another type."""
    return array if array.flags.carray and array.dtype == kind else np.array(array, kind, order='C')


def continuous_curve(profile: StripeProfile) -> StripeCurve:
    """Bridge rows that the profile leaves out by straight lines (paper, section 3.1, figure 8e).

    Raises:
        JointTypeError: the stripe covers too few rows to show a joint.
    """
    rows = profile.rows_px
    span = int(rows[-1] - rows[0]) + 1 if len(rows) else 0
    if span < MINIMUM_ROWS:
        raise JointTypeError(
            f'The stripe covers {span} rows; a joint type needs {MINIMUM_ROWS}.',
            'Move the sensor so that the stripe crosses the whole joint.',
        )
    if span == len(rows):
        return StripeCurve(
            rows[0], profile.columns_px, profile.intensity, profile.bridged, profile.light, profile.light_origin_px
        )
    index = (rows - rows[0]).astype(int)
    missing = np.ones(span, dtype=bool)
    missing[index] = profile.bridged
    intensity = np.zeros(span)
    intensity[index] = profile.intensity
    columns = np.interp(np.arange(span), index, profile.columns_px)
    return StripeCurve(rows[0], columns, intensity, missing, profile.light, profile.light_origin_px)
