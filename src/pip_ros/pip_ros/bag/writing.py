"""Writes bags with the file names of rosbag2, NAME/NAME_0.mcap, and splits them as it does."""

import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

from rosbags.interfaces import Connection, ConnectionExtRosbag2
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.rosbag2.storage_mcap import McapWriter
from rosbags.rosbag2.storage_sqlite3 import Sqlite3Writer

from pip_ros.bag.metadata import NO_TIME_NS, StorageFile, as_text, information, topic_metadata, write_metadata_file
from pip_ros.distribution import UNKNOWN, ros_distribution
from pip_ros.errors import Ros2Error

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STORAGES = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}
_SMALLEST_SPLIT = {StoragePlugin.MCAP: 1024, StoragePlugin.SQLITE3: 86016}  # bytes; rosbag2's
_NS = 10**9


class _Mcap(McapWriter):
    def __init__(self, folder: Path, compression: CompressionMode) -> None:
        number = _count(folder)
        super().__init__(folder, compression)
        self.path = _numbered(self.path, number)

    def size(self) -> int:
        """Bytes written."""
        return int(self.bio.tell() + self.chunk.bio.tell())


class _Sqlite3(Sqlite3Writer):
    def __init__(self, folder: Path, compression: CompressionMode) -> None:
        number = _count(folder)
        super().__init__(folder, compression)
        self.conn.close()
        self.path = _numbered(self.path, number)
        self.conn = sqlite3.connect(self.path)
        self.cursor = self.conn.cursor()

    def size(self) -> int:
        """Bytes written."""
        (pages,) = self.cursor.execute('PRAGMA page_count').fetchone()
        (page_bytes,) = self.cursor.execute('PRAGMA page_size').fetchone()
        return int(pages * page_bytes)


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _numbered(file: Path, number: int) -> Path:
    return file.rename(file.with_name(f'{file.stem}_{number}{file.suffix}'))


_WRITERS: dict[StoragePlugin, type[_Mcap] | type[_Sqlite3]] = {
    StoragePlugin.MCAP: _Mcap,
    StoragePlugin.SQLITE3: _Sqlite3,
}


@dataclass
class _Extent:
    """Of the messages in a file."""

    path: Path
    start_ns: int = NO_TIME_NS
    end_ns: int = 0
    count: int = 0

    def add(self, stamp_ns: int) -> None:
        """Count a message."""
        self.start_ns = min(self.start_ns, stamp_ns)
        self.end_ns = max(self.end_ns, stamp_ns)
        self.count += 1

    def as_file(self) -> StorageFile:
        """For the metadata."""
        return StorageFile(self.path, self.start_ns, max(self.end_ns - self.start_ns, 0), self.count)


class BagWriter(Writer):
    """A new bag.

    Args:
        path: Its folder.
        storage: Of `STORAGES`.
        compression: 'none', or by 'file' or 'message', with zstd.
        max_bytes: Begin a new file when the last one has so many; 0 for one file.
        max_duration_s: Begin a new file when the last one is longer; 0 for one file.

    Raises:
        Ros2Error: the folder exists, or ``max_bytes`` is less than rosbag2 takes.
    """

    def __init__(
        self, path: Path, storage: str, compression: str = 'none', max_bytes: int = 0, max_duration_s: int = 0
    ) -> None:
        if path.exists():
            raise Ros2Error(f'Output folder {path} already exists.')
        super().__init__(path, version=9, storage_plugin=STORAGES[storage])
        if compression != 'none':
            self.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
        smallest = _SMALLEST_SPLIT[self.storage_plugin]
        if max_bytes and max_bytes < smallest:
            raise Ros2Error(
                f'Invalid bag splitting size given. Please provide a value greater than {smallest}. '
                f'Specified value of {max_bytes}'
            )
        self._max_bytes = max_bytes
        self._max_duration_ns = max_duration_s * _NS
        self._extents: list[_Extent] = []

    def open(self) -> None:
        """Make the folder and the first file."""
        self.path.mkdir(parents=True)
        self._open_file()

    def write(self, connection: Connection, timestamp: int, data: bytes | memoryview) -> None:
        """Write a message, if need be as the first one of a new file."""
        if self._is_full(timestamp):
            self._end_file()
            self._open_file()
        super().write(connection, timestamp, data)
        self._extents[-1].add(timestamp)

    def close(self) -> None:
        """End the last file and write metadata.yaml."""
        self._end_file()
        self.storage = None
        write_metadata_file(self.path, self._metadata())

    def _open_file(self) -> None:
        self.storage = self._file = _WRITERS[self.storage_plugin](self.path, self.compression_mode)
        self._extents.append(_Extent(self._file.path))
        registered, self.connections, self.added_types = self.connections, [], set()
        for connection in registered:
            count = self.counts[connection.id]
            ext = connection.ext
            assert isinstance(ext, ConnectionExtRosbag2)
            self.add_connection(
                connection.topic,
                connection.msgtype,
                msgdef=connection.msgdef.data,
                rihs01=connection.digest,
                serialization_format=ext.serialization_format,
                offered_qos_profiles=ext.offered_qos_profiles,
            )
            self.counts[connection.id] = count

    def _is_full(self, stamp_ns: int) -> bool:
        if self._max_bytes and self._file.size() >= self._max_bytes:
            return True
        return bool(self._max_duration_ns) and stamp_ns - self._extents[-1].start_ns > self._max_duration_ns

    def _end_file(self) -> None:
        self._file.close(self.version, as_text(self._metadata()))
        if self.compression_mode == CompressionMode.FILE:
            self._extents[-1].path = _compressed(self._file.path)

    def _metadata(self) -> dict[str, object]:
        mode = self.compression_mode
        return information(
            self.storage_plugin.name.lower(),
            mode.name.lower(),
            [extent.as_file() for extent in self._extents],
            [(_topic(connection), self.counts[connection.id]) for connection in self.connections],
            '' if ros_distribution() == UNKNOWN else ros_distribution(),
            self.custom_data,
        )


def _topic(connection: Connection) -> dict[str, object]:
    ext = connection.ext
    assert isinstance(ext, ConnectionExtRosbag2)
    return topic_metadata(
        connection.topic,
        connection.msgtype,
        ext.serialization_format,
        ext.offered_qos_profiles,
        connection.digest,
    )


def _compressed(file: Path) -> Path:
    """The compressed file in the place of a file."""
    target = file.with_name(f'{file.name}.zstd')
    unfinished = target.with_name(f'{target.name}.tmp')
    with file.open('rb') as plain, zstd.open(unfinished, 'wb') as packed:
        shutil.copyfileobj(plain, packed)
    unfinished.replace(target)
    file.unlink()
    return target
