"""A known plane in front of a fixed camera: mapping between pixels and millimetres on it.

What the area camera sees lies on a table, so one image is enough: a point is where its viewing ray meets the plane
(the plate seam paper's M1 [R T] with the plane's z given).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from weld_cell.config import Settings, bounded
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import project
from weld_cell.geometry.transforms import invert, transform_points
from weld_cell.geometry.undistortion import exact_rays, exact_rays_and_slopes
from weld_cell.records import FloatArray

_LEAST_CLOSENESS = 1e-6  # 1 / depth in 1/m: a ray that meets the plane a thousand kilometres away runs along it


@dataclass(frozen=True)
class WorkPlaneSettings(Settings):
    """Where the things lie that the area camera looks at."""

    height_m: float = bounded(0.2, -5.0, 5.0, 'm', "Height of the table's top in base_link.")


@dataclass(frozen=True, eq=False)
class WorkPlane:
    """A plane that a fixed camera sees.

    Attributes:
        camera: Intrinsics.
        T_base_camera: (4, 4) optical frame into base_link.
        T_base_plane: (4, 4) a frame whose x and y lie in the plane, into base_link.
    """

    camera: CameraModel
    T_base_camera: FloatArray
    T_base_plane: FloatArray

    @classmethod
    def level(cls, camera: CameraModel, T_base_camera: FloatArray, height_m: float) -> 'WorkPlane':
        """The horizontal plane at a height in base_link, its x and y those of base_link.

        Args:
            camera: Intrinsics.
            T_base_camera: (4, 4) optical frame into base_link.
            height_m: Of what is seen: the table's top, and above it the upper side of a sheet of known thickness.
        """
        T_base_plane = np.eye(4)
        T_base_plane[2, 3] = height_m
        return cls(camera, T_base_camera, T_base_plane)

    def points(self, pixels: FloatArray) -> FloatArray:
        """What pixels (n, 2) show, as points (n, 2) x, y in the plane's frame, in metres.

        Raises:
            ValueError: the pixels are not (n, 2) finite numbers.
            CalibrationError: a ray does not meet the plane in front of the camera, or the lens model has none.
        """
        return self._met(exact_rays(self.camera, pixels))[0]

    def base_points(self, pixels: FloatArray) -> FloatArray:
        """What pixels (n, 2) show, as points (n, 3) in base_link, in metres; raises as `points`."""
        return transform_points(self.T_base_plane, _lifted(self.points(pixels)))

    def pixels(self, points_m: FloatArray) -> FloatArray:
        """Pixels (n, 2) of points (n, 2) x, y in the plane's frame.

        Raises:
            CalibrationError: a point lies behind the camera.
        """
        return self._projected(transform_points(self._T_camera_plane, _lifted(np.asarray(points_m, dtype=float))))

    def base_pixels(self, points_m: FloatArray) -> FloatArray:
        """Pixels (n, 2) of points (n, 3) in base_link, on the plane or not.

        Raises:
            CalibrationError: a point lies behind the camera.
        """
        return self._projected(transform_points(invert(self.T_base_camera), np.asarray(points_m, dtype=float)))

    def jacobian_mm(self, pixels: FloatArray) -> FloatArray:
        """(n, 2, 2) how far the seen point moves on the plane for one pixel: d(x, y) / d(u, v) in mm; as `points`."""
        rays, slopes = exact_rays_and_slopes(self.camera, pixels)
        _, depths_m = self._met(rays)
        # (X, Y, Z) = H (x, y, 1) lies in the direction X/Z, Y/Z, whose derivative is (dX - X/Z dZ) / Z.
        sideways, forwards = self._plane_to_ray[:2, :2], self._plane_to_ray[2, :2]
        turned = (sideways - rays[:, :2, None] * forwards) / depths_m[:, None, None]
        return np.asarray(1e3 * np.linalg.inv(slopes @ turned), dtype=float)

    def mm_per_px(self, pixels: FloatArray) -> FloatArray:
        """(n,) size of a pixel on the plane: the side of a square of the same area, in mm; raises as `points`."""
        size: FloatArray = np.sqrt(np.abs(np.linalg.det(self.jacobian_mm(pixels))))
        return size

    @cached_property
    def _T_camera_plane(self) -> FloatArray:
        return invert(self.T_base_camera) @ self.T_base_plane

    @cached_property
    def _plane_to_ray(self) -> FloatArray:
        """(3, 3) from (x, y, 1) of the plane to the optical frame."""
        return self._T_camera_plane[:3, [0, 1, 3]]

    def _met(self, rays: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points (n, 2) of the plane that rays (n, 3) meet, and their depths (n,)."""
        if abs(np.linalg.det(self._plane_to_ray)) < _LEAST_CLOSENESS:
            raise CalibrationError('The work plane runs through the camera.', 'Check its height and the rig file.')
        x, y, closeness = np.linalg.inv(self._plane_to_ray) @ rays.T
        if len(rays) and closeness.min() <= _LEAST_CLOSENESS:
            raise CalibrationError(
                'A viewing ray does not meet the work plane in front of the camera.',
                "Check the camera's pose in rig.yaml and work_plane.height_m.",
            )
        return np.column_stack([x, y]) / closeness[:, None], 1.0 / closeness

    def _projected(self, points_m: FloatArray) -> FloatArray:
        if len(points_m) and points_m[:, 2].min() <= 0.0:
            raise CalibrationError(
                'A point lies behind the camera.', "Check the camera's pose in rig.yaml and work_plane.height_m."
            )
        return project(self.camera, points_m)


def _lifted(points_m: FloatArray) -> FloatArray:
    """(n, 3) of points (n, 2), z = 0."""
    return np.column_stack([points_m, np.zeros(len(points_m))])
