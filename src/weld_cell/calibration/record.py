"""The metadata of a calibration: the block `calibration:` in a section of the rig file."""

import datetime
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.checked_yaml import Section
from weld_cell.records import FloatArray

KEY = 'calibration'
UNITS = ('mm', 'px')
MOST_VIEWS = 1_000_000
_SHA256 = re.compile('[0-9a-f]{64}')


@dataclass(frozen=True)
class CalibrationRecord:
    """How the numbers of one section came about.

    Attributes:
        date: Day of the calibration.
        method: In words.
        residual: RMS of what is left over.
        residual_unit: mm or px.
        views: Images, scans or pointings that were used.
        standard_deviations: Of the section's numbers. A frame: x, y, z in metres and a turn about x, y, z of the
            parent in radians; a camera: fx, fy, cx, cy in pixels, k1, k2, p1, p2, k3; a laser plane: A, B, C in
            1/m; a tool found by pointing: x, y, z in metres.
        covariance: Of the same numbers, (n, n) row by row; empty where it is not known.
        input_sha256: Of what it was computed from.

    Raises:
        ValueError: a residual or a deviation that is none, or a covariance of another size.
    """

    date: datetime.date
    method: str
    residual: float
    residual_unit: str
    views: int
    standard_deviations: tuple[float, ...]
    input_sha256: str
    covariance: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        numbers = np.array([self.residual, *self.standard_deviations])
        if not np.isfinite(numbers).all() or (numbers < 0).any():
            raise ValueError(f'residual and standard deviations: expected numbers from 0, got {numbers}')
        if len(self.covariance) not in (0, len(self.standard_deviations) ** 2):
            raise ValueError(
                f'covariance: expected {len(self.standard_deviations)} rows, got {len(self.covariance)} numbers'
            )
        if self.residual_unit not in UNITS:
            raise ValueError(f'residual_unit: expected one of {", ".join(UNITS)}, got {self.residual_unit!r}')

    @classmethod
    def of_covariance(cls, covariance: FloatArray, **values: Any) -> 'CalibrationRecord':
        """A record whose standard deviations are those of a covariance (n, n)."""
        deviations = np.sqrt(np.diag(covariance))
        return cls(
            standard_deviations=tuple(map(float, deviations)),
            covariance=tuple(map(float, covariance.ravel())),
            **values,
        )

    def rows(self) -> dict[str, Any]:
        """As the rig file has it."""
        rows: dict[str, Any] = {
            'date': self.date.isoformat(),
            'method': self.method,
            f'residual_{self.residual_unit}': _short(self.residual),
            'views': self.views,
            'standard_deviations': [_short(value) for value in self.standard_deviations],
        }
        if self.covariance:
            rows['covariance'] = [_short(value) for value in self.covariance]
        return {**rows, 'input_sha256': self.input_sha256}


def read_record(section: Section, counts: tuple[int, ...]) -> CalibrationRecord:
    """The block of a section that has one.

    Args:
        section: That has the key `calibration`.
        counts: How many standard deviations such a section may have.

    Raises:
        ConfigurationError: malformed; names file, line and key.
    """
    block = section.section(KEY)
    unit = next((unit for unit in UNITS if f'residual_{unit}' in block), UNITS[0])
    count = next((n for n in counts if block.has_row('standard_deviations', n)), counts[0])
    deviations = block.numbers('standard_deviations', count)
    if (deviations < 0).any():
        raise block.refusal('standard_deviations', 'numbers from 0')
    covariance = block.numbers('covariance', count * count).tolist() if 'covariance' in block else ()
    sha256 = block.text('input_sha256')
    if not _SHA256.fullmatch(sha256):
        raise block.refusal('input_sha256', '64 hexadecimal digits')
    return CalibrationRecord(
        date=block.date('date'),
        method=block.text('method'),
        residual=block.residual(f'residual_{unit}'),
        residual_unit=unit,
        views=int(block.number('views', 1, MOST_VIEWS)),
        standard_deviations=tuple(deviations.tolist()),
        input_sha256=sha256,
        covariance=tuple(covariance),
    )


def sha256_of_files(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of files, in the order of their names."""
    whole = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        whole.update(path.name.encode() + b'\0')
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _short(value: float) -> float:
    """Six digits are more than a deviation has."""
    return float(f'{value:.6g}')
