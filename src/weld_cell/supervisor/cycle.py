"""One cycle of the cell: locate the seams, scan each, plan its weld, execute it.

Where the seams nominally are is said by the settings, or by the part or the plates that the area camera sees
(`supervisor.look`). The stages of a scan are in `supervisor.scan`; a plate seam may be welded without one.
"""

from collections.abc import Callable
from dataclasses import replace

from weld_cell.calibration.rig import Rig
from weld_cell.errors import ControllerSilentError, MotionEndedError, TrajectoryRejectedError, WeldCellError
from weld_cell.records import SeamSource
from weld_cell.records.status import Stage
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.journal import Journal, Unrecorded
from weld_cell.supervisor.look import Look
from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.port import CellPort, StageStoppedError, StageTimeoutError
from weld_cell.supervisor.poses import NominalSeam
from weld_cell.supervisor.scan import SeamScan
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.supervisor.waiting import Waiting
from weld_cell.supervisor.weld_tracking import WeldTracking, WeldUnderWay
from weld_cell.traceability.record import Outcome
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

PROGRESS_S = 5.0
LATE_S = 2.0  # a robot later than this will not come
OF_THE_CONTROLLER = (TrajectoryRejectedError, MotionEndedError, ControllerSilentError)
BRAKINGS, BRAKED_S = 3, 0.4


class CellCycle:
    """Runs the stages in order through a port.

    Args:
        port: The cell.
        robot: Its robot.
        rig: Its calibration.
        look: Says where the seams nominally are.
        scan: How they are scanned.
        limits: How long each stage may take.
        path: How points are extrapolated.
        trajectory: How motions are planned.
        journal: Keeps the record of the cycle.
        approval: Whether a person must approve each plan before it is welded.
        tracking: Corrects welds on their way; None: they are welded as planned.
    """

    def __init__(
        self,
        port: CellPort,
        robot: RobotModel,
        rig: Rig,
        look: Look,
        scan: ScanSettings,
        limits: StageLimits,
        path: PathSettings,
        trajectory: TrajectorySettings,
        journal: Journal | None = None,
        approval: bool = False,
        tracking: WeldTracking | None = None,
    ) -> None:
        self._port, self._look, self._scan, self._limits, self._path = port, look, scan, limits, path
        self._motion = ScanMotion(port, robot, rig, scan, trajectory)
        self._wait = Waiting(port, self._motion)
        self._journal = journal if journal is not None else Unrecorded()
        self._stage, self._approval, self._tracking = Stage.IDLE, approval, tracking

    def run(self) -> None:
        """All stages; the last one entered is `done` or, with the reason, `fault`, and then the robot is braked.

        Raises:
            WeldCellError: the reason of the fault.
        """
        try:
            self._await_cell()
            for nominal in self._seams():
                self._journal.seam_begins()
                for stage, work in self._stages(nominal):
                    self._enter(stage)
                    work()
            self._journal.close(Outcome.DONE, '')
            self._enter(Stage.DONE)
        except Exception as error:  # whatever it is, the robot must not go on, and the cell not say that it does
            reason = str(error) if isinstance(error, WeldCellError) else f'internal error: {error!r}'
            told = f'in stage {self._stage}: {reason}{self._brake()}'
            self._port.enter(Stage.FAULT, told)
            self._note_answer(error)
            self._record(Outcome.STOPPED if isinstance(error, StageStoppedError) else Outcome.FAULT, told)
            raise

    def _note_answer(self, error: Exception | None = None) -> None:
        """What the controller has answered to the weld; a refusal of a scan's motion is told as well."""
        if (answer := self._port.weld_answer()) is not None:
            self._journal.answered(answer.text, answer.replaced)
        if isinstance(error, OF_THE_CONTROLLER):
            self._journal.answered(str(error))

    def _record(self, outcome: Outcome, told: str) -> None:
        """Leave the record of a cycle that was not done; where it cannot be kept, that is a fault beside."""
        try:
            self._journal.close(outcome, told)
        except WeldCellError as error:
            self._port.enter(Stage.FAULT, f'{told} And its record could not be kept: {error}')

    def _enter(self, stage: Stage) -> None:
        self._stage = stage
        self._port.enter(stage)

    def _seams(self) -> list[NominalSeam]:
        """Where the seams nominally are: all of them known, and in reach, before anything moves."""
        if self._look.stage is not None:
            self._enter(self._look.stage)
        seams = self._look.seams()
        for nominal in seams if self._scans and self._look.stage is not None else ():
            self._motion.require_reach(nominal)
        return seams

    @property
    def _scans(self) -> bool:
        """Whether the laser scans the seams before they are welded."""
        return self._look.source is SeamSource.LASER

    @property
    def _scan_settings(self) -> ScanSettings:
        """How seams are scanned; one that was seen before has a known length."""
        if self._look.stage is None:
            return self._scan
        least = min(self._scan.length_tolerance_mm, self._scan.seen_tolerance_mm)
        return replace(self._scan, length_tolerance_mm=least)

    def _stages(self, nominal: NominalSeam) -> tuple[tuple[Stage, Callable[[], None]], ...]:
        approve = ((Stage.APPROVE, self._approve),) if self._approval else ()
        weld = (Stage.PLAN, self._plan), *approve, (Stage.WELD, self._weld)
        if not self._scans:
            return weld
        seam = SeamScan(self._port, self._motion, self._wait, nominal, self._scan_settings, self._limits, self._path)
        return (
            (Stage.APPROACH, seam.approach),
            (Stage.IDENTIFY, seam.identify),
            (Stage.TRACK, seam.track),
            (Stage.FINISH, seam.finish),
            *weld,
        )

    def _brake(self) -> str:
        """Brake after a fault, again where the robot does not take the first stop; a sentence where it cannot be."""
        try:
            self._motion.brake()
            if self._motion.resting:
                return ''
            for _ in range(BRAKINGS - 1):
                self._port.pause(BRAKED_S)
                self._motion.brake()
            self._port.require_taken()
        except WeldCellError as error:
            halted = ' Its controller was asked to hold it where it is.' if self._port.halt() else ''
            return f' The robot could not be braked: {error}{halted}'
        return ''

    def _await_cell(self) -> None:
        """Wait until robot, sensor and every node are there."""
        if not self._port.wait(lambda: not self._port.ready(), self._limits.ready_s):
            raise StageTimeoutError(
                f'Waited {self._limits.ready_s:.0f} s for the cell to be complete. Missing: {self._port.ready()}.',
                'Start what is missing; /diagnostics and the log of the launch say why it is.',
            )
        if not self._port.wait(self._motion.stands, self._limits.ready_s):
            raise StageTimeoutError(
                f'Waited {self._limits.ready_s:.0f} s for the robot to stand still.',
                'Stop what moves it; a cycle begins at a robot at rest.',
            )

    def _plan(self) -> None:
        self._port.enter(Stage.PLAN, self._port.plan_weld(self._look.source, self._limits.plan_s))
        if self._tracking is not None and (told := self._tracking.check_fill()):
            self._port.enter(Stage.PLAN, told)

    def _approve(self) -> None:
        consent = self._port.approve_weld(self._limits.approve_s)
        if consent is None:
            raise StageTimeoutError(
                f'Nobody has approved the plan, or armed its arc, within {self._limits.approve_s:.0f} s.',
                'Call cell/start for a new cycle; approve it on the operator page or by cell/approve.',
            )
        self._journal.approved(consent)

    def _weld(self) -> None:
        self._journal.require_room()
        motion, began_ns = self._port.execute_weld(self._limits.plan_s)
        self._journal.sent(motion)
        self._motion.adopt(motion, began_ns)
        if self._tracking is not None:
            self._track(self._tracking.begin(motion, began_ns))
        elapsed_s = max(0.0, (self._port.now_ns() - began_ns) / 1e9)
        duration_s = max(float(motion.times_s[-1]), elapsed_s + self._motion.remaining_s)
        limit_s = min(duration_s + LATE_S, self._limits.weld_s)
        while elapsed_s < limit_s:
            self._port.enter(Stage.WELD, f'{elapsed_s:.0f} of {duration_s:.0f} s')
            if self._wait.until(lambda: self._motion.arrived, min(PROGRESS_S, limit_s - elapsed_s)):
                self._journal.arrived(self._motion.miss_rad)
                self._await_answer()
                return
            elapsed_s = (self._port.now_ns() - began_ns) / 1e9
        raise StageTimeoutError(
            f'The robot has not reached the end of the weld within {limit_s:.0f} s.',
            'Has its controller refused or stopped the trajectory? See its log.',
        )

    def _await_answer(self) -> None:
        """By action the controller tells the end of the motion, a little after the robot is there."""

        def is_final() -> bool:
            answer = self._port.weld_answer()
            return answer is None or answer.final

        self._wait.until(is_final, self._limits.weld_s)  # a controller that says nothing is an error long before
        self._note_answer()

    def _track(self, weld: WeldUnderWay) -> None:
        """Correct the weld on its way; what was done of it is kept, whatever its end."""
        try:
            weld.run(self._motion, self._wait, lambda note: self._port.enter(Stage.WELD, note))
        finally:
            self._journal.tracked(weld.record(), weld.sent())
