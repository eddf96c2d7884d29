"""Node calibration_tour: drives the simulated robot through views of the board, captures each, and solves.

It shows what a person does with a real robot and its pendant, and moves no other robot than `robot_sim`: of a real
one it does not know what stands in the way.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from rclpy.node import Node
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.calibration.rig import CameraCalibration, LaserSensorCalibration, load_rig
from weld_cell.calibration.session_settings import CAMERAS
from weld_cell.calibration.view_plan import planned_views
from weld_cell.config import Settings, bounded, choice
from weld_cell.errors import DeviceError, UnreachableError, WeldCellError
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import SettingsParameters, declare_file
from weld_cell.ros.qos import LATCHED, STATE, publisher, subscription
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.service_calls import ServiceCalls, ServiceRefusedError
from weld_cell.ros.spin import end_node, run_node
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.trajectory.inverse_kinematics import solve_path
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import RobotModel, robot_from_description
from weld_cell.trajectory.settings import TrajectorySettings
from weld_cell.wording import counted

COMMANDS = 'joint_trajectory_controller/joint_trajectory'
CAPTURE, SOLVE = 'calibration/capture', 'calibration/solve'
ROBOT = 'robot_sim'
POLL_S, READY_S, ANSWER_S, MOTION_S = 0.02, 300.0, 60.0, 60.0
STILL_S = 0.8
"""After a motion, until the newest image shows a hand that has stood for the time that `capture` asks for."""
MOST_PLACES = 4
"""So many places are tried for each view that is wanted."""
AT_GOAL_RAD = 1e-3


@dataclass(frozen=True)
class TourSettings(Settings):
    """How many views, of which camera."""

    camera: str = choice('laser_sensor', CAMERAS, 'Which camera of the rig.')
    views: int = bounded(15, 4, 100, '', 'Views that are captured.')


class CalibrationTour(Node):
    """Moves, waits until the hand stands still, captures; at the end it solves, and ends."""

    def __init__(self) -> None:
        super().__init__('calibration_tour')
        self._health = NodeHealth(self)
        self._tour = SettingsParameters(self, 'tour', TourSettings()).settings
        self._rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits')
        self._robot: RobotModel | None = None
        self._state = RobotState(self)
        self._commands = publisher(self, JointTrajectory, COMMANDS, STATE)
        watched = self._health.watched(self._on_robot_description)
        subscription(self, String, 'robot_description', watched, LATCHED)
        self._calls = ServiceCalls(self, (CAPTURE, SOLVE), self._wait)
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name='tour', daemon=True)
        self._worker.start()

    def _on_robot_description(self, message: String) -> None:
        self._robot = robot_from_description(message.data, self._limits_file)

    def _work(self) -> None:
        try:
            captured = self._views(self._ready())
            self.get_logger().info(
                f'{counted(captured, "view is", "views are")} captured. {self._calls.call(SOLVE, ANSWER_S)}'
            )
            self.get_logger().info('Keep it: ros2 service call /calibration/save std_srvs/srv/Trigger')
        except StageStoppedError:
            return
        except WeldCellError as error:
            self._health.report(error)
        end_node()

    def _ready(self) -> RobotModel:
        """The robot, once everything is there.

        Raises:
            DeviceError: something does not come.
        """

        def missing() -> list[str]:
            lacking = [] if ROBOT in self.get_node_names() else [f'the simulated robot (node {ROBOT})']
            known = self._robot is not None and self._state.known(self._robot.joint_names)
            lacking += [] if known else ['robot_description and joint_states']
            return lacking + self._calls.missing((CAPTURE, SOLVE))

        if not self._wait(lambda: not missing(), READY_S):
            raise DeviceError(
                f'Missing: {", ".join(missing())}.',
                'ros2 launch weld_cell calibration.launch.xml source:=sim. A real robot is jogged by hand.',
            )
        assert self._robot is not None, 'it is not missing'
        return self._robot

    def _views(self, robot: RobotModel) -> int:
        """Go from place to place; how many were captured.

        Raises:
            WeldCellError: the robot does not follow.
        """
        sensor: CameraCalibration = getattr(load_rig(self._rig_file), self._tour.camera)
        captured = 0
        for T_camera_board in islice(
            planned_views(sensor.camera, _distance_m(sensor)), MOST_PLACES * self._tour.views
        ):
            try:
                self._go(robot, _hand(sensor, T_camera_board))
                self.get_logger().info(self._calls.call(CAPTURE, ANSWER_S))
                captured += 1
            except (UnreachableError, ServiceRefusedError) as error:
                self.get_logger().info(f'Left out: {error}')
            if captured == self._tour.views:
                break
        return captured

    def _go(self, robot: RobotModel, T_base_tool0: FloatArray) -> None:
        """Move the hand there and wait until it stands.

        Raises:
            UnreachableError: the robot cannot hold the hand there.
            DeviceError: it does not arrive.
        """
        start, settings = self._state.positions(robot.joint_names), TrajectorySettings()
        found = solve_path(
            T_base_tool0[None], robot, np.eye(4), start, settings, lambda _: 'this view', free_turn=False
        )
        goal = found.positions_rad[-1]
        if np.abs(goal - start).max() > AT_GOAL_RAD:
            self._commands.publish(trajectory_to_message(plan_joint_move(start, goal, robot, settings)))

        def arrived() -> bool:
            here = self._state.positions(robot.joint_names)
            return float(np.abs(here - goal).max()) < AT_GOAL_RAD and not self._state.moving(robot.joint_names)

        if not self._wait(arrived, MOTION_S):
            raise DeviceError('The robot does not arrive.', 'See /diagnostics of robot_sim.')
        self._wait(lambda: False, STILL_S)

    def _wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """See `service_calls.Wait`.

        Raises:
            StageStoppedError: the node ends.
        """
        end_s = time.monotonic() + timeout_s
        while not condition():
            if self._stopping.wait(POLL_S):
                raise StageStoppedError('The tour was stopped.', 'Start it again.')
            if time.monotonic() > end_s:
                return False
        return True

    def destroy_node(self) -> None:
        """End the thread before what it uses is gone."""
        self._stopping.set()
        self._worker.join()
        super().destroy_node()


def _distance_m(sensor: CameraCalibration) -> float:
    """From the camera to the board: the laser's working distance, or a little less than that of the table."""
    from weld_cell.sim.board_scene import ON_THE_TABLE

    if isinstance(sensor, LaserSensorCalibration):
        return float(1.0 / sensor.laser_plane[2])
    return float(0.85 * (sensor.T_parent_sensor[2, 3] - ON_THE_TABLE[2, 3]))


def _hand(sensor: CameraCalibration, T_camera_board: FloatArray) -> FloatArray:
    """(4, 4) T_base_tool0 for a board's middle at T_camera_board, by the rig's numbers."""
    from weld_cell.sim.board_scene import ON_THE_HAND, ON_THE_TABLE

    if sensor.parent == 'tool0':
        hand: FloatArray = ON_THE_TABLE @ invert(sensor.T_parent_sensor @ T_camera_board)
    else:
        hand = sensor.T_parent_sensor @ T_camera_board @ invert(ON_THE_HAND)
    return hand


def main() -> int:
    """Run the node."""
    return run_node(CalibrationTour)
