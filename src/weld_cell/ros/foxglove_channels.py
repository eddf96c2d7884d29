"""The graph's topics as channels of a Foxglove server: bytes pass as they come, while somebody looks at them."""

import importlib
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from foxglove import Channel, Context, Schema
from foxglove.websocket import ChannelView, Client, ServerListener
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosbags.typesys import Stores, get_typestore

WATCHED = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
LATCHED = QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass
class _Topic:
    """A topic that is offered.

    Attributes:
        kind: Class of its messages.
        channel: On which it is offered.
        listeners: How many look, for whom it is listened to.
        subscription: None while nobody looks.
    """

    kind: type
    channel: Channel
    listeners: int = 0
    subscription: Any = None


class FoxgloveChannels(ServerListener):
    """Offers every topic whose type is one of Jazzy's own; `update` is called by a timer of the node.

    Args:
        node: Whose graph is shown.
        context: Of the server.
    """

    def __init__(self, node: Node, context: Context) -> None:
        self._node, self._context = node, context
        self._types = get_typestore(Stores.ROS2_JAZZY)
        self._topics: dict[str, _Topic] = {}
        self._unknown: set[str] = set()
        self._lock = threading.Lock()
        self._looking: Counter[str] = Counter()

    # From the server's threads

    def on_subscribe(self, client: Client, channel: ChannelView) -> None:
        """Somebody looks."""
        with self._lock:
            self._looking[channel.topic] += 1

    def on_unsubscribe(self, client: Client, channel: ChannelView) -> None:
        """He does no longer."""
        with self._lock:
            self._looking[channel.topic] -= 1

    # From the thread that spins

    def update(self) -> None:
        """Offer new topics, and listen to those that somebody looks at."""
        for topic, kinds in self._node.get_topic_names_and_types():
            if topic not in self._topics and topic not in self._unknown:
                self._offer(topic, kinds[0])
        with self._lock:
            looking = dict(self._looking)
        for topic, offered in self._topics.items():
            self._listen(topic, offered, max(looking.get(topic, 0), 0))

    def _offer(self, topic: str, kind: str) -> None:
        package, _, name = kind.split('/')
        try:
            message = getattr(importlib.import_module(f'{package}.msg'), name)
            definition = self._types.generate_msgdef(kind, ros_version=2)[0]
        except (ImportError, AttributeError, KeyError):
            self._unknown.add(topic)
            self._node.get_logger().info(f'{topic} is not offered: {kind} is not known here.')
            return
        schema = Schema(name=kind, encoding='ros2msg', data=definition.encode())
        channel = Channel(topic, schema=schema, message_encoding='cdr', context=self._context)
        self._topics[topic] = _Topic(message, channel)

    def _listen(self, topic: str, offered: _Topic, listeners: int) -> None:
        more, offered.listeners = listeners > offered.listeners, listeners
        if offered.subscription is not None and (more or not listeners):  # who comes later gets what is latched, too
            self._node.destroy_subscription(offered.subscription)
            offered.subscription = None
        if listeners and offered.subscription is None:
            told = self._node.get_publishers_info_by_topic(topic)
            latched = bool(told) and all(
                each.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for each in told
            )
            offered.subscription = self._node.create_subscription(
                offered.kind, topic, offered.channel.log, LATCHED if latched else WATCHED, raw=True
            )
