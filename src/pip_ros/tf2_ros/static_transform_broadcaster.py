"""Sends transforms that hold at any time."""

from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import QoSProfile

from tf2_ros.dds import make_writer, tf_static_qos
from tf2_ros.dds_types import SerializedTFMessage
from tf2_ros.messages import encode, link_from_message
from tf2_ros.time_cache import Link
from tf2_ros.transform_broadcaster import as_transforms


class StaticTransformBroadcaster:
    """Publishes on /tf_static (remapped as the node has it), for late joiners too.

    Every message holds all transforms sent so far, since only the last message is kept. A transform given
    again for the same child frame replaces the first, as in tf2_ros_py since August 2025; the one that Jazzy
    came with goes on sending the first.

    Args:
        node: The node in whose domain it publishes.
        qos: QoS or depth of the publisher; tf2_ros's own if None.
    """

    def __init__(self, node: Node, qos: QoSProfile | int | None = None) -> None:
        self._writer = make_writer(node, '/tf_static', tf_static_qos(depth=1) if qos is None else qos)
        self._links: dict[str, Link] = {}

    def sendTransform(  # noqa: N802 (tf2_ros's name)
        self, transform: TransformStamped | Iterable[TransformStamped]
    ) -> None:
        """Publish one transform or several, together with those sent before."""
        self._links.update((link.child, link) for link in map(link_from_message, as_transforms(transform)))
        self._writer.write(SerializedTFMessage(encode(self._links.values())))
