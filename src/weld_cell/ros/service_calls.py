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


class NothingCameError(ServiceRefusedError):
    """The other node has not received what it needs: discovery of a node that has just started takes time."""


_NOTHING_CAME = re.compile(r'No [a-z ]+ was received ')
"""How NewestImage and SeamPaths begin to say so; a Trigger's answer has nothing but its message."""


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

    def answer(self, name: str, request: Any, timeout_s: float) -> Any:
        """Call a service; its response.

        Raises:
            ServiceRefusedError: no answer in time.
            WeldCellError: as the wait raises.
        """
        client = self._clients[name]
        future = client.call_async(request)
        if not self._wait(future.done, timeout_s):
            client.remove_pending_request(future)
            raise ServiceRefusedError(
                f'{name} did not answer within {timeout_s:.0f} s.', 'Is its node alive? See /diagnostics.'
            )
        return future.result()


class ServiceCalls(ServiceClients):
    """Clients of Trigger services; arguments as of `ServiceClients`."""

    def __init__(self, node: Node, names: Iterable[str], wait: Wait) -> None:
        super().__init__(node, Trigger, names, wait)

    def send(self, name: str) -> None:
        """Call a service whose answer nobody waits for, if it is there."""
        if self._clients[name].service_is_ready():
            self._clients[name].call_async(Trigger.Request())

    def call(self, name: str, timeout_s: float) -> str:
        """Call a service; its message.

        Raises:
            NothingCameError: it is refused since what the other node needs has not come to it.
            ServiceRefusedError: no answer in time, or another refusal.
            WeldCellError: as the wait raises.
        """
        answer = self.answer(name, Trigger.Request(), timeout_s)
        if not answer.success:
            refused = NothingCameError if _NOTHING_CAME.match(answer.message) else ServiceRefusedError
            raise refused(f'{name}: {answer.message}')
        return str(answer.message)
