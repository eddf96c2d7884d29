"""The messages of a bag from its storage files, complete or truncated; losses are reported."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from rosbags.interfaces import Connection
from rosbags.rosbag2 import Reader

from weld_cell.bags.preparing import COMPRESSED, plain_message, prepare, storage_files
from weld_cell.bags.salvage import salvage
from weld_cell.errors import BagError
from weld_cell.wording import counted

CDR = 'cdr'
_YAML_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)  # where PyYAML has libyaml: ten times as fast


class BagStorage:
    """An open rosbag2 bag: a folder, or a single .mcap or .db3 file. Close it with `close`.

    Its files are opened one by one: metadata.yaml may be missing or poorer than they are, and rosbags' reader of the
    whole folder leaves out the messages of a topic whose QoS both tell differently, as older recordings do.

    Args:
        path: Folder or file.

    Raises:
        BagError: no bag, or nothing of it can be read.

    Attributes:
        problems: What could not be read, in words; grows while messages are read.
    """

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._path = path
        self._stack = ExitStack()
        self._salvaged: set[Path] = set()
        try:
            readers = [reader for file in self._files() if (reader := self._open(file)) is not None]
        except BaseException:
            self.close()
            raise
        if not readers:
            self.close()
            raise BagError(
                f'Bag {path} cannot be read: {"; ".join(self.problems)}', 'Check the path, or record again.'
            )
        self._readers = sorted(readers, key=lambda reader: reader.start_time)
        self._tell_other_serializations()

    def close(self) -> None:
        """Close the files and remove what was salvaged."""
        self._stack.close()

    def topics(self) -> dict[str, str]:
        """Topic names and their message types."""
        return {connection.topic: connection.msgtype for connection in self._connections()}

    def count(self, topic: str) -> int:
        """How many messages a topic has."""
        return sum(connection.msgcount for connection in self._connections() if connection.topic == topic)

    def messages(self, topics: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Topic and serialised message of some topics, in recorded order; damaged ones are left out and reported."""
        for number in range(len(self._readers)):
            given = 0
            try:
                for topic, data in _messages(self._readers[number], topics):
                    given += 1
                    yield from self._plain(topic, data)
            except Exception as damage:  # noqa: BLE001 - a damaged file can make its decoder raise anything
                mended = self._open_salvaged(Path(str(self._readers[number].path)), damage)
                if mended is None:
                    continue
                self._readers[number] = mended
                for topic, data in islice(_messages(mended, topics), given, None):
                    given += 1
                    yield from self._plain(topic, data)
            self._check_count(self._readers[number], topics, given)

    def _tell_other_serializations(self) -> None:
        for reader in self._readers:
            for each in reader.connections:
                if each not in _readable(reader):
                    kind = getattr(each.ext, 'serialization_format', '')
                    self.tell(
                        f'{counted(each.msgcount, "message")} on {each.topic} left out: '
                        f'serialized as "{kind}", not {CDR}'
                    )

    def _plain(self, topic: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        try:
            yield topic, plain_message(data)
        except ValueError as error:
            self.tell(f'{topic}: {error}, left out')

    def _check_count(self, reader: Reader, topics: Collection[str], given: int) -> None:
        """Report where a file has fewer messages than it says, as one does whose records are overwritten."""
        expected = sum(connection.msgcount for connection in _readable(reader) if connection.topic in topics)
        if given < expected:
            self.tell(
                f'{Path(str(reader.path)).name} is damaged: {expected - given} of {expected} messages on '
                f'{", ".join(sorted(topics))} are lost'
            )

    def tell(self, problem: str) -> None:
        """Add to `problems`; once, though bags are read more than once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def _connections(self) -> list[Connection]:
        return [connection for reader in self._readers for connection in _readable(reader)]

    def _files(self) -> list[Path]:
        """The storage files.

        Raises:
            BagError: there is no such file.
        """
        files = storage_files(self._path)
        return self._listed(_once(files)) if self._path.is_dir() else files

    def _listed(self, files: list[Path]) -> list[Path]:
        """Of the storage files those of the recording: copies that lie beside it would be read twice."""
        listed = self._read_metadata()
        there = {_plain_name(file.name) for file in files}
        missing = [name for name in listed if _plain_name(name) not in there]
        if missing and len(missing) < len(listed):
            self.tell(f'missing of its {len(listed)} files: {", ".join(missing)}; what they held is lost')
        if missing or not listed:
            return files  # one that is not listed may have been renamed
        others = [file for file in files if _plain_name(file.name) not in map(_plain_name, listed)]
        if others:
            names = ', '.join(file.name for file in others)
            self.tell(f'{names}: left out, as metadata.yaml does not list it')
        return [file for file in files if file not in others]

    def _read_metadata(self) -> list[str]:
        """The names of the files that metadata.yaml lists."""
        try:
            metadata = yaml.load((self._path / 'metadata.yaml').read_text(encoding='utf-8'), Loader=_YAML_LOADER)
            listed = metadata['rosbag2_bagfile_information'].get('relative_file_paths') or []
            return [Path(name).name for name in listed]
        except (OSError, ValueError, TypeError, AttributeError, KeyError, yaml.YAMLError) as error:
            self.tell(f'metadata.yaml is missing or damaged, so the recording was not ended in order: {error}')
            return []

    def _open(self, path: Path) -> Reader | None:
        try:
            readable, lost = prepare(path, self._folder())
        except (OSError, ValueError) as error:
            self.tell(f'{path.name} cannot be read: {error}')
            return None
        if lost:
            self.tell(f'{path.name}: {lost}')
        return self._open_readable(readable)

    def _folder(self) -> Path:
        return Path(self._stack.enter_context(TemporaryDirectory(prefix='weld_cell_bag_')))

    def _open_readable(self, path: Path) -> Reader | None:
        try:
            return self._stack.enter_context(Reader(path))
        except Exception as damage:  # noqa: BLE001 - as in `messages`
            return self._open_salvaged(path, damage)

    def _open_salvaged(self, file: Path, damage: Exception) -> Reader | None:
        if file in self._salvaged:
            self.tell(f'{file.name} is damaged, the rest of it is left out: {damage}')
            return None
        folder = self._folder()
        self._salvaged.add(folder / file.name)
        try:
            saved = salvage(file, folder / file.name)
            reader = self._stack.enter_context(Reader(folder / file.name))
        except Exception as error:  # noqa: BLE001 - as in `messages`
            self.tell(f'{file.name} cannot be read: {error}')
            return None
        if saved:
            self.tell(f'{file.name} {saved} ({damage})')
        return reader


def _once(files: list[Path]) -> list[Path]:
    """Sorted files without those that lie there unpacked too, as `ros2 bag play` leaves them."""
    unpacked: dict[str, Path] = {}
    for file in files:
        unpacked.setdefault(_plain_name(file.name), file)
    return list(unpacked.values())


def _plain_name(name: str) -> str:
    """A file may have been compressed, or unpacked, since."""
    return name.removesuffix(COMPRESSED)


def _readable(reader: Reader) -> list[Connection]:
    """Of a file the topics whose messages are serialised as ROS 2 does it by default."""
    return [each for each in reader.connections if getattr(each.ext, 'serialization_format', CDR) == CDR]


def _messages(reader: Reader, topics: Collection[str]) -> Iterator[tuple[str, bytes]]:
    connections = [connection for connection in _readable(reader) if connection.topic in topics]
    if connections:
        for connection, _, data in reader.messages(connections):
            yield connection.topic, data
