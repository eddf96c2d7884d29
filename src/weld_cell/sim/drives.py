"""Faults of the simulated robot and of its controller."""

import math
from dataclasses import dataclass, replace

import numpy as np

from weld_cell.config import Settings, bounded, switch, text
from weld_cell.records import FloatArray
from weld_cell.sim.robot import RobotState


@dataclass(frozen=True)
class DriveSettings(Settings):
    """What is wrong with drives and controller; as they are by default nothing is."""

    lag_s: float = bounded(0.0, 0.0, 1.0, 's', 'Time constant with which the drives follow their commands.')
    held: str = text('', 'Name of a robot joint that something holds; empty: none.')
    refuses: bool = switch(False, 'Trajectories are refused, as by a controller that is not active.')
    answer_after_s: float = bounded(0.0, 0.0, 60.0, 's', 'action: goals are answered, and followed, this late.')


class Drives:
    """From commanded to true states, which must come in the order of their time.

    Args:
        joint_names: The robot's.
    """

    def __init__(self, joint_names: tuple[str, ...]) -> None:
        self._names = joint_names
        self._true: RobotState | None = None

    def follow(self, commanded: RobotState, settings: DriveSettings) -> RobotState:
        """Where the robot is while it is commanded to be there."""
        before, ideal = self._true, settings.lag_s == 0.0 and settings.held not in self._names
        if before is None or ideal or commanded.stamp_ns <= before.stamp_ns:
            self._true = commanded
            return commanded
        elapsed_s = (commanded.stamp_ns - before.stamp_ns) * 1e-9
        share = 1.0 - math.exp(-elapsed_s / settings.lag_s) if settings.lag_s else 1.0
        positions = before.positions_rad + share * (commanded.positions_rad - before.positions_rad)
        positions = np.where(self._held(settings), before.positions_rad, positions)
        speeds = (positions - before.positions_rad) / elapsed_s
        self._true = replace(commanded, positions_rad=positions, velocities_rad_s=speeds)
        return self._true

    def _held(self, settings: DriveSettings) -> FloatArray:
        return np.array([name == settings.held for name in self._names])
