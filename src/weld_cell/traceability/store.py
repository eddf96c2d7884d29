"""The writer of a records folder: one line a cycle, safe against being killed at any moment.

    records.jsonl            the records, one a line, in a chain (`chain`)
    pictures/<cycle>/*.png   whole or not there
    index.sqlite             made from the lines (`index`)
    open/<cycle>.json        a cycle under way, as it was known last; with its end, once it has come
    open/<cycle>.room        room on the disk that is held for it, and locked as long as its writer lives
    half_lines.txt           what was half written when a writer was killed

A record is written to `open` before its line is, and is removed from there after: one of both is always whole. Who
begins next finishes what a killed writer has left. Several cells may share a folder.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from weld_cell.errors import RecordError
from weld_cell.models.files import replace_file
from weld_cell.traceability.chain import Sealed, seal
from weld_cell.traceability.folder import catch_up, refuse_cut
from weld_cell.traceability.index import RecordIndex
from weld_cell.traceability.lines import LINES_FILE, cannot, read_tail
from weld_cell.traceability.record import (
    Outcome,
    PictureRecord,
    WeldRecord,
    record_from_plain,
    to_json,
)

OPEN, PICTURES, LOCK_FILE, HALF_FILE = 'open', 'pictures', 'lock', 'half_lines.txt'
MB = 1_000_000
KILLED = 'Its end was not written: the supervisor was killed, or its disk was gone. This is what was known by then.'


class RecordStore:
    """Writes records into a folder.

    Args:
        folder: Is made where it is missing.
        reserve_mb: Room that a cycle takes on the disk before it begins.
    """

    def __init__(self, folder: Path, reserve_mb: float = 32.0) -> None:
        self.folder = folder
        self._reserve = int(reserve_mb * MB)
        self.recovered: tuple[Sealed, ...] = ()
        """Records of cycles whose writer had been killed, as the last `begin` found them."""

    def recover(self) -> tuple[Sealed, ...]:
        """Finish what killed writers have left in a folder that is there; their records.

        Raises:
            RecordError: the folder is read-only or full, or its last records were removed.
        """
        if not (self.folder / OPEN).is_dir():
            return ()
        try:
            with self._locked():
                return tuple(self._recover())
        except OSError as error:
            raise cannot(self.folder, 'written', error) from error

    def begin(self, record: WeldRecord) -> 'OpenRecord':
        """Begin the record of a cycle: with room for it, before anything moves.

        Raises:
            RecordError: the folder is read-only or full, or its last records were removed.
        """
        try:
            for part in (self.folder, self.folder / OPEN, self.folder / PICTURES):
                part.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self.recovered = tuple(self._recover())
                read_tail(self.folder)  # what could not be appended to is to be told now
                room = _take_room(self.folder / OPEN / f'{record.cycle}.room', self._reserve)
        except OSError as error:
            raise cannot(self.folder, 'written', error) from error
        opened = OpenRecord(self, record.cycle, room, self._reserve)
        try:
            opened.update(record)
        except RecordError:
            opened.abandon()
            raise
        return opened

    def _recover(self) -> Iterator[Sealed]:
        """Append what killed writers have left. The folder is locked."""
        with self._index():
            pass  # refuses a folder whose last records were removed
        for draft in sorted((self.folder / OPEN).glob('*.json')):
            room = draft.with_suffix('.room')
            if _has_owner(room):
                continue
            left = _read_draft(draft)
            if left is None:
                continue
            if not self._knows(left.cycle):
                yield self._append(self._with_pictures(left))
            draft.unlink()
        for file in (self.folder / OPEN).iterdir():  # rooms, and drafts that were never moved to their place
            room = file.with_name(file.name.lstrip('.').partition('.')[0] + '.room')
            if file.suffix != '.json' and not _has_owner(room):
                file.unlink(missing_ok=True)

    def _with_pictures(self, left: WeldRecord) -> WeldRecord:
        """With its end, and the pictures that were kept but not yet written of."""
        folder = self.folder / PICTURES / left.cycle
        for unfinished in folder.glob('.*'):
            unfinished.unlink(missing_ok=True)
        known = {picture.file for picture in left.pictures}
        kept = [
            PictureRecord(str(file.relative_to(self.folder)), sha256(file.read_bytes()).hexdigest(), file.stem)
            for file in sorted(folder.glob('*'))
        ]
        left = replace(left, pictures=left.pictures + tuple(each for each in kept if each.file not in known))
        if left.outcome is not None:
            return left
        return replace(left, outcome=str(Outcome.LOST), reason=KILLED)

    def _knows(self, cycle: str) -> bool:
        with self._index() as index:
            return index.knows(cycle)

    @contextmanager
    def _index(self) -> Iterator[RecordIndex]:
        """The index, with all that the lines hold."""
        index = RecordIndex(self.folder)
        try:
            refuse_cut(self.folder, index)
            catch_up(self.folder, index)
            yield index
        finally:
            index.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """While this process alone writes the folder."""
        with (self.folder / LOCK_FILE).open('a') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def finish(self, record: WeldRecord, opened: 'OpenRecord') -> Sealed:
        """Append a record whose cycle is over.

        Raises:
            RecordError: the folder cannot be written.
        """
        try:
            with self._locked():
                opened.release_room()
                opened.update(record)
                sealed = self._append(record)
                opened.remove()
                return sealed
        except OSError as error:
            raise cannot(self.folder, 'written', error) from error
        finally:
            opened.leave()

    def _append(self, record: WeldRecord) -> Sealed:
        """One line more, on the disk before this returns. The folder is locked."""
        tail = read_tail(self.folder)
        path = self.folder / LINES_FILE
        sealed = seal(record, tail.number + 1, tail.sha256)
        with path.open('ab') as stream:
            if tail.half:
                _write_durably(self.folder / HALF_FILE, tail.half + b'\n')
                stream.truncate(tail.end)
            stream.write(b'\n' + sealed.line if tail.unended else sealed.line)
            stream.flush()
            os.fsync(stream.fileno())
        _sync_folder(self.folder)
        with self._index():  # takes the line in
            return sealed


class OpenRecord:
    """The record of a cycle under way; `RecordStore.begin` makes it.

    Args:
        store: Whose it is.
        cycle: Its identifier.
        room: Descriptor of the room that is held for it.
        reserve: Its size in bytes.
    """

    def __init__(self, store: RecordStore, cycle: str, room: int, reserve: int) -> None:
        self._store, self._cycle, self._room, self._reserve = store, cycle, room, reserve
        self._draft = store.folder / OPEN / f'{cycle}.json'

    def update(self, record: WeldRecord) -> None:
        """Write what is known of the cycle by now.

        Raises:
            RecordError: the folder cannot be written.
        """
        write_whole(self._draft, to_json(record))

    def require_room(self, record: WeldRecord) -> None:
        """Before the arc burns: the room is still held, and the folder takes what is written.

        Raises:
            RecordError: it is not so.
        """
        self.update(record)
        held = os.fstat(self._room)
        if held.st_nlink == 0 or held.st_size < self._reserve:
            raise RecordError(
                f'{self._draft.parent}: the room for the record of this cycle is gone.',
                'Leave the folder of records to weld_cell; see the log of who removed it.',
            )

    def keep_picture(self, name: str, png: bytes, what: str) -> PictureRecord:
        """Keep a picture; what the record says of it. A later one of the same name takes its place.

        Raises:
            RecordError: the folder cannot be written.
        """
        path = self._store.folder / PICTURES / self._cycle / f'{name}.png'
        write_whole(path, png)
        return PictureRecord(str(path.relative_to(self._store.folder)), sha256(png).hexdigest(), what)

    def finish(self, record: WeldRecord) -> Sealed:
        """The cycle is over; see `RecordStore.finish`."""
        return self._store.finish(record, self)

    def release_room(self) -> None:
        """For what is to be written; the lock stays."""
        with suppress(FileNotFoundError):  # somebody removed it; there may be room still
            os.truncate(self._draft.with_suffix('.room'), 0)

    def abandon(self) -> None:
        """As if the cycle had not begun."""
        self.remove()
        self.leave()

    def remove(self) -> None:
        """Remove the draft and the room."""
        for file in (self._draft, self._draft.with_suffix('.room')):
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def leave(self) -> None:
        """Let go: what is left is finished by who begins next."""
        os.close(self._room)


def utc(time_s: float | None = None) -> str:
    """A time, or now, as records write it: ISO 8601 with milliseconds."""
    moment = datetime.now(UTC) if time_s is None else datetime.fromtimestamp(time_s, UTC)
    return moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')


def _take_room(path: Path, size: int) -> int:
    """Descriptor of a file of that size for which the disk has blocks, locked as long as it is open."""
    try:
        with path.open('wb') as stream:
            os.posix_fallocate(stream.fileno(), 0, size)
        room = os.open(path, os.O_RDONLY)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    fcntl.flock(room, fcntl.LOCK_EX)
    return room


def _has_owner(room: Path) -> bool:
    """Whether the writer that took this room lives."""
    try:
        with room.open('rb') as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _read_draft(draft: Path) -> WeldRecord | None:
    """A draft is whole or not there; None of one that another version has written."""
    try:
        return record_from_plain(json.loads(draft.read_bytes()))
    except (ValueError, RecordError):
        return None


def write_whole(path: Path, content: bytes) -> None:
    """A file that is the old or the new one, and on the disk before this returns.

    Raises:
        RecordError: it cannot be written.
    """
    try:
        replace_file(path, lambda stream: stream.write(content))
        _sync_folder(path.parent)
    except OSError as error:
        raise cannot(path, 'written', error) from error


def _write_durably(path: Path, content: bytes) -> None:
    with path.open('ab') as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """So that a new name outlasts a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
