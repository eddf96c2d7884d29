"""Node cell_supervisor: runs the cell's cycle when it is asked to, and says which stage it is in."""

import threading
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.diagnostics import NodeHealth, make_status
from weld_cell.ros.parameters import SettingsParameters, declare
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.seam.settings import PathSettings
from weld_cell.supervisor.cycle import CellCycle
from weld_cell.supervisor.port import Stage
from weld_cell.supervisor.settings import ScanSettings, StageLimits
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings


class CellSupervisorNode(Node):
    """Idle until `cell/start` (or at once, where `auto_start` is set); `cell/stop` brakes and ends the cycle.

    The cycle waits and calls services, so it has a thread of its own beside the one that spins.
    """

    def __init__(self) -> None:
        super().__init__('cell_supervisor')
        self._health = NodeHealth(self)
        rig = load_rig(declare(self, 'rig_file', str(config_file('rig.yaml')), 'Calibrated rig.'))
        robot = load_robot(
            declare(self, 'urdf_file', str(config_file('robot/arc_robot.urdf')), 'Robot description.'),
            declare(self, 'limits_file', str(config_file('robot/limits.yaml')), 'Acceleration limits and home.'))
        scan = SettingsParameters(self, 'scan', ScanSettings()).settings
        self._port = RosCellPort(self, robot, np.array(scan.normal), self._enter)
        self._parts: Any = (
            robot, rig, scan,
            SettingsParameters(self, 'limits', StageLimits()).settings,
            SettingsParameters(self, 'path', PathSettings()).settings,
            SettingsParameters(self, 'trajectory', TrajectorySettings()).settings)
        self._stage = publisher(self, String, 'cell/stage', LATCHED)
        self._status = publisher(self, DiagnosticStatus, 'cell/status', LATCHED)
        self._worker: threading.Thread | None = None
        trigger_service(self, 'cell/start', self._health, self._start)
        trigger_service(self, 'cell/stop', self._health, self._stop)
        self._enter(Stage.IDLE, '')
        if declare(self, 'auto_start', False, 'Begin a cycle as soon as the cell is complete.'):
            self._start()

    def _start(self) -> str:
        """Begin a cycle.

        Raises:
            WeldCellError: one is under way.
        """
        if self._worker is not None and self._worker.is_alive():
            raise WeldCellError('A cycle is under way.', 'Wait for it, or call cell/stop.')
        self._port.stopping.clear()
        self._worker = threading.Thread(target=self._run, name='cycle', daemon=True)
        self._worker.start()
        return 'The cycle begins.'

    def _stop(self) -> str:
        self._port.stopping.set()
        return 'The robot brakes; the cycle ends.'

    def _run(self) -> None:
        with self._health.watch():
            CellCycle(self._port, *self._parts).run()

    def _enter(self, stage: Stage, note: str) -> None:
        level = DiagnosticStatus.ERROR if stage is Stage.FAULT else DiagnosticStatus.OK
        self._status.publish(make_status('cell_supervisor', {'stage': stage}, level, note or str(stage)))
        self._stage.publish(String(data=str(stage)))
        self._health.values['stage'] = stage
        text = f'stage {stage}' + (f': {note}' if note else '')
        if stage is Stage.FAULT:  # rclpy wants one severity for each line of code
            self.get_logger().error(text)
        else:
            self.get_logger().info(text)

    def destroy_node(self) -> None:
        """Brake before the node goes."""
        self._port.stopping.set()
        if self._worker is not None:
            self._worker.join(timeout=1.0)
        super().destroy_node()


def main() -> int:
    """Run the node."""
    return run_node(CellSupervisorNode)
