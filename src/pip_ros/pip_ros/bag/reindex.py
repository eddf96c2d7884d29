"""`ros2 bag reindex`: the metadata file of a bag, made again from its storage files."""

import os
from pathlib import Path
from typing import Any

import yaml
from rosbags.rosbag2.metadata import dump_qos_v9
from rosbags.typesys import Stores, get_typestore

from pip_ros.bag.reading import Bag, Topic

_VERSION = 9
_METADATA = 'metadata.yaml'


def write_metadata(folder: Path) -> list[str]:
    """Write metadata.yaml of a bag's folder; an old one is replaced.

    Returns:
        What could not be read, in words.

    Raises:
        Ros2Error: it is no bag, or nothing in it can be read.
    """
    with Bag(folder, with_metadata=False) as bag:
        content = yaml.safe_dump({'rosbag2_bagfile_information': _information(bag)}, sort_keys=False)
        problems = list(bag.problems)
    unfinished = folder / f'{_METADATA}.{os.getpid()}'
    unfinished.write_text(content)
    unfinished.replace(folder / _METADATA)
    return problems


def _information(bag: Bag) -> dict[str, Any]:
    files, compression = bag.storage_files(), bag.compression
    return {
        'version': _VERSION,
        'storage_identifier': bag.storage,
        'duration': {'nanoseconds': bag.duration_ns},
        'starting_time': {'nanoseconds_since_epoch': bag.start_ns},
        'message_count': bag.count,
        'topics_with_message_count': [
            {'topic_metadata': _topic(topic), 'message_count': topic.count} for topic in bag.topics.values()
        ],
        'compression_format': '' if compression == 'none' else 'zstd',
        'compression_mode': '' if compression == 'none' else compression,
        'relative_file_paths': [file.path.name for file in files],
        'files': [
            {
                'path': file.path.name,
                'starting_time': {'nanoseconds_since_epoch': file.start_ns},
                'duration': {'nanoseconds': file.duration_ns},
                'message_count': file.count,
            }
            for file in files
        ],
        'custom_data': None,
        'ros_distro': bag.ros_distro,
    }


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        'name': topic.name,
        'type': topic.type,
        'serialization_format': topic.serialization,
        'offered_qos_profiles': dump_qos_v9(list(topic.qos)),
        'type_description_hash': topic.digest or _hash(topic.type),
    }


def _hash(type_name: str) -> str:
    """Of a type as ROS 2 Jazzy has it; empty where rosbags does not know it."""
    types = get_typestore(Stores.ROS2_JAZZY)
    return types.hash_rihs01(type_name) if type_name in types.types else ''
