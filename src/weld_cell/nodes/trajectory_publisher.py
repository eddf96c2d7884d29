"""Node trajectory_publisher: from the seam path to the robot controller, in two deliberate steps.

`weld/plan` plans and shows (tool path, markers, robot program), `weld/execute` sends. Nothing is ever sent that
was not asked for. Unless the node is started with `armed`, the motion is a dry run: the arc stays off.

The laser and the area camera may both have found a path. `seam_source` says along which of the two is planned; the
laser's is welded by the procedure of its joint type, the plates' by the procedure `plate`.
"""

from functools import partial

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseArray
from nav_msgs.msg import Path
from rclpy.node import Node
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import TrajectoryError, TrajectoryRejectedError
from weld_cell.records import JointType, MotionPhase, SeamSource
from weld_cell.records.status import WeldStatus
from weld_cell.ros.conversions import (
    BASE_FRAME,
    ns_from_time,
    pose_array,
    seam_path_from_message,
    trajectory_to_message,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.markers import weld_markers
from weld_cell.ros.parameters import LiveChoice, SettingsParameters, declare, declare_file
from weld_cell.ros.qos import LATCHED, RESULT, STATE, publisher, subscription
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import status_to_message
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import PLATE, WeldProcedureName, load_procedures
from weld_cell.trajectory.program import robot_program
from weld_cell.trajectory.robot_model import RobotModel, robot_from_description
from weld_cell.trajectory.seam_paths import SeamPaths, WeldPlan
from weld_cell.trajectory.settings import TrajectorySettings

AT_START_RAD = 5e-3
TOPICS = {SeamSource.LASER: 'seam/path', SeamSource.PLATE: 'plate_seam/path'}


class TrajectoryPublisher(Node):
    """Plans the weld along the newest path of the seam source that is asked for."""

    def __init__(self) -> None:
        super().__init__('trajectory_publisher')
        self._health = NodeHealth(self)
        self._settings = SettingsParameters(self, 'trajectory', TrajectorySettings(), live=True)
        self._source = LiveChoice(self, 'seam_source', SeamSource.LASER, 'Whose seam path is planned and welded.')
        self._armed = declare(self, 'armed', False, 'The arc may be struck; false: dry run.')
        self._rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        self._procedures_file = declare_file(self, 'procedures_file', 'weld_procedures.yaml', 'Weld procedures')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits')
        self._paths = SeamPaths()
        self._stamps_ns: dict[SeamSource, int] = {}
        self._joint_type: JointType | None = None
        self._robot: RobotModel | None = None
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
        for source, topic in TOPICS.items():
            subscription(self, Path, topic, watched(partial(self._on_path, source)), LATCHED)
        subscription(self, String, 'joint_type', watched(self._on_joint_type), LATCHED)
        subscription(self, String, 'robot_description', watched(self._on_robot_description), LATCHED)

    def _on_path(self, source: SeamSource, message: Path) -> None:
        self._paths.drop(source)  # a path that is refused does not leave the old one standing
        if message.poses:  # else its source has withdrawn it
            self._paths.put(source, seam_path_from_message(message))
            self._stamps_ns[source] = ns_from_time(message.header.stamp)

    def _on_joint_type(self, message: String) -> None:
        self._joint_type = JointType(message.data) if message.data in list(JointType) else None

    def _on_robot_description(self, message: String) -> None:
        self._robot = robot_from_description(message.data, self._limits_file)

    def _plan_weld(self) -> str:
        """Plan and show.

        Raises:
            WeldCellError: something is missing, or the path cannot be welded.
        """
        self._paths.drop_plan()
        source = self._source.value
        path, name, robot = self._paths.path(source), self._procedure_name(source), self._known_robot()
        self._refuse_moving('weld/plan')
        procedure = load_procedures(self._procedures_file)[name]
        trajectory = plan_weld(
            path,
            procedure,
            robot,
            load_rig(self._rig_file).T_tool0_tool,
            self._state.positions(robot.joint_names),
            self._settings.settings,
        )
        plan = WeldPlan(source, name, procedure, trajectory)
        self._paths.put_plan(plan)
        self._show(plan)
        self._publish_status('planned', plan)
        return self._said(plan, f'{len(trajectory.times_s)} points, {trajectory.times_s[-1]:.1f} s')

    def _procedure_name(self, source: SeamSource) -> WeldProcedureName:
        if source is SeamSource.PLATE:
            return PLATE
        if self._joint_type is None:
            raise TrajectoryError('The joint type is not known.', 'Scan the joint; see joint_type/status.')
        return self._joint_type

    def _known_robot(self) -> RobotModel:
        if self._robot is None:
            raise TrajectoryError('No robot_description has come.', 'Start robot_state_publisher.')
        return self._robot

    def _refuse_moving(self, what: str) -> None:
        if self._robot is not None and self._state.moving(self._robot.joint_names):
            raise TrajectoryRejectedError(f'{what}: the robot moves.', 'Wait until it stands.')

    def _execute(self) -> str:
        """Send the plan, once.

        Raises:
            WeldCellError: there is no plan, it follows the path of another source than the one asked for, the robot
                moves, or it no longer stands where the plan begins.
        """
        plan = self._paths.plan(self._source.value)
        self._refuse_moving('weld/execute')
        trajectory = plan.trajectory
        miss = np.abs(self._state.positions(trajectory.joint_names) - trajectory.positions_rad[0])
        if miss.max() > AT_START_RAD:
            raise TrajectoryRejectedError(
                f'{trajectory.joint_names[miss.argmax()]} is {miss.max():.4f} rad away from the start of the plan.',
                'Call weld/plan again: the robot has moved since.',
            )
        self._paths.drop_plan()
        self._trajectory_out.publish(trajectory_to_message(trajectory))
        self._publish_status('executing', plan)
        return self._said(plan, f'{trajectory.times_s[-1]:.1f} s of motion')

    def _show(self, plan: WeldPlan) -> None:
        stamp_ns, trajectory = self.get_clock().now().nanoseconds, plan.trajectory
        self._tool_path_out.publish(pose_array(trajectory.tool_poses, stamp_ns, BASE_FRAME))
        self._markers_out.publish(weld_markers(trajectory, f'{plan.name}, {self._mode()}', stamp_ns, BASE_FRAME))
        program = f'; {self._mode()}\n' + robot_program(trajectory, plan.procedure, plan.name)
        self._program_out.publish(String(data=program))

    def _mode(self) -> str:
        return 'armed' if self._armed else 'dry run'

    def _said(self, plan: WeldPlan, what: str) -> str:
        return f'{what}, along the path of the source {plan.source}, {self._mode()}.'

    def _publish_status(self, state: str, plan: WeldPlan) -> None:
        self._status_out.publish(status_to_message('weld', self._status(state, plan), message=state))
        self._health.values.update(state=state, armed=self._armed, seam_source=plan.source)

    def _status(self, state: str, plan: WeldPlan) -> WeldStatus:
        times_s = plan.trajectory.times_s
        weld_s = times_s[[phase is MotionPhase.WELD for phase in plan.trajectory.phases]]
        return WeldStatus(
            state,
            self._mode(),
            plan.source,
            str(plan.name),
            len(times_s),
            float(times_s[-1]),
            float(weld_s[0]),
            float(weld_s[-1]),
            plan.procedure.travel_speed_mm_s,
            self._stamps_ns[plan.source],
        )


def main() -> int:
    """Run the node."""
    return run_node(TrajectoryPublisher)
