"""The supervisor's interface to the cell: a ROS node in the graph, the simulated cell in tests."""

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
from weld_cell.records.status import FillStatus, Stage
from weld_cell.supervisor.approval import Consent
from weld_cell.trajectory.goal_watch import ControllerAnswer

LAST_STAGES = (Stage.DONE, Stage.FAULT)
RESTING = (Stage.IDLE, *LAST_STAGES)
"""In which no cycle works."""
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
        """Publish the stage that begins."""

    def now_ns(self) -> int:
        """The clock."""

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until a condition holds; False when the time is over.

        Raises:
            StageStoppedError: somebody asked to stop.
            NodeLostError: a node that the cycle needs was lost.
            TrajectoryRejectedError: the robot controller said that it refuses a trajectory of this cycle.
            MotionEndedError: it said that it ended a motion of this cycle.
            ControllerSilentError: it says nothing of a motion, though it should.
        """

    def pause(self, duration_s: float) -> None:
        """Let time pass, whatever the cell is like."""

    def ready(self) -> str:
        """Empty when robot, sensor and every node are there, else what is missing."""

    def complaints(self) -> str:
        """What the nodes of the cell say of themselves, where it is no good; empty if all are well."""

    def robot_state(self) -> tuple[int, FloatArray]:
        """When and where (6,) the robot's joints were last seen, in ns and radians.

        Raises:
            DeviceError: nothing is heard of the robot.
        """

    def move(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """Send a trajectory to the robot controller; it takes over at start_ns."""

    def require_taken(self) -> None:
        """Check that the robot controller took the motion that was sent last, where it answers (action).

        Raises:
            TrajectoryRejectedError: it refused it.
            ControllerSilentError: it does not answer.
        """

    def halt(self) -> bool:
        """Ask the robot controller to hold where the robot is; False where it takes no such request."""

    def profile(self) -> tuple[int, FloatArray] | None:
        """Stamp and points (n, 3) of the newest profile since the approach began, None before the first one."""

    def profiles(self) -> list[tuple[int, FloatArray]]:
        """The last ones since the approach began, also those in which no seam point was found, oldest first."""

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

    def seam_path(self) -> SeamPath | None:
        """The path of the scan since the last reset, None before it has come."""

    def plan_weld(self, source: SeamSource, timeout_s: float) -> str:
        """Plan the weld along the newest seam path of a source; a sentence about it.

        Raises:
            WeldCellError: the path cannot be welded, or another one was planned.
        """

    def approve_weld(self, timeout_s: float) -> Consent | None:
        """Wait until a person has approved the plan, and armed its arc where there is one; None after the time.

        Raises:
            WeldCellError: the plan is no longer the one that was shown.
        """

    def execute_weld(self, timeout_s: float) -> tuple[RobotTrajectory, int]:
        """Start the motion along the weld; the motion, and when it began.

        Raises:
            WeldCellError: the motion is refused.
        """

    def weld_answer(self) -> ControllerAnswer | None:
        """What the robot controller has answered to the weld and to what replaced it; None by topic, or before."""


class TrackedCellPort(CellPort, Protocol):
    """A cell whose laser sensor sees the seam while it is welded."""

    def scanned_seam(self) -> tuple[SeamPath, list[SeamPoint]]:
        """The path that is welded, and the seam points of its scan with their root gaps.

        Raises:
            WeldCellError: it was not told.
        """

    def weld_span_s(self) -> tuple[float, float]:
        """When the weld begins and ends in the motion of the plan.

        Raises:
            WeldCellError: nothing is planned.
        """

    def watch_seam(self, timeout_s: float) -> None:
        """From here on the seam is found ahead of the tool.

        Raises:
            WeldCellError: the seam stage refuses.
        """

    def unanswered_s(self) -> float:
        """How long the robot controller has owed the answer to a motion; 0 where it gives none (topic)."""

    def rest_seam(self) -> None:
        """No longer; waits for nobody."""

    def points_ahead(self) -> list[SeamPoint]:
        """The seam points since then, with their root gaps, in the order of their images."""

    def planned_procedure(self) -> tuple[str, float]:
        """Name of the procedure of the plan, and its travel speed in mm/s.

        Raises:
            WeldCellError: nothing is planned.
        """

    def tell_fill(self, fill: FillStatus) -> None:
        """Publish how the place is welded at which the tool is."""


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
