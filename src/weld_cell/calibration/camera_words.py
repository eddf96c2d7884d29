"""Key names that other programs use for intrinsics, in JSON, YAML and OST files."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from weld_cell.records import FloatArray

FOCALS = (('fx', 'fy'), ('fl_x', 'fl_y'), ('focal_x', 'focal_y'))
CENTRES = (('cx', 'cy'), ('ppx', 'ppy'), ('principal_x', 'principal_y'))
SIZES = (('width', 'height'), ('image_width', 'image_height'), ('w', 'h'))
LENSES = ('coeffs', 'distortion_coeffs', 'distortion', 'dist', 'dist_coeffs', 'D')
_WRAPPERS = ('cam0', 'camera', 'intrinsics', 'intrinsic', 'color', 'left', 'camera_info', 'rgb')
_COEFFICIENTS = ('k1', 'k2', 'p1', 'p2', 'k3', 'k4', 'k5', 'k6')
_MODELS = ('distortion_model', 'lens_model', 'camera_model', 'model')
_FISHEYE_FLAGS = ('fisheye_model', 'is_fisheye', 'fisheye')
_OTHER_LENSES = ('equidistant', 'fisheye', 'kannala', 'omni', 'fov', 'ftheta')
_INVERSE = 'inverse'  # Brown and Conrady's, from distorted to undistorted; the same where it is zero


class Words(NamedTuple):
    """Intrinsics as a file says them.

    Attributes:
        matrix: (9,) K, in pixels.
        lens: (k,) coefficients.
        size_px: (width, height); None where it is not given.
        model: The lens model where it is another one than OpenCV's, else empty.
    """

    matrix: FloatArray
    lens: FloatArray
    size_px: tuple[int, int] | None
    model: str = ''


def words_of_mapping(content: Any) -> Words | None:
    """Intrinsics by focal length and centre (RealSense, Open3D, instant-ngp) or as a row of four (Kalibr).

    Returns:
        None where the mapping, and those within it, say nothing of the kind.

    Raises:
        ValueError: as `require_lens_read`.
    """
    if not isinstance(content, Mapping):
        return None
    focal, centre = _pair(content, FOCALS), _pair(content, CENTRES)
    row = content.get('intrinsics')
    if focal is None and isinstance(row, (list, tuple)) and len(row) == 4:
        focal, centre = (row[0], row[1]), (row[2], row[3])
    if focal is not None and centre is not None:
        require_lens_read(content, (*LENSES, *_COEFFICIENTS))
        size = _pair(content, SIZES) or content.get('resolution')
        matrix = np.array([focal[0], 0.0, centre[0], 0.0, focal[1], centre[1], 0.0, 0.0, 1.0], float)
        lens = _lens(content)
        return Words(matrix, lens, None if not size else (int(size[0]), int(size[1])), lens_model(content, lens))
    inner = (words_of_mapping(content[key]) for key in _WRAPPERS if key in content)
    return next((found for found in inner if found is not None), None)


def _pair(content: Mapping[str, Any], names: tuple[tuple[str, str], ...]) -> tuple[Any, Any] | None:
    return next(((content[a], content[b]) for a, b in names if a in content and b in content), None)


def _lens(content: Mapping[str, Any]) -> FloatArray:
    row = next((content[key] for key in LENSES if isinstance(content.get(key), (list, tuple))), None)
    if row is None:
        row = [content.get(name, 0.0) for name in _COEFFICIENTS]
    return np.asarray(row, float)


def require_lens_read(content: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """A lens under a name that is not known would be taken for none.

    Raises:
        ValueError: there is one.
    """
    others = [str(key) for key in content if key not in (*_MODELS, *_FISHEYE_FLAGS)]
    unknown = [key for key in others if re.search('dist(?!ance)|radial|tangential|coef', key.lower())]
    if unknown and not any(key in content for key in known):
        raise ValueError(f'the lens stands under a name that is not known: {", ".join(unknown)}')


def lens_model(content: Mapping[str, Any], lens: FloatArray) -> str:
    """The lens model that a mapping names beside its coefficients (k,); empty where it is OpenCV's, or not given."""
    if any(content.get(flag) for flag in _FISHEYE_FLAGS):
        return 'fisheye'
    others = (*_OTHER_LENSES, _INVERSE) if lens.any() else _OTHER_LENSES
    named = (str(content[key]).lower() for key in _MODELS if key in content)
    return next((model for model in named if any(other in model for other in others)), '')


def words_of_ost(text: str) -> Words | None:
    """Intrinsics as camera_calibration writes them into ost.txt; None where the text has no `camera matrix`."""
    blocks = {
        name.strip().lower(): _numbers(body)
        for name, body in re.findall(r'^\s*([a-zA-Z][\w ]*)\n((?:\s*[-+.\d][-+.\deE \t]*\n?)+)', text, re.MULTILINE)
    }
    matrix = blocks.get('camera matrix', np.empty(0))
    if matrix.size != 9:
        return None
    width, height = blocks.get('width', np.empty(0)), blocks.get('height', np.empty(0))
    size = (int(width[0]), int(height[0])) if width.size and height.size else None
    return Words(matrix, blocks.get('distortion', np.empty(0)), size)


def _numbers(text: str) -> FloatArray:
    return np.array([float(word) for word in text.split()])
