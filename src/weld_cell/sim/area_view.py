"""How the simulated area camera sees flat pictures that lie in its field: by OpenCV alone.

Truth is projected by `cv2.projectPoints`; an image is made the other way round, by following each pixel's undistorted
ray to a plane, where the picture is read.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert, transform_points
from weld_cell.records import FloatArray
from weld_cell.sim.sheet import Float32Array

Window = tuple[slice, slice]
"""Rows and columns of the image."""
_MARGIN_PX = 4
_NODES = (64, 48)
_BORDER_POINTS = 33  # along each side of a picture, which the lens may bend
_TIGHT = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-10)


@dataclass(frozen=True, eq=False)
class Picture:
    """A flat picture somewhere in space.

    Attributes:
        values: (h, w) or (h, w, k) float32.
        T_base_plane: (4, 4) the frame of the picture, x along its columns and y against its rows, in base_link.
        origin_texel: (2,) column and row of the frame's origin.
        texels_per_mm: Resolution.
    """

    values: Float32Array
    T_base_plane: FloatArray
    origin_texel: FloatArray
    texels_per_mm: float

    @property
    def texels_from_m(self) -> FloatArray:
        """(3, 3) from homogeneous x, y in metres to column, row."""
        scale = 1e3 * self.texels_per_mm
        column, row = self.origin_texel
        return np.array([[scale, 0.0, column], [0.0, -scale, row], [0.0, 0.0, 1.0]])

    def points_m(self, texels: FloatArray) -> FloatArray:
        """(n, 3) in base_link of columns and rows (n, 2)."""
        x_y = (texels - self.origin_texel) / (1e3 * self.texels_per_mm) * [1.0, -1.0]
        return transform_points(self.T_base_plane, np.column_stack([x_y, np.zeros(len(x_y))]))


@dataclass(frozen=True, eq=False)
class AreaView:
    """A fixed camera.

    Attributes:
        camera: Intrinsics.
        T_base_camera: (4, 4) optical frame into base_link.
    """

    camera: CameraModel
    T_base_camera: FloatArray

    def project(self, points_m: FloatArray) -> FloatArray:
        """Pixels (n, 2) of points (n, 3) in base_link, by OpenCV."""
        if len(points_m) == 0:
            return np.empty((0, 2))
        T_camera_base = invert(self.T_base_camera)
        turn, _ = cv2.Rodrigues(T_camera_base[:3, :3])
        pixels, _ = cv2.projectPoints(
            np.ascontiguousarray(points_m), turn, T_camera_base[:3, 3], self.camera.matrix, self.camera.distortion
        )
        return np.asarray(pixels, dtype=float).reshape(-1, 2)

    def window(self, picture: Picture) -> Window:
        """The part of the image that a picture reaches; empty where it lies outside."""
        height, width = picture.values.shape[:2]
        side = np.linspace(-0.5, 0.5, _BORDER_POINTS)
        half = np.full_like(side, 0.5)
        border = np.concatenate(
            [np.column_stack(ends) for ends in ((side, half), (side, -half), (half, side), (-half, side))]
        )
        middle = (np.array([width, height]) - 1.0) / 2.0
        pixels = self.project(picture.points_m(middle + border * [width, height]))
        low, high = np.floor(pixels.min(axis=0)) - _MARGIN_PX, np.ceil(pixels.max(axis=0)) + _MARGIN_PX
        size = np.array(self.camera.size_px)
        left, top = np.clip(low, 0, size).astype(int)
        right, bottom = np.clip(high, 0, size).astype(int)
        return slice(top, bottom), slice(left, right)

    def seen(self, picture: Picture, window: Window, border: int = cv2.BORDER_CONSTANT) -> Float32Array:
        """What the pixels of a window see of a picture, read between its texels; 0 beside it, or OpenCV's border."""
        return self._read(picture, np.ascontiguousarray(self.rays[window]), border)

    def seen_smooth(self, picture: Picture) -> Float32Array:
        """What all pixels see of a picture without edges, which goes on beside it; read at nodes, interpolated."""
        nodes = np.asarray(cv2.resize(self.rays, _NODES, interpolation=cv2.INTER_AREA), np.float32)
        coarse = self._read(picture, nodes, cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(coarse, self.camera.size_px), np.float32)

    def _read(self, picture: Picture, rays: Float32Array, border: int) -> Float32Array:
        T_camera_plane = invert(self.T_base_camera) @ picture.T_base_plane
        texels_from_rays = picture.texels_from_m @ np.linalg.inv(T_camera_plane[:3, [0, 1, 3]])
        columns, rows = cv2.split(cv2.perspectiveTransform(rays, texels_from_rays))
        return np.asarray(cv2.remap(picture.values, columns, rows, cv2.INTER_LINEAR, borderMode=border), np.float32)

    def texels_per_px(self, picture: Picture) -> float:
        """How many texels of a picture a pixel covers, about its origin."""
        step = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        origin, along, down = self.project(picture.points_m(picture.origin_texel + step))
        return float(1.0 / np.sqrt(abs(np.linalg.det(np.stack([along - origin, down - origin])))))

    @cached_property
    def rays(self) -> Float32Array:
        """(height, width, 2) undistorted directions x/z, y/z of all pixels."""
        camera = self.camera
        return _rays(tuple(camera.matrix.ravel()), tuple(camera.distortion), camera.size_px)


@lru_cache(maxsize=2)
def _rays(matrix: tuple[float, ...], distortion: tuple[float, ...], size_px: tuple[int, int]) -> Float32Array:
    """As of AreaView; the same camera looks at many scenes."""
    columns, rows = np.meshgrid(np.arange(size_px[0], dtype=float), np.arange(size_px[1], dtype=float))
    pixels = np.column_stack([columns.ravel(), rows.ravel()])[:, None]
    rays = cv2.undistortPoints(pixels, np.reshape(matrix, (3, 3)), np.array(distortion), criteria=_TIGHT)
    return rays.reshape(size_px[1], size_px[0], 2).astype(np.float32)
