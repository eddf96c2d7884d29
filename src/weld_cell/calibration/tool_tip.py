"""Position of the wire tip in tool0, by pointing at one place from several directions.

Every pose says R_i p + t_i = q: the tip p is unknown in the hand, the place q in the base. That is linear in both.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation
from scipy.stats import f

from weld_cell.calibration.hand_eye_closed import motions
from weld_cell.errors import CalibrationError
from weld_cell.records import BoolArray, FloatArray
from weld_cell.wording import counted

LEAST_POINTINGS = 4
LEAST_TURN_DEG = 8.0
"""RMS turn between pointings about the second axis of turning."""
MOST_DEVIATION_M = 0.005
MOST_MISS_M = 0.010
MOST_MM = 0.5
"""Pointings that miss the place by more (RMS), or know the tip no better, are refused unless more is allowed."""
LEAST_NOISE_M = 1e-5
OUTLIER_CHANCE = 1e-3
_MORE = 'Point at the same place with the tool leaned by 30 degrees or more to all sides, and turned about the wire.'


@dataclass(frozen=True)
class Pointing:
    """How well one pointing fits.

    Attributes:
        name: Of the pointing.
        miss_mm: Distance of its tip from the place that all others point at.
        used: Whether it took part.
    """

    name: str
    miss_mm: float
    used: bool


@dataclass(frozen=True, eq=False)
class ToolTip:
    """The result.

    Attributes:
        tip_m: (3,) the wire's tip in tool0.
        place_m: (3,) in the base, what was pointed at.
        covariance: (3, 3) of the tip, in square metres.
        rms_mm: Of the distances of the tips from the place.
        pointings: All.
    """

    tip_m: FloatArray
    place_m: FloatArray
    covariance: FloatArray
    rms_mm: float
    pointings: tuple[Pointing, ...]

    @property
    def used(self) -> int:
        """Number of pointings that took part."""
        return sum(pointing.used for pointing in self.pointings)

    @property
    def bad(self) -> tuple[Pointing, ...]:
        """Pointings that were left out."""
        return tuple(pointing for pointing in self.pointings if not pointing.used)


def calibrate_tool(T_base_hand: FloatArray, names: tuple[str, ...]) -> ToolTip:
    """Find the tip.

    Args:
        T_base_hand: (n, 4, 4) poses of tool0 with the tip at one place.
        names: Of the pointings.

    Raises:
        ValueError: not one name for each pose.
        CalibrationError: too few, too little turned, or they do not point at one place; says what to add.
    """
    if len(names) != len(T_base_hand):
        raise ValueError(f'names: expected {len(T_base_hand)}, got {len(names)}')
    _require_pointings(T_base_hand)
    used = np.ones(len(T_base_hand), bool)
    while (worst := _worst(T_base_hand, used)) >= 0:
        used[worst] = False
    solved, misses, variance, spread = _solve(T_base_hand, used)
    covariance = variance * spread[:3, :3]
    rms_m = float(np.sqrt(np.mean(np.sum(misses[used] ** 2, axis=1))))
    deviation_m = float(np.sqrt(np.diag(covariance)).max())
    if rms_m > MOST_MISS_M:
        raise CalibrationError(
            f'The pointings do not meet at one place: they miss it by {1000 * rms_m:.1f} mm (RMS).',
            'Point at one fixed tip each time, with the same wire and stick-out; check the unit of the positions.',
        )
    if deviation_m > MOST_DEVIATION_M:
        raise CalibrationError(
            f'The pointings do not determine the tip: its standard deviation is {1000 * deviation_m:.1f} mm.', _MORE
        )
    _require_pointings(T_base_hand[used])
    told = tuple(
        Pointing(name, float(1000 * np.linalg.norm(miss)), bool(taken))
        for name, miss, taken in zip(names, misses, used, strict=True)
    )
    return ToolTip(solved[:3], solved[3:], covariance, 1000 * rms_m, told)


def require_good(result: ToolTip, most_mm: float = MOST_MM) -> None:
    """Refuse a tip that is known worse than a weld wants.

    Raises:
        CalibrationError: the pointings miss the place, or the tip's standard deviation is, above `most_mm`.
    """
    deviation_mm = float(1000 * np.sqrt(np.diag(result.covariance)).max())
    if max(result.rms_mm, deviation_mm) > most_mm:
        raise CalibrationError(
            f'The pointings miss the place by {result.rms_mm:.2f} mm (RMS), and the tip is known to +-'
            f'{deviation_mm:.2f} mm; expected at most {most_mm:g} mm.',
            'Point again, more closely, with a wire that does not bend, or from more directions; or allow more '
            '(--most-mm).',
        )


def _require_pointings(T_base_hand: FloatArray) -> None:
    if len(T_base_hand) < LEAST_POINTINGS:
        raise CalibrationError(
            f'{counted(len(T_base_hand), "pointing")} cannot determine the tip; at least {LEAST_POINTINGS} are '
            'needed.',
            _MORE,
        )
    A, _ = motions(T_base_hand, T_base_hand)
    turns_deg = np.degrees(Rotation.from_matrix(A[:, :3, :3]).as_rotvec())
    spread_deg = np.linalg.svd(turns_deg, compute_uv=False) / np.sqrt(len(turns_deg))
    if spread_deg[1] < LEAST_TURN_DEG:
        raise CalibrationError(
            f'The tool turned too little between the pointings: {spread_deg[0]:.1f} degrees (RMS) about one axis, '
            f'{spread_deg[1]:.1f} about the next; {LEAST_TURN_DEG:g} are needed.',
            _MORE,
        )


def _solve(T_base_hand: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray, float, FloatArray]:
    """Tip and place (6,), what each pointing misses (n, 3), its variance, and (6, 6) by which it spreads to them."""
    rows = np.concatenate([T_base_hand[:, :3, :3], np.tile(-np.eye(3), (len(T_base_hand), 1, 1))], axis=2)
    right = -T_base_hand[:, :3, 3]
    left = rows[used].reshape(-1, 6)
    solved = np.linalg.lstsq(left, right[used].ravel(), rcond=None)[0]
    misses = rows @ solved - right
    variance = max(float(np.sum(misses[used] ** 2)) / (len(left) - 6), LEAST_NOISE_M**2)
    return solved, misses, variance, np.linalg.pinv(left.T @ left)


def _worst(T_base_hand: FloatArray, used: BoolArray) -> int:
    """The used pointing that is further than chance allows from where all others put it; -1 where none is.

    Each is compared with the answer of the others (externally studentised, three numbers at once: an F test).
    """
    count = int(used.sum())
    if count <= LEAST_POINTINGS:
        return -1
    ratios = np.zeros(len(used))
    for number in np.flatnonzero(used):
        others = used.copy()
        others[number] = False
        solved, misses, variance, spread = _solve(T_base_hand, others)
        rows = np.concatenate([T_base_hand[number, :3, :3], -np.eye(3)], axis=1)
        expected = variance * (np.eye(3) + rows @ spread @ rows.T)
        ratios[number] = misses[number] @ np.linalg.solve(expected, misses[number]) / 3
    worst = int(ratios.argmax())
    return worst if ratios[worst] > f.isf(OUTLIER_CHANCE / count, 3, 3 * (count - 1) - 6) else -1
