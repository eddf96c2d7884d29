"""Reads bags, whole or damaged: what is whole comes out, what is not is told in `Bag.problems`."""

import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import yaml
from rosbags.interfaces import Connection, ConnectionExtRosbag2, Qos
from rosbags.rosbag2 import Reader

from pip_ros.bag.metadata import NO_TIME_NS, StorageFile
from pip_ros.bag.salvage import prepare, salvage
from pip_ros.errors import Ros2Error

if sys.version_info >= (3, 14):
    from compression.zstd import decompress
else:
    from backports.zstd import decompress

CDR = 'cdr'
"""The only serialization that can be played."""

_ZSTD_FRAME = b'\x28\xb5\x2f\xfd'
_SUFFIXES = {'.mcap': 'mcap', '.db3': 'sqlite3'}


@dataclass(frozen=True)
class Topic:
    """A topic in a bag.

    Attributes:
        name: Topic name.
        type: Message type, for instance ``sensor_msgs/msg/Image``.
        qos: Profiles that its publishers offered; empty where not recorded.
        count: Number of messages.
        serialization: How they are serialized; what ROS 2 and this package read is ``cdr``.
        definition: Of its type, as ROS 2 writes it; empty where not recorded.
        digest: RIHS01 hash of its type; empty where not recorded.
    """

    name: str
    type: str
    qos: tuple[Qos, ...]
    count: int
    serialization: str
    definition: str
    digest: str


class Bag:
    """An open bag: a folder with ``metadata.yaml``, or a single ``.mcap`` or ``.db3`` file.

    Args:
        path: Folder or file.
        with_metadata: Believe what metadata.yaml says of topics, and miss it where it is not there.
        storage: Refuse files of another storage than this.

    Raises:
        Ros2Error: it is no bag, or nothing in it can be read.

    Attributes:
        topics: By name.
        files: The storage files.
        problems: What could not be read, in words; grows while messages are read.
    """

    def __init__(self, path: Path, with_metadata: bool = True, storage: str | None = None) -> None:
        self.path = path
        self._with_metadata = with_metadata
        self.problems: list[str] = []
        self._stack = ExitStack()
        self._salvaged: set[Path] = set()
        self._files_of_readers: dict[int, Path] = {}
        if not path.exists():
            raise Ros2Error(f'Bag path {path} does not exist')
        self.files = _storage_files(path)
        if storage not in (None, self.storage):
            raise Ros2Error(f"Could not open '{self.files[0]}' with '{storage}': its storage is '{self.storage}'")
        self._recorded_qos: dict[str, tuple[Qos, ...]] = {}
        self._recorded_serialization: dict[str, str] = {}
        self._distro: str | None = None
        try:
            self._readers = self._open()
        except BaseException:
            self._stack.close()
            raise
        self.topics = self._topics()

    def __enter__(self) -> 'Bag':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def storage(self) -> str:
        """``mcap`` or ``sqlite3``."""
        return _SUFFIXES[_suffix(self.files[0])]

    @property
    def ros_distro(self) -> str:
        """The ROS distribution that recorded it, as far as it is told."""
        return self._distro or 'unknown'

    @property
    def count(self) -> int:
        """Number of messages."""
        return sum(topic.count for topic in self.topics.values())

    @property
    def start_ns(self) -> int:
        """Stamp of the first message; 0 for an empty bag."""
        return min((r.start_time for r in self._readers if r.message_count), default=0)

    @property
    def duration_ns(self) -> int:
        """From the first to the last message."""
        # rosbags counts the end one nanosecond behind the last message.
        return max((r.end_time - 1 for r in self._readers if r.message_count), default=0) - self.start_ns

    def storage_files(self) -> list[StorageFile]:
        """The storage files in order of time, as far as they can be read."""
        return [
            StorageFile(
                self._files_of_readers.get(id(reader), self.files[0]),
                reader.start_time if reader.message_count else NO_TIME_NS,
                reader.end_time - 1 - reader.start_time if reader.message_count else 0,
                reader.message_count,
            )
            for reader in self._readers
        ]

    @property
    def compression(self) -> str:
        """'file', 'message' or 'none', by what is in the files."""
        if any(file.suffix == '.zstd' for file in self.files):
            return 'file'
        first = next((data for reader in self._readers for _, _, data in reader.messages()), b'')
        return 'message' if bytes(first[:4]) == _ZSTD_FRAME else 'none'

    def messages(self, topics: Collection[str], start_ns: int) -> Iterator[tuple[str, int, bytes]]:
        """Messages of these topics from a time on: topic, stamp, serialized bytes.

        What cannot be read is left out and added to `problems`.
        """
        for number in range(len(self._readers)):
            given = 0
            try:
                for message in _messages(self._readers[number], topics, start_ns):
                    yield message
                    given += 1
            except Exception as damage:  # noqa: BLE001 - a damaged file can make its decoder raise anything
                mended = self._open_salvaged(Path(str(self._readers[number].path)), damage)
                if mended:
                    self._readers[number] = mended
                    yield from islice(_messages(mended, topics, start_ns), given, None)

    def _open(self) -> list[Reader]:
        """Readers of the storage files in order of time, or of the whole folder where it is compressed.

        The reader of a folder leaves out messages, without a word, where metadata.yaml and the storage file tell
        different QoS of a topic, as old bags do; so it is asked for the metadata only.
        """
        if self.path.is_dir() and self._with_metadata:
            try:
                folder = self._enter(self.path)
            except Exception as error:  # noqa: BLE001 - as in `messages`
                self._recorded_serialization = _other_serializations(self.path)
                if not self._recorded_serialization:
                    self.problems.append(f'{self.path}: {error}')
            else:
                self._recorded_qos = {c.topic: _offered(c) for c in folder.connections}
                self._distro = folder.ros_distro
                if folder.compression_mode == 'file':
                    return [folder]
        opened = [(file, reader) for file in self.files if (reader := self._open_file(file))]
        self._files_of_readers = {id(reader): file for file, reader in opened}
        readers = [reader for _, reader in opened]
        if not readers:
            raise Ros2Error(f'Nothing in the bag {self.path} can be read: {"; ".join(self.problems)}')
        return sorted(readers, key=lambda reader: reader.start_time)

    def _enter(self, path: Path) -> Reader:
        return self._stack.enter_context(Reader(path))

    def _open_file(self, file: Path) -> Reader | None:
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix='ros2_bag_')))
        try:
            file, lost = prepare(file, folder)
        except (OSError, ValueError) as error:
            self.problems.append(f'{file}: {error}')
            return None
        if lost:
            self.problems.append(f'{file}: {lost}')
        try:
            return self._enter(file)
        except Exception as damage:  # noqa: BLE001 - as in `messages`
            return self._open_salvaged(file, damage)

    def _open_salvaged(self, file: Path, damage: Exception) -> Reader | None:
        if file in self._salvaged:
            self.problems.append(f'{file} is damaged, the rest of it is left out: {damage}')
            return None
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix='ros2_bag_')))
        self._salvaged.add(folder / file.name)
        try:
            saved = salvage(file, folder / file.name)
            reader = self._enter(folder / file.name)
        except Exception as error:  # noqa: BLE001 - as in `messages`
            self.problems.append(f'{file}: {error} ({damage})')
            return None
        self.problems.append(f'{file} {saved} ({damage})')
        return reader

    def _topics(self) -> dict[str, Topic]:
        topics: dict[str, Topic] = {}
        for connection in (c for reader in self._readers for c in reader.connections):
            name = connection.topic
            qos = self._recorded_qos.get(name) or _offered(connection)
            count = topics[name].count if name in topics else 0
            serialization = self._recorded_serialization.get(name) or _serialization(connection)
            topics[name] = Topic(
                name,
                connection.msgtype,
                qos,
                count + connection.msgcount,
                serialization,
                connection.msgdef.data,
                connection.digest,
            )
        return dict(sorted(topics.items()))


def _messages(reader: Reader, topics: Collection[str], start_ns: int) -> Iterator[tuple[str, int, bytes]]:
    connections = [connection for connection in reader.connections if connection.topic in topics]
    if connections:
        for connection, stamp, data in reader.messages(connections, start=start_ns):
            yield connection.topic, stamp, _plain(bytes(data))


def _plain(data: bytes) -> bytes:
    """A message that may be compressed by itself; a serialised one begins with a zero."""
    return bytes(decompress(data)) if data.startswith(_ZSTD_FRAME) else data


def _offered(connection: Connection) -> tuple[Qos, ...]:
    ext = connection.ext
    return tuple(ext.offered_qos_profiles) if isinstance(ext, ConnectionExtRosbag2) else ()


def _serialization(connection: Connection) -> str:
    ext = connection.ext
    return ext.serialization_format if isinstance(ext, ConnectionExtRosbag2) else CDR


def _other_serializations(folder: Path) -> dict[str, str]:
    """Those of metadata.yaml that are not CDR, by topic; rosbags refuses such a folder."""
    try:
        told = yaml.safe_load((folder / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
        topics = [topic['topic_metadata'] for topic in told['topics_with_message_count']]
        return {t['name']: t['serialization_format'] for t in topics if t['serialization_format'] != CDR}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        return {}


def _suffix(path: Path) -> str:
    return path.with_suffix('').suffix if path.suffix == '.zstd' else path.suffix


def _storage_files(path: Path) -> list[Path]:
    files = sorted(p for p in path.iterdir() if _suffix(p) in _SUFFIXES) if path.is_dir() else [path]
    if not files or _suffix(files[0]) not in _SUFFIXES:
        raise Ros2Error(f'{path} is no bag: no .mcap or .db3 file')
    return files
