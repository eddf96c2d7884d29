"""Training of the corner network (`corner_net`) from images whose seam row is known; needs scikit-learn."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from weld_cell.joint_type.corner_net import CORNER_TYPES, WINDOW_ROWS, CornerNet
from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.straightened import COLUMNS, ROW_PX, Float32Array, straightened
from weld_cell.joint_type.stretching import stretched
from weld_cell.records import JointType, StripeProfile

COMPONENTS = 10
HIDDEN_UNITS = 32
_WINDOWS_OF_THE_CORNER, _WINDOWS_OF_PLATE = 3, 6
_OFF_THE_CORNER_ROWS = 5        # a window so far from the seam shows plain plate
_EVERY = 37                     # of the rows, for the principal components
STRETCH_ACROSS, STRETCH_ALONG = (0.7, 1.9), (0.8, 1.25)  # in depth, and along the stripe
"""Least and greatest factor of stretching: a step or a gap gets known in depths that no plate of the training has."""


@dataclass(frozen=True, eq=False)
class CornerWindows:
    """Stretches of straightened light and what is in their middle.

    Attributes:
        light: (n, 17, 27).
        labels: (n,) 0 for plain plate, then as CORNER_TYPES.
    """

    light: NDArray[np.float16]
    labels: NDArray[np.intp]


def corner_windows(
        samples: Iterable[tuple[StripeProfile, JointType, float]], rng: Generator) -> CornerWindows:
    """Windows on the corner and off it, from both plates' lines: of every stripe, and of it stretched at random.

    Args:
        samples: Profile, type and the seam's image row. Types without one of the corners show plain plate only.
        rng: Draws the windows' places and the stretching.
    """
    light, labels = [], []
    for profile, joint_type, seam_row_px in samples:
        curve = continuous_curve(profile)
        label = CORNER_TYPES.index(joint_type) + 1 if joint_type in CORNER_TYPES else 0
        seam = seam_row_px - curve.first_row_px
        across, along = (float(np.exp(rng.uniform(*np.log(limits)))) for limits in (STRETCH_ACROSS, STRETCH_ALONG))
        for seen, row in ((curve, seam), (stretched(curve, across, along), (seam + 0.5) * along - 0.5)):
            found, kinds = _windows_of(seen, row, label, rng)
            light += found
            labels += kinds
    return CornerWindows(np.array(light), np.array(labels))


def _windows_of(
        curve: StripeCurve, seam_row: float, label: int, rng: Generator,
) -> tuple[list[NDArray[np.float16]], list[int]]:
    """Windows of one curve whose seam is at a row of it, and what they show."""
    light, labels = [], []
    pictures = [straightened(curve, plate) for plate in joint_shape(curve.columns_px).plates]
    first, last = pictures[0], pictures[1][::-1]
    row = seam_row / ROW_PX
    for picture, at in ((first, row), (last, len(last) - 1 - row)):
        places, kinds = _places(len(picture), at, label, rng)
        padded = np.pad(picture, ((WINDOW_ROWS // 2,) * 2, (0, 0)), 'edge').astype(np.float16)
        light += [padded[place:place + WINDOW_ROWS] for place in places]
        labels += kinds
    return light, labels


def _places(rows: int, seam_row: float, label: int, rng: Generator) -> tuple[list[int], list[int]]:
    """Rows of the windows' middles, and what they show."""
    places, kinds = [], []
    if label and 0 <= seam_row < rows:
        near = seam_row + rng.uniform(-1.0, 1.0, _WINDOWS_OF_THE_CORNER)
        places += np.clip(np.round(near), 0, rows - 1).astype(int).tolist()
        kinds += [label] * len(places)
    plain = rng.integers(0, rows, _WINDOWS_OF_PLATE if label else _WINDOWS_OF_PLATE // 2)
    if label:
        plain = plain[np.abs(plain - seam_row) >= _OFF_THE_CORNER_ROWS]
    return places + plain.tolist(), kinds + [0] * len(plain)


def train_net(windows: CornerWindows, seed: int) -> tuple[CornerNet, float]:
    """Train the network.

    Args:
        windows: Of all four kinds.
        seed: Of everything random.

    Returns:
        The network, and the share of windows told rightly among those that were held out to end the training.
    """
    rows = windows.light.reshape(-1, COLUMNS)[::_EVERY].astype(np.float32)
    mean = rows.mean(axis=0)
    _, deviations, axes = np.linalg.svd(rows - mean, full_matrices=False)
    scale = np.sqrt(len(rows)) / deviations[:COMPONENTS]
    components: Float32Array = (axes[:COMPONENTS] * scale[:, None]).T.astype(np.float32)
    inputs = ((windows.light.astype(np.float32) - mean) @ components).reshape(len(windows.labels), -1)
    machine = MLPClassifier(
        (HIDDEN_UNITS,), alpha=1e-2, batch_size=256, max_iter=30, early_stopping=True, validation_fraction=0.05,
        n_iter_no_change=8, learning_rate_init=1.5e-3, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', ConvergenceWarning)  # ends after so many rounds, or when it gets no better
        machine.fit(inputs, windows.labels)
    numbers = [mean, components, machine.coefs_[0], machine.intercepts_[0], machine.coefs_[1], machine.intercepts_[1]]
    return CornerNet(*(np.asarray(n, np.float32) for n in numbers)), float(machine.best_validation_score_)
