"""What a short stretch of the stripe looks like: plain plate, a lap's step, a butt joint's gap or a splice's notch.

Matched filters, learnt instead of drawn: a network of one hidden layer is slid along the straightened light. It knows
nothing of the image as a whole; its strongest answers are features among others, and the paper's support vector
machine decides. It looks from both plates' lines, once in the order of the rows and once against it, so that a
mirrored joint gives the same answers.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from weld_cell.errors import ModelError
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import PlateLine
from weld_cell.joint_type.straightened import COLUMNS, Float32Array, straightened
from weld_cell.paths import model_file
from weld_cell.records import FloatArray, JointType

SHIPPED_NET = 'joint_corners.npz'
CORNER_TYPES = (JointType.BUTT, JointType.SPLICE, JointType.LAP)
"""After the plain plate (0), what the network tells (1 to 3)."""
CORNER_FEATURE_NAMES = (
    'butt_odds', 'splice_odds', 'lap_odds',            # largest log odds anywhere against plain plate
    'splice_over_butt', 'lap_over_butt',               # log odds where anything but plain plate is likeliest
    'butt_alone', 'splice_alone', 'lap_alone',         # largest log odds against everything else together
)
WINDOW_ROWS = 17           # 34 image rows, 5 mm
_LIMIT = 10.0              # odds beyond e^10 say no more
_LEAST_SHARE = 1e-6        # of what is not the type, in single precision; beyond the limit


@dataclass(frozen=True, eq=False)
class CornerNet:
    """The network's numbers (k components, h hidden units).

    Attributes:
        mean: (27,) of a row of straightened light.
        components: (27, k) on which a row is laid: principal components, scaled to deviation 1.
        hidden_weights: (17 k, h).
        hidden_bias: (h,).
        weights: (h, 4).
        bias: (4,).
    """

    mean: Float32Array
    components: Float32Array
    hidden_weights: Float32Array
    hidden_bias: Float32Array
    weights: Float32Array
    bias: Float32Array

    def __post_init__(self) -> None:
        inputs, hidden = WINDOW_ROWS * self.components.shape[1], len(self.hidden_bias)
        expected = {
            'mean': (COLUMNS,), 'components': (COLUMNS, self.components.shape[1]),
            'hidden_weights': (inputs, hidden), 'weights': (hidden, 4), 'bias': (4,)}
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ModelError(
                    f'The corner network has {name} of shape {getattr(self, name).shape}, expected {shape}.',
                    'Train it again with this version: weld_cell train joint-corners.')

    def answers(self, light: Float32Array) -> Float32Array:
        """(n, 4) unnormalised log probability of plain plate and each corner at every row of light (n, 27)."""
        rows = (light - self.mean) @ self.components
        ends = WINDOW_ROWS // 2, rows.shape[1]
        padded = np.concatenate([np.broadcast_to(rows[0], ends), rows, np.broadcast_to(rows[-1], ends)])
        windows = np.lib.stride_tricks.as_strided(
            padded, (len(rows), WINDOW_ROWS * rows.shape[1]), padded.strides, writeable=False)
        hidden = windows @ self.hidden_weights
        hidden += self.hidden_bias
        answers: Float32Array = np.maximum(hidden, 0.0, out=hidden) @ self.weights + self.bias
        return answers


def corner_features(curve: StripeCurve, plates: tuple[PlateLine, PlateLine]) -> FloatArray:
    """The network's strongest answers along a stripe, in the order of CORNER_FEATURE_NAMES.

    Args:
        curve: The stripe with the light around it, larger columns deeper.
        plates: Lines of the plate at its first and at its last rows.

    Returns:
        (8,) log odds within -10 to 10; zeros where the light is not known.

    Raises:
        ModelError: the shipped network is missing or unreadable.
    """
    if curve.light.size == 0:
        return np.zeros(len(CORNER_FEATURE_NAMES))
    net = shipped_net()
    first, last = (straightened(curve, plate) for plate in plates)
    return _strongest((net.answers(first) + net.answers(last[::-1])[::-1]).T)


def _strongest(answers: Float32Array) -> FloatArray:
    """(8,) features from the sum of both ways' answers (4, n)."""
    answers = np.float32(0.5) * answers
    answers -= answers.max(axis=0)
    share = np.exp(answers)
    alone = answers - np.log(np.maximum(share.sum(axis=0) - share, _LEAST_SHARE))
    at = answers[:, alone[0].argmin()]
    strongest = np.concatenate([
        (answers[1:] - answers[0]).max(axis=1), (at[2] - at[1], at[3] - at[1]), alone[1:].max(axis=1)])
    return strongest.clip(-_LIMIT, _LIMIT).astype(float)


@lru_cache(maxsize=1)
def shipped_net() -> CornerNet:
    """The network that comes with the package.

    Raises:
        ModelError: missing or unreadable.
    """
    return load_net(model_file(SHIPPED_NET))


def save_net(net: CornerNet, path: Path) -> None:
    """Write a network; the folder must exist."""
    np.savez_compressed(path, **vars(net))


def load_net(path: Path) -> CornerNet:
    """Read a network.

    Raises:
        ModelError: missing or unreadable.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return CornerNet(**{name: stored[name].astype(np.float32) for name in CornerNet.__annotations__})
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f'{path}: not a corner network ({error}).',
            'Restore the shipped file, or train one: weld_cell train joint-corners.') from error
