"""Scans of a plain plate, a step or a ball in the simulated cell, with poses, to rehearse a calibration without a
board."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import make_transform, quaternion_xyzw
from weld_cell.records import FloatArray, ImageArray, JointType
from weld_cell.sim.ball import BallScene
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.joints import PLATE_HALF_WIDTH_M, CrossSection, Material, lap
from weld_cell.sim.scene import Scene
from weld_cell.sim.seam_curve import random_seam
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.workpiece import Workpiece

POSES = 'poses.csv'
SCANNED = ('plate', 'step', 'sphere')
_HEADER = 'image,x_m,y_m,z_m,qx,qy,qz,qw\n'
_LENGTH_M, _TABLE_M, _THICKNESS_M = 0.2, -0.05, 0.01
_TILT_DEG = {'plate': 35.0, 'step': 25.0, 'sphere': 25.0}
_TURN_DEG, _SHIFT_M, _LIFT_M = 40.0, 0.010, 0.020
_SHIFT_ON_BALL = 0.4  # of its radius


def plain_plate() -> CrossSection:
    """A plate without any seam."""
    ends = np.array([[-PLATE_HALF_WIDTH_M, 0.0], [PLATE_HALF_WIDTH_M, 0.0]])
    middle = np.zeros((1, 2))
    return CrossSection(
        JointType.BUTT, ends, np.array([Material.PLATE]), middle, middle[0], np.empty((0, 2, 2)), _THICKNESS_M, 0.0
    )


Take = Callable[[int], tuple[FloatArray, ImageArray]]
"""T_base_tool0 (4, 4) and image of a number."""


@dataclass(frozen=True)
class RobotErrors:
    """How far the robot's poses are from where it says that it is: standard deviations of each axis."""

    position_m: float = 0.0
    turn_deg: float = 0.0


def write_scans(
    folder: Path,
    target: str,
    size_m: float,
    count: int,
    rng: Generator,
    sensor: LaserSensor,
    errors: RobotErrors = RobotErrors(),  # noqa: B008 - frozen
) -> Iterator[Path]:
    """Write images and `POSES`, a line as soon as its image is written.

    Args:
        folder: Made where it is missing.
        target: plate, step or sphere.
        size_m: Height of the step, radius of the sphere.
        count: Images.
        rng: Where poses, surface and noise come from.
        sensor: Whose place is to be found.
        errors: Of the poses that are written.

    Yields:
        Each image once it is written.

    Raises:
        FileExistsError: the folder has poses already.
    """
    take = _ball(size_m, rng, sensor) if target == 'sphere' else _plates(target, size_m, rng, sensor)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / POSES, 'x', encoding='ascii') as stream:
        stream.write(_HEADER)
        for number in range(count):
            pose, image = take(number)
            path = folder / f'{number:03d}.png'
            if not cv2.imwrite(str(path), image):
                raise OSError(f'{path}: cannot be written')
            said = _said(pose, errors, rng)
            numbers = [*said[:3, 3], *quaternion_xyzw(said)]
            stream.write(f'{path.name},' + ','.join(f'{value:.9f}' for value in numbers) + '\n')
            yield path


def _plates(target: str, height_m: float, rng: Generator, sensor: LaserSensor) -> Take:
    section = plain_plate() if target == 'plate' else lap(height_m)
    workpiece = Workpiece(section, random_seam(rng, False, _LENGTH_M), _TABLE_M)
    scene = Scene(workpiece, _somewhere(rng), HardEffects.nominal(), rng, sensor)

    def take(number: int) -> tuple[FloatArray, ImageArray]:
        pose = scene.seam_pose(0.5 * _LENGTH_M, _held(target, rng, _SHIFT_M))
        return pose, scene.image(pose, float(number))

    return take


def _ball(radius_m: float, rng: Generator, sensor: LaserSensor) -> Take:
    scene = BallScene(radius_m, _somewhere(rng), HardEffects.nominal(), rng, sensor)

    def take(_: int) -> tuple[FloatArray, ImageArray]:
        pose = scene.pose(_held('sphere', rng, _SHIFT_ON_BALL * radius_m))
        return pose, scene.image(pose)

    return take


def _said(pose: FloatArray, errors: RobotErrors, rng: Generator) -> FloatArray:
    """(4, 4) the pose as the robot says it."""
    turn = Rotation.from_rotvec(errors.turn_deg * rng.standard_normal(3), degrees=True)
    said = make_transform(pose[:3, 3] + errors.position_m * rng.standard_normal(3), turn)
    said[:3, :3] = said[:3, :3] @ pose[:3, :3]
    return said


def _somewhere(rng: Generator) -> FloatArray:
    turn = Rotation.from_euler('zyx', [90.0, *rng.uniform(-3.0, 3.0, 2)], degrees=True)
    return make_transform((1.0, 0.0, 0.2), turn)


def _held(target: str, rng: Generator, shift_m: float) -> FloatArray:
    """(4, 4) deviation of the stripe frame from square over the target's middle."""
    tilts = _TILT_DEG[target] * rng.uniform(-1.0, 1.0, 2)
    turn = Rotation.from_euler('zyx', [_TURN_DEG * rng.uniform(-1.0, 1.0), *tilts], degrees=True)
    return make_transform(np.array([shift_m, shift_m, _LIFT_M]) * rng.uniform(-1.0, 1.0, 3), turn)
