"""The seam as a path, and the robot's motion along it."""

from dataclasses import dataclass
from enum import Enum

from weld_cell.records.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class SeamPath:
    """The seam as evenly spaced points from its start to its end.

    Attributes:
        positions_m: (n, 3) in base_link.
        tangents: (n, 3) unit vectors along the seam, towards its end.
        normals: (n, 3) unit vectors out of the joint, perpendicular to the tangents.
        spacing_m: Distance between neighbours along the path.
        length_m: Length of the path.
        rejected: How many of the collected points were outliers.
    """

    positions_m: FloatArray
    tangents: FloatArray
    normals: FloatArray
    spacing_m: float
    length_m: float
    rejected: int


class SeamSource(str, Enum):
    """Who found a seam path: the laser's scan, or the area camera that looked at the plates."""

    LASER = 'laser'
    PLATE = 'plate'

    def __str__(self) -> str:
        return self.value


class MotionPhase(str, Enum):
    """What the robot does at a trajectory point."""

    APPROACH = 'approach'
    WELD = 'weld'
    DEPARTURE = 'departure'
    SCAN = 'scan'

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, eq=False)
class RobotTrajectory:
    """A timed robot joint trajectory with the tool poses that it realises.

    Attributes:
        joint_names: The robot's joints, in the order of the columns below.
        times_s: (n,) from the start of the motion, strictly ascending from 0.
        positions_rad: (n, 6).
        velocities_rad_s: (n, 6).
        accelerations_rad_s2: (n, 6).
        tool_poses: (n, 4, 4) T_base_tool, the pose of frame welding_tool in base_link.
        phases: For each point the phase that begins at it, or goes on.
    """

    joint_names: tuple[str, ...]
    times_s: FloatArray
    positions_rad: FloatArray
    velocities_rad_s: FloatArray
    accelerations_rad_s2: FloatArray
    tool_poses: FloatArray
    phases: tuple[MotionPhase, ...]
