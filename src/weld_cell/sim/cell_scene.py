"""The scene of a simulated run: the same for the node that renders it and for the report that knows its truth."""

import numpy as np

from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.part_on_table import PartOnTable
from weld_cell.sim.scene import Scene
from weld_cell.sim.sensor import LaserSensor

SEAM_LENGTH_M = 0.200
"""As in the nominal scan of config/cell.yaml; what is drawn at random is all that the cell cannot know."""


def cell_scene(
    joint_type: JointType, seed: int, sensor: LaserSensor | None = None, part: PartOnTable | None = None
) -> Scene:
    """The workpiece that a joint type and a seed stand for.

    Args:
        joint_type: Of the workpiece; a part's job may name another.
        seed: Sizes, bend, pose, surface and noise are drawn from it.
        sensor: By default the installed rig's.
        part: At whose seam the joint lies; None: where the nominal scan of config/cell.yaml has it.
    """
    if part is not None:
        return part.joint_scene(joint_type, seed, sensor)
    return Scene.random(
        joint_type, np.random.default_rng(seed), effects=HardEffects.nominal(), length_m=SEAM_LENGTH_M, sensor=sensor
    )
