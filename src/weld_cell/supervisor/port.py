"""What the supervisor needs of the cell; in the graph it is a ROS node, in tests the simulated cell itself."""

from collections.abc import Callable
from typing import Protocol

from weld_cell.errors import WeldCellError
from weld_cell.records import (
    FloatArray,
    JointType,
    PartSighting,
    RobotTrajectory,
    SeamPath,
    SeamPoint,
    SeamSource,
)
from weld_cell.records.status import Stage

LAST_STAGES = (Stage.DONE, Stage.FAULT)
"""With which a cycle ends."""


class StageTimeoutError(WeldCellError):
    """A stage took longer than it may."""


class StageStoppedError(WeldCellError):
    """Somebody asked the cell to stop."""


class NodeLostError(WeldCellError):
    """A node that the cycle needs fell silent, or was started again and has forgotten what it was doing."""


class CellPort(Protocol):
    """The cell as the supervisor sees it. Poses and points are in base_link, times in ns of the node clock."""

    def enter(self, stage: Stage, note: str = '') -> None:
        """Tell everybody which stage begins."""

    def now_ns(self) -> int:
        """The clock."""

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until a condition holds; False when the time is over.

        Raises:
            StageStoppedError: somebody asked to stop.
            NodeLostError: a node that the cycle needs was lost.
            TrajectoryRejectedError: the robot controller said that it refuses a trajectory of this cycle.
        """

    def pause(self, duration_s: float) -> None:
        """Let time pass, whatever the cell is like."""

    def ready(self) -> str:
        """Empty when robot, sensor and every node are there, else what is missing."""

    def robot_state(self) -> tuple[int, FloatArray]:
        """When and where (6,) the robot's joints were last seen, in ns and radians.

        Raises:
            DeviceError: nothing is heard of the robot.
        """

    def move(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """Send a trajectory to the robot controller; it takes over at start_ns."""

    def profile(self) -> tuple[int, FloatArray] | None:
        """Stamp and points (n, 3) of the newest profile that came during an approach, None before the first one."""

    def reset_joint_type(self) -> None:
        """Begin a new vote."""

    def tell_joint_type(self, joint_type: JointType) -> None:
        """Instead of a vote: the joint type is known."""

    def joint_type(self) -> JointType | None:
        """The joint type, None until the vote is over."""

    def reset_seam(self, normal: FloatArray) -> None:
        """Forget all seam points; those to come lie on a joint whose nominal normal (3,) is given."""

    def seam_points(self) -> list[SeamPoint]:
        """The seam points since the last reset, in the order of their images."""

    def newest_image_ns(self) -> int:
        """Stamp of the newest image that the seam stage has dealt with, with a seam point or without."""

    def images_ns(self) -> list[int]:
        """Stamps of the images that the seam stage has dealt with since the last reset."""

    def late_images(self) -> tuple[int, float]:
        """How many of them were dealt with late, and by how many seconds the latest one."""

    def finish_seam(self, timeout_s: float) -> str:
        """Fit the seam path and publish it; a sentence about it.

        Raises:
            WeldCellError: the points make no path.
        """

    def plan_weld(self, source: SeamSource, timeout_s: float) -> str:
        """Plan the weld along the newest seam path of a source; a sentence about it.

        Raises:
            WeldCellError: the path cannot be welded, or another one was planned.
        """

    def execute_weld(self, timeout_s: float) -> tuple[RobotTrajectory, int]:
        """Start the motion along the weld; the motion, and when it began.

        Raises:
            WeldCellError: the motion is refused.
        """


class PartCellPort(CellPort, Protocol):
    """A cell whose area camera knows parts."""

    def identify_part(self, timeout_s: float) -> PartSighting:
        """Let the area camera look: which part lies there, and where.

        Raises:
            WeldCellError: none, an unknown one, or not told for sure.
        """


class PlateCellPort(CellPort, Protocol):
    """A cell whose area camera sees seams between clamped plates."""

    def find_plate_seam(self, timeout_s: float) -> SeamPath:
        """Let the area camera look: the seam to weld.

        Raises:
            WeldCellError: there is none, or none that is certain enough.
        """
