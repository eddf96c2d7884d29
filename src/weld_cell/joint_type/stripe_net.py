"""Features from a small network over the whole stripe, one for each joint type.

A closed gap, a small notch and a shadow on the plate differ by little light, and by what lies around it. Convolutions
along the rows of the straightened light learn what: they were trained once, on further simulated images
(`stripe_net_training`), and run here by ONNX Runtime. Their answers are features among others; the paper's support
vector machine decides. The stripe is seen twice, along the first plate in the order of the rows and along the last
plate against it, so that a mirrored joint gives the same answers.
"""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np

from weld_cell.compiled import compiled
from weld_cell.joint_type.curve import StripeCurve
from weld_cell.joint_type.plates import PlateLine
from weld_cell.joint_type.straightened import COLUMNS, Float32Array, straightened
from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind
from weld_cell.models.network import Network
from weld_cell.paths import model_file
from weld_cell.records import FloatArray, JointType

SHIPPED_NET = 'stripe_net.onnx'
NET_FEATURE_NAMES = tuple(f'net_{joint_type}' for joint_type in JointType)
"""Log odds of each type against all others, within LARGEST_ODDS."""
LARGEST_ODDS = 10.0
"""As logarithm: beyond it they say no more."""
ROWS = 240
"""Of a picture at least: 480 rows of the image. A shorter one is continued by its last row, as in training."""
STRIPE_NET = ModelKind(
    'stripe_net',
    1,
    'weld_cell train stripe-net',
    (
        TensorSignature(
            'light', (2, 'rows', COLUMNS), 'float32', 'the straightened stripe from either end, 1 at the laser line'
        ),
    ),
    (TensorSignature('answers', (2, len(JointType)), 'float32', 'unnormalised log probability of each joint type'),),
)


class StripeNet:
    """A trained network.

    Args:
        path: The ONNX file; its card lies beside it.

    Raises:
        ModelError: missing, damaged, of another kind or version, or made for other pictures or types.
    """

    def __init__(self, path: Path) -> None:
        self._network = Network(path, STRIPE_NET)

    def log_odds(self, pictures: Float32Array) -> FloatArray:
        """(6,) log odds of each joint type against all others, from the pictures (2, rows, 27) of one stripe."""
        return log_odds(self._network.run(light=pictures)[0])


@compiled('float64[::1](float32[:, ::1])')
def log_odds(answers: Float32Array) -> FloatArray:
    """(6,) log odds of each type against all others, of unnormalised log probabilities (n, 6): those of n pictures of
    the same stripe, of which the mean counts.
    """
    pictures, types = answers.shape
    mean, odds = np.zeros(types), np.empty(types)
    for picture in range(pictures):
        for k in range(types):
            mean[k] += answers[picture, k] / pictures
    for k in range(types):
        likeliest, others = -np.inf, 0.0
        for j in range(types):
            if j != k:
                likeliest = max(likeliest, mean[j])
        for j in range(types):
            if j != k:
                others += math.exp(mean[j] - likeliest)
        odds[k] = min(max(mean[k] - likeliest - math.log(others), -LARGEST_ODDS), LARGEST_ODDS)
    return odds


def both_pictures(curve: StripeCurve, plates: tuple[PlateLine, PlateLine]) -> Float32Array:
    """The light straightened along the first plate, and along the last one with its rows reversed.

    Args:
        curve: The stripe with the light around it, larger columns deeper.
        plates: Lines of the plate at its first and at its last rows.

    Returns:
        (2, rows, 27), rows 240 at least.
    """
    first, last = (straightened(curve, plate) for plate in plates)
    count = len(first)
    pictures = np.empty((2, max(count, ROWS), COLUMNS), np.float32)
    pictures[0, :count], pictures[1, :count] = first, last[::-1]
    pictures[:, count:] = pictures[:, count - 1 : count]
    return pictures


def net_features(curve: StripeCurve, plates: tuple[PlateLine, PlateLine]) -> FloatArray:
    """What the shipped network says of a stripe, in the order of NET_FEATURE_NAMES.

    Args:
        curve: As of `both_pictures`.
        plates: As of `both_pictures`.

    Returns:
        (6,) log odds; zeros where the light is not known.

    Raises:
        ModelError: the shipped network is missing or damaged.
    """
    if curve.light.size == 0:
        return np.zeros(len(NET_FEATURE_NAMES))
    return shipped_net().log_odds(both_pictures(curve, plates))


@lru_cache(maxsize=1)
def shipped_net() -> StripeNet:
    """The network that comes with the package.

    Raises:
        ModelError: missing or damaged.
    """
    return StripeNet(model_file(SHIPPED_NET))
