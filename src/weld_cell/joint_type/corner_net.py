"""What a short stretch of the stripe looks like: plain plate, a lap's step, a butt joint's gap or a splice's notch.

Matched filters, learnt instead of drawn: a network of one hidden layer is slid along the straightened light. It knows
nothing of the image as a whole; its strongest answers are features among others, and the paper's support vector
machine decides. It looks from both plates' lines, once in the order of the rows and once against it, so that a
mirrored joint gives the same answers.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from weld_cell.compiled import compiled
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
BLOCK_ROWS = 48
"""A product of so few windows BLAS does by itself; threads, which it takes for more, wait longer for each other."""
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
        answers: Float32Array = self._hidden(light) @ self.weights + self.bias
        return answers

    def answers_both_ways(self, light: Float32Array, other_light: Float32Array) -> Float32Array:
        """(n, 4) mean of the answers along the rows of light (n, 27) and of those against the rows of other light."""
        hidden = self._hidden(light)
        hidden += self._hidden(other_light[::-1])[::-1]
        answers: Float32Array = hidden @ (np.float32(0.5) * self.weights) + self.bias
        return answers

    def _hidden(self, light: Float32Array) -> Float32Array:
        """(n, h) what the hidden units say of light (n, 27)."""
        rows: Float32Array = np.subtract(light, self.mean) @ self.components
        hidden: Float32Array = (_windows(rows) @ self.hidden_weights).reshape(-1, len(self.hidden_bias))[:len(rows)]
        _rectify(hidden, self.hidden_bias)
        return hidden


@compiled('float32[:, :, ::1](float32[:, ::1])')
def _windows(rows: Float32Array) -> Float32Array:
    """(b, 48, 17 k) the rows (n, k) around each row, in blocks; beyond the ends the end rows are repeated.

    Copied, because the product of such overlapping stretches, as views, takes numpy longer.
    """
    count, width = rows.shape
    blocks = (count + BLOCK_ROWS - 1) // BLOCK_ROWS
    padded = np.empty((blocks * BLOCK_ROWS + WINDOW_ROWS - 1) * width, np.float32)
    for i in range(len(padded) // width):
        row = rows[min(max(i - WINDOW_ROWS // 2, 0), count - 1)]
        for j in range(width):
            padded[i * width + j] = row[j]
    windows = np.empty((blocks * BLOCK_ROWS, WINDOW_ROWS * width), np.float32)
    for i in range(len(windows)):
        for j in range(WINDOW_ROWS * width):
            windows[i, j] = padded[i * width + j]
    return windows.reshape((blocks, BLOCK_ROWS, WINDOW_ROWS * width))


@compiled('void(float32[:, ::1], float32[::1])')
def _rectify(hidden: Float32Array, bias: Float32Array) -> None:
    """Make hidden (n, h) to max(hidden + bias, 0)."""
    for i in range(hidden.shape[0]):
        for j in range(hidden.shape[1]):
            hidden[i, j] = max(hidden[i, j] + bias[j], np.float32(0.0))


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
    return _strongest(net.answers_both_ways(first, last))


@compiled('float64[::1](float32[:, ::1])')
def _strongest(answers: Float32Array) -> FloatArray:
    """(8,) features from answers (n, 4)."""
    strongest = np.full(8, -_LIMIT)
    share, greatest_odds = np.empty(4, np.float32), np.zeros(4, np.float32)
    least_plain = np.inf
    for i in range(len(answers)):
        answer, top = answers[i], max(answers[i])
        for k in range(4):
            share[k] = math.exp(answer[k] - top)
        whole = share[0] + share[1] + share[2] + share[3]
        for k in range(1, 4):
            strongest[k - 1] = max(strongest[k - 1], answer[k] - answer[0])
            greatest_odds[k] = max(greatest_odds[k], share[k] / max(whole - share[k], np.float32(_LEAST_SHARE)))
        plain = answer[0] - top - math.log(max(whole - share[0], np.float32(_LEAST_SHARE)))
        if plain < least_plain:
            least_plain = plain
            strongest[3], strongest[4] = answer[2] - answer[1], answer[3] - answer[1]
    for k in range(3):
        strongest[k + 5] = math.log(greatest_odds[k + 1])
    for k in range(8):
        strongest[k] = min(max(strongest[k], -_LIMIT), _LIMIT)
    return strongest


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
            return CornerNet(**{
                name: np.ascontiguousarray(stored[name], np.float32) for name in CornerNet.__annotations__})
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f'{path}: not a corner network ({error}).',
            'Restore the shipped file, or train one: weld_cell train joint-corners.') from error
