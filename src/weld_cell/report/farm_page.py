"""The page of many replayed bags: rates, refusals by reason, damage, residuals, drift over time, the worst bags."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.farm.results import Row
from weld_cell.farm.table import BAGS_TABLE
from weld_cell.replays.request import Verdict
from weld_cell.report.farm_pictures import draw_drift, draw_residuals
from weld_cell.report.page import Picture, write_page

SHOWN_BAGS = 200
DRIFT_BAGS = 3
_DAY_NS = 86_400_000_000_000
_TRENDS = (
    ('residual_rms_mm', 'Residual, RMS', 'mm'),
    ('gap_median_mm', 'Root gap, median', 'mm'),
    ('vote_share', 'Share of the vote', ''),
)
"""Column, what it is, and its unit."""


def write_farm_page(rows: Sequence[Row], folder: Path, command: str) -> None:
    """Write index.html and its pictures beside the table.

    Args:
        rows: A row a bag.
        folder: Result folder.
        command: That made them, for the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = [row for row in rows if row['verdict'] == Verdict.FOUND]
    shown = sorted(rows, key=_badness)[:SHOWN_BAGS]
    damaged = [row for row in rows if row.get('problems')]
    write_page(
        folder,
        'farm.html.j2',
        command=command,
        rates=_rates(rows),
        good=len(found) == len(rows),
        heading=f'{len(found)} of {len(rows)} bags: a seam was found',
        by_type=_by_type(rows),
        refusals=_refusals(rows),
        damaged=damaged[:SHOWN_BAGS],
        damaged_left_out=max(len(damaged) - SHOWN_BAGS, 0),
        image_errors=_image_errors(rows),
        pictures=list(_pictures(rows, folder)),
        trends=_trends(rows),
        shown=shown,
        left_out=len(rows) - len(shown),
        table=BAGS_TABLE,
        jobs=len({row['job_sha256'] for row in rows}),
        first=rows[0] if rows else {},
    )


def values(rows: Sequence[Row], column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n,) the figures of a column, without bags that have none."""
    return np.array([row[column] for row in rows if row.get(column) is not None], float)


def _badness(row: Row) -> tuple[int, float]:
    order = [Verdict.FAILED, Verdict.NO_TYPE, Verdict.NO_PATH, Verdict.FOUND]
    return order.index(Verdict(str(row['verdict']))), -float(row.get('residual_p95_mm') or 0.0)


def _rates(rows: Sequence[Row]) -> dict[str, object]:
    images, seconds = values(rows, 'images').sum(), values(rows, 'seconds').sum()
    rates: dict[str, object] = {
        str(verdict): f'{count} ({count / len(rows):.1%})'
        for verdict in Verdict
        if (count := sum(row['verdict'] == verdict for row in rows))
    }
    rates['images'] = f'{images:.0f}'
    rates['seam points'] = f'{values(rows, "seam_points").sum():.0f}'
    if seconds > 0:
        rates['work'] = f'{seconds:.1f} s of workers, {images / seconds:.0f} images/s each'
    return rates


def _by_type(rows: Sequence[Row]) -> list[tuple[str, int, int, str]]:
    """Joint type, bags, of which with a path, median of the residuals."""
    counts = Counter(str(row['joint_type']) for row in rows if row.get('joint_type'))
    told = []
    for kind, count in counts.most_common():
        of_kind = [row for row in rows if row.get('joint_type') == kind]
        residuals = values(of_kind, 'residual_rms_mm')
        median = f'{np.median(residuals):.3f}' if len(residuals) else ''
        told.append((kind, count, sum(row['verdict'] == Verdict.FOUND for row in of_kind), median))
    return told


def _refusals(rows: Sequence[Row]) -> list[tuple[str, int, str, list[Row]]]:
    """Error, bags, the first one's reason, some of them."""
    refused = [row for row in rows if row.get('refusal')]
    counts = Counter(str(row['refusal']) for row in refused)
    told = []
    for name, count in counts.most_common():
        of_kind = [row for row in refused if row['refusal'] == name]
        told.append((name, count, f'{of_kind[0]["reason"]} {of_kind[0].get("remedy") or ""}', of_kind[:DRIFT_BAGS]))
    return told


def _image_errors(rows: Sequence[Row]) -> list[tuple[str, int]]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update(json.loads(str(row.get('image_errors') or '{}')))
    return total.most_common()


def _pictures(rows: Sequence[Row], folder: Path) -> list[Picture]:
    pictures = []
    if len(values(rows, 'residual_rms_mm')):
        draw_residuals(values(rows, 'residual_rms_mm'), values(rows, 'residual_p95_mm'), folder / 'residuals.png')
        pictures.append(Picture('residuals.png', 'Distance of the seam points from the path, of each bag'))
    dated = _dated(rows)
    if len(dated) >= DRIFT_BAGS:
        draw_drift(dated, folder / 'drift.png')
        pictures.append(
            Picture('drift.png', 'By the time of recording; the line is the median of a twentieth of the bags')
        )
    return pictures


def _dated(rows: Sequence[Row]) -> list[Row]:
    return sorted((row for row in rows if row.get('recorded_ns')), key=lambda row: int(row['recorded_ns'] or 0))


def _trends(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """How figures change with the time of recording: slope with its standard error, where there are bags enough."""
    told = []
    for column, what, unit in _TRENDS:
        dated = [row for row in _dated(rows) if row.get(column) is not None]
        days = values(dated, 'recorded_ns') / _DAY_NS
        if len(dated) < 10 or np.ptp(days) < 1e-3:
            continue
        fit, covariance = np.polyfit(days - days[0], values(dated, column), 1, cov=True)
        slope, error = fit[0], float(np.sqrt(covariance[0, 0]))
        clear = 'a clear trend' if abs(slope) > 3 * error else 'no clear trend'
        told.append((what, f'{slope:+.2g} ± {error:.1g} {unit} a day: {clear}'))
    return told
