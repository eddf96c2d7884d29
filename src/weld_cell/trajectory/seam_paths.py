"""The newest seam path of each source, and the plan along one of them until its execution."""

from dataclasses import dataclass

from weld_cell.errors import SeamPathError, TrajectoryRejectedError
from weld_cell.records import RobotTrajectory, SeamPath, SeamSource
from weld_cell.trajectory.procedures import WeldProcedure, WeldProcedureName

_NO_PATH = {
    SeamSource.LASER: 'Scan a seam and call seam/finish.',
    SeamSource.PLATE: 'Call plate_seam/detect with the plates under the area camera.',
}


@dataclass(frozen=True, eq=False)
class WeldPlan:
    """A planned weld.

    Attributes:
        source: Whose path it follows.
        name: Of the procedure.
        procedure: How it is welded.
        trajectory: Of the robot.
    """

    source: SeamSource
    name: WeldProcedureName
    procedure: WeldProcedure
    trajectory: RobotTrajectory


class SeamPaths:
    """Keeps the paths of the sources apart. A plan falls with its own source's path, and with that alone."""

    def __init__(self) -> None:
        self._paths: dict[SeamSource, SeamPath] = {}
        self._plan: WeldPlan | None = None

    def put(self, source: SeamSource, path: SeamPath) -> None:
        """A new path of a source."""
        self.drop(source)
        self._paths[source] = path

    def drop(self, source: SeamSource) -> None:
        """The path of a source no longer holds."""
        self._paths.pop(source, None)
        if self._plan is not None and self._plan.source is source:
            self._plan = None

    def path(self, source: SeamSource) -> SeamPath:
        """The newest path of a source.

        Raises:
            SeamPathError: there is none.
        """
        if source not in self._paths:
            raise SeamPathError(f'No seam path was received from the source "{source}".', _NO_PATH[source])
        return self._paths[source]

    def put_plan(self, plan: WeldPlan) -> None:
        """A new plan, along the path of its source; it replaces the one before."""
        self._plan = plan

    def drop_plan(self) -> None:
        """The plan no longer holds, or is carried out."""
        self._plan = None

    def plan(self, source: SeamSource) -> WeldPlan:
        """The plan, if it follows the path of the source that is asked for now.

        Raises:
            TrajectoryRejectedError: there is none, or it follows the path of another source.
        """
        if self._plan is None:
            raise TrajectoryRejectedError('There is no plan.', 'Call weld/plan first.')
        if self._plan.source is not source:
            raise TrajectoryRejectedError(
                f'The plan follows the path of the source "{self._plan.source}", and "{source}" is asked for now.',
                'Call weld/plan again, or set seam_source back.',
            )
        return self._plan
