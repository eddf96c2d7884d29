"""Diagnosis of poses that do not fit their images: order, unit, image or frame.

Between two views hand and board turn by the same angle, and about the same axis but for one turn, that of the camera
on its parent. So a wrong reading of the turns shows before anything is solved, and the right one is found by trying.
The angle alone does not show it: that between two quaternions is the same in whatever order their numbers stand.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.hand_eye_closed import angles_rad, motions, pairs, park
from weld_cell.calibration.hand_eye_views import HandEyeViews
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.poses import RobotPoses
from weld_cell.errors import CalibrationError
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray

FARTHEST_M = 20.0
"""No hand is so far from its base."""
LEAST_WAY_M = 0.003
"""A hand that moves less between all poses does not calibrate; metres taken for millimetres look like that."""
SUSPECT_DEG, WRONG_DEG = 1.5, 8.0
"""Median difference of the angles: from where on another reading is tried, and from where on none needs to fit."""
BETTER = 0.25
MOST_PAIR_RAD = np.radians(150.0)
"""Beyond, the axis of a turn may point either way."""
_ROUNDS, _SOFT_RAD = 8, 0.002
SCALE_TOLERANCE = 0.03
SCALE_CERTAINTY = 6.0
_UNRELATED = (
    'Check that each pose is that of its image, taken when the robot stood still, and that the board did not move on '
    'what carries it.'
)


def require_plausible_shifts(shifts_m: FloatArray, source: str) -> None:
    """Refuse positions that are in another unit.

    Raises:
        CalibrationError: they look like millimetres taken for metres, or the other way round.
    """
    farthest = float(np.median(np.linalg.norm(shifts_m, axis=1)))
    way = float(np.ptp(shifts_m, axis=0).max())
    if farthest > FARTHEST_M:
        raise CalibrationError(
            f'{source}: the hand is {farthest:.0f} m from its base: these are millimetres taken for metres.',
            'Name the columns x_mm, y_mm, z_mm, or write metres.',
        )
    if len(shifts_m) > 1 and way < LEAST_WAY_M:
        raise CalibrationError(
            f'{source}: the hand moves by {1000 * way:.2f} mm at most between the poses: it does not move, or these '
            'are metres taken for millimetres.',
            'Name the columns x_m, y_m, z_m, or write millimetres.',
        )


def require_that_poses_turn_as_images(views: HandEyeViews, poses: RobotPoses, ambiguous: bool = False) -> None:
    """Refuse poses whose turns are not those of the images.

    Args:
        views: In the order of the poses.
        poses: As they were read.
        ambiguous: The board may be turned; then nothing can be said.

    Raises:
        CalibrationError: names the reading that fits, or the shift by one image, or that none does.
    """
    require_plausible_shifts(poses.shifts_m, poses.source)
    given_deg = 0.0 if ambiguous else _difference_deg(views.first, views.board_poses)
    if given_deg <= SUSPECT_DEG:
        return
    told = f'{poses.source}: taken as {poses.reading}, the hand turns by {given_deg:.0f} degrees (median) other than'
    most_deg, best_m = min(max(BETTER * given_deg, SUSPECT_DEG / 3), WRONG_DEG), np.inf
    best = None
    for first, board, fits, remedy in _other_explanations(views, poses):
        difference_deg, misfit_m = _difference_deg(first, board), _misfit_m(first, board)
        if difference_deg < most_deg and misfit_m < best_m:
            best_m, best = misfit_m, CalibrationError(f'{told} the images; {fits}, by {difference_deg:.1f}.', remedy)
    if best is not None:
        raise best
    if given_deg > WRONG_DEG:
        raise CalibrationError(f'Poses and images do not belong together. {told} the images.', _UNRELATED)


def _other_explanations(views: HandEyeViews, poses: RobotPoses) -> Iterator[tuple[FloatArray, FloatArray, str, str]]:
    """Poses of hand and board under another explanation, the explanation in words, and its remedy."""
    board = views.board_poses
    other = {Mount.HAND: 'eye-to-hand', Mount.BASE: 'hand-eye'}[views.mount]
    yield (
        invert(views.first),
        board,
        'taken the other way round, base in hand',
        f'Write the hand in the base; or use `weld_cell calibrate {other}`, if that is how the camera is mounted.',
    )
    for reading in poses.other_readings():
        try:
            read = poses.read_as(reading)
        except ValueError:
            continue
        first = read if views.mount is Mount.HAND else invert(read)
        remedy = f'Write or name the turns as they are: {reading}.'
        yield first, board, f'taken as {reading}', remedy
    for step, where in ((1, 'after'), (-1, 'before')):
        kept = slice(max(step, 0), len(board) + min(step, 0))
        rolled = np.roll(views.first, step, axis=0)[kept]
        remedy = 'Pair poses and images anew; one of them was left out.'
        yield rolled, board[kept], f'each pose taken for the image {where} its own', remedy


def _difference_deg(first: FloatArray, board: FloatArray) -> float:
    """Median over all pairs of the difference of their turns, under the turn of the camera that fits best."""
    A, B = motions(first, board)
    near = (angles_rad(A) < MOST_PAIR_RAD) & (angles_rad(B) < MOST_PAIR_RAD)
    if near.sum() < 3:
        return 0.0
    hand, seen = (Rotation.from_matrix(each[near, :3, :3]).as_rotvec() for each in (A, B))
    weights = np.ones(len(hand))
    for _ in range(_ROUNDS):  # Kabsch's fit, what does not fit weighing less each time
        u, _, vt = np.linalg.svd((hand * weights[:, None]).T @ seen)
        rotation = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
        differences = np.linalg.norm(hand - seen @ rotation.T, axis=1)
        weights = 1.0 / (differences + _SOFT_RAD)
    return float(np.degrees(np.median(differences)))


def _misfit_m(first: FloatArray, board: FloatArray) -> float:
    """RMS of what the closed form leaves over of the shifts; a quaternion in another order turns as the inverse."""
    A, B = motions(first, board)
    X = park(A, B)
    left = (A @ X - X @ B)[:, :3, 3]
    return float(np.sqrt(np.mean(left**2)))


def require_scale(views: HandEyeViews) -> None:
    """Refuse a set whose robot moved by another length than the board shows.

    Raises:
        CalibrationError: says by how much: the board's pitch or the unit of the positions is wrong.
    """
    A, B = motions(views.first, views.board_poses)
    rotation = park(A, B)[:3, :3]
    rows = np.concatenate([A[:, :3, :3] - np.eye(3), A[:, :3, 3:]], axis=2).reshape(-1, 4)
    right = (B[:, :3, 3] @ rotation.T).ravel()
    solved, _, rank, _ = np.linalg.lstsq(rows, right, rcond=None)
    if rank < 4:
        return
    left_over = rows @ solved - right
    count = len(views.views)
    spread = np.sqrt(left_over @ left_over / len(right)) * np.sqrt(len(pairs(count)[0]) / count)
    deviation = spread * np.sqrt(np.linalg.inv(rows.T @ rows)[3, 3])
    scale = float(solved[3])
    if abs(scale - 1.0) > max(SCALE_TOLERANCE, SCALE_CERTAINTY * deviation):
        board = views.views[0].board
        given_mm, what = (1000 * board.marker_m, 'side') if board.is_single else (1000 * board.pitch_m, 'pitch')
        raise CalibrationError(
            f'By the images the robot moved {scale:.3g} times as far as its poses say.',
            f'Measure the board: its {what} may be {given_mm / max(scale, 1e-9):.4g} mm instead of {given_mm:.4g}. '
            'Or the positions are in another unit.',
        )
