"""Second reflections: the stripe seen again, in the opposite wall of a fillet or groove.

A wall shows the mirror image of the stripe on the wall that faces it. The image lies behind the mirroring wall;
it is seen where the line of sight to it passes through that wall.
"""

from dataclasses import dataclass

import numpy as np

from weld_cell.geometry.transforms import transform_points
from weld_cell.records import BoolArray, FloatArray
from weld_cell.sim.lit_stripe import LitStripe
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.workpiece import Workpiece

_FULL_STRENGTH = 0.16  # of the stripe that is mirrored: rolled steel, not a polished mirror
_EVERY = 2  # every second sample is dense enough for a faint stripe


@dataclass(frozen=True, eq=False)
class Ghost:
    """A mirrored stripe.

    Attributes:
        pixels: (n, 2) u, v.
        energy: (n,) in parts of what a plate sends from one image row.
    """

    pixels: FloatArray
    energy: FloatArray


def second_reflections(
    stripe: LitStripe, brightness: FloatArray, workpiece: Workpiece, sensor: LaserSensor, dial: float
) -> list[Ghost]:
    """The stripe in each of the joint's mirroring walls.

    Args:
        stripe: The stripe itself.
        brightness: (n,) what each of its samples sends to the camera.
        workpiece: Whose walls mirror.
        sensor: Whose camera looks.
        dial: Strength, 0 to 1.
    """
    if dial == 0.0:
        return []
    every = slice(None, None, _EVERY)
    yz = np.column_stack([stripe.y_m, stripe.z_m])[every]
    ghosts = []
    for wall in workpiece.section.mirrors_m:
        image_yz, visible = _mirrored(yz, wall, stripe.eye_yz_m)
        visible &= stripe.seen[every]
        image_w = workpiece.points(stripe.s_m[every][visible], image_yz[visible, 0], image_yz[visible, 1])
        pixels = sensor.project(transform_points(stripe.T_sensor_workpiece, image_w))
        ghosts.append(Ghost(pixels, brightness[every][visible] * (_EVERY * _FULL_STRENGTH * dial)))
    return ghosts


def _mirrored(yz: FloatArray, wall: FloatArray, eye: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Mirror images (n, 2) of points in a wall (2, 2), and which of them the eye sees through the wall."""
    along = wall[1] - wall[0]
    length = np.linalg.norm(along)
    normal = np.array([-along[1], along[0]]) / length
    height = (yz - wall[0]) @ normal
    image = yz - 2.0 * height[:, None] * normal
    eye_height = (eye - wall[0]) @ normal
    through = eye_height / (eye_height + np.maximum(height, 1e-9))  # of the way from the eye to the image
    crossing = eye + through[:, None] * (image - eye)
    place = (crossing - wall[0]) @ along / length**2
    return image, (height > 1e-4) & (eye_height > 0) & (place > 0) & (place < 1)
