"""Joint refinement of camera and board on the reprojection error, including the robot error.

Pixels are known to a tenth, but the robot is off by what is often ten times as much, and moves all points of a view
together. So each view's pixel errors are reduced to the six numbers in which a wrong pose shows (their part in the
space of its six derivatives), and weighed by the covariance that image noise and robot together give them. How large
the robot's error is, is estimated from the same views (restricted maximum likelihood, Patterson and Thompson 1971).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares, minimize
from scipy.spatial.transform import Rotation
from scipy.stats import chi2, f

from weld_cell.calibration.hand_eye_views import HandEyeViews
from weld_cell.calibration.mount import Mount
from weld_cell.geometry.projection import project
from weld_cell.geometry.transforms import invert
from weld_cell.records import BoolArray, FloatArray

ROUNDS = 12
OUTLIER_CHANCE = 0.01
"""Of a set without a bad pose to lose a view all the same."""
ROBUST_CHANCE = 0.01
"""From where on a view weighs less (Huber's loss on its six numbers together)."""
LEAST_NOISE_PX, MOST_NOISE_PX = 0.02, 20.0
SHIFT_RANGE_M, TURN_RANGE_RAD = (1e-6, 0.1), (1e-6, 0.3)
_STEP_M = 1e-6
_CONVERGED = 1e-3


@dataclass(frozen=True, eq=False)
class Fit:
    """The best answer.

    Attributes:
        X, Z: (4, 4) camera in its parent, board in what it stands on.
        covariance: (12, 12) of small motions of X and then of Z, each a shift in metres and a turn in radians in its
            own frame.
        noise_px: Standard deviation of a pixel coordinate.
        robot_m, robot_rad: Standard deviations of the robot's pose about each axis, estimated from the views.
        used: (n,) whether a view took part.
        distances: (n,) how far a view is off, in standard deviations of its six numbers.
    """

    X: FloatArray
    Z: FloatArray
    covariance: FloatArray
    noise_px: float
    robot_m: float
    robot_rad: float
    used: BoolArray
    distances: FloatArray


@dataclass(frozen=True, eq=False)
class _Linear:
    """The views about an answer.

    Attributes:
        basis: (p, 2, 6) orthonormal over each view's points.
        six: (n, 6) its pixel errors along the basis.
        by_answer: (n, 6, 12) their derivatives by X and Z.
        by_robot: (n, 6, 6) and by the robot's pose.
        noise_px: Of a pixel coordinate, from what no pose explains.
    """

    basis: FloatArray
    six: FloatArray
    by_answer: FloatArray
    by_robot: FloatArray
    noise_px: float


def fit_hand_eye(views: HandEyeViews, X: FloatArray, Z: FloatArray, used: BoolArray) -> Fit:
    """Refine a first answer.

    Args:
        views: Of the board.
        X, Z: First answer.
        used: (n,) views to begin with; which take part in the end is decided here.
    """
    robot = np.log([1e-4, 1e-4])
    weights = np.ones(len(used))
    for number in range(ROUNDS):
        linear = _linearised(views, X, Z)
        robot = _robot_errors(linear, used, robot)
        whiteners = _whiteners(linear, robot)
        roots = np.sqrt(np.where(used, weights, 0.0))[:, None, None] * whiteners
        X, Z, moved = _best(views, linear, roots, X, Z)
        distances = np.linalg.norm(np.einsum('nij,nj->ni', whiteners, _pose_errors(views, linear, X, Z)), axis=1)
        weights = np.minimum(1.0, np.sqrt(chi2.isf(ROBUST_CHANCE, 6)) / np.maximum(distances, 1e-12))
        kept = distances <= farthest_by_chance(int(used.sum()))
        if kept.sum() < max(3, len(used) // 3):  # no answer fits these views; the caller looks at the errors
            kept = used
        settled = bool((kept == used).all()) and moved < _CONVERGED
        used = kept
        if settled and number:
            break
    rows = np.einsum('nij,njk->nik', roots, linear.by_answer).reshape(-1, 12)
    covariance = np.linalg.pinv(rows.T @ rows)
    robot_m, robot_rad = np.exp(robot).tolist()
    return Fit(X, Z, covariance, linear.noise_px, robot_m, robot_rad, used, distances)


def farthest_by_chance(views: int) -> float:
    """How far off the farthest of so many good views may be, in standard deviations of its six numbers.

    The robot's two variances come from the same views: each from half of the numbers that the answer leaves over. So
    squared distances follow Fisher's F, and each of the views has its share of `OUTLIER_CHANCE` (Bonferroni).
    """
    left_over = max(6 * views - 12, 2)
    return float(np.sqrt(6 * f.isf(OUTLIER_CHANCE / max(views, 1), 6, left_over / 2)))


def moved(transform: FloatArray, motion: FloatArray) -> FloatArray:
    """A transform after a small motion (6,) in its own frame: shift, then turn as a rotation vector."""
    after = transform.copy()
    after[:3, :3] = transform[:3, :3] @ Rotation.from_rotvec(motion[3:]).as_matrix()
    after[:3, 3] = transform[:3, 3] + transform[:3, :3] @ motion[:3]
    return after


def _adjoint(transforms: FloatArray) -> FloatArray:
    """(n, 6, 6) that takes motions in frame b, shift and turn, into frame a, of T_a_b (n, 4, 4)."""
    rotation, shift = transforms[..., :3, :3], transforms[..., :3, 3]
    zero = np.zeros_like(shift[..., 0])
    x, y, z = shift[..., 0], shift[..., 1], shift[..., 2]
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*shift.shape[:-1], 3, 3)
    adjoint = np.zeros((*shift.shape[:-1], 6, 6))
    adjoint[..., :3, :3] = adjoint[..., 3:, 3:] = rotation
    adjoint[..., :3, 3:] = skew @ rotation
    return adjoint


def _by_camera_motion(views: HandEyeViews, in_camera: FloatArray) -> FloatArray:
    """(p, 2, 6) pixels by a motion of the board in the camera's frame."""
    by_point = np.stack(
        [
            (project(views.camera, in_camera + step) - project(views.camera, in_camera - step)) / (2 * _STEP_M)
            for step in _STEP_M * np.eye(3)
        ],
        axis=-1,
    )
    by_turn = np.cross(in_camera[:, None], by_point)  # d(w x p) = w . (p x row)
    return np.concatenate([by_point, by_turn], axis=-1)


def _linearised(views: HandEyeViews, X: FloatArray, Z: FloatArray) -> _Linear:
    poses = views.predicted_poses(X, Z)
    in_camera, pixels = views.seen(poses)
    derivatives, errors = _by_camera_motion(views, in_camera), pixels - views.pixels
    basis, upper, noises, six = np.zeros_like(derivatives), [], [], []
    for begin, end in zip(views.starts[:-1], views.starts[1:], strict=True):
        q, r = np.linalg.qr(derivatives[begin:end].reshape(-1, 6))
        error = errors[begin:end].ravel()
        basis[begin:end] = q.reshape(-1, 2, 6)
        upper.append(r)
        six.append(q.T @ error)
        noises.append((error @ error - six[-1] @ six[-1]) / max(len(error) - 6, 1))
    R = np.stack(upper)
    # X exp(x): the board moves in the camera by -x; Z exp(z): by Ad(T_camera_board) z.
    by_answer = np.concatenate([-R, R @ _adjoint(poses)], axis=-1)
    # The hand, T_base_hand exp(b), moves the board in the camera by -Ad(X^-1) b, or, carrying it, the other way.
    on_hand = views.mount is Mount.HAND
    by_robot = R @ -_adjoint(invert(X)) if on_hand else R @ _adjoint(invert(views.first @ X))
    noise_px = float(np.clip(np.sqrt(np.median(noises)), LEAST_NOISE_PX, MOST_NOISE_PX))
    return _Linear(basis, np.stack(six), by_answer, by_robot, noise_px)


def _covariances(linear: _Linear, robot: FloatArray) -> FloatArray:
    """(n, 6, 6) of each view's six numbers; robot: logarithms of its standard deviations."""
    scale = np.repeat(np.exp(2 * robot), 3)
    spread = linear.by_robot * scale @ np.swapaxes(linear.by_robot, 1, 2)
    covariances: FloatArray = spread + linear.noise_px**2 * np.eye(6)
    return covariances


def _whiteners(linear: _Linear, robot: FloatArray) -> FloatArray:
    """(n, 6, 6) that make each view's six numbers independent, of variance 1."""
    whiteners: FloatArray = np.linalg.inv(np.linalg.cholesky(_covariances(linear, robot)))
    return whiteners


def _robot_errors(linear: _Linear, used: BoolArray, start: FloatArray) -> FloatArray:
    """(2,) logarithms of the robot's standard deviations that make the views most likely."""
    part = _Linear(linear.basis, linear.six[used], linear.by_answer[used], linear.by_robot[used], linear.noise_px)
    low, high = np.log(np.transpose([SHIFT_RANGE_M, TURN_RANGE_RAD]))

    def unlikely(robot: FloatArray) -> float:
        bounded = np.clip(robot, low, high)
        roots = np.linalg.cholesky(_covariances(part, bounded))
        rows = np.linalg.solve(roots, part.by_answer).reshape(-1, 12)
        left = np.linalg.solve(roots, part.six[..., None]).ravel()
        normal = rows.T @ rows
        explained = np.linalg.lstsq(rows, left, rcond=None)[0]
        left = left - rows @ explained
        logs = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum() + np.linalg.slogdet(normal)[1]
        return float(logs + left @ left + np.square(robot - bounded).sum())

    found = minimize(unlikely, start, method='Nelder-Mead', options={'xatol': 0.02, 'fatol': 0.01, 'maxiter': 120})
    best: FloatArray = np.clip(found.x, low, high)
    return best


def _pose_errors(views: HandEyeViews, linear: _Linear, X: FloatArray, Z: FloatArray) -> FloatArray:
    """(n, 6) the pixel errors of an answer along the basis of another close by."""
    _, pixels = views.seen(views.predicted_poses(X, Z))
    along = np.einsum('pc,pck->pk', pixels - views.pixels, linear.basis)
    six: FloatArray = np.add.reduceat(along, views.starts[:-1])
    return six


def _best(
    views: HandEyeViews, linear: _Linear, roots: FloatArray, X: FloatArray, Z: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """The answer of least squares, and how far it lies from the one before in its standard deviations."""
    rows: FloatArray = np.einsum('nij,njk->nik', roots, linear.by_answer).reshape(-1, 12)

    def residuals(motion: FloatArray) -> FloatArray:
        six = _pose_errors(views, linear, moved(X, motion[:6]), moved(Z, motion[6:]))
        return np.ravel(np.asarray(np.einsum('nij,nj->ni', roots, six), float))

    def derivatives(_motion: FloatArray) -> FloatArray:
        return rows

    found = least_squares(residuals, np.zeros(12), jac=derivatives, method='lm', max_nfev=20)
    far = float(np.linalg.norm(rows @ found.x))
    return moved(X, found.x[:6]), moved(Z, found.x[6:]), far
