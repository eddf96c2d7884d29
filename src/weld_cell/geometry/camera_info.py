"""The cameras of the images that a sensor_msgs/CameraInfo describes: whole, rectified, binned, or a region of them.

By its definition width, height, K and P are those of the whole sensor, as it was calibrated; binning and region of
interest say which part of it a camera sends, and how coarsely. Some drivers tell the binning, but width, height and K
of what they send, so that an image of just that size is taken as it is told.
"""

from typing import Any, Protocol

import numpy as np

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel, camera_from_ros

Size = tuple[int, int]
"""Width, height in pixels."""
_TURNED = 1e-6
_MIDDLE = 0.25
"""A principal point lies further from the borders of its image than this share of its side."""


class CameraInfo(Protocol):
    """What rclpy's message and that of rosbags have in common."""

    width: int
    height: int
    distortion_model: str
    d: Any
    k: Any
    r: Any
    p: Any
    binning_x: int
    binning_y: int
    roi: Any


def is_rectified(topic: str) -> bool:
    """Whether a topic carries rectified images, as image_proc names them; also compressed ones."""
    return topic.removesuffix('/compressed').split('/')[-1].startswith('image_rect')


def cameras_of_info(info: CameraInfo, rectified: bool = False) -> dict[Size, CameraModel | CalibrationError]:
    """The cameras by the size of their images, or why there is none: of whole images and of those that are sent.

    Args:
        info: The message.
        rectified: The images are: P holds for them, and no lens.
    """
    whole = _or_error(lambda: camera_from_info(info, rectified))
    region = _region(info)
    sent = _sent_size(info, region)
    if sent == (info.width, info.height) and not any(region[:2]):
        return {sent: whole}
    part = whole if isinstance(whole, CalibrationError) else _or_error(lambda: _part(whole, info, region, sent))
    return {(info.width, info.height): whole, sent: part}


def camera_from_info(info: CameraInfo, rectified: bool = False) -> CameraModel:
    """The camera of whole images.

    Raises:
        CalibrationError: not calibrated, a lens model that is not computed here, or images that are rectified for a
            pair of cameras.
    """
    size, P, R = (info.width, info.height), np.reshape(info.p, (3, 4)), np.reshape(info.r, (3, 3))
    if not rectified or not P.any():
        return camera_from_ros(info.distortion_model, info.d, info.k, size)
    if R.any() and np.abs(R - np.eye(3)).max() > _TURNED:
        raise CalibrationError(
            'The rectified images are turned (R is no identity), as for a pair of cameras; they do not fit the '
            'calibrated frame.',
            'Send the raw images (image_raw).',
        )
    return camera_from_ros('', [], P[:, :3], size)


def _region(info: CameraInfo) -> tuple[int, int, int, int]:
    """Left, top, width, height on the sensor; all zero in the message means all of it."""
    roi = info.roi
    return roi.x_offset, roi.y_offset, roi.width or info.width, roi.height or info.height


def _sent_size(info: CameraInfo, region: tuple[int, int, int, int]) -> Size:
    return region[2] // max(info.binning_x, 1), region[3] // max(info.binning_y, 1)


def _part(whole: CameraModel, info: CameraInfo, region: tuple[int, int, int, int], sent: Size) -> CameraModel:
    """The camera of a region, binned: a binned pixel has its centre where the mean of its pixels has it."""
    left, top, width, height = region
    if left + width > info.width or top + height > info.height:
        raise CalibrationError(
            f'The region of interest in camera_info ({width} x {height} at {left}, {top}) does not lie in its '
            f'{info.width} x {info.height} px.',
            'Let the driver send width, height and K of the whole sensor, as sensor_msgs/CameraInfo defines them, or '
            'K of the region without a region of interest.',
        )
    binning = np.array([max(info.binning_x, 1), max(info.binning_y, 1)], float)
    centre = whole.matrix[:2, 2]
    if binning.max() > 1 and not _in_middle(centre, whole.size_px) and _in_middle(centre * binning, whole.size_px):
        raise CalibrationError(
            f'The K in camera_info is that of images binned {binning[0]:.0f} x {binning[1]:.0f}, but its width and '
            'height are those of the whole sensor.',
            'Calibrate without binning, or send camera_info of the binned size with a binning of 0.',
        )
    matrix = whole.matrix.copy()
    matrix[:2, 2] = (centre - (left, top) + 0.5) / binning - 0.5
    matrix[:2, :2] /= binning[:, None]
    return CameraModel(matrix, whole.distortion, sent)


def _in_middle(centre: Any, size: Size) -> bool:
    share = centre / size
    return bool(((share > _MIDDLE) & (share < 1 - _MIDDLE)).all())


def _or_error(make: Any) -> CameraModel | CalibrationError:
    try:
        camera: CameraModel = make()
    except CalibrationError as error:
        return error.with_traceback(None)
    return camera
