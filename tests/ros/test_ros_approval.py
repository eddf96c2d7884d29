"""Approval over real services and topics: a supervisor's port, a planner and who approves, in nodes of their own."""

import threading
import time

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import WeldCellError
from weld_cell.paths import config_file
from weld_cell.records import SeamSource
from weld_cell.records.status import ApprovalStatus, Stage, WeldStatus
from weld_cell.ros.approval_services import ApprovalServices
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import trajectory_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.page_cell import PageCell
from weld_cell.ros.qos import LATCHED, RESULT, STATE, publisher
from weld_cell.ros.statuses import status_from_message, status_to_message
from weld_cell.supervisor.approval import ApprovalSettings
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

PATIENCE_S = 30.0
ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))


class Cell:
    """The port of a supervisor, a planner whose plans a test makes, and the page's calls."""

    def __init__(self, make_node):
        supervisor, planner, page = (make_node(name) for name in ('supervisor', 'planner', 'page'))
        health = NodeHealth(supervisor)
        self.approval = ApprovalServices(supervisor, health, ApprovalSettings(lease_s=30.0)).approval
        self.port = RosCellPort(supervisor, health, lambda stage, note: None, approval=self.approval)
        self.port.begin(ROBOT, np.eye(4))
        self.mode, self.plan_ns, self.asked, self.told = 'unarmed', 7, [], []
        self._statuses = publisher(planner, DiagnosticStatus, 'weld/status', RESULT)
        self._out = publisher(planner, JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
        for name, act in (('plan', self.plan), ('execute', self._execute), ('arm', None), ('disarm', None)):
            planner.create_service(Trigger, f'weld/{name}', self._answer(name, act))
        self.page = PageCell(page)
        page.create_subscription(DiagnosticStatus, 'cell/approval', self._on_approval, LATCHED)
        self.other_lease = page.create_publisher(String, 'cell/lease', STATE)
        self._executor = SingleThreadedExecutor()
        for node in (supervisor, planner, page):
            self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()
        needed = 'weld/plan', 'weld/execute'
        wait(lambda: not any(name in self.port.ready() for name in needed) and self.told)
        wait(lambda: self._out.get_subscription_count() and self._statuses.get_subscription_count())

    def _answer(self, name, act):
        def answer(_request, response):
            self.asked.append(name)
            if act is not None:
                act()
            response.success = True
            return response

        return answer

    def _on_approval(self, message):
        self.told.append(status_from_message(ApprovalStatus, message))

    def plan(self, state='planned'):
        weld = WeldStatus(state, self.mode, SeamSource.PLATE, 'plate', 9, 3.0, 1.0, 2.0, 8.0, 0, self.plan_ns)
        self._statuses.publish(status_to_message('weld', weld))

    def _execute(self):
        motion = plan_joint_move(np.zeros(6), np.full(6, 0.1), ROBOT, TrajectorySettings())
        self.plan('executing')
        self._out.publish(trajectory_to_message(motion))

    def cycle(self):
        """Plan, and wait for approval in a thread; what came of it."""
        self.port.plan_weld(SeamSource.PLATE, PATIENCE_S)
        outcome = []

        def work():
            try:
                outcome.append(self.port.approve_weld(PATIENCE_S))
            except WeldCellError as error:
                outcome.append(error)

        worker = threading.Thread(target=work)
        worker.start()
        return worker, outcome

    def close(self):
        self._executor.shutdown()
        self._thread.join()


def wait(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def cell(make_node):
    made = Cell(make_node)
    yield made
    made.close()


def refused(match):
    return pytest.raises(WeldCellError, match=match)


def test_a_weld_is_approved_armed_sent_and_disarmed(cell):
    with refused('No plan waits'):
        cell.page.approve(7, 'Anna')
    worker, outcome = cell.cycle()
    wait(lambda: cell.told[-1].state == 'awaited')
    with refused('Another plan'):
        cell.page.approve(6, 'Anna')
    assert cell.page.approve(7, 'Anna').startswith('Approved by Anna')
    with refused('by Anna already'):
        cell.page.approve(7, 'Ben')
    assert not outcome
    cell.page.arm(7, 'Ben', 'word')
    worker.join()
    assert (outcome[0].approved_by, outcome[0].armed_by) == ('Anna', 'Ben')
    cell.port.execute_weld(PATIENCE_S)
    assert cell.asked == ['plan', 'arm', 'execute']
    cell.page.disarm()
    with refused('disarmed during the weld'):
        cell.port.wait(lambda: False, PATIENCE_S)
    cell.port.enter(Stage.FAULT, '')
    wait(lambda: cell.asked[-1] == 'disarm' and cell.told[-1].state == 'none')


def test_a_dry_run_is_approved_and_not_armed(cell):
    cell.mode = 'dry run'
    worker, outcome = cell.cycle()
    wait(lambda: cell.told[-1].state == 'awaited')
    with refused('dry run'):
        cell.page.arm(7, 'Anna', 'word')
    cell.page.approve(7, 'Anna')
    worker.join()
    assert outcome[0].armed_by is None
    cell.port.execute_weld(PATIENCE_S)
    assert cell.asked == ['plan', 'execute']


def test_a_plan_that_is_replaced_ends_what_was_approved(cell):
    worker, outcome = cell.cycle()
    cell.plan_ns = 8
    cell.plan()
    worker.join()
    assert 'Another client planned the weld again' in str(outcome[0])
    assert cell.asked == ['plan']


def test_a_planner_that_arms_by_itself_is_refused(cell):
    cell.mode = 'armed'
    worker, outcome = cell.cycle()
    worker.join()
    assert 'although nobody has armed it' in str(outcome[0])


def test_only_the_word_of_who_armed_keeps_the_arc(cell):
    heard = []
    cell.approval.heard = heard.append
    cell.page.lease('word')
    cell.other_lease.publish(String(data='other'))
    wait(lambda: sorted(heard) == ['other', 'word'])
