"""Orthographic view of the work plane, with square pixels of one size.

A template is compared with an image at one scale. A camera's image has perspective and a lens that distorts: over a
part of 200 mm several pixels. In this view both are gone, and from pixels to the plane it is a rotation, a shift and
a factor.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import CalibrationError
from weld_cell.geometry.transforms import make_transform
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.records import FloatArray, ImageArray

_BORDER_POINTS = 65  # along each side of the image, which the lens bends
_LEAST_SIDE_PX = 16
_MOST_SIDE_PX = 20_000


@dataclass(frozen=True, eq=False)
class MetricView:
    """A rectangle of the work plane, all of which the camera sees, turned as the camera's image is.

    Attributes:
        plane: What is seen.
        mm_per_px: Size of a pixel on it.
        T_base_view: (4, 4) a frame with its origin in the middle of pixel (0, 0), x along u, y against v, z up, in
            base_link.
        size_px: (width, height).
    """

    plane: WorkPlane
    mm_per_px: float
    T_base_view: FloatArray
    size_px: tuple[int, int]

    @classmethod
    def of(cls, plane: WorkPlane, mm_per_px: float) -> 'MetricView':
        """The largest one whose sides do not cross the border of the camera's image.

        Raises:
            ValueError: the size of a pixel is not positive.
            CalibrationError: the camera does not see the plane, or too little of it.
        """
        if not mm_per_px > 0.0:
            raise ValueError(f'mm_per_px: expected a positive size, got {mm_per_px}')
        left, right, top, bottom = (plane.points(side) for side in _sides(plane.camera.size_px))
        along = (right - left).mean(axis=0)
        yaw = Rotation.from_euler('z', float(np.arctan2(along[1], along[0])))
        turn = yaw.as_matrix()[:2, :2]
        low_x, high_x = (left @ turn)[:, 0].max(), (right @ turn)[:, 0].min()
        low_y, high_y = (bottom @ turn)[:, 1].max(), (top @ turn)[:, 1].min()
        step_m = 1e-3 * mm_per_px
        width, height = np.floor(np.array([high_x - low_x, high_y - low_y]) / step_m).astype(int).tolist()
        if not _LEAST_SIDE_PX <= min(width, height) <= max(width, height) <= _MOST_SIDE_PX:
            raise CalibrationError(
                f'Of the work plane {width} x {height} px of {mm_per_px:g} mm would be seen whole.',
                "Check the camera's pose in rig.yaml and work_plane.height_m; it has to look down at the plane.",
            )
        x, y = turn @ [low_x + 0.5 * step_m, high_y - 0.5 * step_m]
        return cls(plane, mm_per_px, plane.T_base_plane @ make_transform((x, y, 0.0), yaw), (width, height))

    def image(self, pixels: ImageArray) -> ImageArray:
        """What the camera's image (h, w) or (h, w, 3) shows, as this view."""
        columns, rows = self._camera_pixels
        return np.asarray(cv2.remap(pixels, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))

    def pose(self, origin_px: FloatArray, axis_deg: float) -> FloatArray:
        """(4, 4) in base_link of a frame in the plane, z up.

        Args:
            origin_px: (2,) u, v of its origin.
            axis_deg: Direction of its x axis, from +u towards +v.
        """
        u, v = 1e-3 * self.mm_per_px * np.asarray(origin_px, dtype=float)
        turn = Rotation.from_euler('z', -axis_deg, degrees=True)
        pose: FloatArray = self.T_base_view @ make_transform((float(u), float(-v), 0.0), turn)
        return pose

    @cached_property
    def _camera_pixels(self) -> tuple[ImageArray, ImageArray]:
        """Where in the camera's image each pixel is read, in the form that OpenCV reads fastest."""
        width, height = self.size_px
        step_m = 1e-3 * self.mm_per_px
        x, y = np.meshgrid(step_m * np.arange(width), -step_m * np.arange(height))
        in_view = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
        pixels = self.plane.base_pixels(in_view @ self.T_base_view[:3, :3].T + self.T_base_view[:3, 3])
        u, v = (pixels[:, column].reshape(height, width).astype(np.float32) for column in (0, 1))
        first, second = cv2.convertMaps(u, v, cv2.CV_16SC2)
        return first, second  # type: ignore[return-value]


def _sides(size_px: tuple[int, int]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Pixels (n, 2) along the left, right, upper and lower side of an image."""
    u, v = (np.linspace(0.0, size - 1.0, _BORDER_POINTS) for size in size_px)
    zero, last_u, last_v = np.zeros(_BORDER_POINTS), np.full(_BORDER_POINTS, u[-1]), np.full(_BORDER_POINTS, v[-1])
    left, right, top, bottom = ((zero, v), (last_u, v), (u, zero), (u, last_v))
    return (
        np.column_stack(left),
        np.column_stack(right),
        np.column_stack(top),
        np.column_stack(bottom),
    )
