"""Feature maps at several scales, from a filter bank or a network."""

import hashlib
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from weld_cell.errors import ModelError
from weld_cell.models.files import read_bytes
from weld_cell.models.network import open_session
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import CLASSICAL

STRIDE = 2
"""Cells of a crop between two places of the classical features."""
SIGMAS = (0.8, 1.6, 3.2)
_LEAST_GREY = 4.0  # below it a pixel's noise is larger than itself


class Features(Protocol):
    """What turns crops into feature maps."""

    @property
    def version(self) -> str:
        """Another one makes other features; a bank belongs to one version."""

    def maps(self, crops: Float32Array) -> Float32Array:
        """Feature maps (n, c, rows, columns) of crops (n, g, g) of grey values."""


class ClassicalFeatures:
    """Gaussian derivatives of three scales, in combinations that do not change as the surface is turned.

    Of each scale: the level; the length of the gradient; both eigenvalues of the Hessian matrix; the local contrast.
    Grey values are taken as logarithms over the crop's median, so that neither exposure nor lamp counts.
    """

    version = 'classical-1'

    def maps(self, crops: Float32Array) -> Float32Array:
        """Feature maps (n, 15, g / 2, g / 2) of crops (n, g, g)."""
        return np.stack([_described(crop) for crop in crops])


def _described(crop: Float32Array) -> Float32Array:
    light = np.log(np.maximum(crop, _LEAST_GREY)).astype(np.float32)
    light -= np.median(light)
    channels = [channel for sigma in SIGMAS for channel in _of_scale(light, sigma)]
    size = tuple(side // STRIDE for side in crop.shape)
    return np.stack([cv2.resize(c, size[::-1], interpolation=cv2.INTER_AREA) for c in channels]).astype(np.float32)


def _of_scale(light: Float32Array, sigma: float) -> list[Float32Array]:
    """Level, gradient, greater and smaller eigenvalue, contrast; derivatives are normalised by the scale."""
    level = np.asarray(cv2.GaussianBlur(light, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)
    x, y = (np.asarray(cv2.Sobel(level, -1, *order), np.float32) / 8.0 for order in ((1, 0), (0, 1)))
    xx, yy, xy = cv2.Sobel(x, -1, 1, 0) / 8.0, cv2.Sobel(y, -1, 0, 1) / 8.0, cv2.Sobel(x, -1, 0, 1) / 8.0
    mean, half = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    around = cv2.GaussianBlur((light - level) ** 2, (0, 0), 1.5 * sigma, borderType=cv2.BORDER_REFLECT)
    return [
        level,
        np.asarray(sigma * np.hypot(x, y), np.float32),
        np.asarray(sigma**2 * (mean + half), np.float32),
        np.asarray(sigma**2 * (mean - half), np.float32),
        np.sqrt(np.asarray(around, np.float32)),
    ]


class NetworkFeatures:
    """Any network exported to ONNX: one input (n, 1 or 3, g, g), outputs (n, c, rows, columns) of one or more levels.

    Grey values come to it as deviations from the crop's mean over the crop's standard deviation, which ends the need
    for a network's own mean and deviation. Coarser levels are resampled to the first one's places.

    Args:
        path: The ONNX file.
        threads: Of one run.

    Raises:
        ModelError: missing, not a network, or of other inputs or outputs.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        remedy = f'Export a backbone with one input and feature maps as outputs, or set features to {CLASSICAL}.'
        content = read_bytes(path, remedy)
        try:
            self._session = open_session(content, threads)
        except Exception as error:  # ONNX Runtime raises a dozen kinds
            raise ModelError(f'{path}: not a network ({error}).', remedy) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] not in (1, 3):
            raise ModelError(f'{path}: expected one input (n, 1 or 3, rows, columns).', remedy)
        if any(len(output.shape) != 4 for output in outputs):
            raise ModelError(f'{path}: expected outputs (n, c, rows, columns).', remedy)
        self._input, self._channels = inputs[0].name, int(inputs[0].shape[1])
        self.version = f'{path.stem}-{hashlib.sha256(content).hexdigest()[:12]}'

    def maps(self, crops: Float32Array) -> Float32Array:
        """Feature maps (n, c, rows, columns) of crops (n, g, g)."""
        mean, deviation = crops.mean(axis=(1, 2), keepdims=True), crops.std(axis=(1, 2), keepdims=True)
        images = ((crops - mean) / np.maximum(deviation, 1.0))[:, None].astype(np.float32)
        levels = self._session.run(None, {self._input: np.repeat(images, self._channels, axis=1)})
        size = levels[0].shape[2:]
        return np.concatenate([levels[0], *(_resampled(level, size) for level in levels[1:])], axis=1)


def _resampled(level: Float32Array, size: tuple[int, int]) -> Float32Array:
    """(n, c, *size) of maps (n, c, h, w)."""
    flat = level.reshape(-1, *level.shape[2:])
    resampled = np.stack([cv2.resize(each, size[::-1], interpolation=cv2.INTER_LINEAR) for each in flat])
    return resampled.reshape(*level.shape[:2], *size)


def open_features(name: str, threads: int = 1) -> Features:
    """The features of a setting.

    Args:
        name: `classical`, or an ONNX file.
        threads: Of one run of a network.

    Raises:
        ModelError: the file cannot be used.
    """
    return ClassicalFeatures() if name == CLASSICAL else NetworkFeatures(Path(name), threads)
