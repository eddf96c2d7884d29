"""The pinhole camera with OpenCV's plumb_bob distortion, as in sensor_msgs/CameraInfo."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weld_cell.config import load_yaml, require_key
from weld_cell.errors import CalibrationError
from weld_cell.records import FloatArray

DISTORTION_LENGTH = 5  # k1, k2, p1, p2, k3


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


def load_camera_info(path: str | Path) -> CameraModel:
    """Read the YAML that ROS's camera_calibration writes (camera_matrix, distortion_coefficients, image size).

    Raises:
        ConfigurationError: missing, malformed, or a key is missing.
        CalibrationError: no focal length.
    """
    content = load_yaml(str(path))
    matrix = require_key(require_key(content, 'camera_matrix', str(path)), 'data', f'{path}: camera_matrix')
    coefficients = require_key(content, 'distortion_coefficients', str(path))
    distortion = np.zeros(DISTORTION_LENGTH)
    given = np.asarray(require_key(coefficients, 'data', f'{path}: distortion_coefficients'), dtype=float)
    distortion[: len(given[:DISTORTION_LENGTH])] = given[:DISTORTION_LENGTH]
    size = (int(require_key(content, 'image_width', str(path))), int(require_key(content, 'image_height', str(path))))
    return CameraModel(np.asarray(matrix, dtype=float).reshape(3, 3), distortion, size)
