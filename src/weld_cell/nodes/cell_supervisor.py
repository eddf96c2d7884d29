"""Node cell_supervisor: runs the cell's cycle when it is asked to, and says which stage it is in."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import ConfigurationError, WeldCellError
from weld_cell.part_library import load_library
from weld_cell.records import SeamSource
from weld_cell.records.status import CellStatus, Stage
from weld_cell.ros.cell_needs import PART, PLATE, SCAN, WELD, Need
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import BASE_FRAME
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.markers import words_at
from weld_cell.ros.parameters import LiveChoice, SettingsParameters, declare_file
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import status_to_message
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.look import FixedSeam, Look, PartLook, PlateLook
from weld_cell.supervisor.port import LAST_STAGES
from weld_cell.supervisor.reach import require_reach
from weld_cell.supervisor.settings import LookSettings, ScanSettings, StageLimits
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

LEAVE_S = 1.0
OVER_THE_WORK_M = np.array([0.0, 0.0, 0.45])
LETTER_M = 0.04


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
        self._rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        self._urdf_file = declare_file(self, 'urdf_file', 'robot/arc_robot.urdf', 'Robot description')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits and home')
        self._procedures_file = declare_file(self, 'procedures_file', 'weld_procedures.yaml', 'Weld procedures')
        self._scan = SettingsParameters(self, 'scan', ScanSettings(), live=True)
        self._checked(self._scan.settings)
        self._parts_folder = declare_file(self, 'parts_folder', 'parts', 'Part library')
        self._source = LiveChoice(
            self, 'seam_source', SeamSource.LASER, 'Whose seam is welded; as that of trajectory_publisher.'
        )
        self._look = SettingsParameters(self, 'look', LookSettings()).settings
        self._limits = SettingsParameters(self, 'limits', StageLimits()).settings
        self._trajectory = SettingsParameters(self, 'trajectory', TrajectorySettings()).settings
        self._settings: Any = (
            self._limits,
            SettingsParameters(self, 'path', PathSettings()).settings,
            self._trajectory,
        )
        self._stage = publisher(self, String, 'cell/stage', LATCHED)
        self._status = publisher(self, DiagnosticStatus, 'cell/status', LATCHED)
        self._words = publisher(self, MarkerArray, 'cell/markers', LATCHED)
        self._port = RosCellPort(self, self._health, self._enter)
        self._worker: threading.Thread | None = None
        trigger_service(self, 'cell/start', self._health, self._start)
        trigger_service(self, 'cell/stop', self._health, self._stop)
        self._enter(Stage.IDLE, '')

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

    def _make_cycle(self) -> CellCycle:
        """A cycle over the rig and the robot as their files are now.

        Raises:
            WeldCellError: a file is malformed; it is the fault of this cycle.
        """
        try:
            rig, robot = load_rig(self._rig_file), load_robot(self._urdf_file, self._limits_file)
            load_procedures(self._procedures_file)  # a misspelt one is not to be found after the scan
            look = self._make_look()
            if isinstance(look, FixedSeam):
                for nominal in look.seams():
                    require_reach(robot, rig, nominal, look.scan, self._trajectory)
            self._port.begin(robot, rig.T_tool0_tool, self._needs(look))
            return CellCycle(self._port, robot, rig, look, self._checked(self._scan.settings), *self._settings)
        except WeldCellError as error:
            self._enter(Stage.FAULT, f'in stage idle: {error}')
            raise

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
                    'A cycle begins with a look at a part or at plates, not at both.',
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

    @staticmethod
    def _needs(look: Look) -> tuple[Need, ...]:
        looks = {FixedSeam: (), PartLook: (PART,), PlateLook: (PLATE,)}[type(look)]
        return (SCAN, WELD, *looks) if look.source is SeamSource.LASER else (WELD, *looks)

    def _stop(self) -> str:
        self._port.stopping.set()
        return 'The robot brakes; the cycle ends.'

    def _run(self, cycle: CellCycle) -> None:
        with self._health.watch():
            cycle.run()

    def _enter(self, stage: Stage, note: str) -> None:
        level = DiagnosticStatus.ERROR if stage is Stage.FAULT else DiagnosticStatus.OK
        self._status.publish(status_to_message('cell_supervisor', CellStatus(stage), level, note or str(stage)))
        self._stage.publish(String(data=str(stage)))
        self._health.values['stage'] = stage
        scan = self._scan.settings
        at_m = 0.5 * (np.array(scan.start_m) + np.array(scan.end_m)) + OVER_THE_WORK_M
        self._words.publish(words_at(str(stage), at_m, self.get_clock().now().nanoseconds, BASE_FRAME, LETTER_M))
        text = f'stage {stage}' + (f': {note}' if note else '')
        if stage is Stage.FAULT:  # rclpy wants one severity for each line of code
            self.get_logger().error(text)
        else:
            self.get_logger().info(text)

    def destroy_node(self) -> None:
        """Brake before the node goes."""
        self._port.stopping.set()
        if self._worker is not None:
            self._worker.join(timeout=2.0)
        self._port.close()
        super().destroy_node()


def main() -> int:
    """Run the node."""
    return run_node(CellSupervisorNode)
