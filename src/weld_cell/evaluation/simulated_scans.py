"""Simulated stripes of a line-laser sensor over a plate, a step or a sphere, with their truth, for its calibration.

Computed here from the geometry and projected by OpenCV; the code that calibrates has no part in it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.calibration.scans.model import Sensor
from weld_cell.calibration.scans.targets import Part
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray, IntArray

_NO_TURN = np.zeros(3)
_FIELD_M = 0.10
_SAMPLES = 4001
_LEAST_FACING = 0.25  # of a surface to the camera and to the laser, as a cosine
EMITTER_RANGE_M = 0.3


@dataclass(frozen=True)
class Errors:
    """What is wrong with images and poses, as standard deviations of each axis."""

    stripe_px: float = 0.1
    edge_px: float = 0.5
    robot_mm: float = 0.1
    robot_deg: float = 0.02


@dataclass(frozen=True)
class Motions:
    """How the sensor is held over the target, each drawn evenly up to this to both sides.

    Attributes:
        tilt_deg: About the stripe and about the travel.
        turn_deg: About the line of sight.
        lift_mm: Nearer and further.
        shift_mm: Along the travel; of a sphere a part of its radius is enough.
    """

    tilt_deg: float = 30.0
    turn_deg: float = 60.0
    lift_mm: float = 30.0
    shift_mm: float = 10.0


@dataclass(frozen=True, eq=False)
class SimulatedView:
    """One image of the stripe.

    Attributes:
        T_base_tool0: (4, 4) as the robot says it.
        pixels: (n, 2) u, v.
        parts: (n,) `Part` of each.
    """

    T_base_tool0: FloatArray
    pixels: FloatArray
    parts: IntArray


def off_by(sensor: Sensor, rng: Generator, shift_m: float = 0.01, turn_deg: float = 3.0) -> Sensor:
    """A sensor that sits elsewhere, as a real one does: its laser plane is off as well."""
    T = sensor.T_tool0_sensor.copy()
    T[:3, :3] = T[:3, :3] @ Rotation.from_rotvec(np.radians(turn_deg) * rng.uniform(-1, 1, 3)).as_matrix()
    T[:3, 3] += shift_m * rng.uniform(-1, 1, 3)
    normal = Rotation.from_rotvec(np.radians(turn_deg) * rng.uniform(-1, 1, 3)).apply(sensor.laser_plane)
    return Sensor(T, normal * (1.0 + 0.03 * rng.uniform(-1, 1)))


def stripe_frame(sensor: Sensor) -> FloatArray:
    """(4, 4) in the optical frame: origin on the optical axis, x out of the laser plane, z in it to the outlet."""
    x = -sensor.laser_plane / np.linalg.norm(sensor.laser_plane)
    z = np.array([0.0, 0.0, -1.0]) - (-x[2]) * x
    z /= np.linalg.norm(z)
    frame = np.eye(4)
    frame[:3, 0], frame[:3, 1], frame[:3, 2] = x, np.cross(z, x), z
    frame[2, 3] = 1.0 / sensor.laser_plane[2]
    return frame


@dataclass(frozen=True, eq=False)
class TrueTarget:
    """A target where it truly lies.

    Attributes:
        kind: plate, step or sphere.
        T_base_target: (4, 4) z out of the plate; x along the edge of the step, y towards its upper side; of the
            sphere the frame at its top.
        size_m: Height of the step, radius of the sphere.
    """

    kind: str
    T_base_target: FloatArray
    size_m: float = 0.0

    def cut(self, normal: FloatArray, offset: float, outlet: FloatArray, eye: FloatArray) -> list[FloatArray]:
        """Curves (n, 3) of the target that a plane normal . p = offset lights; all in the target's frame.

        Args:
            normal: (3,) unit vector.
            offset: See normal.
            outlet: (3,) of the laser.
            eye: (3,) of the camera.
        """
        if self.kind == 'sphere':
            return [self._circle(normal, offset, outlet, eye)]
        line = _level_line(normal, offset, 0.0)
        if self.kind == 'plate':
            return [line]
        edge = np.array([offset / normal[0], 0.0, 0.0])
        lower = _level_line(normal, offset, -self.size_m)
        return [line[line[:, 1] >= 0.0], lower[lower[:, 1] < 0.0], edge[None]]

    def _circle(self, normal: FloatArray, offset: float, outlet: FloatArray, eye: FloatArray) -> FloatArray:
        centre = np.array([0.0, 0.0, -self.size_m])
        distance = offset - normal @ centre
        radius = np.sqrt(max(self.size_m**2 - distance**2, 0.0))
        across = np.cross(normal, [0.0, 0.0, 1.0])
        across /= np.linalg.norm(across)
        up = np.cross(across, normal)
        angles = np.linspace(-np.pi / 2, np.pi / 2, _SAMPLES)
        middle = centre + distance * normal
        points = middle + radius * (np.sin(angles)[:, None] * across + np.cos(angles)[:, None] * up)
        out = (points - centre) / self.size_m
        facing = [
            np.einsum('ij,ij->i', out, place - points) / np.linalg.norm(place - points, axis=1)
            for place in (outlet, eye)
        ]
        seen: FloatArray = points[np.min(facing, axis=0) > _LEAST_FACING]
        return seen


def _level_line(normal: FloatArray, offset: float, z: float) -> FloatArray:
    y = np.linspace(-_FIELD_M, _FIELD_M, _SAMPLES)
    return np.column_stack([(offset - normal[1] * y - normal[2] * z) / normal[0], y, np.full_like(y, z)])


def simulated_views(
    sensor: Sensor,
    nominal: Sensor,
    camera: CameraModel,
    target: TrueTarget,
    motions: Motions,
    count: int,
    errors: Errors,
    rng: Generator,
) -> list[SimulatedView]:
    """Views of a target from poses at random about it, held by the nominal sensor.

    Args:
        sensor: As it truly sits.
        nominal: As the one who moves the robot believes it.
        camera: Intrinsics.
        target: What is scanned.
        motions: How far it is moved.
        count: Views.
        errors: Of images and poses.
        rng: Where everything random comes from.
    """
    views: list[SimulatedView] = []
    while len(views) < count:
        pose = _held(nominal, target, motions, rng)
        pixels, parts = seen_pixels(sensor, camera, target, pose, errors, rng)
        if len(pixels) > 60:
            views.append(SimulatedView(_said(pose, errors, rng), pixels, parts))
    return views


def _held(nominal: Sensor, target: TrueTarget, motions: Motions, rng: Generator) -> FloatArray:
    """(4, 4) T_base_tool0."""
    rolled, pitched = motions.tilt_deg * rng.uniform(-1, 1, 2)
    turned = motions.turn_deg * rng.uniform(-1, 1)
    place = np.eye(4)
    place[:3, :3] = Rotation.from_euler('zyx', [turned, pitched, rolled], degrees=True).as_matrix()
    shift = np.array([motions.shift_mm, motions.shift_mm, motions.lift_mm]) * rng.uniform(-1, 1, 3)
    place[:3, 3] = place[:3, :3] @ (1e-3 * shift)
    return target.T_base_target @ place @ np.linalg.inv(nominal.T_tool0_sensor @ stripe_frame(nominal))


def _said(pose: FloatArray, errors: Errors, rng: Generator) -> FloatArray:
    """The pose as the robot says it."""
    said = pose.copy()
    turn = Rotation.from_rotvec(np.radians(errors.robot_deg) * rng.standard_normal(3)).as_matrix()
    said[:3, :3] = turn @ pose[:3, :3]
    said[:3, 3] += 1e-3 * errors.robot_mm * rng.standard_normal(3)
    return said


def seen_pixels(
    sensor: Sensor, camera: CameraModel, target: TrueTarget, pose: FloatArray, errors: Errors, rng: Generator
) -> tuple[FloatArray, IntArray]:
    """Pixels (n, 2) and parts (n,) that a sensor sees of a target from a pose (4, 4) T_base_tool0."""
    T_target_sensor = np.linalg.inv(target.T_base_target) @ pose @ sensor.T_tool0_sensor
    frame = T_target_sensor @ stripe_frame(sensor)
    outlet = frame[:3, 3] + EMITTER_RANGE_M * frame[:3, 2]
    curves = target.cut(frame[:3, 0], float(frame[:3, 0] @ frame[:3, 3]), outlet, T_target_sensor[:3, 3])
    pixels, parts = [], []
    for part, curve in zip((Part.SURFACE, Part.LOWER, Part.EDGE), curves, strict=False):
        projected = _projected(invert(T_target_sensor), camera, curve)
        if part is Part.EDGE:
            projected = projected + errors.edge_px * rng.standard_normal(2) * [0.0, 1.0]
        else:
            projected = _by_row(projected, camera.size_px[1])
            projected[:, 0] += errors.stripe_px * rng.standard_normal(len(projected))
        inside = ((projected >= 0.0) & (projected <= np.array(camera.size_px) - 1.0)).all(axis=1)
        pixels.append(projected[inside])
        parts.append(np.full(int(inside.sum()), int(part)))
    return np.concatenate(pixels), np.concatenate(parts)


def _projected(T_sensor_target: FloatArray, camera: CameraModel, points: FloatArray) -> FloatArray:
    if not len(points):
        return np.empty((0, 2))
    turn, _ = cv2.Rodrigues(T_sensor_target[:3, :3])
    pixels, _ = cv2.projectPoints(points, turn, T_sensor_target[:3, 3], camera.matrix, camera.distortion)
    return np.asarray(pixels, dtype=float).reshape(-1, 2)


def _by_row(curve: FloatArray, height: int) -> FloatArray:
    """(n, 2) where a curve crosses whole rows."""
    if len(curve) < 2:
        return np.empty((0, 2))
    ordered = _unfolded(curve)
    rows = np.arange(max(np.ceil(ordered[0, 1]), 0), min(np.floor(ordered[-1, 1]), height - 1) + 1)
    return np.column_stack([np.interp(rows, ordered[:, 1], ordered[:, 0]), rows])


def _unfolded(curve: FloatArray) -> FloatArray:
    """The stretch about the middle of a curve in which it goes down the rows; where it turns back it ends."""
    down = np.sign(curve[-1, 1] - curve[0, 1])
    steps = down * np.diff(curve[:, 1]) > 0.0
    middle = len(curve) // 2
    turns = np.flatnonzero(~steps)
    first = turns[turns < middle].max(initial=-1) + 1
    last = turns[turns >= middle].min(initial=len(steps))
    return curve[first : last + 1][:: int(down) or 1]
