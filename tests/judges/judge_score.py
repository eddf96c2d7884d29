"""How far a path lies from its truth, and how much of the seam it covers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """A path beside a true one, in millimetres and shares.

    Attributes:
        mean_mm: Mean distance of the path's points that lie beside the truth.
        max_mm: Greatest.
        over_mm: How far the path reaches beyond the truth's ends, the greater of both.
        share: Part of the truth's length that the path covers.
        gap: Median of the path's gap over the true one at the same places, less 1; 0 for a lap.
    """

    mean_mm: float
    max_mm: float
    over_mm: float
    share: float
    gap: float


def score(path_mm, gap_mm, truth):
    """Judge a path (n, 3) with its gaps (n,)."""
    line = truth.path_mm[:, :2]
    starts, steps = line[:-1], np.diff(line, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    away = path_mm[:, None, :2] - starts
    share = (away * steps).sum(axis=2) / lengths**2
    distance = np.linalg.norm(away - np.clip(share, 0.0, 1.0)[..., None] * steps, axis=2)
    nearest = distance.argmin(axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    place = along[nearest] + share[np.arange(len(share)), nearest] * lengths[nearest]
    beside = (place >= 0.0) & (place <= along[-1])
    if not beside.any():
        return Score(np.inf, np.inf, np.inf, 0.0, 0.0)
    off = distance.min(axis=1)[beside]
    over = max(0.0, -place.min(), place.max() - along[-1])
    covered = (min(place.max(), along[-1]) - max(place.min(), 0.0)) / along[-1]
    true_gap = np.interp(place[beside], along, truth.gap_mm)
    gap = float(np.median(gap_mm[beside] / true_gap)) - 1.0 if true_gap.min() > 0.0 else 0.0
    return Score(float(off.mean()), float(off.max()), float(over), float(covered), gap)
