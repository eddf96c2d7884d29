"""From a stripe point and a robot pose to a residual in pixels, with its derivatives.

A pixel's viewing ray r (z = 1) meets the laser plane n . q = 1 at q = r / (n . r), in the optical frame. The hand-eye
takes it to p = R q + t in tool0, the robot's pose into base_link, where the target gives its distance f. Divided by
the change of f for a pixel across the stripe this is the residual in the image (Sampson's approximation).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.scans.targets import Target
from weld_cell.records import FloatArray, IntArray

SENSOR_UNKNOWNS = 9
_LEAST_SLOPE = 0.2  # of the distance by the pixel, as a part of the view's median


@dataclass(frozen=True, eq=False)
class Sensor:
    """What is calibrated.

    Attributes:
        T_tool0_sensor: (4, 4) optical frame into tool0.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
    """

    T_tool0_sensor: FloatArray
    laser_plane: FloatArray

    def moved(self, step: FloatArray) -> 'Sensor':
        """After a change (9,): turn in the optical frame in rad, shift in tool0 in m, laser plane in 1/m."""
        T = self.T_tool0_sensor.copy()
        T[:3, :3] = T[:3, :3] @ Rotation.from_rotvec(step[:3]).as_matrix()
        T[:3, 3] += step[3:6]
        return replace(self, T_tool0_sensor=T, laser_plane=self.laser_plane + step[6:])

    def tool_points(self, rays: FloatArray) -> FloatArray:
        """(..., 3) in tool0 of viewing rays (..., 3)."""
        met = rays / (rays @ self.laser_plane)[..., None]
        points: FloatArray = met @ self.T_tool0_sensor[:3, :3].T + self.T_tool0_sensor[:3, 3]
        return points

    def tool_point_slopes(self, rays: FloatArray) -> FloatArray:
        """(..., 3, 9) how `tool_points` changes with the sensor's unknowns."""
        rotation = self.T_tool0_sensor[:3, :3]
        met = rays / (rays @ self.laser_plane)[..., None]
        turned = -rotation @ _cross_matrices(met)
        shifted = np.broadcast_to(np.eye(3), turned.shape)
        leaned = -(met @ rotation.T)[..., :, None] * met[..., None, :]
        return np.concatenate([turned, shifted, leaned], axis=-1)


@dataclass(frozen=True, eq=False)
class Stripes:
    """The stripe points of all views, each view with the same number of places, some of them empty.

    Attributes:
        names: (v,) what the views are called.
        T_base_tool0: (v, 4, 4) where the robot held the sensor.
        rays: (v, k, 3) viewing rays, z = 1.
        ray_slopes: (v, k, 3) change of the ray for a pixel in the direction in which the point was measured.
        sigma_px: (v, k) standard deviation in that direction; infinite at empty places.
        parts: (v, k) to which part of the target a point belongs.
    """

    names: tuple[str, ...]
    T_base_tool0: FloatArray
    rays: FloatArray
    ray_slopes: FloatArray
    sigma_px: FloatArray
    parts: IntArray

    def of_views(self, views: IntArray) -> 'Stripes':
        """Some of the views, by their numbers."""
        return Stripes(
            tuple(self.names[view] for view in views),
            self.T_base_tool0[views],
            self.rays[views],
            self.ray_slopes[views],
            self.sigma_px[views],
            self.parts[views],
        )

    def base_points(self, sensor: Sensor) -> FloatArray:
        """(v, k, 3) the points in base_link."""
        points = sensor.tool_points(self.rays)
        placed: FloatArray = np.einsum('vij,vkj->vki', self.T_base_tool0[:, :3, :3], points)
        return placed + self.T_base_tool0[:, None, :3, 3]


@dataclass(frozen=True, eq=False)
class Residuals:
    """Of all stripe points.

    Attributes:
        distances_m: (v, k) of the points from the target.
        per_m: (v, k) what turns them into standard deviations of the measurement in the image; 0 at empty places.
        by_unknowns: (v, k, 9 + u) derivatives of the distances by the sensor's and the target's unknowns.
        by_pose: (v, k, 6) by a shift in m and a turn in rad of tool0, in its own axes.
    """

    distances_m: FloatArray
    per_m: FloatArray
    by_unknowns: FloatArray
    by_pose: FloatArray


def distances(stripes: Stripes, sensor: Sensor, target: Target) -> FloatArray:
    """(v, k) of the stripe points from the target, in m."""
    return target.values(stripes.base_points(sensor), stripes.parts)[0]


def residuals(stripes: Stripes, sensor: Sensor, target: Target) -> Residuals:
    """How far each stripe point is from where the target would show it."""
    rotation, plane = sensor.T_tool0_sensor[:3, :3], sensor.laser_plane
    closeness = (stripes.rays @ plane)[..., None]
    met = stripes.rays / closeness
    met_slopes = (stripes.ray_slopes - met * (stripes.ray_slopes @ plane)[..., None]) / closeness
    tool = met @ rotation.T + sensor.T_tool0_sensor[:3, 3]
    turn = stripes.T_base_tool0[:, :3, :3]
    base = np.einsum('vij,vkj->vki', turn, tool) + stripes.T_base_tool0[:, None, :3, 3]
    distances_m, in_base, by_target = target.values(base, stripes.parts)
    in_tool = np.einsum('vji,vkj->vki', turn, in_base)
    in_sensor = in_tool @ rotation
    along = np.einsum('vki,vki->vk', in_sensor, met)[..., None]
    by_sensor = np.concatenate([np.cross(met, in_sensor), in_tool, -along * met], axis=-1)
    return Residuals(
        distances_m,
        _per_metre(np.einsum('vki,vki->vk', in_sensor, met_slopes), stripes.sigma_px),
        np.concatenate([by_sensor, by_target], axis=-1),
        np.concatenate([in_tool, np.cross(tool, in_tool)], axis=-1),
    )


def _per_metre(metres_per_px: FloatArray, sigma_px: FloatArray) -> FloatArray:
    """(v, k) standard deviations for a metre; bounded where the stripe runs along its direction of measurement."""
    size = np.abs(metres_per_px)
    bounded_size = np.maximum(size, _LEAST_SLOPE * np.median(size, axis=1, keepdims=True))
    per_metre: FloatArray = 1.0 / (bounded_size * sigma_px)
    return per_metre


def _cross_matrices(vectors: FloatArray) -> FloatArray:
    """(..., 3, 3) matrices that take w to vector x w."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    rows = [zero, -z, y, z, zero, -x, -y, x, zero]
    return np.stack(rows, axis=-1).reshape(*vectors.shape, 3)
