"""Where the tenths of a millimetre of a tracked weld come from: the tracker alone, on seam points that are drawn.

    .venv/bin/python benchmarks/tracker.py [--seeds N] [--json FILE]

Neither images nor robot: points of a straight seam of 200 mm, welded at 8 mm/s, that moves as the simulator's
workpieces do; between the correction and the true drift at the tool, while the sensor sees the seam. One condition is
changed at a time: the time from an image to its correction, the distance at which the sensor looks ahead, the scatter
of seam points.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.records import FloatArray, SeamPath, SeamPoint
from weld_cell.sim.drift import KINDS, WorkpieceDrift, drift_of_cell
from weld_cell.tracking import SeamLine, TrackingSettings, WeldTracker

LENGTH_M, SPEED_M_S, PERIOD_S, BEGIN_S, MOST_MM = 0.2, 0.008, 0.05, 1.0, 3.0
LEFT, UP = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
AS_SHIPPED = {'delay_s': 0.03, 'ahead_m': 0.03, 'scatter_mm': 0.03}
STILL = 'still'
CONDITIONS: dict[str, dict[str, float]] = {
    'as shipped': {},
    '5 ms from image to correction': {'delay_s': 0.005},
    '100 ms': {'delay_s': 0.1},
    'no scatter of seam points': {'scatter_mm': 0.0},
    'scatter of 0.1 mm': {'scatter_mm': 0.1},
    'sensor 15 mm ahead': {'ahead_m': 0.015},
}


def main() -> None:
    parser = argparse.ArgumentParser(description='The tracker alone.')
    parser.add_argument(
        '--seeds', type=int, default=4, help='workpieces for each way of moving (default: %(default)d)'
    )
    parser.add_argument('--json', type=Path, help='write the table to this file as well')
    arguments = parser.parse_args()
    table: dict[str, Any] = {}
    for name, changed in CONDITIONS.items():
        table[name] = {kind: _row(kind, arguments.seeds, **{**AS_SHIPPED, **changed}) for kind in (STILL, *KINDS)}
        print(name, json.dumps(table[name]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1) + '\n')


def _row(kind: str, seeds: int, **condition: float) -> dict[str, float]:
    errors_mm = np.concatenate([1e3 * errors_m(kind, seed, **condition) for seed in range(seeds)])
    return {'rms_mm': round(float(np.sqrt(np.mean(errors_mm**2))), 3), 'worst_mm': round(float(errors_mm.max()), 3)}


def errors_m(kind: str, seed: int, delay_s: float, ahead_m: float, scatter_mm: float) -> FloatArray:
    """(n,) distances of the corrected tool from the true seam, while the sensor sees it."""
    rng, weld_s = np.random.default_rng(seed), LENGTH_M / SPEED_M_S
    line, drift = SeamLine(_straight()), drift_of_cell(kind, MOST_MM, seed, LENGTH_M, weld_s)
    tracker, errors = WeldTracker(line, 0, TrackingSettings()), []

    def place_at(times_s: FloatArray) -> FloatArray:
        return np.clip((times_s - BEGIN_S) * SPEED_M_S, 0.0, LENGTH_M)

    for now_s in np.arange(BEGIN_S, BEGIN_S + weld_s - ahead_m / SPEED_M_S, PERIOD_S):
        image_s = now_s - delay_s
        seen_m = (image_s - BEGIN_S) * SPEED_M_S + ahead_m
        left_m, up_m = _moved(drift, image_s, seen_m) + 1e-3 * rng.normal(0.0, scatter_mm, 2)
        at = np.array([seen_m, 0.0, 0.0]) + left_m * LEFT + up_m * UP
        tracker.take([SeamPoint(at, UP, round(1e9 * image_s))], round(1e9 * now_s))
        tracker.lead(now_s + 0.01, BEGIN_S + weld_s + 1.0, place_at)
        told_m = tracker.course.at(np.array([now_s + 0.02]))[0]
        errors.append(np.linalg.norm(told_m - _moved(drift, now_s + 0.02, float(place_at(np.array([now_s]))[0]))))
    return np.array(errors)


def _moved(drift: WorkpieceDrift, time_s: float, place_m: float) -> FloatArray:
    """(2,) to the left and up."""
    return np.asarray(drift.shifts(time_s - BEGIN_S, np.array([place_m]))[0, 1:])


def _straight() -> SeamPath:
    s = np.linspace(0.0, LENGTH_M, 101)
    rows = [np.tile(each, (len(s), 1)) for each in (np.array([1.0, 0.0, 0.0]), UP)]
    return SeamPath(np.outer(s, [1.0, 0.0, 0.0]), *rows, float(s[1]), LENGTH_M, 0)


if __name__ == '__main__':
    main()
