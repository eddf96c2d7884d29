"""What the supervisor hears of the seam, by real messages."""

import time

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped
from rclpy.executors import SingleThreadedExecutor

from weld_cell.ros.cell_port import RosCellPort
from weld_cell.ros.conversions import BASE_FRAME, make_header
from weld_cell.ros.diagnostics import NodeHealth, make_status
from weld_cell.ros.qos import RESULT, publisher

PATIENCE_S = 20.0
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

    def status(self, image, poses_awaited=0, **values):
        self._tell(self._statuses, make_status(
            'seam', {'stamp_ns': FIRST_NS + image * PERIOD_NS, 'poses_awaited': poses_awaited, **values}))

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
