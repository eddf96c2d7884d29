"""Robust initial solution: closed forms on small samples, chosen by the median error."""

from dataclasses import dataclass

import numpy as np

from weld_cell.calibration.hand_eye_closed import angles_rad, daniilidis, motions, park
from weld_cell.calibration.hand_eye_views import HandEyeViews, mean_transform
from weld_cell.errors import CalibrationError
from weld_cell.records import FloatArray, IntArray

SAMPLES = 80
SAMPLE_VIEWS = 4
NEAR = 3.0
"""A view belongs to the answer whose error is at most so many times the median of all."""
_LEAST_PX = 0.5


@dataclass(frozen=True, eq=False)
class Start:
    """A first answer.

    Attributes:
        X, Z: (4, 4) camera in its parent, board in what it stands on.
        method: Of the closed form.
        turns: (n,) by which turn each view's board is taken; zeros of a board that is not ambiguous.
        near: (m,) the views that agree.
    """

    X: FloatArray
    Z: FloatArray
    method: str
    turns: IntArray
    near: IntArray


def find_start(views: HandEyeViews, rng: np.random.Generator, resolve_turns: bool) -> Start:
    """Find a first answer.

    Args:
        views: At least three.
        rng: Draws the samples.
        resolve_turns: Let the robot's motion say how an ambiguous board is turned in each view.

    Raises:
        CalibrationError: no sample of the views gives an answer.
    """
    symmetry = views.views[0].board.symmetry if resolve_turns else 1
    variants = (
        [views.turned(np.full(len(views.views), turn)) for turn in range(symmetry)] if symmetry > 1 else [views]
    )
    poses = np.stack([variant.board_poses for variant in variants])  # (turns, n, 4, 4)
    best, best_px, errors = None, np.inf, np.full((1, 1), np.inf)
    for sample in _samples(len(views.views), rng):
        found = _answers(views.first[sample], _consistent(views.first, poses, sample))
        for method, X, Z in found:
            errors = np.stack([variant.errors_px(variant.predicted_poses(X, Z)) for variant in variants])
            score = float(np.median(errors.min(axis=0)))
            if score < best_px:
                best_px, best = score, (X, Z, method, errors.argmin(axis=0))
        if len(sample) == len(views.views) and best is not None and _all_agree(errors.min(axis=0)):
            break
    if best is None:
        raise CalibrationError(
            'The poses and images give no solution.', 'Turn the robot about two axes between views.'
        )
    X, Z, method, turns = best
    chosen = views.turned(turns) if symmetry > 1 else views
    return _with_all_near(chosen, Start(X, Z, method, turns, np.arange(len(turns))))


def _all_agree(errors_px: FloatArray) -> bool:
    return bool((errors_px <= max(NEAR * float(np.median(errors_px)), _LEAST_PX)).all())


def _with_all_near(views: HandEyeViews, start: Start) -> Start:
    """The closed forms once more, over every view that agrees."""
    errors = views.errors_px(views.predicted_poses(start.X, start.Z))
    near = np.flatnonzero(errors <= max(NEAR * float(np.median(errors)), _LEAST_PX))
    best, best_px = start, float(np.median(errors[near]))
    if len(near) >= SAMPLE_VIEWS:
        for method, X, Z in _answers(views.first[near], views.board_poses[near]):
            score = float(np.median(views.errors_px(views.predicted_poses(X, Z))[near]))
            if score < best_px:
                best, best_px = Start(X, Z, method, start.turns, near), score
    return Start(best.X, best.Z, best.method, start.turns, near)


def _samples(count: int, rng: np.random.Generator) -> list[IntArray]:
    """All views, then a few at random."""
    everything: list[IntArray] = [np.arange(count)]
    if count <= SAMPLE_VIEWS:
        return everything
    return everything + [rng.choice(count, SAMPLE_VIEWS, replace=False) for _ in range(SAMPLES)]


def _consistent(first: FloatArray, poses: FloatArray, sample: IntArray) -> FloatArray:
    """(m, 4, 4) board poses of a sample, each turned so that board and robot turned as far from its first view."""
    robot = angles_rad(np.linalg.inv(first[sample]) @ first[sample[0]])
    board = np.stack([angles_rad(turned[sample] @ np.linalg.inv(poses[0, sample[0]])) for turned in poses])
    turns = np.abs(board - robot).argmin(axis=0)
    turns[0] = 0
    chosen: FloatArray = poses[turns, sample]
    return chosen


def _answers(first: FloatArray, board: FloatArray) -> list[tuple[str, FloatArray, FloatArray]]:
    """What the closed forms say, and with it where the board is."""
    A, B = motions(first, board)
    found = []
    for method, closed in (('Park and Martin 1994', park), ('Daniilidis 1999', daniilidis)):
        try:
            X = closed(A, B)
        except (np.linalg.LinAlgError, ValueError):
            continue
        if np.isfinite(X).all():
            found.append((method, X, mean_transform(first @ X @ board)))
    return found
