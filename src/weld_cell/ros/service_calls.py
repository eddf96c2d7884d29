"""Calls of other nodes' Trigger services from a thread that does not spin."""

import re
from collections.abc import Callable, Iterable

from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from weld_cell.errors import WeldCellError

Wait = Callable[[Callable[[], bool], float], bool]
"""Waits until a condition holds, for seconds at most; False when the time is over."""


class ServiceRefusedError(WeldCellError):
    """Another node could not do what it was asked to; its own words say why."""


class NotYetError(ServiceRefusedError):
    """The other node lacks something that comes soon.

    Discovery of a node that has just started takes time; a robot whose driver tells no velocities is seen to stand
    some tenths of a second after it does.
    """


_NOT_YET = re.compile(r'No [a-z ]+ was received |weld/plan: the robot moves')
"""How NewestImage, SeamPaths and trajectory_publisher begin to say so; a Trigger's answer has only its message."""


class ServiceCalls:
    """Clients of Trigger services.

    Args:
        node: Calls; another thread spins it.
        names: Of the services.
        wait: For an answer.
    """

    def __init__(self, node: Node, names: Iterable[str], wait: Wait) -> None:
        self._clients: dict[str, Client] = {name: node.create_client(Trigger, name) for name in names}
        self._wait = wait

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those that nobody offers now."""
        return [name for name in names if not self._clients[name].service_is_ready()]

    def send(self, name: str) -> None:
        """Call a service whose answer nobody waits for, if it is there."""
        if self._clients[name].service_is_ready():
            self._clients[name].call_async(Trigger.Request())

    def call(self, name: str, timeout_s: float, attempts: int = 1) -> str:
        """Call a service; its message.

        Args:
            name: Of the service.
            timeout_s: How long an answer is waited for, over all attempts.
            attempts: How often the request is sent while no answer is received, at equal intervals. More than once
                only where the service may run twice. A node that has not yet discovered this client cannot send it
                the answer; a later answer is received.

        Raises:
            NotYetError: it is refused for now.
            ServiceRefusedError: no answer in time, or another refusal.
            WeldCellError: as the wait raises.
        """
        client = self._clients[name]
        requests: list[Future] = []
        try:
            for _ in range(attempts):
                requests.append(client.call_async(Trigger.Request()))
                if self._wait(lambda: any(each.done() for each in requests), timeout_s / attempts):
                    break
        finally:
            for each in requests:
                client.remove_pending_request(each)
        answer = next((each.result() for each in requests if each.done()), None)
        if answer is None:
            raise ServiceRefusedError(
                f'{name} did not answer within {timeout_s:.0f} s.', 'Is its node alive? See /diagnostics.'
            )
        if not answer.success:
            refused = NotYetError if _NOT_YET.match(answer.message) else ServiceRefusedError
            raise refused(f'{name}: {answer.message}')
        return str(answer.message)
