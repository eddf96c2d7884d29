"""Intrinsics files: ROS YAML and OST, OpenCV FileStorage, Kalibr, RealSense, JSON, NumPy."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from weld_cell.calibration.camera_words import Words, lens_model, require_lens_read, words_of_mapping, words_of_ost
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.geometry.camera import CameraModel, camera_from_ros, load_camera_info
from weld_cell.records import FloatArray

MATRIX_KEYS = ('camera_matrix', 'cameraMatrix', 'CameraMatrix', 'matrix', 'K', 'M1', 'M', 'mtx', 'intrinsic_matrix')
LENS_KEYS = (
    'distortion_coefficients',
    'distCoeffs',
    'dist_coeffs',
    'DistortionCoefficients',
    'distortion',
    'D',
    'D1',
    'dist',
)
_ROUNDED, _ROUNDED_PX = 1e-3, 0.5
_REMEDY = (
    f'The matrix is looked for as {", ".join(MATRIX_KEYS)} or fx, fy, cx, cy, the lens as {", ".join(LENS_KEYS)}; or '
    "give the YAML of ROS's camera_calibration."
)


def load_intrinsics(path: Path, size_px: tuple[int, int]) -> CameraModel:
    """Read a camera.

    Args:
        path: File.
        size_px: (width, height) of the images; of a file that does not say it.

    Raises:
        ConfigurationError: missing, malformed, or without a matrix.
        CalibrationError: no focal length, or a lens model that we do not compute.
    """
    try:
        found = _of_numpy(path) if path.suffix.lower() == '.npz' else _of_text(path)
        if found is None:
            return load_camera_info(path)
        return camera_from_ros(found.model, found.lens, found.matrix, found.size_px or size_px)
    except CalibrationError as error:
        raise CalibrationError(f'{path}: {error.message.removeprefix(f"{path}: ")}', error.remedy) from error


def camera_info_yaml(camera: CameraModel, name: str) -> str:
    """The YAML that ROS's camera_info_manager reads.

    Args:
        camera: Intrinsics.
        name: Of the camera.
    """

    def matrix(rows: int, values: FloatArray) -> dict[str, Any]:
        return {'rows': rows, 'cols': values.size // rows, 'data': values.ravel().tolist()}

    width, height = camera.size_px
    projection = np.column_stack([camera.matrix, np.zeros(3)])
    content = {
        'image_width': width,
        'image_height': height,
        'camera_name': name,
        'camera_matrix': matrix(3, camera.matrix),
        'distortion_model': 'plumb_bob',
        'distortion_coefficients': matrix(1, camera.distortion),
        'rectification_matrix': matrix(3, np.eye(3)),
        'projection_matrix': matrix(3, projection),
    }
    return str(yaml.safe_dump(content, sort_keys=False, default_flow_style=None))


def is_same_camera(first: CameraModel, second: CameraModel) -> bool:
    """Whether two intrinsics are the same numbers, but for how they were rounded."""
    return (
        first.size_px == second.size_px
        and np.allclose(first.matrix, second.matrix, rtol=_ROUNDED, atol=_ROUNDED_PX)
        and np.allclose(first.distortion, second.distortion, rtol=_ROUNDED, atol=_ROUNDED)
    )


def _of_text(path: Path) -> Words | None:
    """None: it may be ROS's YAML."""
    try:
        text = path.read_text(encoding='utf-8-sig')
    except (OSError, ValueError) as error:
        raise ConfigurationError(f'{path}: cannot be read ({error}).', 'Check the path.') from error
    if path.suffix.lower() == '.json':
        return _of_json(text, path)
    if 'opencv-matrix' in text or 'opencv_storage' in text:
        return _of_opencv(path)
    if path.suffix.lower() in ('.txt', '.ini'):
        words = words_of_ost(text)
        if words is None:
            raise ConfigurationError(f'{path}: no camera matrix of nine numbers.', _REMEDY)
        return words
    try:
        content = next(yaml.safe_load_all(text), None)  # `ros2 topic echo` ends each message with ---
        return _of_message(content, path) or words_of_mapping(content)
    except yaml.YAMLError:
        return None  # the reader of ROS's YAML names the line
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f'{path}: no intrinsics ({error}).', _REMEDY) from error


def _of_message(content: Any, path: Path) -> Words | None:
    """Of a sensor_msgs/CameraInfo as `ros2 topic echo` prints it; None: it is none."""
    fields = {str(key).lower(): value for key, value in content.items()} if isinstance(content, dict) else {}
    if not {'k', 'd', 'distortion_model', 'width', 'height'} <= fields.keys():
        return None
    matrix, lens = (np.array(fields[key] or [], float) for key in ('k', 'd'))
    size = int(fields['width']), int(fields['height'])
    return _checked(Words(matrix, lens, size, str(fields['distortion_model'])), path)


def _of_numpy(path: Path) -> Words:
    try:
        arrays = dict(np.load(path))
    except (OSError, ValueError, EOFError) as error:
        raise ConfigurationError(f'{path}: no NumPy archive ({error}).', _REMEDY) from error
    try:
        require_lens_read(arrays, LENS_KEYS)
    except ValueError as error:
        raise ConfigurationError(f'{path}: {error}.', _REMEDY) from error
    matrix, lens = _first(arrays, MATRIX_KEYS), _first(arrays, LENS_KEYS)
    coefficients = np.ravel([] if lens is None else lens)
    words = Words(np.ravel([] if matrix is None else matrix), coefficients, None, lens_model(arrays, coefficients))
    return _checked(words, path)


def _of_json(text: str, path: Path) -> Words:
    try:
        content = json.loads(text)
        words = words_of_mapping(content)
        if words is not None:
            return words
        require_lens_read(content, LENS_KEYS)
        matrix = _first(content, MATRIX_KEYS)
        lens = np.array(_first(content, LENS_KEYS) or [], float).ravel()
        size = content.get('size_px')
        size_px = (int(size[0]), int(size[1])) if size else None
        found = Words(np.array(matrix, float), lens, size_px, lens_model(content, lens))
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f'{path}: no intrinsics ({error}).', _REMEDY) from error
    return _checked(found, path)


def _of_opencv(path: Path) -> Words:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    try:
        nodes = {key: storage.getNode(key) for key in (*MATRIX_KEYS, *LENS_KEYS)}
        matrices = {key: node.mat() for key, node in nodes.items() if not node.empty() and node.isMap()}
        width, height = (storage.getNode(f'image_{side}') for side in ('width', 'height'))
        size = None if width.empty() or height.empty() else (int(width.real()), int(height.real()))
        fisheye = bool(storage.getNode('fisheye_model').real())
        require_lens_read(dict.fromkeys(storage.root().keys()), LENS_KEYS)
    except ValueError as error:
        raise ConfigurationError(f'{path}: {error}.', _REMEDY) from error
    except cv2.error as error:
        raise ConfigurationError(f'{path}: cannot be read as an OpenCV file ({error.err}).', _REMEDY) from error
    finally:
        storage.release()
    matrix, lens = _first(matrices, MATRIX_KEYS), _first(matrices, LENS_KEYS)
    words = Words(
        np.asarray([] if matrix is None else matrix, float),
        np.asarray([] if lens is None else lens, float).ravel(),
        size,
        'fisheye' if fisheye else '',
    )
    return _checked(words, path)


def _first(content: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """What stands under the first of some keys; a mapping's `data`; None where there is none."""
    value = next((content[key] for key in keys if key in content), None)
    return value.get('data') if isinstance(value, dict) else value


def _checked(words: Words, path: Path) -> Words:
    if words.matrix.size != 9:
        raise ConfigurationError(f'{path}: no camera matrix of nine numbers.', _REMEDY)
    return words
