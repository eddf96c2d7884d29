"""Approval and arming of a weld as the graph has them.

`cell/approve` and `cell/arm` name plan and operator, `cell/disarm` is a Trigger; `cell/lease` is the heartbeat of who
armed, `cell/approval` (latched) says how it stands.
"""

from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import String

from weld_cell.records.status import ApprovalState, ApprovalStatus
from weld_cell.ros.consent_service import LEASE, OPERATOR, consent_service, plan_of
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.qos import LATCHED, STATE, publisher, subscription
from weld_cell.ros.services import trigger_service
from weld_cell.ros.statuses import status_to_message
from weld_cell.supervisor.approval import Approval, ApprovalSettings

LOOK_S = 0.2


class ApprovalServices:
    """Puts an `Approval` behind services and topics.

    Args:
        node: The supervisor's node.
        health: Of it.
        settings: How long what is said holds.

    Attributes:
        approval: What the cycle waits for.
    """

    def __init__(self, node: Node, health: NodeHealth, settings: ApprovalSettings) -> None:
        self._node = node
        self._out = publisher(node, DiagnosticStatus, 'cell/approval', LATCHED)
        self.approval = Approval(settings, self._tell)
        subscription(node, String, 'cell/lease', self._on_lease, STATE)
        consent_service(node, 'cell/approve', health, self._approve)
        consent_service(node, 'cell/arm', health, self._arm)
        trigger_service(node, 'cell/disarm', health, self.approval.disarm)
        node.create_timer(LOOK_S, lambda: self.approval.status)  # reports what has expired
        self._tell(self.approval.status)

    def _tell(self, status: ApprovalStatus) -> None:
        released = status.state is ApprovalState.RELEASED
        level = DiagnosticStatus.ERROR if released else DiagnosticStatus.OK
        self._out.publish(status_to_message('approval', status, level, status.note or str(status.state)))
        if status.state is not ApprovalState.NONE:
            by = ', '.join(f'{how} {who}' for how, who in _by(status))
            self._node.get_logger().info(f'plan {status.plan}: {status.state}' + (f', {by}' if by else ''))

    def _on_lease(self, message: String) -> None:
        self.approval.heard(message.data)

    def _approve(self, words: Mapping[str, str]) -> str:
        return self.approval.approve(plan_of(words), words.get(OPERATOR, ''))

    def _arm(self, words: Mapping[str, str]) -> str:
        return self.approval.arm(plan_of(words), words.get(OPERATOR, ''), words.get(LEASE, ''))


def _by(status: ApprovalStatus) -> list[tuple[str, str]]:
    said = (('approved by', status.approved_by), ('armed by', status.armed_by))
    return [(how, who) for how, who in said if who]
