"""What the supervisor hears of the seam, by real messages."""

import threading
import time
from collections import Counter

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseStamped
from nav_msgs.msg import Path
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from weld_cell.errors import TrajectoryRejectedError, WeldCellError
from weld_cell.paths import config_file
from weld_cell.records import SeamPath, SeamSource
from weld_cell.records.status import PartStatus, SeamStatus, WeldStatus
from weld_cell.ros.cell_needs import PLATE, WELD
from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import (
    BASE_FRAME,
    make_header,
    pose_from_transform,
    seam_path_to_message,
    trajectory_to_message,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.image_input import NewestImage
from weld_cell.ros.part_input import PartInput
from weld_cell.ros.qos import LATCHED, RESULT, STATE, publisher
from weld_cell.ros.service_calls import NotYetError
from weld_cell.ros.statuses import status_to_message
from weld_cell.supervisor.port import StageStoppedError
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.seam_paths import SeamPaths
from weld_cell.trajectory.settings import TrajectorySettings

PATIENCE_S = 20.0
ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
FIRST_NS, PERIOD_NS = 10**18, 25_000_000


class Told:
    """A port, and a seam stage whose messages come in the order of these calls."""

    def __init__(self, node):
        self.port = RosCellPort(node, NodeHealth(node), lambda stage, note: None)
        self._points = publisher(node, PointStamped, 'seam/point', RESULT)
        self._statuses = publisher(node, DiagnosticStatus, 'seam/status', RESULT)
        self._heard = []
        node.create_subscription(DiagnosticStatus, 'seam/status', self._heard.append, RESULT)
        node.create_subscription(PointStamped, 'seam/point', self._heard.append, RESULT)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._spin(lambda: self._points.get_subscription_count() == self._statuses.get_subscription_count() == 2)

    def _spin(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end
            self._executor.spin_once(timeout_sec=0.01)

    def _tell(self, out, message):
        before = len(self._heard)
        out.publish(message)
        self._spin(lambda: len(self._heard) > before)
        for _ in range(3):  # if the port is the second to hear
            self._executor.spin_once(timeout_sec=0.02)

    def point(self, image):
        self._tell(self._points, PointStamped(header=make_header(FIRST_NS + image * PERIOD_NS, BASE_FRAME)))

    def status(self, image, **values):
        status = SeamStatus(stamp_ns=FIRST_NS + image * PERIOD_NS, **values)
        self._tell(self._statuses, status_to_message('seam', status))

    @property
    def newest_image(self):
        newest_ns = self.port.newest_image_ns()
        return (newest_ns - FIRST_NS) // PERIOD_NS if newest_ns else None


@pytest.fixture
def told(make_node):
    return Told(make_node())


def test_an_image_is_dealt_with_when_its_point_or_its_error_is_there(told):
    told.point(0)
    told.status(0)
    assert told.newest_image == 0 and len(told.port.seam_points()) == 1
    told.status(1, error='SeamError')
    assert told.newest_image == 1
    told.status(2, error='SeamError', poses_awaited=1)  # an image before it may still give a point
    assert told.newest_image == 1


def test_a_point_that_is_held_up_is_waited_for(told):
    told.point(0)
    told.status(0)
    told.status(1)  # its point is under way
    told.status(2, error='SeamError')
    assert told.newest_image == 0
    told.point(1)
    told.status(3, error='SeamError')
    assert told.newest_image == 3 and len(told.port.seam_points()) == 2


class Welding:
    """A port and, in a node of its own, who is asked to weld; the stop comes while the answer is under way."""

    def __init__(self, make_node, sends):
        node = make_node('asking')
        self.port = RosCellPort(node, NodeHealth(node), lambda stage, note: None)
        self.port.begin(ROBOT, np.eye(4))
        self.motion = plan_joint_move(np.zeros(6), np.full(6, 0.1), ROBOT, TrajectorySettings())
        welder = make_node('welder')
        self._sends = sends
        self._out = publisher(welder, JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
        welder.create_service(Trigger, 'weld/execute', self._execute)
        self._executor = SingleThreadedExecutor()
        for each in (node, welder):
            self._executor.add_node(each)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()
        end = time.monotonic() + PATIENCE_S
        while 'weld/execute' in self.port.ready() or not self._out.get_subscription_count():
            assert time.monotonic() < end
            time.sleep(0.01)

    def _execute(self, _request, response):
        self.port.stopping.set()
        time.sleep(0.2)
        if self._sends:
            self._out.publish(trajectory_to_message(self.motion))
        response.success = self._sends
        return response

    def close(self):
        self._executor.shutdown()
        self._thread.join()


@pytest.fixture
def welding(make_node):
    made = []

    def make(sends):
        made.append(Welding(make_node, sends))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_weld_that_begins_as_the_cycle_is_stopped_is_known_so_that_it_can_be_braked(welding):
    told = welding(sends=True)
    motion, _ = told.port.execute_weld(PATIENCE_S)
    assert motion.times_s[-1] == pytest.approx(told.motion.times_s[-1])
    with pytest.raises(StageStoppedError):  # the cycle ends at its next look, and brakes what it knows of
        told.port.wait(lambda: False, PATIENCE_S)


def test_a_stop_before_a_weld_that_never_begins_ends_the_cycle(welding):
    with pytest.raises(StageStoppedError):
        welding(sends=False).port.execute_weld(PATIENCE_S)


@pytest.fixture
def part_input(make_node):
    """What the supervisor hears of parts, and a call that tells it of one."""
    node = make_node('listener')
    heard = PartInput(node, NodeHealth(node))
    statuses = publisher(node, DiagnosticStatus, 'part/status', RESULT)
    poses = publisher(node, PoseStamped, 'part/pose', LATCHED)
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def tell(status_ns=None, pose_ns=None, level=DiagnosticStatus.OK, **values):
        if status_ns is not None:
            statuses.publish(status_to_message('part', PartStatus(status_ns, 1, 0, **values), level))
        if pose_ns is not None:
            pose = pose_from_transform(np.diag([1.0, 1.0, 1.0, 1.0]))
            poses.publish(PoseStamped(header=make_header(pose_ns, BASE_FRAME), pose=pose))
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            executor.spin_once(timeout_sec=0.05)
        return heard

    return tell


def test_a_part_is_known_once_its_code_and_its_pose_of_one_image_are_there(part_input):
    assert part_input().other_than(None) is None
    assert part_input(status_ns=5, code='A-R').other_than(None) is None
    assert part_input(pose_ns=4).other_than(None) is None  # of an image before
    part = part_input(pose_ns=5).other_than(None)
    assert (part.code, part.stamp_ns) == ('A-R', 5) and part.T_base_part == pytest.approx(np.eye(4))


def test_a_part_that_was_told_before_is_not_told_again(part_input):
    heard = part_input(status_ns=5, pose_ns=5, code='A-R')
    assert heard.stamp_ns == 5 and heard.other_than(5) is None
    assert part_input(status_ns=6, level=DiagnosticStatus.WARN, error='PartUnknownError').other_than(5) is None
    assert part_input(status_ns=7, pose_ns=7, code='A-L').other_than(5).code == 'A-L'


PLATE_PATH = SeamPath(
    np.array([[1.0, 0.0, 0.2], [1.0, 0.1, 0.2]]),
    np.tile([0.0, 1.0, 0.0], (2, 1)),
    np.tile([0.0, 0.0, 1.0], (2, 1)),
    0.1,
    0.1,
    0,
)


SERVICES = ('seam/reset', 'mako/trigger', 'plate_seam/detect', 'weld/plan')


class Plates:
    """A port and, in a node of its own, camera, detector and planner, each as a test wants it."""

    def __init__(self, make_node):
        node = make_node('asking')
        self.port = RosCellPort(node, NodeHealth(node), lambda stage, note: None)
        self.port.begin(ROBOT, np.eye(4), (WELD, PLATE))
        other = make_node('others')
        self.age_ns, self.planned = 0, {}
        self.camera, self.paths = NewestImage(other, 'mako/image_raw'), SeamPaths()
        self.lost, self.asked = Counter(), Counter()
        self.path_out = publisher(other, Path, 'plate_seam/path', LATCHED)
        self._status_out = publisher(other, DiagnosticStatus, 'weld/status', RESULT)
        for name, act in (
            ('seam/reset', lambda: None),
            ('mako/trigger', lambda: None),
            ('plate_seam/detect', self._detect),
            ('weld/plan', self._plan),
        ):
            other.create_service(Trigger, name, self._answer(act))
        self._executor = SingleThreadedExecutor()
        for each in (node, other):
            self._executor.add_node(each)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()
        end = time.monotonic() + PATIENCE_S
        while any(name in self.port.ready() for name in SERVICES):
            assert time.monotonic() < end
            time.sleep(0.01)

    @staticmethod
    def _answer(act):
        def answer(_request, response):
            try:
                act()
                response.success = True
            except WeldCellError as error:
                response.message = str(error)
            return response

        return answer

    def _detect(self):
        self.asked['detect'] += 1
        if self.asked['detect'] <= self.lost['detect']:
            self.camera.take([], lambda image: True)
        self.stamp_ns = time.time_ns() - self.age_ns
        self.path_out.publish(seam_path_to_message(PLATE_PATH, self.stamp_ns, BASE_FRAME))

    def _plan(self):
        self.asked['plan'] += 1
        if self.asked['plan'] <= self.lost['moves']:
            raise TrajectoryRejectedError('weld/plan: the robot moves.', 'Wait until it stands.')
        if self.asked['plan'] <= self.lost['plan']:
            self.paths.path(SeamSource.PLATE)
        said = {'seam_source': SeamSource.PLATE, 'path_stamp_ns': self.stamp_ns, **self.planned}
        weld = WeldStatus(
            'planned', 'dry run', said['seam_source'], 'plate', 9, 3.0, 1.0, 2.0, 8.0, said['path_stamp_ns']
        )
        self._status_out.publish(status_to_message('weld', weld))

    def close(self):
        self._executor.shutdown()
        self._thread.join()


@pytest.fixture
def plates(make_node):
    made = Plates(make_node)
    yield made
    made.close()


def test_a_cycle_without_a_scan_needs_no_laser(plates):
    missing = plates.port.ready()
    assert 'plate_seam_detector' in missing and 'joint_states' in missing
    assert 'laser' not in missing and 'seam_detector,' not in missing.replace('plate_seam_detector', '')


def test_the_plate_seam_of_the_look_is_the_one_that_is_planned(plates):
    path = plates.port.find_plate_seam(PATIENCE_S)
    assert path.positions_m == pytest.approx(PLATE_PATH.positions_m)
    plates.port.plan_weld(SeamSource.PLATE, PATIENCE_S)


def test_who_has_not_found_everybody_yet_is_asked_again(plates):
    plates.lost = Counter(detect=1, plan=2)
    plates.port.find_plate_seam(PATIENCE_S)
    plates.port.plan_weld(SeamSource.PLATE, PATIENCE_S)
    assert plates.asked == {'detect': 2, 'plan': 3}


def test_a_robot_that_is_seen_to_stand_late_is_planned_for_then(plates):
    """Where its driver tells no velocities."""
    plates.lost = Counter(moves=1)
    plates.port.find_plate_seam(PATIENCE_S)
    plates.port.plan_weld(SeamSource.PLATE, PATIENCE_S)
    assert plates.asked['plan'] == 2


def test_what_never_comes_is_told_in_the_words_of_who_needs_it(plates):
    plates.lost = Counter(plan=1000)
    with pytest.raises(NotYetError, match='weld/plan: No seam path was received .* Remedy'):
        plates.port.plan_weld(SeamSource.PLATE, PATIENCE_S)
    assert plates.asked == {'plan': 3}


def test_a_plate_seam_of_an_image_before_the_look_is_none(plates):
    plates.age_ns = 60 * 10**9
    with pytest.raises(WeldCellError, match='no seam for a new image'):
        plates.port.find_plate_seam(0.5)


@pytest.mark.parametrize(
    ('planned', 'said'),
    [({'seam_source': SeamSource.LASER}, 'source "laser"'), ({'path_stamp_ns': 5}, 'another plate seam')],
)
def test_a_plan_along_another_path_is_not_welded(plates, planned, said):
    plates.port.find_plate_seam(PATIENCE_S)
    plates.planned = planned
    with pytest.raises(WeldCellError, match=said):
        plates.port.plan_weld(SeamSource.PLATE, PATIENCE_S)


def test_a_plan_along_the_path_of_an_earlier_scan_is_not_welded(plates):
    plates.stamp_ns, plates.planned = time.time_ns(), {'seam_source': SeamSource.LASER}
    plates.port.reset_seam(np.array([0.0, 0.0, 1.0]))
    with pytest.raises(WeldCellError, match='scanned before this seam'):
        plates.port.plan_weld(SeamSource.LASER, PATIENCE_S)
    plates.stamp_ns = time.time_ns()
    plates.port.plan_weld(SeamSource.LASER, PATIENCE_S)


def test_points_of_the_weld_come_with_their_root_gaps_and_leave_the_scan_alone(told):
    told.point(0)
    told.status(0, gap_mm=1.2, mismatch_mm=0.3, gap_lift=0.8)
    (scanned,) = told.port._seam.scanned()
    assert (scanned.gap_mm, scanned.gap_lift, scanned.mismatch_mm) == (1.2, 0.8, 0.3)
    told.port._seam.watch(FIRST_NS + 5 * PERIOD_NS)
    told.point(4)  # an image from before
    told.point(5)
    assert told.port.points_ahead() == []  # its status is under way
    told.status(5, gap_mm=1.5, gap_lift=0.8, gap_aside=0.0)
    told.status(6, gap_mm=1.0, mismatch_mm=-0.4)
    told.point(6)  # after its status
    ahead = told.port.points_ahead()
    assert [(point.gap_mm, point.gap_lift) for point in ahead] == [(1.5, 0.8), (1.0, 0.0)]
    assert [point.mismatch_mm for point in ahead] == [0.0, -0.4]
    assert len(told.port.seam_points()) == 2
    told.port.rest_seam()
    told.point(7)
    told.status(7)
    assert len(told.port.points_ahead()) == 2


def test_a_weld_that_our_own_corrections_replace_goes_on(told):
    status = WeldStatus('replaced', 'dry run', SeamSource.LASER, 'lap', 9, 9.0, 1.0, 8.0, 8.0, 1)
    message = status_to_message('weld', status)
    told.port._corrects = True
    told.port._on_weld_status(message)
    told.port.wait(lambda: True, 0.1)
    told.port._corrects = False
    told.port._on_weld_status(message)
    with pytest.raises(WeldCellError, match='replaced'):
        told.port.wait(lambda: False, 0.1)
