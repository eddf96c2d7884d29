"""Node cell_supervisor: runs the cell's cycle when it is asked to, and says which stage it is in."""

import platform
import threading
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.errors import ConfigurationError, WeldCellError
from weld_cell.part_library import load_library
from weld_cell.records import SeamSource
from weld_cell.records.status import CellStatus, Stage
from weld_cell.ros.approval_services import ApprovalServices
from weld_cell.ros.cell_needs import APPROVAL, PART, PLATE, SCAN, WATCH, WELD, Need
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import BASE_FRAME
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.markers import words_at
from weld_cell.ros.parameters import TRACK, LiveChoice, SettingsParameters, declare, declare_file, declare_rig
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import status_to_message
from weld_cell.ros.weld_evidence import WeldEvidence
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.approval import ApprovalSettings
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.cycle_journal import CycleFiles, CycleJournal
from weld_cell.supervisor.journal import Journal
from weld_cell.supervisor.look import FixedSeam, Look, PartLook, PlateLook
from weld_cell.supervisor.port import LAST_STAGES, RESTING
from weld_cell.supervisor.reach import require_reach
from weld_cell.supervisor.settings import LookSettings, ScanSettings, StageLimits
from weld_cell.supervisor.tracked_weld import ahead_sensor
from weld_cell.supervisor.weld_tracking import WeldTracking
from weld_cell.traceability.record import Outcome
from weld_cell.traceability.settings import RecordSettings
from weld_cell.traceability.store import RecordStore
from weld_cell.tracking import TrackingSettings, require_ahead
from weld_cell.trajectory.adaptive_fill import load_fill_tables
from weld_cell.trajectory.controller import ACTION, ControllerSettings
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import RobotModel, load_robot
from weld_cell.trajectory.settings import TrajectorySettings

LEAVE_S = 1.0
TELL_MISSING_S = 0.5
END_S = 4.0
"""For braking, and for the record of the cycle."""
OVER_THE_WORK_M = np.array([0.0, 0.0, 0.45])
LETTER_M = 0.04
TRACKED_STAND_OFF_MM = 25.0


class CellSupervisorNode(Node):
    """Idle until `cell/start`; `cell/stop` brakes and ends the cycle.

    Nothing else begins a cycle: a supervisor that was started again in the middle of one is idle, and the robot
    rests at the end of the motion that it was last sent. Rig, robot and part library are read at each start;
    malformed, they are a fault of that cycle. The cycle waits and calls services, so it has a thread of its own
    beside the one that spins.
    """

    def __init__(self) -> None:
        super().__init__('cell_supervisor')
        self._health = NodeHealth(self)
        self._track: bool = declare(self, 'track', False, TRACK)
        self._rig_file = declare_rig(self, self._track)
        self._urdf_file = declare_file(self, 'urdf_file', 'robot/arc_robot.urdf', 'Robot description')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits and home')
        self._procedures_file = declare_file(self, 'procedures_file', 'weld_procedures.yaml', 'Weld procedures')
        self._scan = SettingsParameters(self, 'scan', _scan_defaults(self._track), live=True)
        self._checked(self._scan.settings)
        self._parts_folder = declare_file(self, 'parts_folder', 'parts', 'Part library')
        self._source = LiveChoice(
            self, 'seam_source', SeamSource.LASER, 'Whose seam is welded; as that of trajectory_publisher.'
        )
        self._look = SettingsParameters(self, 'look', LookSettings()).settings
        self._limits = SettingsParameters(self, 'limits', StageLimits()).settings
        self._trajectory = SettingsParameters(self, 'trajectory', TrajectorySettings()).settings
        self._tracking = SettingsParameters(self, 'tracking', TrackingSettings()).settings
        self._settings: Any = (
            self._limits,
            SettingsParameters(self, 'path', PathSettings()).settings,
            self._trajectory,
        )
        self._stage = publisher(self, String, 'cell/stage', LATCHED)
        self._status = publisher(self, DiagnosticStatus, 'cell/status', LATCHED)
        self._words = publisher(self, MarkerArray, 'cell/markers', LATCHED)
        self._records = SettingsParameters(self, 'records', RecordSettings()).settings
        self._journal: CycleJournal | None = None
        controller = SettingsParameters(self, 'controller', ControllerSettings()).settings
        self._interface = controller.interface
        self._period_s = self._tracking.action_period_s if controller.interface == ACTION else 0.0
        self._approval = SettingsParameters(self, 'approval', ApprovalSettings()).settings
        approval = ApprovalServices(self, self._health, self._approval).approval
        self._port = RosCellPort(self, self._health, self._enter, controller, approval)
        self._evidence = WeldEvidence(self, self._health, self._port.scan, self._records.pictures)
        self._worker: threading.Thread | None = None
        self._telling = threading.RLock()
        trigger_service(self, 'cell/start', self._health, self._start)
        trigger_service(self, 'cell/stop', self._health, self._stop)
        self._port.prepare(self._needs())
        self._enter(Stage.IDLE, '')
        self.create_timer(TELL_MISSING_S, self._tell_missing)
        self._recover_records()

    @staticmethod
    def _checked(scan: ScanSettings) -> ScanSettings:
        try:
            FixedSeam(scan).seams()
        except ValueError as error:
            raise ConfigurationError(
                f'Parameters scan.*: {error}.', 'Correct scan.start_m, scan.end_m or scan.normal.'
            ) from error
        return scan

    def _start(self) -> str:
        """Begin a cycle.

        Raises:
            WeldCellError: one is under way, or rig, robot or part library cannot be read.
        """
        if self._worker is not None:
            if self._health.values['stage'] in LAST_STAGES:  # said so, and its thread is about to end
                self._worker.join(timeout=LEAVE_S)
            if self._worker.is_alive():
                raise WeldCellError('A cycle is under way.', 'Wait for it, or call cell/stop.')
        self._enter(Stage.IDLE, 'Waits for the cell to be complete.')
        cycle = self._make_cycle()
        self._worker = threading.Thread(target=self._run, args=(cycle,), name='cycle', daemon=True)
        self._worker.start()
        return 'The cycle begins.'

    def _recover_records(self) -> None:
        """A supervisor that was killed has left the record of its cycle open."""
        if self._records.folder:
            with self._health.watch():
                self._tell_recovered(RecordStore(Path(self._records.folder)))

    def _tell_recovered(self, store: RecordStore) -> None:
        for each in store.recover():
            self.get_logger().warning(f'Record {each.number} is of a cycle whose supervisor was killed.')

    def _begin_journal(self) -> Journal | None:
        """Begin the record of a cycle; None where none are kept.

        Raises:
            RecordError: it could not be kept.
        """
        settings = self._records
        if not settings.folder:
            return None
        store = RecordStore(Path(settings.folder), settings.reserve_mb)
        self._tell_recovered(store)
        source, joint_type = self._source.value, self._scan.settings.joint_type
        path, interface = self._settings[1], self._interface
        files = CycleFiles(self._rig_file, self._procedures_file, joint_type, source, path, interface)
        name = settings.cell or platform.node()
        self._journal = CycleJournal(store, settings, files, self._evidence, name)
        return self._journal

    def _make_cycle(self) -> CellCycle:
        """A cycle over the rig and the robot as their files are now.

        Raises:
            WeldCellError: a file is malformed; it is the fault of this cycle.
        """
        try:
            self._journal = None
            journal = self._begin_journal()
            rig, robot = load_rig(self._rig_file), load_robot(self._urdf_file, self._limits_file)
            self._tell_nominal(rig)
            load_procedures(self._procedures_file)  # a misspelt one is not to be found after the scan
            look = self._make_look()
            if isinstance(look, FixedSeam):
                for nominal in look.seams():
                    require_reach(robot, rig, nominal, look.scan, self._trajectory)
            self._port.begin(robot, rig.T_tool0_tool, self._needs())
            scan = self._checked(self._scan.settings)
            limits, path, trajectory = self._settings
            required = self._approval.required
            tracking = self._make_tracking(robot, rig, look)
            return CellCycle(
                self._port, robot, rig, look, scan, limits, path, trajectory, journal, required, tracking
            )
        except WeldCellError as error:
            self._enter(Stage.FAULT, f'in stage idle: {error}')
            if self._journal is not None:
                self._journal.close(Outcome.FAULT, f'in stage idle: {error}')
            raise

    def _make_tracking(self, robot: RobotModel, rig: Rig, look: Look) -> WeldTracking | None:
        """None where welds are not tracked.

        Raises:
            ConfigurationError: the seam is not scanned.
            LookAheadError: the sensor cannot look ahead of the tool, as it is mounted.
        """
        if not self._track:
            return None
        if look.source is not SeamSource.LASER:
            raise ConfigurationError('Only a seam that the laser scans can be tracked.', 'seam_source:=laser')
        require_ahead(ahead_sensor(rig), self._tracking)
        tables = load_fill_tables(self._procedures_file)
        return WeldTracking(self._port, robot, rig, self._tracking, self._period_s, tables)

    def _tell_nominal(self, rig: Rig) -> None:
        self._health.values['nominal'] = ', '.join(rig.nominal()) or 'nothing'
        if rig.nominal():
            self.get_logger().info(f'Nominal in {self._rig_file}, not calibrated: {", ".join(rig.nominal())}.')

    def _make_look(self) -> Look:
        """Says where the seams of a cycle are.

        Raises:
            ConfigurationError: it is to begin with a look at a part and at plates.
            WeldCellError: the part library is missing, a part of it malformed, or the expected part not in it.
        """
        source = self._source.value
        if self._look.plate or source is SeamSource.PLATE:
            if self._look.part:
                raise ConfigurationError(
                    'A cycle looks for a part or for plates, not for both.',
                    'Set look.part, or look.plate and seam_source, otherwise.',
                )
            return PlateLook(self._port, source, self._limits.look_s)
        if not self._look.part:
            return FixedSeam(self._checked(self._scan.settings))
        library = load_library(Path(self._parts_folder))
        if library.faults:
            raise library.faults[0]
        if self._look.expected_part:
            library.require(self._look.expected_part)
        return PartLook(self._port, library.job_of, self._look.expected_part, self._limits.look_s)

    def _needs(self) -> tuple[Need, ...]:
        """Of a cycle with the settings as they are now."""
        scanned = self._source.value is SeamSource.LASER
        scans = (SCAN, *((WATCH,) if self._track else ())) if scanned else ()
        approvals = (APPROVAL,) if self._approval.required else ()
        parts = (PART,) if self._look.part else ()
        plates = (PLATE,) if self._look.plate or not scanned else ()
        return (*scans, WELD, *approvals, *parts, *plates)

    def _stop(self) -> str:
        self._port.stopping.set()
        return 'The robot brakes; the cycle ends.'

    def _run(self, cycle: CellCycle) -> None:
        with self._health.watch():
            cycle.run()

    def _enter(self, stage: Stage, note: str) -> None:
        with self._telling:
            self._reported = CellStatus(stage, self._missing(stage)), note
            self._publish_status()
        self._stage.publish(String(data=str(stage)))
        self._tell_journal(stage, note)
        self._health.values['stage'] = stage
        scan = self._scan.settings
        at_m = 0.5 * (np.array(scan.start_m) + np.array(scan.end_m)) + OVER_THE_WORK_M
        self._words.publish(words_at(str(stage), at_m, self.get_clock().now().nanoseconds, BASE_FRAME, LETTER_M))
        text = f'stage {stage}' + (f': {note}' if note else '')
        if stage is Stage.FAULT:  # rclpy wants one severity for each line of code
            self.get_logger().error(text)
        else:
            self.get_logger().info(text)

    def _missing(self, stage: Stage) -> str | None:
        """What the cell lacks for a cycle; None in one."""
        return self._port.ready() if stage in RESTING else None

    def _tell_missing(self) -> None:
        """A node that comes or goes between cycles changes whether one can be started."""
        if self._worker is None or not self._worker.is_alive():
            self._port.prepare(self._needs())
        with self._telling:
            reported, note = self._reported
            if (missing := self._missing(reported.stage)) != reported.missing:
                self._reported = CellStatus(reported.stage, missing), note
                self._publish_status()

    def _publish_status(self) -> None:
        status, note = self._reported
        level = DiagnosticStatus.ERROR if status.stage is Stage.FAULT else DiagnosticStatus.OK
        self._status.publish(status_to_message('cell_supervisor', status, level, note or str(status.stage)))

    def _tell_journal(self, stage: Stage, note: str) -> None:
        if self._journal is not None:
            self._journal.entered(stage, note)

    def destroy_node(self) -> None:
        """Brake before the node goes."""
        self._port.stopping.set()
        if self._worker is not None:
            self._worker.join(timeout=END_S)
        self._port.close()
        super().destroy_node()


def _scan_defaults(track: bool) -> ScanSettings:
    """A sensor that looks closely ahead of the tool is held further off while it scans: the wire must not touch."""
    return ScanSettings(stand_off_mm=TRACKED_STAND_OFF_MM) if track else ScanSettings()


def main() -> int:
    """Run the node."""
    return run_node(CellSupervisorNode)
