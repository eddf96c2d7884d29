"""Node trajectory_publisher: from the seam path to the robot controller, in two deliberate steps.

`weld/plan` plans and shows (tool path, markers, robot program in `program_language`), `weld/execute` sends. Nothing
is ever sent that was not asked for. Unless the node is started with `armed`, the motion is a dry run: the arc stays
off. With `arm_each_weld` it stays off too until `weld/arm` arms the plan that is there, for its one execution.

The laser and the area camera may both have found a path. `seam_source` says along which of the two is planned; the
laser's is welded by the procedure of its joint type, the plates' by the procedure `plate`.
"""

from datetime import datetime
from functools import partial

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseArray
from nav_msgs.msg import Path
from rclpy.node import Node
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import TrajectoryError, TrajectoryRejectedError
from weld_cell.programs.plan_text import ProgramForm, plan_text
from weld_cell.records import JointType, MotionPhase, RobotTrajectory, SeamPath, SeamSource
from weld_cell.records.status import WeldStatus
from weld_cell.ros.arming import Arming
from weld_cell.ros.conversions import (
    BASE_FRAME,
    ns_from_time,
    pose_array,
    seam_path_from_message,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.markers import weld_markers
from weld_cell.ros.parameters import TRACK, LiveChoice, SettingsParameters, declare, declare_file, declare_rig
from weld_cell.ros.qos import LATCHED, RESULT, publisher, subscription
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.statuses import status_to_message
from weld_cell.ros.weld_sender import WeldSender
from weld_cell.ros.weld_states import FAILED
from weld_cell.supervisor.tracked_weld import plan_tracked_weld
from weld_cell.tracking.settings import TrackingSettings
from weld_cell.trajectory.adaptive_fill import load_fill_tables
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import PLATE, WeldProcedure, WeldProcedureName, load_procedures
from weld_cell.trajectory.robot_model import RobotModel, robot_from_description
from weld_cell.trajectory.seam_paths import SeamPaths, WeldPlan
from weld_cell.trajectory.settings import TrajectorySettings
from weld_cell.wording import counted

AT_START_RAD = 5e-3
TOPICS = {SeamSource.LASER: 'seam/path', SeamSource.PLATE: 'plate_seam/path'}


class TrajectoryPublisher(Node):
    """Plans the weld along the newest path of the seam source that is asked for."""

    def __init__(self) -> None:
        super().__init__('trajectory_publisher')
        self._health = NodeHealth(self)
        self._settings = SettingsParameters(self, 'trajectory', TrajectorySettings(), live=True)
        self._source = LiveChoice(self, 'seam_source', SeamSource.LASER, 'Whose seam path is planned and welded.')
        self._track: bool = declare(self, 'track', False, TRACK)
        self._rig_file = declare_rig(self, self._track)
        self._procedures_file = declare_file(self, 'procedures_file', 'weld_procedures.yaml', 'Weld procedures')
        self._programs_file = declare_file(self, 'programs_file', 'robot_programs.yaml', 'Robot controllers')
        self._form = LiveChoice(self, 'program_language', ProgramForm.PLAIN, 'What weld/program is written in.')
        self._limits_file = declare_file(self, 'limits_file', 'robot/limits.yaml', 'Acceleration limits')
        self._tracking = SettingsParameters(self, 'tracking', TrackingSettings()).settings
        self._paths = SeamPaths()
        self._stamps_ns: dict[SeamSource, int] = {}
        self._plan_ns = 0
        self._shown: WeldPlan | None = None
        self._joint_type: JointType | None = None
        self._robot: RobotModel | None = None
        self._sender = WeldSender(self, self._health)
        self._listen()
        self._tool_path_out = publisher(self, PoseArray, 'weld/tool_path', LATCHED)
        self._markers_out = publisher(self, MarkerArray, 'weld/markers', LATCHED)
        self._program_out = publisher(self, String, 'weld/program', LATCHED)
        self._status_out = publisher(self, DiagnosticStatus, 'weld/status', RESULT)
        trigger_service(self, 'weld/plan', self._health, self._plan_weld)
        trigger_service(self, 'weld/execute', self._health, self._execute)
        trigger_service(self, 'weld/stop', self._health, self._sender.stop)
        self._arming = Arming(self, self._health, self._armed_or_not)

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
        self._arming.lapse()
        source = self._source.value
        path, name, robot = self._paths.path(source), self._procedure_name(source), self._known_robot()
        self._refuse_moving('weld/plan')
        procedure = load_procedures(self._procedures_file)[name]
        trajectory = self._planned(path, procedure, robot)
        plan = WeldPlan(source, name, procedure, trajectory)
        program = self._program(plan, robot)
        self._paths.put_plan(plan)
        self._plan_ns = self.get_clock().now().nanoseconds
        self._show(plan, program)
        self._publish_status('planned', plan=plan)
        self._health.succeeded()
        return self._said(plan, f'{counted(len(trajectory.times_s), "point")}, {trajectory.times_s[-1]:.1f} s')

    def _planned(self, path: SeamPath, procedure: WeldProcedure, robot: RobotModel) -> RobotTrajectory:
        rig, settings = load_rig(self._rig_file), self._settings.settings
        start_rad = self._sender.state.positions(robot.joint_names)
        if not self._track:
            return plan_weld(path, procedure, robot, rig.T_tool0_tool, start_rad, settings)
        if self._source.value is not SeamSource.LASER:
            raise TrajectoryError('Only a seam that the laser has scanned can be tracked.', 'seam_source:=laser')
        return plan_tracked_weld(path, procedure, robot, rig, start_rad, settings, self._tracking)

    def _procedure_name(self, source: SeamSource) -> WeldProcedureName:
        if source is SeamSource.PLATE:
            return PLATE
        if self._joint_type is None:
            raise TrajectoryError('The joint type is not known.', 'Scan the joint; see joint_type/status.')
        return self._joint_type

    def _known_robot(self) -> RobotModel:
        if self._robot is None:
            raise TrajectoryError('No robot_description was received.', 'Start robot_state_publisher.')
        return self._robot

    def _refuse_moving(self, what: str) -> None:
        if self._robot is not None and self._sender.state.moving(self._robot.joint_names):
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
        miss = np.abs(self._sender.state.positions(trajectory.joint_names) - trajectory.positions_rad[0])
        if miss.max() > AT_START_RAD:
            raise TrajectoryRejectedError(
                f'{trajectory.joint_names[miss.argmax()]} is {miss.max():.4f} rad away from the start of the plan.',
                'Call weld/plan again: the robot has moved since.',
            )
        self._paths.drop_plan()
        self._arming.executing(self._longest_s(plan))
        self._sender.send(trajectory, partial(self._publish_status, plan=plan), at_stamp=self._track)
        return self._said(plan, f'{trajectory.times_s[-1]:.1f} s of motion')

    def _longest_s(self, plan: WeldPlan) -> float:
        """How long the motion may take: adaptive fill may slow the weld down to the slowest row of its table."""
        weld_s, planned_mm_s = float(plan.trajectory.times_s[-1]), plan.procedure.travel_speed_mm_s
        table = load_fill_tables(self._procedures_file).get(str(plan.name))
        if not (self._track and self._tracking.adaptive_fill) or table is None:
            return weld_s
        return weld_s * max(1.0, planned_mm_s / table.slowest_mm_s)

    def _program(self, plan: WeldPlan, robot: RobotModel) -> str:
        """The plan's program in the language that is asked for.

        Raises:
            WeldCellError: it cannot be written in that language.
        """
        tool, made = load_rig(self._rig_file).T_tool0_tool, datetime.now().replace(microsecond=0)
        return plan_text(plan, self._form.value, robot, tool, self._programs_file, self._arming.armed, made)

    def _armed_or_not(self) -> None:
        """Show the plan again, with the arc or without; a weld that was sent is over, or ends with its arming.

        Raises:
            WeldCellError: there is no plan to arm, or its program cannot be written.
        """
        if self._arming.armed:
            self._shown = self._paths.plan(self._source.value)
        if self._shown is not None:
            self._show(self._shown, self._program(self._shown, self._known_robot()))
            self._publish_status('armed' if self._arming.armed else 'disarmed', plan=self._shown)

    def _show(self, plan: WeldPlan, program: str) -> None:
        stamp_ns, trajectory = self._plan_ns, plan.trajectory
        self._tool_path_out.publish(pose_array(trajectory.tool_poses, stamp_ns, BASE_FRAME))
        self._markers_out.publish(weld_markers(trajectory, f'{plan.name}, {self._arming.mode}', stamp_ns, BASE_FRAME))
        self._program_out.publish(String(data=program))

    def _said(self, plan: WeldPlan, what: str) -> str:
        return f'{what}, along the path of the source {plan.source}, {self._arming.mode}.'

    def _publish_status(self, state: str, note: str = '', *, plan: WeldPlan) -> None:
        level = DiagnosticStatus.ERROR if state == FAILED else DiagnosticStatus.OK
        self._status_out.publish(status_to_message('weld', self._status(state, plan), level, note or state))
        self._health.values.update(state=state, armed=self._arming.armed, seam_source=plan.source)

    def _status(self, state: str, plan: WeldPlan) -> WeldStatus:
        times_s = plan.trajectory.times_s
        weld_s = times_s[[phase is MotionPhase.WELD for phase in plan.trajectory.phases]]
        return WeldStatus(
            state,
            self._arming.mode,
            plan.source,
            str(plan.name),
            len(times_s),
            float(times_s[-1]),
            float(weld_s[0]),
            float(weld_s[-1]),
            plan.procedure.travel_speed_mm_s,
            self._stamps_ns[plan.source],
            self._plan_ns,
        )

    def destroy_node(self) -> None:
        """A motion that nobody else watches ends with the node that sent it."""
        self._sender.close()
        super().destroy_node()


def main() -> int:
    """Run the node."""
    return run_node(TrajectoryPublisher)
