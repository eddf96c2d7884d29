"""Pictures of a farm's page, by matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use('Agg')  # a farm has no screen
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from weld_cell.records import FloatArray

POINT, LINE, BAD = '#1d5fbf', '#14713d', '#b3261e'
_DRIFTS = (
    ('residual_rms_mm', 'residual, RMS (mm)'),
    ('gap_median_mm', 'root gap, median (mm)'),
    ('vote_share', 'share of the vote'),
)
_WINDOWS = 20
_SHORT_SPANS = ((180.0, 1.0, 'seconds'), (10_800.0, 60.0, 'minutes'), (172_800.0, 3600.0, 'hours'))
"""Up to how many seconds a time is shown in which unit, in seconds."""


def draw_residuals(rms_mm: FloatArray, p95_mm: FloatArray, path: Path) -> None:
    """Histograms of the residuals (n,) of n bags."""
    figure, axes = plt.subplots(figsize=(9, 3.2), layout='constrained')
    bins = np.linspace(0.0, max(1e-3, float(np.percentile(p95_mm, 99))) * 1.05, 40).tolist()
    axes.hist(np.clip(rms_mm, None, bins[-1]), bins, color=POINT, alpha=0.75, label='RMS of a bag')
    axes.hist(np.clip(p95_mm, None, bins[-1]), bins, histtype='step', color=BAD, lw=1.6, label='95 % of its points')
    axes.set(xlabel='distance of seam points from the path (mm)', ylabel='bags', title='Seam residuals')
    axes.legend()
    _save(figure, path)


def draw_drift(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Figures over the time of recording; the rows are sorted by it. A refused bag is a red line at the foot."""
    times, label = _time_axis(np.array([row['recorded_ns'] for row in rows], np.int64))
    plt.rcParams['date.converter'] = 'concise'
    figure, all_axes = plt.subplots(len(_DRIFTS), 1, figsize=(9, 6.4), sharex=True, layout='constrained')
    refused = times[[bool(row.get('refusal')) for row in rows]]
    for axes, (column, name) in zip(all_axes, _DRIFTS, strict=True):
        has = np.array([row.get(column) is not None for row in rows])
        measured = np.array([row[column] for row in rows if row.get(column) is not None], float)
        axes.plot(times[has], measured, '.', ms=4, color=POINT, alpha=0.6)
        if len(measured) >= _WINDOWS:
            axes.plot(*_running_median(times[has], measured), color=LINE, lw=2)
        axes.plot(refused, np.zeros(len(refused)), '|', ms=12, color=BAD, transform=axes.get_xaxis_transform())
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
    all_axes[0].set_title('Drift over the time of recording; red: refused')
    all_axes[-1].set_xlabel(label)
    _save(figure, path)


def _time_axis(recorded_ns: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[Any, str]:
    """Times (n,), ascending, as they are drawn, with the label of their axis: dates where they span days.

    Within a day dates differ in their last digits only: there it is the time since the first recording.
    """
    first, span_s = np.datetime64(int(recorded_ns[0]), 'ns'), float(np.ptp(recorded_ns)) / 1e9
    for longest_s, unit_s, unit in _SHORT_SPANS:
        if span_s <= longest_s:
            since = np.datetime_as_string(first, unit='s').replace('T', ' ')
            return (recorded_ns - recorded_ns[0]) / (1e9 * unit_s), f'{unit} since {since} (UTC)'
    return recorded_ns.astype('datetime64[ns]'), 'time of recording (UTC)'


def _running_median(times: Any, measured: FloatArray) -> tuple[Any, FloatArray]:
    parts = np.array_split(np.arange(len(measured)), _WINDOWS)
    middles = [part[len(part) // 2] for part in parts]
    return times[middles], np.array([np.median(measured[part]) for part in parts])


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
