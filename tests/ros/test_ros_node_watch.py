"""Nodes that fell silent, were started again or refused a motion, by real diagnostics."""

import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor

from weld_cell.errors import TrajectoryRejectedError
from weld_cell.records.status import NodeStatus
from weld_cell.ros.node_watch import NodeWatch
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.statuses import status_to_message
from weld_cell.supervisor.port import NodeLostError

PATIENCE_S = 20.0


class Watched:
    """A watch over one node, and what is told to it."""

    def __init__(self, node):
        self._node, self.watch = node, NodeWatch(node, ['seam_detector'])
        self._publisher = publisher(node, DiagnosticArray, '/diagnostics', STATE)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._wait(lambda: self._publisher.get_subscription_count() == 1)

    def now_ns(self):
        return self._node.get_clock().now().nanoseconds

    def hear(self, name, level=DiagnosticStatus.OK, **values):
        """Tell the diagnostics of a node, and wait until the watch knows them."""
        heard = []
        listener = self._node.create_subscription(DiagnosticArray, '/diagnostics', heard.append, STATE)
        self._wait(lambda: self._publisher.get_subscription_count() == 2)
        self._publisher.publish(
            DiagnosticArray(
                status=[status_to_message(name, NodeStatus(**values), level, 'Too far away. Remedy: Come nearer.')]
            )
        )
        self._wait(lambda: heard)
        self._executor.spin_once(timeout_sec=0.1)  # if the watch is the second to hear
        self._node.destroy_subscription(listener)

    def _wait(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end
            self._executor.spin_once(timeout_sec=0.01)


@pytest.fixture
def watched(make_node):
    return Watched(make_node())


def test_a_node_that_nobody_heard_of_is_missing(watched):
    assert watched.watch.missing() == ['seam_detector']
    watched.hear('seam_detector', started_ns=1)
    assert watched.watch.missing() == []


def test_what_a_node_says_of_itself_is_passed_on_while_it_holds(watched):
    watched.hear('seam_detector', started_ns=1)
    assert watched.watch.complaints() == ''
    watched.hear('seam_detector', DiagnosticStatus.WARN, started_ns=1)
    watched.hear('nobody_needs_it', DiagnosticStatus.ERROR, started_ns=1)
    assert watched.watch.complaints() == 'seam_detector: Too far away.'
    watched.hear('seam_detector', started_ns=1)
    assert watched.watch.complaints() == ''


@pytest.mark.parametrize('robot', [{}, {'refused_ns': 0}])
def test_a_node_that_is_started_again_is_told_by_name(watched, robot):
    """The robot controller, too, if it is one that tells what it refuses."""
    name = 'robot_sim' if robot else 'seam_detector'
    watched.hear('seam_detector', started_ns=1)
    watched.hear(name, started_ns=1, **robot)
    watched.watch.start()
    watched.hear(name, started_ns=1, **robot)
    watched.watch.check()
    watched.hear(name, started_ns=2, **robot)
    with pytest.raises(NodeLostError, match=f'{name} was started again'):
        watched.watch.check()
    watched.watch.stop()
    watched.watch.check()


def test_a_refused_trajectory_is_told_once(watched):
    watched.hear('seam_detector', started_ns=1)
    watched.hear('robot_sim', started_ns=1, refused_ns=watched.now_ns())
    watched.watch.start()
    watched.watch.check()
    refused_ns = watched.now_ns()
    for _ in range(2):
        watched.hear('robot_sim', started_ns=1, refused_ns=refused_ns)
    with pytest.raises(TrajectoryRejectedError, match='Too far away'):
        watched.watch.check()
    watched.hear('robot_sim', started_ns=1, refused_ns=refused_ns)
    watched.watch.check()


def test_the_first_that_is_heard_of_a_robot_may_be_that_it_refused(watched):
    watched.hear('seam_detector', started_ns=1)
    before_ns = watched.now_ns()
    watched.watch.start()
    watched.hear('elsewhere/robot_sim', started_ns=1, refused_ns=before_ns)
    watched.watch.check()
    watched.hear('robot_sim', started_ns=1, refused_ns=watched.now_ns())
    with pytest.raises(TrajectoryRejectedError, match='Too far away'):
        watched.watch.check()


def test_what_is_no_node_of_the_cell_may_come_and_go(watched):
    watched.hear('mako_camera', started_ns=1)
    watched.watch.start()
    watched.hear('mako_camera', started_ns=2)
    watched.watch.check()


def test_a_node_that_a_cycle_needs_besides_is_watched_until_its_part_is_done(watched):
    watched.watch.need(['seam_detector', 'mako_camera'])
    assert watched.watch.missing() == ['seam_detector', 'mako_camera']
    for name in ('seam_detector', 'mako_camera'):
        watched.hear(name, started_ns=1)
    assert watched.watch.missing() == [] and not watched.watch.watches
    watched.watch.start()
    watched.hear('mako_camera', started_ns=2)
    with pytest.raises(NodeLostError, match='mako_camera was started again'):
        watched.watch.check()
    watched.watch.release(['mako_camera'])
    watched.watch.check()
    watched.hear('seam_detector', started_ns=2)
    with pytest.raises(NodeLostError, match='seam_detector was started again'):
        watched.watch.check()


@pytest.mark.parametrize('busy', [['part_identifier'], []])
def test_only_a_node_that_may_be_busy_may_fall_silent(watched, monkeypatch, busy):
    watched.watch.need(['part_identifier'], busy)
    watched.hear('part_identifier', started_ns=1)
    watched.watch.start()
    monkeypatch.setattr('weld_cell.ros.node_watch.SILENCE_S', 0.0)  # so that it is silent now
    if busy:
        watched.watch.check()
        watched.hear('part_identifier', started_ns=2)
    with pytest.raises(NodeLostError, match='was started again' if busy else 'has been silent'):
        watched.watch.check()
