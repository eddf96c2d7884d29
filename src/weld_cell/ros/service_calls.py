"""Calls of other nodes' services from a thread that does not spin."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from rclpy.client import Client
from rclpy.node import Node
from std_srvs.srv import Trigger

from weld_cell.errors import WeldCellError

Wait = Callable[[Callable[[], bool], float], bool]
"""Waits until a condition holds, for seconds at most; False when the time is over."""


class ServiceRefusedError(WeldCellError):
    """Another node could not do what it was asked to; its own words say why."""


class NotYetError(ServiceRefusedError):
    """The other node lacks something that comes soon.

    Discovery of a node that has just started takes time; a robot whose driver sends no velocities is seen to stand
    some tenths of a second after it does.
    """


_NOT_YET = re.compile(r'No [a-z ]+ was received |weld/plan: the robot moves')
"""How NewestImage, SeamPaths and trajectory_publisher begin to say so; a Trigger's answer has only its message."""


class ServiceClients:
    """Clients of services of one type.

    Args:
        node: Calls; another thread spins it.
        kind: Type of the services.
        names: Of the services.
        wait: For an answer.
    """

    def __init__(self, node: Node, kind: Any, names: Iterable[str], wait: Wait) -> None:
        self._clients: dict[str, Client] = {name: node.create_client(kind, name) for name in names}
        self._wait = wait

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those that nobody offers now."""
        return [name for name in names if not self._clients[name].service_is_ready()]

    def answer(self, name: str, request: Any, timeout_s: float, attempts: int = 1) -> Any:
        """Call a service; its response.

        Args:
            name: Of the service.
            request: Of its type.
            timeout_s: How long a response is waited for, over all attempts.
            attempts: How often the request is sent while no response is received, at equal intervals. More than once
                only where the service may run twice. A node that has not yet discovered this client cannot send it
                the response; a later response is received.

        Raises:
            ServiceRefusedError: no response in time.
            WeldCellError: as the wait raises.
        """
        client, sent = self._clients[name], []
        try:
            for _ in range(attempts):
                sent.append(client.call_async(request))
                if self._wait(lambda: any(each.done() for each in sent), timeout_s / attempts):
                    break
        finally:
            for each in sent:
                client.remove_pending_request(each)
        response = next((each.result() for each in sent if each.done()), None)
        if response is None:
            raise ServiceRefusedError(
                f'{name} did not answer within {timeout_s:.0f} s.', 'Is its node alive? See /diagnostics.'
            )
        return response


class ServiceCalls(ServiceClients):
    """Clients of Trigger services; arguments as of `ServiceClients`."""

    def __init__(self, node: Node, names: Iterable[str], wait: Wait) -> None:
        super().__init__(node, Trigger, names, wait)

    def send(self, name: str) -> None:
        """Call a service whose answer nobody waits for, if it is there."""
        if self._clients[name].service_is_ready():
            self._clients[name].call_async(Trigger.Request())

    def call(self, name: str, timeout_s: float, attempts: int = 1) -> str:
        """Call a service; its message. Arguments as of `ServiceClients.answer`.

        Raises:
            NotYetError: it is refused for now.
            ServiceRefusedError: no answer in time, or another refusal.
            WeldCellError: as the wait raises.
        """
        answer = self.answer(name, Trigger.Request(), timeout_s, attempts)
        if not answer.success:
            refused = NotYetError if _NOT_YET.match(answer.message) else ServiceRefusedError
            raise refused(f'{name}: {answer.message}')
        return str(answer.message)
