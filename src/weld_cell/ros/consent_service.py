"""Services that carry who says something, and of what: named words in, success and the reason out.

ROS 2 has no standard service of its own for that; `rcl_interfaces/srv/SetParametersAtomically` is one request with
named values whose answer has `successful` and `reason`, and every ROS 2 has it. A Trigger could not say which of two
plans, or operators, is meant.
"""

from collections.abc import Callable, Iterable, Mapping

from rcl_interfaces.msg import Parameter as NamedValue
from rcl_interfaces.msg import ParameterType, SetParametersResult
from rcl_interfaces.msg import ParameterValue as Value
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.node import Node
from rclpy.service import Service

from weld_cell.errors import MessageError, WeldCellError
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.service_calls import ServiceClients, ServiceRefusedError, Wait

PLAN, OPERATOR, LEASE = 'plan', 'operator', 'lease'


def consent_service(node: Node, name: str, health: NodeHealth, act: Callable[[Mapping[str, str]], str]) -> Service:
    """A service of named words.

    Args:
        node: The node.
        name: Service name.
        health: Counts what went right; a refusal is the answer, and no fault of the node.
        act: Gets the words by their names and returns the message of success; its WeldCellError becomes the reason.
    """

    def answer(
        request: SetParametersAtomically.Request, response: SetParametersAtomically.Response
    ) -> SetParametersAtomically.Response:
        try:
            words = {each.name: each.value.string_value for each in request.parameters}
            response.result = SetParametersResult(successful=True, reason=act(words))
            health.succeeded()
        except WeldCellError as error:
            node.get_logger().warning(f'{name}: {error}')
            response.result = SetParametersResult(successful=False, reason=str(error))
        return response

    return node.create_service(SetParametersAtomically, name, answer)


def consent_request(**words: str) -> SetParametersAtomically.Request:
    """A request with words by their names."""
    kind = ParameterType.PARAMETER_STRING
    return SetParametersAtomically.Request(
        parameters=[NamedValue(name=name, value=Value(type=kind, string_value=word)) for name, word in words.items()]
    )


def plan_of(words: Mapping[str, str]) -> int:
    """The number of the plan that is meant.

    Raises:
        MessageError: there is none.
    """
    text = words.get(PLAN, '')
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise MessageError(
            f'Which plan is meant? The value "{PLAN}" is {text!r}.',
            'Send the number of the plan shown, see cell/approval.',
        )
    return int(text)


class ConsentCalls(ServiceClients):
    """Clients of services of named words; arguments as of `ServiceClients`."""

    def __init__(self, node: Node, names: Iterable[str], wait: Wait) -> None:
        super().__init__(node, SetParametersAtomically, names, wait)

    def call(self, name: str, timeout_s: float, words: Mapping[str, str]) -> str:
        """Call a service; its message.

        Raises:
            ServiceRefusedError: nobody offers it, no answer in time, or refused.
        """
        if self.missing([name]):
            raise ServiceRefusedError(f'Nobody offers {name}.', 'Is cell_supervisor running? See /diagnostics.')
        result = self.answer(name, consent_request(**words), timeout_s).result
        if not result.successful:
            raise ServiceRefusedError(result.reason)
        return str(result.reason)
