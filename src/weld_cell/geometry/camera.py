"""The pinhole camera with OpenCV's plumb_bob distortion, as in sensor_msgs/CameraInfo."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from weld_cell.config import load_yaml, require_key
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.records import FloatArray

LENS_COEFFICIENTS = 'k1, k2, p1, p2, k3'
DISTORTION_LENGTH = 5
LENS_MODELS = ('', 'plumb_bob', 'rational_polynomial')
"""Those whose coefficients begin with ours; a rational polynomial whose further ones are zero is plumb_bob."""


@dataclass(frozen=True, eq=False)
class CameraModel:
    """Intrinsic calibration.

    Attributes:
        matrix: (3, 3) K, in pixels.
        distortion: (5,) k1, k2, p1, p2, k3 (plumb_bob).
        size_px: (width, height).

    Raises:
        CalibrationError: K has no focal length (an uncalibrated camera sends zeros).
    """

    matrix: FloatArray
    distortion: FloatArray
    size_px: tuple[int, int]

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, dtype=float)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or min(matrix[0, 0], matrix[1, 1]) <= 0:
            raise CalibrationError(
                'The camera matrix has no focal length; the camera is not calibrated.',
                'Calibrate the camera and put the result into rig.yaml.',
            )


def camera_from_ros(model: str, distortion: ArrayLike, matrix: ArrayLike, size_px: tuple[int, int]) -> CameraModel:
    """Intrinsics as sensor_msgs/CameraInfo and the files of ROS's camera_calibration say them.

    Args:
        model: distortion_model.
        distortion: Its coefficients.
        matrix: K, nine numbers.
        size_px: (width, height).

    Raises:
        CalibrationError: not calibrated, numbers that are not finite, or a lens model that we do not compute.
    """
    given, K = np.asarray(distortion, dtype=float).ravel(), np.asarray(matrix, dtype=float).ravel()
    if len(K) != 9 or not np.isfinite([*K, *given]).all():
        raise CalibrationError(
            'The calibration has numbers that are not finite, or a K without nine numbers.',
            'Calibrate the camera, or correct its driver.',
        )
    if not K.any():  # as an uncalibrated camera says it, whatever its lens
        given = np.zeros(DISTORTION_LENGTH)
    elif model not in LENS_MODELS or given[DISTORTION_LENGTH:].any():
        raise CalibrationError(
            f'The lens model "{model}" with {len(given)} coefficients is not computed here; as plumb_bob it would '
            'be off by up to many millimetres.',
            f'Calibrate as plumb_bob (coefficients {LENS_COEFFICIENTS}), or use rectified images on a topic named '
            'image_rect.',
        )
    coefficients = np.zeros(DISTORTION_LENGTH)
    coefficients[: min(len(given), DISTORTION_LENGTH)] = given[:DISTORTION_LENGTH]
    return CameraModel(K.reshape(3, 3), coefficients, size_px)


def load_camera_info(path: str | Path) -> CameraModel:
    """Read the YAML that ROS's camera_calibration writes (camera_matrix, distortion_coefficients, image size).

    Raises:
        ConfigurationError: missing, malformed, or a key is missing.
        CalibrationError: no focal length, or a lens model that we do not compute.
    """
    content = load_yaml(str(path))
    matrix = require_key(require_key(content, 'camera_matrix', str(path)), 'data', f'{path}: camera_matrix')
    coefficients = require_key(content, 'distortion_coefficients', str(path))
    where = f'{path}: distortion_coefficients'
    distortion = require_key(coefficients, 'data', where)
    size = (int(require_key(content, 'image_width', str(path))), int(require_key(content, 'image_height', str(path))))
    try:
        return camera_from_ros(str(content.get('distortion_model', '')), distortion, matrix, size)
    except CalibrationError as error:
        raise CalibrationError(f'{path}: {error.message}', error.remedy) from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f'{path}: camera_matrix and distortion_coefficients: expected rows of numbers ({error}).',
            'Calibrate the camera again with camera_calibration.',
        ) from error
