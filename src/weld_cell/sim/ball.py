"""A mat ball in the laser sheet, for scans that calibrate the sensor without a board."""

import numpy as np
from numpy.random import Generator

from weld_cell.geometry.transforms import invert, transform_points, unit
from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.laser_camera import LaserImager
from weld_cell.sim.lit_stripe import LitStripe
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.surface import random_surface

_SAMPLES = 4001


class BallScene:
    """A ball that is held in the air.

    Args:
        radius_m: Of the ball.
        T_base_top: (4, 4) frame at its top, z out of it.
        effects: The dials of what makes images hard.
        rng: Where texture, light and noise are drawn from.
        sensor: The line-laser sensor.
    """

    def __init__(
        self, radius_m: float, T_base_top: FloatArray, effects: HardEffects, rng: Generator, sensor: LaserSensor
    ) -> None:
        self._radius_m, self._T_base_top, self._sensor, self._rng = radius_m, T_base_top, sensor, rng
        self._imager = LaserImager(sensor, effects, random_surface(rng, effects), rng)

    def pose(self, T_stripe_error: FloatArray) -> FloatArray:
        """(4, 4) T_base_tool0 that holds the stripe frame at the top, but for a deviation (4, 4)."""
        return self._sensor.tool0_pose(self._T_base_top @ T_stripe_error)

    def image(self, T_base_tool0: FloatArray) -> ImageArray:
        """(height, width) uint8 that the camera takes."""
        return self._imager.image(self._lit(T_base_tool0), [], self._rng)

    def _lit(self, T_base_tool0: FloatArray) -> LitStripe:
        """The circle in which the sheet cuts the ball; a ball hides nothing but its own far side."""
        sensor, T_base_sensor = self._sensor, T_base_tool0 @ self._sensor.T_tool0_sensor
        centre_base = self._T_base_top @ np.array([0.0, 0.0, -self._radius_m, 1.0])
        centre = transform_points(invert(T_base_sensor), centre_base[None, :3])[0]
        frame = sensor.T_sensor_stripe
        away = float(frame[:3, 0] @ (frame[:3, 3] - centre))
        circle_m = np.sqrt(max(self._radius_m**2 - away**2, 0.0))
        angles = np.linspace(-np.pi, np.pi, _SAMPLES)
        out = np.sin(angles)[:, None] * frame[:3, 1] + np.cos(angles)[:, None] * frame[:3, 2]
        points = centre + away * frame[:3, 0] + circle_m * out
        normals = (points - centre) / self._radius_m
        to_light, to_eye = sensor.emitter_m - points, -points
        light_range, eye_range = (np.linalg.norm(rays, axis=1) for rays in (to_light, to_eye))
        incidence = np.einsum('ij,ij->i', normals, to_light) / light_range
        facing = np.einsum('ij,ij->i', normals, to_eye) / eye_range
        glint = np.einsum('ij,ij->i', normals, unit(unit(to_light) + unit(to_eye)))
        row_angle = sensor.range_m / (sensor.camera.matrix[1, 1] * sensor.emitter_range_m)
        step_m = circle_m * (angles[1] - angles[0])
        flux = step_m * np.maximum(incidence, 0.0) / light_range / row_angle * (sensor.range_m / eye_range) ** 2
        zeros, ones = np.zeros(_SAMPLES), np.ones(_SAMPLES)
        return LitStripe(
            points,
            sensor.project(points),
            zeros,
            zeros,
            zeros,
            circle_m * angles,
            facing,
            glint,
            flux,
            (incidence > 0.0) & (facing > 0.0),
            ones,
            np.eye(4),
            np.zeros(2),
        )
