"""The scene of a simulated run: the same for the node that renders it and for the report that knows its truth."""

from typing import TYPE_CHECKING

import numpy as np

from weld_cell.geometry.transforms import make_transform
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.joint_sizes import random_cross_section
from weld_cell.sim.scene import Scene
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.workpiece import Workpiece

if TYPE_CHECKING:
    from weld_cell.sim.part_on_table import PartOnTable
    from weld_cell.sim.plate_scene import PlateLayout

TABLE_M = -0.025
"""Of plates that the laser sees: they are held up by so much."""
SEAM_LENGTH_M = 0.200
"""As in the nominal scan of config/cell.yaml; what is drawn at random is all that the cell cannot know."""


def cell_scene(
    joint_type: JointType,
    seed: int,
    sensor: LaserSensor | None = None,
    part: 'PartOnTable | None' = None,
    plates: 'PlateLayout | None' = None,
) -> Scene:
    """The workpiece that a joint type and a seed stand for.

    Args:
        joint_type: Of the workpiece; a part's job may name another, and plates are butted.
        seed: Sizes, bend, pose, surface and noise are drawn from it.
        sensor: By default the installed rig's.
        part: At whose seam the joint lies; None: where the nominal scan of config/cell.yaml has it.
        plates: Whose seam the joint is.
    """
    if plates is not None:
        return _plates_scene(plates, seed, sensor)
    if part is not None:
        return part.joint_scene(joint_type, seed, sensor)
    return Scene.random(
        joint_type, np.random.default_rng(seed), effects=HardEffects.nominal(), length_m=SEAM_LENGTH_M, sensor=sensor
    )


def _plates_scene(plates: 'PlateLayout', seed: int, sensor: LaserSensor | None) -> Scene:
    """A butt joint along the very seam that the area camera sees; its gap is one that the laser can see."""
    rng, effects = np.random.default_rng(seed), HardEffects.nominal()
    section = random_cross_section(JointType.BUTT, rng, misalignment=effects.misalignment)
    half = make_transform((0.5 * plates.curve.chord_m, 0.0, 0.0))
    workpiece = Workpiece(section, plates.curve, TABLE_M)
    return Scene(workpiece, plates.T_base_plates, effects, rng, sensor, plates.T_base_plates @ half)
