"""Node trajectory_publisher: from the seam path to the robot controller, in two deliberate steps.

`weld/plan` plans and shows (tool path, markers, robot program), `weld/execute` sends. Nothing is ever sent that
was not asked for. Unless the node is started with `armed`, the motion is a dry run: the arc stays off.
"""

from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseArray
from nav_msgs.msg import Path
from rclpy.node import Node
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import SeamPathError, TrajectoryError, TrajectoryRejectedError
from weld_cell.records import JointType, MotionPhase, RobotTrajectory, SeamPath
from weld_cell.records.status import WeldStatus
from weld_cell.ros.conversions import BASE_FRAME, pose_array, seam_path_from_message, trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.markers import weld_markers
from weld_cell.ros.parameters import SettingsParameters, declare, declare_file
from weld_cell.ros.qos import LATCHED, RESULT, STATE, publisher, subscription
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import status_to_message
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import WeldProcedure, load_procedures
from weld_cell.trajectory.program import robot_program
from weld_cell.trajectory.robot_model import RobotModel, robot_from_description
from weld_cell.trajectory.settings import TrajectorySettings

AT_START_RAD = 5e-3


class TrajectoryPublisher(Node):
    """Plans the weld along the newest seam path, by the procedure of the joint type."""

    def __init__(self) -> None:
        super().__init__('trajectory_publisher')
        self._health = NodeHealth(self)
        self._settings = SettingsParameters(self, 'trajectory', TrajectorySettings(), live=True)
        self._armed = declare(self, 'armed', False, 'The arc may be struck; false: dry run.')
        self._rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        self._procedures_file = declare_file(self, 'procedures_file', 'weld_procedures.yaml', 'Weld procedures')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits')
        self._path: SeamPath | None = None
        self._joint_type: JointType | None = None
        self._robot: RobotModel | None = None
        self._plan: RobotTrajectory | None = None
        self._state = RobotState(self)
        self._listen()
        self._trajectory_out = publisher(self, JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
        self._tool_path_out = publisher(self, PoseArray, 'weld/tool_path', LATCHED)
        self._markers_out = publisher(self, MarkerArray, 'weld/markers', LATCHED)
        self._program_out = publisher(self, String, 'weld/program', LATCHED)
        self._status_out = publisher(self, DiagnosticStatus, 'weld/status', RESULT)
        trigger_service(self, 'weld/plan', self._health, self._plan_weld)
        trigger_service(self, 'weld/execute', self._health, self._execute)

    def _listen(self) -> None:
        watched = self._health.watched
        for topic in ('seam/path', 'plate_seam/path'):
            subscription(self, Path, topic, watched(self._on_path), LATCHED)
        subscription(self, String, 'joint_type', watched(self._on_joint_type), LATCHED)
        subscription(self, String, 'robot_description', watched(self._on_robot_description), LATCHED)

    def _on_path(self, message: Path) -> None:
        self._path, self._plan = None, None  # a path that is refused does not leave the old one standing
        self._path = seam_path_from_message(message)

    def _on_joint_type(self, message: String) -> None:
        self._joint_type = JointType(message.data) if message.data in list(JointType) else None

    def _on_robot_description(self, message: String) -> None:
        self._robot = robot_from_description(message.data, self._limits_file)

    def _plan_weld(self) -> str:
        """Plan and show.

        Raises:
            WeldCellError: something is missing, or the path cannot be welded.
        """
        self._plan = None
        path, joint_type, robot = self._inputs()
        self._refuse_moving('weld/plan')
        procedure = load_procedures(self._procedures_file)[joint_type]
        plan = plan_weld(
            path,
            procedure,
            robot,
            load_rig(self._rig_file).T_tool0_tool,
            self._state.positions(robot.joint_names),
            self._settings.settings,
        )
        self._plan = plan
        program = f'; {self._mode()}\n' + robot_program(plan, procedure, joint_type)
        self._show(plan, joint_type, program)
        self._publish_status('planned', **self._plan_values(plan, procedure, joint_type))
        return f'{len(plan.times_s)} points, {plan.times_s[-1]:.1f} s, {self._mode()}.'

    def _inputs(self) -> tuple[SeamPath, JointType, RobotModel]:
        if self._path is None:
            raise SeamPathError('No seam path has come.', 'Scan a seam and call seam/finish.')
        if self._joint_type is None:
            raise TrajectoryError('The joint type is not known.', 'Scan the joint; see joint_type/status.')
        if self._robot is None:
            raise TrajectoryError('No robot_description has come.', 'Start robot_state_publisher.')
        return self._path, self._joint_type, self._robot

    def _refuse_moving(self, what: str) -> None:
        if self._state.moving:
            raise TrajectoryRejectedError(f'{what}: the robot moves.', 'Wait until it stands.')

    def _execute(self) -> str:
        """Send the plan, once.

        Raises:
            WeldCellError: there is no plan, the robot moves, or it no longer stands where the plan begins.
        """
        if self._plan is None:
            raise TrajectoryRejectedError('There is no plan.', 'Call weld/plan first.')
        self._refuse_moving('weld/execute')
        plan = self._plan
        miss = np.abs(self._state.positions(plan.joint_names) - plan.positions_rad[0])
        if miss.max() > AT_START_RAD:
            raise TrajectoryRejectedError(
                f'{plan.joint_names[miss.argmax()]} is {miss.max():.4f} rad away from the start of the plan.',
                'Call weld/plan again: the robot has moved since.',
            )
        self._plan = None
        self._trajectory_out.publish(trajectory_to_message(plan))
        self._publish_status('executing', duration_s=float(plan.times_s[-1]))
        return f'{plan.times_s[-1]:.1f} s of motion, {self._mode()}.'

    def _show(self, plan: RobotTrajectory, joint_type: JointType, program: str) -> None:
        stamp_ns = self.get_clock().now().nanoseconds
        self._tool_path_out.publish(pose_array(plan.tool_poses, stamp_ns, BASE_FRAME))
        self._markers_out.publish(weld_markers(plan, f'{joint_type}, {self._mode()}', stamp_ns, BASE_FRAME))
        self._program_out.publish(String(data=program))

    def _plan_values(self, plan: RobotTrajectory, procedure: WeldProcedure, joint_type: JointType) -> dict[str, Any]:
        weld_s = plan.times_s[[phase is MotionPhase.WELD for phase in plan.phases]]
        return {
            'joint_type': joint_type,
            'points': len(plan.times_s),
            'duration_s': float(plan.times_s[-1]),
            'weld_start_s': float(weld_s[0]),
            'weld_end_s': float(weld_s[-1]),
            'travel_speed_mm_s': procedure.travel_speed_mm_s,
        }

    def _mode(self) -> str:
        return 'armed' if self._armed else 'dry run'

    def _publish_status(self, state: str, **values: Any) -> None:
        self._status_out.publish(status_to_message('weld', WeldStatus(state, self._mode(), **values), message=state))
        self._health.values.update(state=state, armed=self._armed)


def main() -> int:
    """Run the node."""
    return run_node(TrajectoryPublisher)
