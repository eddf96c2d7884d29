"""`ros2 bag record`: write the messages of topics, as they come in, into a bag."""

import sys
from dataclasses import dataclass, field

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosbags.interfaces import Connection
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from pip_ros.bag.choice import Choice
from pip_ros.bag.info import is_service_event
from pip_ros.bag.qos import DEFAULT_DEPTH, as_recorded, requested_when_recorded
from pip_ros.errors import Ros2Error
from pip_ros.messages import RawSubscription


@dataclass(frozen=True)
class RecordOptions:
    """How to record.

    Attributes:
        choice: These topics and services.
        qos_overrides: Profiles to request, by topic.
        polling_s: Time between two looks for topics that have come up.
        no_discovery: Look once only.
        include_hidden: Topics with a name that begins with an underscore too.
        include_unpublished: Topics that nobody publishes yet too.
        ignore_leaf_topics: Not those that nobody else listens to.
    """

    choice: Choice
    qos_overrides: dict[str, QoSProfile] = field(default_factory=dict)
    polling_s: float = 0.1
    no_discovery: bool = False
    include_hidden: bool = False
    include_unpublished: bool = False
    ignore_leaf_topics: bool = False


class Recorder:
    """Records while its node spins; topics may appear at any time.

    Args:
        node: Listens; its clock stamps what comes.
        writer: The open bag.
        options: What to record.
    """

    def __init__(self, node: Node, writer: Writer, options: RecordOptions) -> None:
        self._node = node
        self._writer = writer
        self._options = options
        self._typestore: Typestore = get_typestore(Stores.ROS2_JAZZY)
        self._subscriptions: dict[str, RawSubscription | None] = {}
        self._is_first_look = True
        # By the machine's clock: /clock, where the node's time comes from, is to be discovered itself.
        node.create_timer(options.polling_s, self.discover, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def finish(self) -> None:
        """Write what has arrived and was not yet taken; for who spins no longer."""
        for subscription in self._subscriptions.values():
            if subscription is not None:
                subscription.take_arrived()

    def discover(self) -> None:
        """Subscribe to wanted topics that have come up."""
        if self._options.no_discovery and not self._is_first_look:
            return
        self._is_first_look = False
        for topic, types in self._node.get_topic_names_and_types():
            if topic not in self._subscriptions and self._wanted(topic, types[0]):
                self._subscribe(topic, types)

    def _wanted(self, topic: str, type_name: str) -> bool:
        is_hidden = '/_' in topic and not is_service_event(topic, type_name)
        if is_hidden and not self._options.include_hidden and topic not in self._options.choice.topics:
            return False
        if self._options.ignore_leaf_topics and not self._node.count_subscribers(topic):
            return False
        return self._options.choice.takes(topic, type_name)

    def _subscribe(self, topic: str, types: list[str]) -> None:
        offers = self._node.get_publishers_info_by_topic(topic)
        if not offers and not self._options.include_unpublished:
            return  # somebody listens to it, nobody speaks yet
        self._subscriptions[topic] = None
        try:
            connection = self._add_connection(topic, types, [as_recorded(o.qos_profile) for o in offers])
            qos = self._options.qos_overrides.get(topic) or (
                requested_when_recorded(offers) if offers else QoSProfile(depth=DEFAULT_DEPTH)
            )
            self._subscriptions[topic] = RawSubscription(
                self._node, topic, types[0], qos, lambda data: self._write(connection, data)
            )
        except Ros2Error as error:
            print(f"[WARN] [rosbag2_recorder]: Ignoring the topic '{topic}': {error}", file=sys.stderr)
        else:
            print(f"[INFO] [rosbag2_recorder]: Subscribed to topic '{topic}'", flush=True)

    def _write(self, connection: Connection, data: bytes) -> None:
        stamp_ns = self._node.get_clock().now().nanoseconds
        if stamp_ns:  # simulated time that has not begun is 0
            self._writer.write(connection, stamp_ns, data)

    def _add_connection(self, topic: str, types: list[str], offered: list) -> Connection:  # type: ignore[type-arg]
        if len(types) > 1:
            raise Ros2Error(f'it has more than one type: {", ".join(types)}')
        if types[0] not in self._typestore.types:
            raise Ros2Error(f"rosbags does not know the definition of '{types[0]}'")
        return self._writer.add_connection(topic, types[0], typestore=self._typestore, offered_qos_profiles=offered)
