"""The newest message of a topic, deserialised only on request."""

from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message

from weld_cell.ros.qos import subscription


class Newest:
    """Subscribes to a topic while it is asked to.

    Args:
        node: The node; all calls come from the thread that spins it.
        kind: Of the messages.
        topic: Its name.
        profile: How it is listened to.
    """

    def __init__(self, node: Node, kind: type, topic: str, profile: QoSProfile) -> None:
        self._node, self._kind, self._topic, self._profile = node, kind, topic, profile
        self._subscription: Any = None
        self._bytes: bytes | None = None
        self._message: Any = None

    def listen(self, on: bool) -> None:
        """Subscribe, or end the subscription, which also forgets its newest message."""
        if on and self._subscription is None:
            self._subscription = subscription(
                self._node, self._kind, self._topic, self._keep, self._profile, raw=True
            )
        elif not on and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._bytes = self._message = None

    def _keep(self, message: bytes) -> None:
        self._bytes = message

    def take(self) -> Any:
        """The newest message, if it was received since the last call; else None."""
        content, self._bytes = self._bytes, None
        if content is None:
            return None
        self._message = deserialize_message(content, self._kind)
        return self._message

    @property
    def message(self) -> Any:
        """The newest message; None where there was none."""
        self.take()
        return self._message
