"""Adaptive fill: speed, weave and wire feed of a weld by its root gap and mismatch, from a table of the procedure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from weld_cell.checked_yaml import Section
from weld_cell.config import LocatedDict, bounded, load_yaml
from weld_cell.errors import ConfigurationError, GapOutOfTableError
from weld_cell.records import FloatArray

FILL_KEY = 'adaptive_fill'
"""Of the optional table within a procedure of weld_procedures.yaml."""

_REMEDY = 'Each row needs gap_mm, travel_speed_mm_s and wire_feed_m_min; see docs/tracking.md and the shipped file.'
_ROUNDING_MM = 1e-6


@dataclass(frozen=True)
class FillRow:
    """One row of a table: how to weld one root gap, and one mismatch where the table has that column."""

    gap_mm: float = bounded(0.0, 0.0, 20.0, 'mm', 'Root gap.')
    travel_speed_mm_s: float = bounded(8.0, 1.0, 50.0, 'mm/s', 'Speed of the tool along the seam.')
    wire_feed_m_min: float = bounded(6.0, 1.0, 25.0, 'm/min', 'Wire feed.')
    weave_width_mm: float = bounded(0.0, 0.0, 20.0, 'mm', 'Whole width of the weave; 0: none.')
    mismatch_mm: float | None = field(
        default=None, metadata={'low': 0.0, 'high': 10.0, 'unit': 'mm', 'doc': 'Mismatch, to either side.'}
    )


_OPTIONAL = ('weave_width_mm', 'mismatch_mm')


@dataclass(frozen=True, eq=False)
class FillTable:
    """The qualified range of a procedure, and how to weld within it.

    Attributes:
        procedure: Its name.
        gaps_mm: (n,) ascending root gaps, n >= 2.
        mismatches_mm: (m,) ascending, m >= 2; None where the table does not ask for the mismatch.
        values: (n, m, 3) travel speed in mm/s, wire feed in m/min, weave width in mm; m = 1 without mismatches.
    """

    procedure: str
    gaps_mm: FloatArray
    mismatches_mm: FloatArray | None
    values: FloatArray

    @property
    def slowest_mm_s(self) -> float:
        """Least travel speed of the table."""
        return float(self.values[..., 0].min())

    def at(self, along_mm: FloatArray, gaps_mm: FloatArray, mismatches_mm: FloatArray) -> FloatArray:
        """Linear between the rows; never beyond them: there the procedure is not qualified.

        Args:
            along_mm: (k,) places along the seam, for the message.
            gaps_mm: (k,) root gaps there.
            mismatches_mm: (k,) mismatches there, of either sign.

        Returns:
            (k, 3) travel speed in mm/s, wire feed in m/min, weave width in mm.

        Raises:
            GapOutOfTableError: a root gap or a mismatch lies outside the table; names place, value and range.
        """
        gaps = self._within('root gap', along_mm, gaps_mm, self.gaps_mm)
        if self.mismatches_mm is None:
            return np.asarray(RegularGridInterpolator((self.gaps_mm,), self.values[:, 0])(gaps))
        mismatches = self._within('mismatch', along_mm, np.abs(mismatches_mm), self.mismatches_mm)
        table = RegularGridInterpolator((self.gaps_mm, self.mismatches_mm), self.values)
        return np.asarray(table(np.column_stack([gaps, mismatches])))

    def _within(self, what: str, along_mm: FloatArray, values_mm: FloatArray, range_mm: FloatArray) -> FloatArray:
        least, most = range_mm[[0, -1]]
        outside = np.maximum(least - values_mm, values_mm - most)
        if outside.max(initial=0.0) > _ROUNDING_MM:
            worst = int(outside.argmax())
            raise GapOutOfTableError(
                f'{along_mm[worst]:.0f} mm along the seam the {what} is {values_mm[worst]:.2f} mm; the table '
                f'{FILL_KEY} of the procedure "{self.procedure}" holds from {least:g} to {most:g} mm.',
                'Fit the parts closer, or qualify a procedure for this joint and add its row to the table.',
            )
        return np.asarray(np.clip(values_mm, least, most))


def load_fill_tables(path: str) -> dict[str, FillTable]:
    """Read the tables of all procedures that have one.

    Args:
        path: weld_procedures.yaml.

    Raises:
        ConfigurationError: unreadable or malformed; names file, line and key.
    """
    content = load_yaml(path)
    return {
        name: fill_table(section, name, path)
        for name, section in content.items()
        if isinstance(section, LocatedDict) and FILL_KEY in section
    }


def fill_table(procedure: LocatedDict, name: str, path: str) -> FillTable:
    """The table of one procedure, which has one.

    Raises:
        ConfigurationError: a row is malformed or out of range, or the rows make no table; names file, line and key.
    """
    section = Section(procedure, path, _REMEDY, f'{name}.')
    rows = [_row(row) for row in section.sections(FILL_KEY)]
    with_mismatch = sum(row.mismatch_mm is not None for row in rows)
    if with_mismatch not in (0, len(rows)):
        raise _refused(section, 'mismatch_mm in every row or in none')
    gaps = _ascending([row.gap_mm for row in rows], section, 'gap_mm')
    mismatches = (
        _ascending([row.mismatch_mm or 0.0 for row in rows], section, 'mismatch_mm') if with_mismatch else None
    )
    grid = [(gap, mismatch) for gap in gaps for mismatch in (mismatches if mismatches is not None else (0.0,))]
    if [(row.gap_mm, row.mismatch_mm or 0.0) for row in rows] != grid:
        order = 'gap_mm' if mismatches is None else 'gap_mm, for each of them one row for every mismatch_mm'
        raise _refused(section, f'one row for every value, by ascending {order}')
    values = np.array([[row.travel_speed_mm_s, row.wire_feed_m_min, row.weave_width_mm] for row in rows])
    return FillTable(name, gaps, mismatches, values.reshape(len(gaps), -1, 3))


def _row(row: Section) -> FillRow:
    values = {
        each.name: row.number(each.name, each.metadata['low'], each.metadata['high'])
        for each in fields(FillRow)
        if each.name not in _OPTIONAL or each.name in row
    }
    row.refuse_unread()
    return FillRow(**values)


def _ascending(values: Sequence[float], section: Section, name: str) -> FloatArray:
    unique = np.unique(values)
    if len(unique) < 2:
        raise _refused(section, f'at least two different values of {name}')
    return unique


def _refused(section: Section, expected: str) -> ConfigurationError:
    return ConfigurationError(f'{section.where(FILL_KEY)}: expected {expected}.', _REMEDY)
