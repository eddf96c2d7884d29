"""Output of part_identifier: status with the code, and pose, both with the image's stamp."""

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node

from weld_cell.records import FloatArray, PartSighting
from weld_cell.records.status import PartStatus
from weld_cell.ros.conversions import ns_from_time, transform_from_pose
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.qos import LATCHED, RESULT, subscription
from weld_cell.ros.statuses import status_from_message


class PartInput:
    """Listens to `part/status` and `part/pose`.

    Args:
        node: The node that listens.
        health: Gets what is wrong with messages.

    Attributes:
        stamp_ns: Of the image that was reported last; None before the first one.
    """

    def __init__(self, node: Node, health: NodeHealth) -> None:
        self.stamp_ns: int | None = None
        self._code: str | None = None
        self._pose: tuple[int, FloatArray] | None = None
        subscription(node, DiagnosticStatus, 'part/status', health.watched(self._on_status), RESULT)
        subscription(node, PoseStamped, 'part/pose', health.watched(self._on_pose), LATCHED)

    def other_than(self, stamp_ns: int | None) -> PartSighting | None:
        """The part in another image than that of a stamp; None while something of it is under way."""
        code, told_ns, pose = self._code, self.stamp_ns, self._pose
        if code is None or pose is None or told_ns in (None, stamp_ns) or told_ns != pose[0]:
            return None
        return PartSighting(code, pose[1], pose[0])

    def _on_status(self, message: DiagnosticStatus) -> None:
        if message.level == DiagnosticStatus.OK:  # else the service says why
            status = status_from_message(PartStatus, message)
            self._code, self.stamp_ns = status.code, status.stamp_ns

    def _on_pose(self, message: PoseStamped) -> None:
        self._pose = ns_from_time(message.header.stamp), transform_from_pose(message.pose)
