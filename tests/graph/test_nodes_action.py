"""Trajectories by the action FollowJointTrajectory, between real processes."""

import contextlib
import gc
import signal
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import rclpy
from action_msgs.msg import GoalStatus
from builtin_interfaces.msg import Duration
from cell_graph import running_graph
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.action import ActionClient
from rclpy.parameter import Parameter as RosParameter
from trajectory_msgs.msg import JointTrajectory

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import ControllerSilentError, MotionEndedError, MotionReplacedError, TrajectoryRejectedError
from weld_cell.paths import config_file
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.follow_trajectory import ACTION_NAME, FollowJointTrajectory, JointTolerance
from weld_cell.ros.robot_state import RobotState
from weld_cell.ros.trajectory_controller import TrajectoryController
from weld_cell.ros.weld_sender import WeldSender
from weld_cell.supervisor.cycle import BRAKED_S, BRAKINGS
from weld_cell.supervisor.motion import ScanMotion
from weld_cell.supervisor.settings import ScanSettings
from weld_cell.trajectory.controller import ControllerSettings
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

pytestmark = [
    pytest.mark.graph,
    pytest.mark.skipif(FollowJointTrajectory is None, reason='control_msgs is not installed, nor could it be built'),
]
ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
PATIENT_S = 60.0
"""For the answers of a controller on a busy machine."""
LATER_S = 60.0
"""So far ahead a goal begins that is replaced while the robot still stands: no test hangs on who is how late."""
LED_IN_S = 3.0
SLOW = TrajectorySettings(free_motion_share=0.05)
"""For a motion that is to be still under way when a busy machine comes to stop it."""
HELD = 'joint_1'
PARAMETERS = {
    str: (ParameterType.PARAMETER_STRING, 'string_value'),
    float: (ParameterType.PARAMETER_DOUBLE, 'double_value'),
    bool: (ParameterType.PARAMETER_BOOL, 'bool_value'),
}


class Cell:
    """robot_sim, and in this process a client of its controller."""

    def __init__(self, graph):
        self.graph = graph
        self.client = self.other = self.hasty = None

    def start(self):
        self.graph.start('robot_sim')
        patient = ControllerSettings(
            interface='action', goal_time_s=PATIENT_S, path_tolerance_rad=0.02, answer_s=PATIENT_S
        )
        self.state = RobotState(self.graph.node)
        self.client, self.other, self.hasty = (
            TrajectoryController(self.graph.node, settings, self.state)
            for settings in (patient, patient, replace(patient, goal_time_s=0.3))
        )
        assert self.graph.wait(lambda: not self.client.missing and self.state.known(ROBOT.joint_names))
        self.graph.wait(lambda: False, 0.5)

    def end(self):
        """A node's end leaves its action clients: with them its context lives on, and the next one hears nothing."""
        for client in [each for each in gc.get_objects() if isinstance(each, ActionClient)]:
            client.destroy()
        self.client = self.other = self.hasty = self.state = None
        gc.collect()

    def here(self):
        return self.state.positions(ROBOT.joint_names)

    def move(self, offset_rad, settings=None):
        return plan_joint_move(
            self.here(), self.here() + np.array(offset_rad), ROBOT, settings or TrajectorySettings()
        )

    def send(self, trajectory, client=None, start_s=0.0):
        """Send, to begin in so many seconds; what the client was told."""
        told = SimpleNamespace(accepted=False, reached=False)
        (client or self.client).send(
            trajectory,
            self.graph.node.get_clock().now().nanoseconds + int(start_s * 1e9) if start_s else 0,
            lambda: setattr(told, 'accepted', True),
            lambda: setattr(told, 'reached', True),
        )
        return told

    def reaches(self, told):
        """Whether the client is told that the goal is reached, and of no fault on the way."""

        def reached():
            self.client.check()
            return told.reached

        return self.graph.wait(reached)

    def fault(self, client=None):
        """What the client raises first."""
        faults = []

        def raised():
            try:
                (client or self.client).check()
            except Exception as error:
                faults.append(error)
            return bool(faults)

        assert self.graph.wait(raised)
        return faults[0]

    def set(self, **values):
        """Parameters of robot_sim's drives."""
        parameters = []
        for name, value in values.items():
            kind, field = PARAMETERS[type(value)]
            parameters.append(Parameter(name=f'drives.{name}', value=ParameterValue(type=kind, **{field: value})))
        request = SetParameters.Request(parameters=parameters)
        answer = self.graph.call('robot_sim/set_parameters', SetParameters, request)
        assert all(result.successful for result in answer.results), answer

    def standing(self):
        before = self.here()
        self.graph.wait(lambda: False, 0.2)
        return bool(np.abs(self.here() - before).max() < 1e-6)


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    with running_graph(tmp_path_factory.mktemp('action')) as graph:
        made = Cell(graph)
        made.start()
        yield made
        made.end()


def test_a_motion_is_accepted_watched_and_reached(cell):
    motion = cell.move([0.1, 0, 0, 0, 0, 0])
    told = cell.send(motion)
    assert cell.reaches(told) and told.accepted and not cell.client.under_way
    cell.client.check()
    assert np.abs(cell.here() - motion.positions_rad[-1]).max() < 1e-3


def test_a_goal_that_the_controller_rejects_leaves_the_robot_where_it_is(cell):
    assert cell.graph.wait(cell.standing)
    before = cell.here()
    motion = plan_joint_move(before + 0.3, before + 0.4, ROBOT, TrajectorySettings())
    told = cell.send(motion)
    error = cell.fault()
    assert isinstance(error, TrajectoryRejectedError) and 'log' in error.remedy
    assert not told.accepted and np.abs(cell.here() - before).max() < 1e-6


def test_a_robot_joint_that_is_held_on_its_way_ends_the_motion(cell):
    cell.set(held=HELD)
    told = cell.send(cell.move([0.3, 0, 0, 0, 0, 0]))
    error = cell.fault()
    cell.set(held='')
    assert told.accepted and type(error) is MotionEndedError and 'code -4' in str(error)
    assert 'path_tolerance' in error.remedy and cell.client.worst_rad > 0.0 and cell.graph.wait(cell.standing)


def test_a_robot_that_comes_late_to_its_goal_ends_the_motion(cell):
    cell.set(held=HELD)
    cell.send(cell.move([0.015, 0, 0, 0, 0, 0]), cell.hasty)  # within the tolerance of the path, not of the goal
    error = cell.fault(cell.hasty)
    cell.set(held='')
    assert type(error) is MotionEndedError and 'code -5' in str(error) and 'goal_tolerance' in error.remedy


def test_a_new_goal_replaces_the_one_before(cell):
    first, there = cell.send(cell.move([0.6, 0, 0, 0, 0, 0]), start_s=LATER_S), cell.here()
    assert cell.graph.wait(lambda: first.accepted)
    goal = there + np.array([0.0, 0.1, 0, 0, 0, 0])
    second = cell.send(plan_joint_move(cell.here(), goal, ROBOT, TrajectorySettings()))
    assert cell.reaches(second)
    cell.client.check()  # that the first one was aborted is no fault
    assert not first.reached and np.abs(cell.here() - goal).max() < 1e-3


def test_a_goal_of_somebody_else_is_told_as_what_it_is(cell):
    told = cell.send(cell.move([0.0, 0, 0, 0, 0, 1.5], SLOW), start_s=LATER_S)
    assert cell.graph.wait(lambda: told.accepted)
    told = cell.send(plan_joint_move(cell.here(), cell.here() + 0.01, ROBOT, TrajectorySettings()), cell.other)
    error = cell.fault()
    assert isinstance(error, MotionReplacedError) and 'another client' in str(error)
    assert cell.reaches(told)


def test_a_cancelled_motion_holds_the_robot(cell):
    told = cell.send(cell.move([0.0, 0, 0, 0, 0, 1.5], SLOW))
    assert cell.graph.wait(lambda: told.accepted)
    cell.graph.wait(lambda: False, 0.3)
    assert cell.client.cancel() and cell.graph.wait(lambda: not cell.client.under_way)
    cell.client.check()
    assert not told.reached and cell.graph.wait(cell.standing)


class Weld:
    """What trajectory_publisher does with a motion along a weld; `states` are those that it tells."""

    def __init__(self, graph):
        overrides = {'controller.interface': 'action', 'controller.answer_s': PATIENT_S}
        self.node = rclpy.create_node(
            'welder', parameter_overrides=[RosParameter(name, value=value) for name, value in overrides.items()]
        )
        self.health, self.states = NodeHealth(self.node), []
        self.sender = WeldSender(self.node, self.health)
        graph.listen(JointTrajectory, 'weld/trajectory')
        graph._executor.add_node(self.node)
        self._graph = graph
        assert graph.wait(lambda: not self.sender._controller.missing and self.sender.state.known(ROBOT.joint_names))

    def send(self, motion):
        self.states.clear()
        self.sender.send(motion, lambda state, note: self.states.append((state, note)))
        assert self.become('executing') and self._graph.wait_for('weld/trajectory')

    def become(self, state):
        return self._graph.wait(lambda: self.states and self.states[-1][0] == state)


@pytest.fixture(scope='module')
def weld(cell):
    made = Weld(cell.graph)
    yield made
    made.node.destroy_node()


def test_a_weld_is_told_from_its_acceptance_to_its_end(cell, weld):
    motion = cell.move([0.0, 0.05, 0, 0, 0, 0])
    weld.send(motion)
    sent = cell.graph.messages['weld/trajectory'][-1]
    assert sent.header.stamp.sec and len(sent.points) == len(motion.times_s)
    assert weld.become('finished') and np.abs(cell.here() - motion.positions_rad[-1]).max() < 1e-3


def test_a_weld_that_is_stopped_replaced_or_ended_by_the_controller(cell, weld):
    weld.send(cell.move([0.0, 0, 0, 0, 0, -1.5], SLOW))
    weld.sender.stop()
    assert weld.become('stopped') and cell.graph.wait(lambda: not weld.sender._controller.under_way)
    assert cell.graph.wait(cell.standing)
    weld.send(cell.move([0.0, 0, 0, 0, 0, -1.5], SLOW))
    cell.send(cell.move([0.01, 0, 0, 0, 0, 0]), start_s=LED_IN_S)  # from wherever the robot is by then
    assert weld.become('replaced') and weld.health.values['failures'] == 0
    assert cell.graph.wait(lambda: not cell.client.under_way)
    cell.set(held=HELD)
    weld.send(cell.move([0.3, 0, 0, 0, 0, 0]))
    assert weld.become('failed') and 'code -4' in weld.states[-1][1] and weld.health.values['failures'] == 1
    cell.set(held='')


def test_the_supervisor_brakes_by_a_goal_that_replaces_the_motion_and_holds_by_a_cancel(cell):
    port = RosCellPort(
        cell.graph.node,
        NodeHealth(cell.graph.node),
        lambda stage, note: None,
        ControllerSettings(interface='action', answer_s=PATIENT_S),
    )
    port.begin(ROBOT, np.eye(4))
    rig = load_rig(str(config_file('rig.yaml')))
    motion = ScanMotion(port, ROBOT, rig, ScanSettings(), TrajectorySettings())
    assert cell.graph.wait(lambda: port._state.known(ROBOT.joint_names) and not port._controller.missing)
    there = cell.here() + np.array([0.0, 0, 0, 0, 0, 3.0])

    def drive():
        motion._send_until_moving(plan_joint_move(motion.positions(), there, ROBOT, SLOW, rig.T_tool0_tool))
        for _ in range(BRAKINGS):  # as a cycle does: on a busy machine a stop may come too late to be taken
            motion.brake()
            with contextlib.suppress(TrajectoryRejectedError):
                port.wait(lambda: motion.arrived, BRAKED_S)
                return

    assert not in_thread(cell, drive) and cell.graph.wait(cell.standing)
    assert np.abs(cell.here() - there).max() > 0.1
    assert port.halt() and cell.graph.wait(cell.standing)


def in_thread(cell, work):
    """Do work that waits in a thread of its own, while this one spins; what it raised."""
    faults = []

    def watched():
        try:
            work()
        except Exception as error:
            faults.append(error)

    worker = threading.Thread(target=watched)
    worker.start()
    assert cell.graph.wait(lambda: not worker.is_alive())
    return faults


def test_tolerances_of_no_joint_leave_the_controllers_own(cell):
    client = ActionClient(cell.graph.node, FollowJointTrajectory, ACTION_NAME)
    assert cell.graph.wait(client.server_is_ready)
    goal = FollowJointTrajectory.Goal(
        trajectory=trajectory_to_message(cell.move([0.02, 0, 0, 0, 0, 0])),
        path_tolerance=[JointTolerance(name='elbow', position=1e-9)],
        goal_time_tolerance=Duration(sec=1),
    )
    sent = client.send_goal_async(goal)
    assert cell.graph.wait(sent.done)
    result = sent.result().get_result_async()
    assert cell.graph.wait(result.done) and result.result().status == GoalStatus.STATUS_SUCCEEDED
    assert result.result().result.error_string


def test_goals_that_are_refused_or_answered_late_are_not_taken_for_taken(cell):
    cell.set(refuses=True)
    cell.send(cell.move([0.05, 0, 0, 0, 0, 0]))
    assert isinstance(cell.fault(), TrajectoryRejectedError) and cell.client.answer.text == 'goal rejected'
    with pytest.raises(TrajectoryRejectedError, match='rejected it'):
        cell.client.require_taken()
    cell.set(refuses=False, answer_after_s=5.0)
    told = cell.send(cell.move([0.05, 0, 0, 0, 0, 0]), start_s=LATER_S)
    (late,) = in_thread(cell, cell.client.require_taken)
    assert isinstance(late, ControllerSilentError) and 'has not answered' in str(late)
    assert cell.client.unanswered_s > 0.5 and not told.accepted
    cell.set(answer_after_s=0.0)
    assert cell.graph.wait(lambda: told.accepted) and cell.client.unanswered_s == 0.0
    cell.client.require_taken()
    cell.client.cancel()
    assert cell.graph.wait(lambda: not cell.client.under_way)


def test_a_controller_that_dies_on_the_way_is_missed(cell):
    client = TrajectoryController(cell.graph.node, ControllerSettings(interface='action', answer_s=1.0), cell.state)
    assert cell.graph.wait(lambda: not client.missing)
    told = cell.send(cell.move([0.0, 0, 0, 0, 0, -1.5], SLOW), client, start_s=LATER_S)
    assert cell.graph.wait(lambda: told.accepted)
    cell.graph.stop('robot_sim', signal.SIGKILL)
    error = cell.fault(client)
    assert isinstance(error, ControllerSilentError) and not client.under_way
