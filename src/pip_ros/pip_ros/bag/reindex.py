"""`ros2 bag reindex`: the metadata file of a bag, made again from its storage files."""

from pathlib import Path
from typing import Any

from rosbags.typesys import Stores, get_typestore

from pip_ros.bag.metadata import information, topic_metadata, write_metadata_file
from pip_ros.bag.reading import Bag, Topic


def write_metadata(folder: Path, storage: str | None = None) -> list[str]:
    """Write metadata.yaml of a bag's folder; an old one is replaced.

    Args:
        folder: The bag.
        storage: Refuse files of another storage than this.

    Returns:
        What could not be read, in words.

    Raises:
        Ros2Error: it is no bag, or nothing in it can be read.
    """
    with Bag(folder, with_metadata=False, storage=storage) as bag:
        topics = [(_topic(topic), topic.count) for topic in bag.topics.values()]
        table = information(bag.storage, bag.compression, bag.storage_files(), topics, bag.ros_distro)
        problems = list(bag.problems)
    write_metadata_file(folder, table)
    return problems


def _topic(topic: Topic) -> dict[str, Any]:
    digest = topic.digest or _hash(topic.type)
    return topic_metadata(topic.name, topic.type, topic.serialization, topic.qos, digest)


def _hash(type_name: str) -> str:
    """Of a type as ROS 2 Jazzy has it; empty where rosbags does not know it."""
    types = get_typestore(Stores.ROS2_JAZZY)
    return types.hash_rihs01(type_name) if type_name in types.types else ''
