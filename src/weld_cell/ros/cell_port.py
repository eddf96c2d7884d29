"""The cell as its supervisor sees it, over ROS topics and services.

The supervisor's cycle runs in a thread of its own; callbacks run in the thread that spins. What passes between
them are whole values (a list, a tuple), replaced and never changed in place.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import MotionEndedError, WeldCellError
from weld_cell.records import (
    FloatArray,
    JointType,
    MotionPhase,
    PartSighting,
    RobotTrajectory,
    SeamPath,
    SeamPoint,
    SeamSource,
)
from weld_cell.records.status import FillStatus, Stage, WeldStatus
from weld_cell.ros.cell_needs import ALL, LOOKS, SCAN, WELD, Need, busy_of, nodes_of, services_of
from weld_cell.ros.conversions import ns_from_time, trajectory_from_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.follow_trajectory import COMMANDS, SENT_WELDS
from weld_cell.ros.node_watch import NodeWatch
from weld_cell.ros.part_input import PartInput
from weld_cell.ros.plate_input import PlateInput
from weld_cell.ros.qos import LATCHED, RESULT, STATE, publisher, subscription
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.seam_input import SeamInput
from weld_cell.ros.service_calls import NotYetError, ServiceCalls, ServiceRefusedError
from weld_cell.ros.statuses import status_from_message, status_to_message
from weld_cell.ros.trajectory_controller import TrajectoryController
from weld_cell.ros.weld_states import EXECUTING, FAILED, FINISHED, REPLACED, STOPPED
from weld_cell.supervisor.approval import Approval, ApprovalSettings, Consent
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.trajectory.controller import ControllerSettings
from weld_cell.trajectory.goal_watch import ControllerAnswer
from weld_cell.trajectory.robot_model import RobotModel

POLL_S = 0.01
RESET_S, RESET_ATTEMPTS = 10.0, 5
LOOK_ATTEMPTS = 3
ATTEMPTS, AGAIN_S = 3, 1.0
LASER_SCANS = (Stage.APPROACH, Stage.IDENTIFY, Stage.TRACK)
SENT_BY_S = 1.0  # a node that was called sends what it was asked for by then, whatever became of the caller


class RosCellPort:
    """Implements `weld_cell.supervisor.port.CellPort`.

    Args:
        node: The supervisor's node.
        health: Gets what is wrong with messages.
        enter: Publishes a stage.
        controller: How the robot's controller takes trajectories.
        approval: Whose leave a weld may need.

    Attributes:
        stopping: Set it, and the next wait ends the cycle.
        scan: What seam_detector says.
    """

    def __init__(
        self,
        node: Node,
        health: NodeHealth,
        enter: Callable[[Stage, str], None],
        controller: ControllerSettings | None = None,
        approval: Approval | None = None,
    ) -> None:
        self.stopping = threading.Event()
        self._node, self._enter = node, enter
        self._robot: RobotModel | None = None
        self._T_tool0_tool = np.eye(4)
        controller = controller or ControllerSettings()
        self._state = RobotState(node, controller.prefix)
        self._controller = TrajectoryController(node, controller, self._state, own_listeners=1)
        self._needs: tuple[Need, ...] = (SCAN, WELD)
        self._watch = NodeWatch(node, nodes_of(self._needs), tells_refusals=not self._controller.by_action)
        self._joint_type: JointType | None = None
        self._command: tuple[JointTrajectory, int] | None = None
        self._weld_fault = ''
        self._weld_answer: ControllerAnswer | None = None
        self._corrects = False
        self._moved: tuple[str, ...] = ()
        self._fill = publisher(node, DiagnosticStatus, 'weld/fill', LATCHED)
        self._told_types = publisher(node, String, 'joint_type/tell', RESULT)
        self._part, self._plate = PartInput(node, health), PlateInput(node, health)
        self._plate_ns = self._scan_ns = 0
        self._planned: WeldStatus | None = None
        self._executing: WeldStatus | None = None
        self._approval = approval or Approval(ApprovalSettings())
        self._consent: Consent | None = None
        self._seam = self.scan = SeamInput(node, health)
        subscription(node, String, 'joint_type', health.watched(self._on_joint_type), LATCHED)
        subscription(node, DiagnosticStatus, 'weld/status', health.watched(self._on_weld_status), RESULT)
        self._weld_at_stamp = not controller.plain
        sent = SENT_WELDS if self._weld_at_stamp else COMMANDS
        subscription(node, JointTrajectory, sent, health.watched(self._on_command), STATE, raw=True)
        # last: a node whose answer comes has found by then what was there before, so that its results come too
        self._services = ServiceCalls(node, services_of(ALL), self.wait)

    def begin(self, robot: RobotModel, T_tool0_tool: FloatArray, needs: tuple[Need, ...] = (SCAN, WELD)) -> None:
        """Before each cycle: with which robot and tool, and what of the cell it needs.

        Raises:
            ConfigurationError: the controller's joints are not those of the robot.
        """
        self.stopping.clear()
        self._watch.stop()
        self.prepare(needs)
        self._robot, self._T_tool0_tool = robot, T_tool0_tool
        self._controller.forget()
        self._weld_fault = ''
        self._moved = robot.joint_names + self._controller.external_names(
            self._controller.joints_of(robot.joint_names)
        )

    def prepare(self, needs: tuple[Need, ...]) -> None:
        """Between cycles: what of the cell the next one will need, for `ready`."""
        self._needs = needs
        self._watch.need(nodes_of(needs), busy_of(needs))

    def close(self) -> None:
        """Let the last commands reach the robot."""
        self._controller.close()

    # What the cycle asks

    def enter(self, stage: Stage, note: str = '') -> None:
        """See CellPort."""
        self._seam.listen(stage in LASER_SCANS)
        if stage in (Stage.LOOK, Stage.APPROACH) and not self._watch.watches:
            self._watch.start()
        if stage is not Stage.LOOK:
            self._watch.release(nodes_of(need for need in self._needs if need in LOOKS))
        if stage not in (Stage.APPROVE, Stage.WELD):
            self._end_consent()
        self._enter(stage, note)

    def now_ns(self) -> int:
        """See CellPort."""
        return int(self._node.get_clock().now().nanoseconds)

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """See CellPort."""
        deadline_ns = self.now_ns() + int(timeout_s * 1e9)
        while not condition():
            if self.stopping.is_set():
                raise StageStoppedError('The cycle was stopped.', 'Call cell/start for a new one.')
            self._watch.check()
            self._check_controller()
            self._check_consent()
            if self.now_ns() > deadline_ns:
                return False
            self._seam.news.wait(POLL_S)
            self._seam.news.clear()
        return True

    def _check_controller(self) -> None:
        """What the controller says of our own motions, and trajectory_publisher of the weld's."""
        self._controller.check()
        if self._weld_fault:
            fault, self._weld_fault = self._weld_fault, ''
            raise MotionEndedError(fault)

    def pause(self, duration_s: float) -> None:
        """See CellPort."""
        time.sleep(duration_s)

    def ready(self) -> str:
        """See CellPort."""
        missing = self._watch.missing() + self._services.missing(services_of(self._needs))
        if not (self._state.comes if self._robot is None else self._state.known(self._moved)):
            missing.append('joint_states')
        if SCAN in self._needs and not self._seam.images_come:
            missing.append('laser_sensor/camera_info')
        if self._controller.missing:
            missing.append(self._controller.missing)
        return ', '.join(missing)

    def complaints(self) -> str:
        """See CellPort."""
        return self._watch.complaints()

    def robot_state(self) -> tuple[int, FloatArray]:
        """See CellPort."""
        assert self._robot is not None, 'a cycle has begun'
        return self._state.stamped(self._robot.joint_names)

    def move(self, trajectory: RobotTrajectory, start_ns: int) -> None:
        """See CellPort."""
        self._controller.send(trajectory, start_ns)

    def require_taken(self) -> None:
        """See CellPort."""
        self._controller.require_taken()

    def halt(self) -> bool:
        """See CellPort."""
        return self._controller.cancel()

    def identify_part(self, timeout_s: float) -> PartSighting:
        """See CellPort."""
        before_ns = self._part.stamp_ns
        self._look('part/identify', timeout_s)
        self.wait(lambda: self._part.other_than(before_ns) is not None, timeout_s)
        part = self._part.other_than(before_ns)
        if part is None:
            raise ServiceRefusedError(
                'part/identify reported no part for a new image.',
                'See the log of part_identifier, and its part/status.',
            )
        return part

    def find_plate_seam(self, timeout_s: float) -> SeamPath:
        """See CellPort."""
        asked_ns = self.now_ns()
        self._look('plate_seam/detect', timeout_s)
        self.wait(lambda: self._plate.since(asked_ns) is not None, timeout_s)
        found = self._plate.since(asked_ns)
        if found is None:
            raise ServiceRefusedError(
                'plate_seam/detect reported no seam for a new image.',
                'See the log of plate_seam_detector, and its plate_seam/status.',
            )
        self._plate_ns, path = found
        return path

    def _look(self, name: str, timeout_s: float) -> None:
        """Trigger the camera and have a node look at its image."""

        def look() -> str:
            self._call('mako/trigger', timeout_s, LOOK_ATTEMPTS)
            return self._call(name, timeout_s, LOOK_ATTEMPTS)

        self._retry(look)

    def _retry(self, ask: Callable[[], str]) -> str:
        """Ask, and again where the other node refuses for now."""
        for _ in range(ATTEMPTS - 1):
            with suppress(NotYetError):
                return ask()
            self.wait(lambda: False, AGAIN_S)
        return ask()

    def profile(self) -> tuple[int, FloatArray] | None:
        """See CellPort."""
        return self._seam.profile

    def profiles(self) -> list[tuple[int, FloatArray]]:
        """See CellPort."""
        return self._seam.profiles

    def reset_joint_type(self) -> None:
        """See CellPort."""
        self._call('joint_type/reset', RESET_S, RESET_ATTEMPTS)
        self._joint_type = None

    def tell_joint_type(self, joint_type: JointType) -> None:
        """See CellPort."""
        self._told_types.publish(String(data=str(joint_type)))

    def joint_type(self) -> JointType | None:
        """See CellPort."""
        return self._joint_type

    def reset_seam(self, normal: FloatArray) -> None:
        """See CellPort."""
        self._call('seam/reset', RESET_S, RESET_ATTEMPTS)
        self._scan_ns = self.now_ns()
        self._seam.reset(self._scan_ns, normal)

    def seam_points(self) -> list[SeamPoint]:
        """See CellPort."""
        return self._seam.points

    def newest_image_ns(self) -> int:
        """See CellPort."""
        return self._seam.newest_image_ns

    def images_ns(self) -> list[int]:
        """See CellPort."""
        return sorted(self._seam.images_ns)

    def late_images(self) -> tuple[int, float]:
        """See CellPort."""
        return self._seam.late

    def finish_seam(self, timeout_s: float) -> str:
        """See CellPort."""
        return self._call('seam/finish', timeout_s)

    def seam_path(self) -> SeamPath | None:
        """See CellPort."""
        return self._seam.path

    def plan_weld(self, source: SeamSource, timeout_s: float) -> str:
        """See CellPort."""
        self._planned = self._executing = None
        said = self._retry(lambda: self._call('weld/plan', timeout_s))
        self.wait(lambda: self._planned is not None, timeout_s)
        if self._planned is None:
            raise ServiceRefusedError('weld/plan reported no plan.', 'See the log of trajectory_publisher.')
        self._check_plan(self._planned, source)
        return said

    def _check_plan(self, planned: WeldStatus, source: SeamSource) -> None:
        if planned.seam_source is not source:
            raise ServiceRefusedError(
                f'The weld is planned along the seam of the source "{planned.seam_source}", the cycle found that of '
                f'"{source}".',
                'Set the parameter seam_source of trajectory_publisher and of cell_supervisor to the same.',
            )
        if source is SeamSource.PLATE and planned.path_stamp_ns != self._plate_ns:
            raise ServiceRefusedError(
                'The weld is planned along another plate seam than the one of this cycle.',
                'Call cell/start again; does another client call plate_seam/detect?',
            )
        if source is SeamSource.LASER and planned.path_stamp_ns < self._scan_ns:
            raise ServiceRefusedError(
                'The weld is planned along a path that was scanned before this seam.',
                'Call cell/start again; see the log of seam_detector.',
            )

    def approve_weld(self, timeout_s: float) -> Consent | None:
        """See CellPort."""
        assert self._planned is not None, 'a weld was planned'
        plan_ns, mode = self._planned.plan_ns or 0, self._planned.mode
        if mode == 'armed':
            raise ServiceRefusedError(
                'trajectory_publisher would strike the arc although nobody has armed it.',
                'Start it with arm_each_weld where the supervisor has approval.required.',
            )
        self._approval.ask(plan_ns, needs_arc=mode == 'unarmed')

        def granted() -> bool:
            self._require_plan(self._planned, plan_ns)
            self._consent = self._approval.take()
            return self._consent is not None

        self.wait(granted, timeout_s)
        return self._consent

    @staticmethod
    def _require_plan(told: WeldStatus | None, plan_ns: int) -> None:
        if told is None or told.plan_ns != plan_ns:
            raise ServiceRefusedError(
                'Another client planned the weld again; the displayed plan is no longer valid.',
                'Call cell/start again; no other client may call weld/plan.',
            )

    def _check_consent(self) -> None:
        """While a weld is approved, or goes on, by somebody's leave."""
        self._approval.check()
        if self._consent is not None:
            self._require_plan(self._executing or self._planned, self._consent.plan)

    def _end_consent(self) -> None:
        """No weld goes on: nothing waits for approval, and nothing is armed."""
        self._approval.end()
        consent, self._consent = self._consent, None
        if consent is not None and consent.armed_by:
            self._services.send('weld/disarm')

    def execute_weld(self, timeout_s: float) -> tuple[RobotTrajectory, int]:
        """See CellPort."""
        assert self._robot is not None, 'a cycle has begun'
        self._command, self._weld_fault, self._corrects = None, '', False
        self._weld_answer = None
        self._controller.count_anew()
        try:
            if self._consent is not None and self._consent.armed_by:
                self._call('weld/arm', timeout_s)
            self._call('weld/execute', timeout_s)
            self.wait(lambda: self._command is not None, timeout_s)
        except WeldCellError:
            self._listen_on()
            if self._command is None:
                raise
        if self._command is None:
            raise ServiceRefusedError('weld/execute sent no trajectory.', 'See the log of trajectory_publisher.')
        message, arrived_ns = self._command
        motion = trajectory_from_message(message, self._robot, self._T_tool0_tool, MotionPhase.WELD)
        stamp_ns = ns_from_time(message.header.stamp)
        return motion, stamp_ns or arrived_ns

    def weld_answer(self) -> ControllerAnswer | None:
        """See CellPort."""
        first, ours = self._weld_answer, self._controller.answer
        if ours is None or not self._controller.by_action:
            return first if self._controller.by_action else None
        replaces_first = first is not None and not first.final
        return replace(ours, replaced=ours.replaced + replaces_first)

    def scanned_seam(self) -> tuple[SeamPath, list[SeamPoint]]:
        """See TrackedCellPort."""
        if self._seam.path is None:
            raise ServiceRefusedError('seam_detector published no seam path.', 'See its log; call cell/start again.')
        return self._seam.path, self._seam.scanned()

    def weld_span_s(self) -> tuple[float, float]:
        """See TrackedCellPort."""
        plan = self._known_plan()
        return plan.weld_start_s, plan.weld_end_s

    def planned_procedure(self) -> tuple[str, float]:
        """See TrackedCellPort."""
        plan = self._known_plan()
        return plan.procedure, plan.travel_speed_mm_s

    def _known_plan(self) -> WeldStatus:
        if self._planned is None:
            raise ServiceRefusedError(
                'trajectory_publisher published no plan.', 'See its log; call cell/start again.'
            )
        return self._planned

    def tell_fill(self, fill: FillStatus) -> None:
        """See TrackedCellPort."""
        self._fill.publish(status_to_message('weld', fill))

    def watch_seam(self, timeout_s: float) -> None:
        """See TrackedCellPort."""
        self._call('seam/watch', timeout_s)
        self._seam.watch(self.now_ns())
        self._corrects = True

    def unanswered_s(self) -> float:
        """See TrackedCellPort."""
        return self._controller.unanswered_s

    def rest_seam(self) -> None:
        """See TrackedCellPort."""
        self._services.send('seam/rest')
        self._seam.watch(None)

    def points_ahead(self) -> list[SeamPoint]:
        """See TrackedCellPort."""
        return self._seam.ahead

    def _listen_on(self) -> None:
        """After a stop between the call and its trajectory: what moves the robot must be known to be braked."""
        end_s = time.monotonic() + SENT_BY_S
        while self._command is None and time.monotonic() < end_s:
            time.sleep(POLL_S)

    def _call(self, name: str, timeout_s: float, attempts: int = 1) -> str:
        return self._services.call(name, timeout_s, attempts)

    # Callbacks

    def _on_joint_type(self, message: String) -> None:
        self._joint_type = JointType(message.data) if message.data in list(JointType) else None

    def _on_weld_status(self, message: DiagnosticStatus) -> None:
        status = status_from_message(WeldStatus, message)
        if status.state == 'planned':
            self._planned = status
        elif status.state == REPLACED and self._corrects:
            pass  # by our own corrections of it
        elif status.state in (FAILED, REPLACED, STOPPED):
            self._weld_fault = f'The weld {status.state}: {message.message}'
        elif status.state == EXECUTING:
            self._executing = status
        self._note_answer(status.state, message.message)

    def _note_answer(self, state: str, note: str) -> None:
        """Of the controller to the weld as it was sent first; that we have replaced it is for us to count."""
        if state == EXECUTING:
            self._weld_answer = ControllerAnswer('goal accepted', final=False)
        elif state in (FINISHED, FAILED, STOPPED):
            self._weld_answer = ControllerAnswer(note, final=True)

    def _on_command(self, raw: bytes) -> None:
        """Of all that is sent to the controller only the weld is read: its corrections are many, and our own."""
        if self._command is None:
            message = deserialize_message(raw, JointTrajectory)
            if message.points:
                self._command = message, self.now_ns()
