"""The content of a bag's metadata.yaml, as rosbag2 of Jazzy writes it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rosbags.interfaces import Qos
from rosbags.rosbag2.metadata import dump_qos_v9

VERSION = 9
FILE_NAME = 'metadata.yaml'
NO_TIME_NS = 2**63 - 1
"""Start of a bag or file without messages."""


@dataclass(frozen=True)
class StorageFile:
    """A storage file of a bag.

    Attributes:
        path: The file.
        start_ns: Stamp of its first message; `NO_TIME_NS` where it has none.
        duration_ns: From the first to the last message.
        count: Number of messages.
    """

    path: Path
    start_ns: int
    duration_ns: int
    count: int


def information(
    storage: str,
    compression: str,
    files: Sequence[StorageFile],
    topics: Iterable[tuple[dict[str, Any], int]],
    ros_distro: str,
    custom_data: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The table below `rosbag2_bagfile_information`.

    Args:
        storage: ``mcap`` or ``sqlite3``.
        compression: 'none', 'file' or 'message'.
        files: In the order in which they were written.
        topics: Each with its number of messages; of `topic_metadata`.
        ros_distro: That recorded it.
        custom_data: From the user.
    """
    filled = [file for file in files if file.count]
    start_ns = min((file.start_ns for file in filled), default=NO_TIME_NS)
    end_ns = max((file.start_ns + file.duration_ns for file in filled), default=start_ns)
    counted = [{'topic_metadata': topic, 'message_count': count} for topic, count in topics]
    return {
        'version': VERSION,
        'storage_identifier': storage,
        **_times(start_ns, end_ns - start_ns),
        'message_count': sum(file.count for file in files),
        'topics_with_message_count': counted,
        'compression_format': '' if compression == 'none' else 'zstd',
        'compression_mode': '' if compression == 'none' else compression,
        'relative_file_paths': [file.path.name for file in files],
        'files': [
            {'path': file.path.name, **_times(file.start_ns, file.duration_ns), 'message_count': file.count}
            for file in files
        ],
        'custom_data': custom_data or None,
        'ros_distro': ros_distro,
    }


def _times(start_ns: int, duration_ns: int) -> dict[str, Any]:
    return {
        'duration': {'nanoseconds': duration_ns},
        'starting_time': {'nanoseconds_since_epoch': start_ns},
    }


def topic_metadata(name: str, type_name: str, serialization: str, qos: Sequence[Qos], digest: str) -> dict[str, Any]:
    """What metadata.yaml says of a topic.

    Args:
        name: Topic name.
        type_name: Message type.
        serialization: How messages are serialized.
        qos: Profiles that its publishers offered.
        digest: RIHS01 hash of the type.
    """
    return {
        'name': name,
        'type': type_name,
        'serialization_format': serialization,
        'offered_qos_profiles': dump_qos_v9(list(qos)),
        'type_description_hash': digest,
    }


def as_text(table: dict[str, Any]) -> str:
    """A table as YAML."""
    return str(yaml.safe_dump(table, sort_keys=False))


def write_metadata_file(folder: Path, table: dict[str, Any]) -> None:
    """Write metadata.yaml of a bag from its `information`; it is there whole, or as it was."""
    unfinished = folder / f'{FILE_NAME}.{os.getpid()}'
    unfinished.write_text(as_text({'rosbag2_bagfile_information': table}))
    unfinished.replace(folder / FILE_NAME)
