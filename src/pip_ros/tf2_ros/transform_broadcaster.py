"""Sends transforms that change with time."""

from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import QoSProfile

from tf2_ros.dds import make_writer, tf_qos
from tf2_ros.dds_types import SerializedTFMessage
from tf2_ros.messages import encode, link_from_message


class TransformBroadcaster:
    """Publishes on /tf (remapped as the node has it).

    Args:
        node: The node in whose domain it publishes.
        qos: QoS or depth of the publisher; tf2_ros's own if None.
    """

    def __init__(self, node: Node, qos: QoSProfile | int | None = None) -> None:
        self._writer = make_writer(node, '/tf', tf_qos() if qos is None else qos)

    def sendTransform(  # noqa: N802 (tf2_ros's name)
        self, transform: TransformStamped | Iterable[TransformStamped]
    ) -> None:
        """Publish one transform or several in one message."""
        links = map(link_from_message, as_transforms(transform))
        self._writer.write(SerializedTFMessage(encode(links)))


def as_transforms(transform: TransformStamped | Iterable[TransformStamped]) -> list[TransformStamped]:
    """One transform or several, as a list."""
    return list(transform) if isinstance(transform, Iterable) else [transform]
