"""Actions of the operator page's buttons: calls of the supervisor's services."""

import time
from collections.abc import Callable

from rclpy.node import Node
from std_msgs.msg import String

from weld_cell.ros.consent_service import LEASE, OPERATOR, PLAN, ConsentCalls
from weld_cell.ros.qos import STATE, publisher
from weld_cell.ros.service_calls import ServiceCalls, ServiceRefusedError

ANSWER_S = 10.0
POLL_S = 0.01


class PageCell:
    """Implements `weld_cell.operator_page.acts.Cell`, from threads that do not spin.

    Args:
        node: Calls; another thread spins it.
    """

    def __init__(self, node: Node) -> None:
        self._triggers = ServiceCalls(node, ('cell/start', 'cell/stop', 'cell/disarm'), wait)
        self._consents = ConsentCalls(node, ('cell/approve', 'cell/arm'), wait)
        self._leases = publisher(node, String, 'cell/lease', STATE)

    def missing(self) -> list[str]:
        """The services of a cycle's start and stop that nobody offers."""
        return self._triggers.missing(['cell/start', 'cell/stop'])

    def start(self) -> str:
        """See Cell."""
        return self._trigger('cell/start')

    def stop(self) -> str:
        """See Cell."""
        return self._trigger('cell/stop')

    def disarm(self) -> str:
        """See Cell."""
        return self._trigger('cell/disarm')

    def approve(self, plan: int, operator: str) -> str:
        """See Cell."""
        return self._consents.call('cell/approve', ANSWER_S, {PLAN: str(plan), OPERATOR: operator})

    def arm(self, plan: int, operator: str, lease: str) -> str:
        """See Cell."""
        return self._consents.call('cell/arm', ANSWER_S, {PLAN: str(plan), OPERATOR: operator, LEASE: lease})

    def lease(self, word: str) -> None:
        """See Cell."""
        self._leases.publish(String(data=word))

    def _trigger(self, name: str) -> str:
        if self._triggers.missing([name]):
            raise ServiceRefusedError(f'Nobody offers {name}.', 'Is cell_supervisor running? See /diagnostics.')
        return self._triggers.call(name, ANSWER_S)


def wait(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Wait until a condition holds; False when the time is over."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(POLL_S)
    return True
