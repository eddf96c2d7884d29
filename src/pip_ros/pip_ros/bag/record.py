"""`ros2 bag record`: write the messages of topics, as they come in, into a bag."""

import sys
import time
from pathlib import Path

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosbags.interfaces import Connection
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from pip_ros.bag.qos import as_recorded, requested_when_recorded
from pip_ros.errors import Ros2Error
from pip_ros.messages import RawSubscription

STORAGES = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}
_DISCOVERY_PERIOD_S = 0.1


class Recorder:
    """Records while its node spins; topics may appear at any time.

    Args:
        node: Listens.
        writer: The open bag.
        topics: Record these; all (but hidden ones) if empty.
        exclude_topics: Do not record these.
        qos_overrides: Profiles to request, by topic.
    """

    def __init__(
        self,
        node: Node,
        writer: Writer,
        topics: frozenset[str],
        exclude_topics: frozenset[str],
        qos_overrides: dict[str, QoSProfile],
    ) -> None:
        self._node = node
        self._writer = writer
        self._topics = frozenset(node.resolve_topic_name(topic) for topic in topics)
        self._exclude_topics = exclude_topics
        self._qos_overrides = qos_overrides
        self._typestore: Typestore = get_typestore(Stores.ROS2_JAZZY)
        self._subscriptions: dict[str, RawSubscription | None] = {}
        node.create_timer(_DISCOVERY_PERIOD_S, self.discover)

    def finish(self) -> None:
        """Write what has arrived and was not yet taken; for who spins no longer."""
        for subscription in self._subscriptions.values():
            if subscription is not None:
                subscription.take_arrived()

    def discover(self) -> None:
        """Subscribe to wanted topics that have come up."""
        for topic, types in self._node.get_topic_names_and_types():
            if topic not in self._subscriptions and self._wanted(topic):
                self._subscribe(topic, types)

    def _wanted(self, topic: str) -> bool:
        if topic in self._exclude_topics:
            return False
        return topic in self._topics if self._topics else '/_' not in topic

    def _subscribe(self, topic: str, types: list[str]) -> None:
        offers = self._node.get_publishers_info_by_topic(topic)
        if not offers:
            return  # somebody listens to it, nobody speaks yet
        self._subscriptions[topic] = None
        try:
            connection = self._add_connection(topic, types, [as_recorded(o.qos_profile) for o in offers])
            qos = self._qos_overrides.get(topic) or requested_when_recorded(offers)
            self._subscriptions[topic] = RawSubscription(
                self._node, topic, types[0], qos, lambda data: self._writer.write(connection, time.time_ns(), data)
            )
        except Ros2Error as error:
            print(f"[WARN] [rosbag2_recorder]: Ignoring the topic '{topic}': {error}", file=sys.stderr)
        else:
            print(f"[INFO] [rosbag2_recorder]: Subscribed to topic '{topic}'", flush=True)

    def _add_connection(self, topic: str, types: list[str], offered: list) -> Connection:  # type: ignore[type-arg]
        if len(types) > 1:
            raise Ros2Error(f'it has more than one type: {", ".join(types)}')
        if types[0] not in self._typestore.types:
            raise Ros2Error(f"rosbags does not know the definition of '{types[0]}'")
        return self._writer.add_connection(topic, types[0], typestore=self._typestore, offered_qos_profiles=offered)


def open_writer(path: Path, storage: str) -> Writer:
    """A new bag.

    Raises:
        Ros2Error: the folder exists.
    """
    if path.exists():
        raise Ros2Error(f'Output folder {path} already exists.')
    return Writer(path, version=Writer.VERSION_LATEST, storage_plugin=STORAGES[storage])
