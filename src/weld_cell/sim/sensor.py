"""The simulated line-laser sensor: the rig's numbers, and where its laser comes from.

The simulator computes its frames from the rig's numbers by itself and projects with OpenCV; the code under test
(weld_cell.geometry.camera and laser_plane) has no part in it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import frame_from_z_and_x, invert, unit
from weld_cell.paths import config_file
from weld_cell.records import FloatArray

_NO_TURN = np.zeros(3)


@dataclass(frozen=True, eq=False)
class LaserSensor:
    """Camera and laser sheet on the robot's hand.

    Attributes:
        camera: Intrinsics.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        T_tool0_sensor: (4, 4) optical frame into tool0.
        emitter_range_m: From the laser's outlet to the surface on the optical axis.
    """

    camera: CameraModel
    laser_plane: FloatArray
    T_tool0_sensor: FloatArray
    emitter_range_m: float = 0.300

    @classmethod
    def from_rig(cls, rig: Rig) -> 'LaserSensor':
        """The sensor as calibrated."""
        sensor = rig.laser_sensor
        return cls(sensor.camera, sensor.laser_plane, sensor.T_parent_sensor)

    @property
    def range_m(self) -> float:
        """Depth at which the optical axis meets the laser plane: the nominal working distance."""
        return float(1.0 / self.laser_plane[2])

    @cached_property
    def T_sensor_stripe(self) -> FloatArray:
        """(4, 4) frame of the stripe in the optical frame.

        Its origin is where the optical axis meets the laser plane, x points along the travel (out of the plane,
        to the camera's side), z in the plane up to the laser's outlet.
        """
        travel = -unit(self.laser_plane)
        back = np.array([0.0, 0.0, -1.0])
        return frame_from_z_and_x(np.array([0.0, 0.0, self.range_m]), back - (back @ travel) * travel, travel)

    @cached_property
    def emitter_m(self) -> FloatArray:
        """(3,) the laser's outlet in the optical frame."""
        stripe = self.T_sensor_stripe
        outlet: FloatArray = stripe[:3, 3] + self.emitter_range_m * stripe[:3, 2]
        return outlet

    def tool0_pose(self, T_base_stripe: FloatArray) -> FloatArray:
        """(4, 4) T_base_tool0 that lays the stripe frame on a given frame."""
        pose: FloatArray = T_base_stripe @ invert(self.T_tool0_sensor @ self.T_sensor_stripe)
        return pose

    def project(self, points_m: FloatArray) -> FloatArray:
        """Pixels (n, 2) of points (n, 3) in the optical frame, by OpenCV."""
        if len(points_m) == 0:
            return np.empty((0, 2))
        pixels, _ = cv2.projectPoints(points_m, _NO_TURN, _NO_TURN, self.camera.matrix, self.camera.distortion)
        return np.asarray(pixels, dtype=float).reshape(-1, 2)


@lru_cache(maxsize=1)
def installed_sensor() -> LaserSensor:
    """The sensor of the installed config/rig.yaml.

    Raises:
        ConfigurationError: the rig file is missing or malformed.
    """
    return LaserSensor.from_rig(load_rig(str(config_file('rig.yaml'))))
