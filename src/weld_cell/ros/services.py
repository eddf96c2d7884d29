"""Trigger services that answer with a message on success, or with the error and its remedy."""

from collections.abc import Callable

from rclpy.node import Node
from rclpy.service import Service
from std_srvs.srv import Trigger

from weld_cell.errors import WeldCellError
from weld_cell.ros.diagnostics import NodeHealth


def trigger_service(node: Node, name: str, health: NodeHealth, act: Callable[[], str]) -> Service:
    """A Trigger service.

    Args:
        node: The node.
        name: Service name.
        health: Gets the errors too.
        act: Does the work and returns the message of success; its WeldCellError becomes the message of failure.
    """

    def answer(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            response.message = act()
            response.success = True
        except WeldCellError as error:
            health.report(error)
            response.message = str(error)
            response.success = False
        return response

    return node.create_service(Trigger, name, answer)
