"""The least-squares problem of scans with the robot pose errors eliminated view by view."""

from dataclasses import dataclass

import numpy as np

from weld_cell.calibration.scans.model import SENSOR_UNKNOWNS, Sensor, Stripes, residuals
from weld_cell.calibration.scans.targets import Target
from weld_cell.errors import CalibrationError
from weld_cell.records import BoolArray, FloatArray

LEVER_M = 0.3
"""A rotation of the sensor is expressed as what it moves at this distance, so that all unknowns are lengths."""
START_M = 0.1
"""How far the sensor may be from where the rig file has it: all that is known beforehand."""
_ROUGH_M = 1e-3
_INFORMATIVE = 1.0  # a pose error that moves the stripe by less than the image's own error shows nothing


@dataclass(frozen=True)
class RobotErrors:
    """Standard deviations of the robot's poses, of each axis.

    Attributes:
        position_m: Of tool0.
        turn_rad: Of tool0.
    """

    position_m: float = 0.1e-3
    turn_rad: float = float(np.radians(0.02))

    def sigmas(self) -> FloatArray:
        """(6,) of a shift and a turn."""
        return np.repeat([self.position_m, self.turn_rad], 3)


@dataclass(frozen=True, eq=False)
class Weighing:
    """How much each error counts.

    Attributes:
        start: The sensor as it was before, of which something is known.
        robot: Errors of its poses.
        image_factor: The stripe's errors are so many times what was assumed.
        robot_factor: The robot's as well.
        views: (v,) weight of each view.
        points: (v, k) weight of each point.
        in_space: Whether distances in space count, each as if known to a millimetre, in the place of those in the
            image.
        start_m: Spread of the sensor about its start.
    """

    start: Sensor
    robot: RobotErrors
    image_factor: float
    robot_factor: float
    views: FloatArray
    points: FloatArray
    in_space: bool = False
    start_m: float = START_M


@dataclass(frozen=True, eq=False)
class Reduced:
    """Normal equations without the poses, about a state, and what each view says of its pose.

    Attributes:
        matrix: (u, u).
        vector: (u,).
        values: (v, k) residuals in standard deviations.
        per_m: (v, k) by which distances become residuals.
        pose: (v, k, 6) derivatives of the residuals by one standard deviation of each pose error.
        modes: (v, 6, 6) independent pose errors, as columns.
        strengths: (v, 6) how strongly each of them shows in the image, squared.
        views: (v,) weights.
        robot_factor: By which the assumed pose errors were multiplied.
    """

    matrix: FloatArray
    vector: FloatArray
    values: FloatArray
    per_m: FloatArray
    pose: FloatArray
    modes: FloatArray
    strengths: FloatArray
    views: FloatArray
    robot_factor: float

    @property
    def pose_told(self) -> BoolArray:
        """(v, 6) which pose errors the views determine: those that move the stripe by more than its error."""
        told: BoolArray = self.strengths > _INFORMATIVE * self.robot_factor**2
        return told

    def pose_scores(self) -> FloatArray:
        """(v, 6) squares of the pose errors that are told, each about 1 where the errors are as assumed."""
        strengths = np.where(self.pose_told, self.strengths, 1.0)
        return np.where(self.pose_told, self._along(self.values) ** 2 / (strengths * (1.0 + strengths)), 0.0)

    def pose_sigmas(self) -> FloatArray:
        """(v, 6) the most probable pose errors, in standard deviations."""
        errors: FloatArray = -np.einsum('vij,vj->vi', self.modes, self._along(self.values) / (1.0 + self.strengths))
        return errors

    def left(self) -> FloatArray:
        """(v, k) residuals that no pose error explains."""
        strengths = np.where(self.pose_told, self.strengths, np.inf)
        explained = np.einsum('vij,vj->vi', self.modes, self._along(self.values) / strengths)
        left: FloatArray = self.values - np.einsum('vki,vi->vk', self.pose, explained)
        return left

    def cost(self, distances_m: FloatArray) -> float:
        """Half of the weighted sum of squares for other distances (v, k), weights and pose errors as they are."""
        values = distances_m * self.per_m
        along = self._along(values) ** 2 / (1.0 + self.strengths)
        return float(self.views @ ((values**2).sum(axis=1) - along.sum(axis=1))) / 2.0

    def _along(self, values: FloatArray) -> FloatArray:
        along: FloatArray = np.einsum('vji,vj->vi', self.modes, np.einsum('vki,vk->vi', self.pose, values))
        return along


def reduced_system(stripes: Stripes, sensor: Sensor, target: Target, weighing: Weighing) -> Reduced:
    """The normal equations about a state."""
    found = residuals(stripes, sensor, target)
    per_m = np.full_like(found.per_m, 1.0 / _ROUGH_M) if weighing.in_space else found.per_m
    per_m = per_m * np.sqrt(weighing.points) / weighing.image_factor
    values, unknowns = found.distances_m * per_m, found.by_unknowns * per_m[..., None]
    pose = found.by_pose * per_m[..., None] * (weighing.robot_factor * weighing.robot.sigmas())
    if not np.isfinite(pose).all():
        raise CalibrationError(
            'The calibration diverges from the given pose of the sensor.',
            'Check rig.yaml, the target that is named, and that images and poses belong together.',
        )
    strengths, modes = np.linalg.eigh(np.einsum('vki,vkj->vij', pose, pose))
    strengths = np.maximum(strengths, 0.0)
    coupled = np.einsum('vki,vkj->vij', unknowns, pose) @ modes / np.sqrt(1.0 + strengths)[:, None]
    along = np.einsum('vji,vj->vi', modes, np.einsum('vki,vk->vi', pose, values)) / np.sqrt(1.0 + strengths)
    matrix = np.einsum('v,vki,vkj->ij', weighing.views, unknowns, unknowns, optimize=True)
    matrix -= np.einsum('v,vim,vjm->ij', weighing.views, coupled, coupled, optimize=True)
    vector = np.einsum('v,vki,vk->i', weighing.views, unknowns, values, optimize=True)
    vector -= np.einsum('v,vim,vm->i', weighing.views, coupled, along, optimize=True)
    information, gradient = _beforehand(sensor, target, weighing)
    return Reduced(
        matrix + information,
        vector + gradient,
        values,
        per_m,
        pose,
        modes,
        strengths,
        weighing.views,
        weighing.robot_factor,
    )


def as_lengths(sensor: Sensor) -> FloatArray:
    """(9,) what a unit of each of the sensor's unknowns moves at the working distance, in m."""
    range_m = 1.0 / float(np.linalg.norm(sensor.laser_plane))
    return np.repeat([LEVER_M, 1.0, range_m**2], 3)


def _beforehand(sensor: Sensor, target: Target, weighing: Weighing) -> tuple[FloatArray, FloatArray]:
    """Information and gradient of what is known before anything is scanned.

    Of the sensor next to nothing: only what keeps the equations solvable where the poses leave something open.
    """
    size = SENSOR_UNKNOWNS + target.unknowns
    information, gradient = np.zeros((size, size)), np.zeros(size)
    weight = (as_lengths(weighing.start) / weighing.start_m) ** 2
    information[np.arange(SENSOR_UNKNOWNS), np.arange(SENSOR_UNKNOWNS)] = weight
    gradient[:SENSOR_UNKNOWNS] = weight * _deviation(sensor, weighing.start)
    information[SENSOR_UNKNOWNS:, SENSOR_UNKNOWNS:] = target.information()
    gradient[SENSOR_UNKNOWNS:] = target.pull()
    return information, gradient


def unlikeliness(sensor: Sensor, target: Target, weighing: Weighing) -> float:
    """Half of the squared deviation from what is known before anything is scanned."""
    weight = (as_lengths(weighing.start) / weighing.start_m) ** 2
    return float(weight @ _deviation(sensor, weighing.start) ** 2) / 2.0 + target.unlikeliness()


def _deviation(sensor: Sensor, start: Sensor) -> FloatArray:
    shift = sensor.T_tool0_sensor[:3, 3] - start.T_tool0_sensor[:3, 3]
    turned = start.T_tool0_sensor[:3, :3].T @ sensor.T_tool0_sensor[:3, :3]
    turn = 0.5 * np.array([turned[2, 1] - turned[1, 2], turned[0, 2] - turned[2, 0], turned[1, 0] - turned[0, 1]])
    return np.concatenate([turn, shift, sensor.laser_plane - start.laser_plane])
