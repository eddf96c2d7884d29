"""Message and service classes by their ROS names, and topics as serialized bytes."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cyclonedds.util import duration as nanoseconds
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from tf2_ros.dds import make_reader, make_writer
from tf2_ros.dds_types import SerializedTFMessage

from pip_ros.errors import Ros2Error

# PyPI has no type support for it, so rclpy cannot carry it; tf2_ros of pip_ros speaks DDS itself.
TF_MESSAGE = 'tf2_msgs/msg/TFMessage'
_INVALID = {
    'msg': 'The passed message type is invalid',
    'srv': 'The passed service type is invalid',
    'action': 'The passed action type is invalid',
}
_BATCH = 100
_POLL_S = 0.005


def interface_class(name: str, kind: str) -> Any:
    """The class of ``package/KIND/Name``; the middle may be left out.

    Args:
        name: The interface.
        kind: ``msg``, ``srv`` or ``action``.

    Raises:
        Ros2Error: there is no such package or interface in this environment.
    """
    package, *middle, type_name = name.split('/')
    if not type_name or middle not in ([], [kind]):
        raise Ros2Error(f"{_INVALID[kind]}: '{name}' is not the name of a {kind}; expected package/{kind}/Type")
    try:
        return getattr(import_module(f'{package}.{kind}'), type_name)
    except (ImportError, AttributeError) as error:
        raise Ros2Error(f"{_INVALID[kind]}: '{name}' is not installed in this environment") from error


class RawPublisher:
    """Publishes serialized messages as they are.

    Raises:
        Ros2Error: the type is not installed.
    """

    def __init__(self, node: Node, topic: str, type_name: str, qos: QoSProfile) -> None:
        self._writer = self._publisher = None
        if type_name == TF_MESSAGE:
            self._writer = make_writer(node, topic, qos)
        else:
            self._publisher = node.create_publisher(interface_class(type_name, 'msg'), topic, qos)

    def publish(self, data: bytes) -> None:
        """Publish one message."""
        if self._writer is not None:
            self._writer.write(SerializedTFMessage(data))
        elif self._publisher is not None:
            self._publisher.publish(data)

    def wait_for_all_acked(self, timeout_s: float) -> bool:
        """Whether every reliable subscriber has acknowledged everything within that time."""
        if self._writer is not None:
            try:
                return bool(self._writer.wait_for_acks(nanoseconds(seconds=timeout_s)))
            except AttributeError:  # cyclonedds looks for the code of a timeout where it is not
                return False
        return self._publisher is None or bool(self._publisher.wait_for_all_acked(Duration(seconds=timeout_s)))


class RawSubscription:
    """Hands serialized messages to a callback while the node spins, until it is closed; for use in ``with``.

    Raises:
        Ros2Error: the type is not installed.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        type_name: str,
        qos: QoSProfile,
        callback: Callable[..., None],
        event_callbacks: SubscriptionEventCallbacks | None = None,
    ) -> None:
        self._node = node
        self._callback = callback
        self._reader = self._subscription = None
        if type_name == TF_MESSAGE:
            self._reader = make_reader(node, topic, qos)
            self._timer = node.create_timer(_POLL_S, self.take_arrived)
        else:
            message = interface_class(type_name, 'msg')
            self._subscription = node.create_subscription(
                message, topic, callback, qos, raw=True, event_callbacks=event_callbacks
            )

    def __enter__(self) -> 'RawSubscription':
        return self

    def __exit__(self, *_: object) -> None:
        """Hear no more."""
        if self._reader is not None:
            self._node.destroy_timer(self._timer)
            self._reader = None
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def take_arrived(self) -> None:
        """Hand over what has arrived; for who spins no longer."""
        if self._reader is not None:
            for sample in self._reader.take(_BATCH):
                if isinstance(sample, SerializedTFMessage):  # else it says that a publisher went
                    self._callback(sample.cdr)
        if self._subscription is not None:
            with self._subscription.handle:
                while taken := self._subscription.handle.take_message(self._subscription.msg_type, True):
                    self._callback(taken[0])
