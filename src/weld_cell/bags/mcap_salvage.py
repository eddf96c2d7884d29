"""Recovery of the intact part of a truncated or damaged MCAP file.

An MCAP file (mcap.dev/spec) is a row of records: opcode (1 byte), length (8 bytes), content. Messages stand in
chunks, which may be compressed and have a checksum. What is whole is written as plain chunks with an index: rosbags
takes messages that are out of order, as recorders write them, from an indexed file only.

The package mcap (1.6.0) is not used: it decompresses a chunk whole or not at all. All messages of a cut or damaged
chunk would be lost, which in a short recording are all messages.
"""

import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from lz4.frame import LZ4FrameDecompressor

from weld_cell.wording import counted

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

MAGIC = b'\x89MCAP0\r\n'
RECORD = struct.Struct('<BQ')
CHUNK_HEAD = struct.Struct('<QQQII')  # first and last time, size, checksum, length of the compression's name
CHUNK_INDEX_HEAD = struct.Struct('<QQQQI')  # first and last time, place, length, bytes of the map that follows
MESSAGE_HEAD = struct.Struct('<HIQ')  # channel, count, time; a second time and the data follow
HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, MESSAGE_INDEX, CHUNK_INDEX = 1, 2, 3, 4, 5, 6, 7, 8
LAST_OPCODE = 0x0F
_ROS2_SCHEMAS = (b'', b'ros2msg', b'ros2idl')  # without encoding where the recorder knew no definition
_ROS2_HEADER = struct.pack('<I4sI', 4, b'ros2', 0)  # profile, and the library's name
CHUNK_BYTES = 1 << 20  # of messages that stood in no chunk
PIECE_BYTES = 1 << 16  # fed to a decompressor at a time, so that what comes before the damage comes out
DECOMPRESSORS: dict[str, Any] = {'zstd': ZstdDecompressor, 'lz4': LZ4FrameDecompressor}


@dataclass(frozen=True)
class Salvaged:
    """What could be saved of a file.

    Attributes:
        messages: Whole messages.
        last_ns: Time of the latest one; 0 without messages.
        read_bytes: Length of the readable part of the file.
        size_bytes: Length of the file.
        damaged_chunks: Chunks in it of which a part or all is lost.
        ended: Whether the recording was ended in order; else the end of the file is missing or unreadable.
    """

    messages: int
    last_ns: int
    read_bytes: int
    size_bytes: int
    damaged_chunks: int
    ended: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is lost that is a message of ROS 2."""
        return self.ended and not self.damaged_chunks

    def __str__(self) -> str:
        what = 'is damaged' if self.ended else f'is cut, {self.read_bytes} of {self.size_bytes} bytes can be read'
        if self.damaged_chunks:
            what += f', chunks lost in part or whole: {self.damaged_chunks}'
        last = f', the last one of {self.last_ns / 1e9:.3f} s' if self.messages else ''
        return f'{what}; {counted(self.messages, "message is", "messages are")} whole{last}'


@dataclass
class _IndexedCopy:
    """Writes chunks and keeps their index."""

    target: BinaryIO
    messages: int = 0
    last_ns: int = 0
    foreign_schemas: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)  # channels that are none of ROS 2
    definitions: dict[bytes, None] = field(default_factory=dict)  # schemas and channels, each once, in order
    chunk_indices: list[bytes] = field(default_factory=list)

    def chunk(self, given: bytes) -> None:
        """Write records as a plain chunk, with the index of its messages; what is not of ROS 2 is left out."""
        times: dict[int, list[tuple[int, int]]] = {}
        kept = bytearray()
        for opcode, content, _ in records(BytesIO(given), len(given)):
            if not self._of_ros(opcode, content):
                continue
            if opcode in (SCHEMA, CHANNEL):
                self.definitions[_record(opcode, content)] = None
            elif opcode == MESSAGE:
                channel, _, time_ns = MESSAGE_HEAD.unpack_from(content)
                times.setdefault(channel, []).append((time_ns, len(kept)))
            kept += _record(opcode, content)
        stamps = [time_ns for channel in times.values() for time_ns, _ in channel]
        if not stamps:
            return
        first, last = min(stamps), max(stamps)
        begin = self.target.tell()
        head = CHUNK_HEAD.pack(first, last, len(kept), 0, 0) + struct.pack('<Q', len(kept))
        self.target.write(_record(CHUNK, head + kept))
        length, places = self.target.tell() - begin, b''
        for channel, entries in times.items():
            places += struct.pack('<HQ', channel, self.target.tell())
            index = b''.join(struct.pack('<QQ', *entry) for entry in entries)
            self.target.write(_record(MESSAGE_INDEX, struct.pack('<HI', channel, len(index)) + index))
        head = CHUNK_INDEX_HEAD.pack(first, last, begin, length, len(places))
        tail = struct.pack('<QIQQ', self.target.tell() - begin - length, 0, len(kept), len(kept))
        self.chunk_indices.append(_record(CHUNK_INDEX, head + places + tail))
        self.messages, self.last_ns = self.messages + len(stamps), max(self.last_ns, last)

    def _of_ros(self, opcode: int, content: bytes) -> bool:
        """Whether a record may belong to ROS 2: what defines it may be lost, or come at the end only."""
        if opcode == SCHEMA:
            (number,) = struct.unpack_from('<H', content)
            if _texts(content, 2)[1] not in _ROS2_SCHEMAS:
                self.foreign_schemas.add(number)
            return number not in self.foreign_schemas
        if opcode == CHANNEL:
            number, schema = struct.unpack_from('<HH', content)
            if _texts(content, 4)[1] != b'cdr' or schema in self.foreign_schemas:
                self.foreign.add(number)
            return number not in self.foreign
        return opcode == MESSAGE and struct.unpack_from('<H', content)[0] not in self.foreign

    def finish(self) -> None:
        """Write the summary."""
        summary = self.target.tell() if self.definitions else 0
        self.target.write(b''.join([*self.definitions, *self.chunk_indices]))
        self.target.write(_record(FOOTER, struct.pack('<QQI', summary, 0, 0)) + MAGIC)


def salvage_mcap(cut: Path, whole: Path) -> Salvaged:
    """Write what is whole of a file into a new one.

    Raises:
        ValueError: not even its beginning is whole.
    """
    size = cut.stat().st_size
    with cut.open('rb') as source, whole.open('wb') as target:
        if source.read(len(MAGIC)) != MAGIC:
            raise ValueError('it does not begin as an MCAP file')
        target.write(MAGIC)
        copy, loose, damaged, end, ended = _IndexedCopy(target), bytearray(), 0, len(MAGIC), False
        for opcode, content, place in records(source, size):
            end, ended = place + RECORD.size + len(content), opcode == FOOTER
            if ended:
                break
            if opcode == HEADER:
                target.write(_record(opcode, _ROS2_HEADER))
            elif opcode == CHUNK:
                inside, is_whole = _inside(content)
                damaged += not is_whole
                copy.chunk(inside)
            elif opcode in (SCHEMA, CHANNEL, MESSAGE):
                loose += _record(opcode, content)
            if len(loose) > CHUNK_BYTES:
                copy.chunk(bytes(loose))
                loose.clear()
        copy.chunk(bytes(loose))
        copy.finish()
    return Salvaged(copy.messages, copy.last_ns, end, size, damaged, ended)


def _texts(content: bytes, place: int) -> tuple[bytes, bytes]:
    """Two texts that stand one behind the other, each with its length before it."""
    texts = []
    for _ in range(2):
        (length,) = struct.unpack_from('<I', content, place)
        texts.append(content[place + 4 : place + 4 + length])
        place += 4 + length
    return texts[0], texts[1]


def _record(opcode: int, content: bytes | bytearray) -> bytes:
    return RECORD.pack(opcode, len(content)) + content


def records(stream: BinaryIO, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Opcode, content and place of each whole record; of a chunk at the end also what there is of it.

    Args:
        stream: At the begin of a record.
        size: No record is longer.
    """
    place = stream.tell()
    while len(head := stream.read(RECORD.size)) == RECORD.size:
        opcode, length = RECORD.unpack(head)
        if not 0 < opcode <= LAST_OPCODE:
            return  # no record begins here: what comes before it is damaged
        content = stream.read(min(length, size))
        if len(content) == length or (opcode == CHUNK and len(content) > CHUNK_HEAD.size):
            yield opcode, content, place
        if len(content) < length:
            return
        place += RECORD.size + length


def _inside(chunk: bytes) -> tuple[bytes, bool]:
    """The whole records in a chunk, and whether these are all that it had."""
    *_, size, checksum, length_of_name = CHUNK_HEAD.unpack_from(chunk)
    begin = CHUNK_HEAD.size + length_of_name + 8
    name = chunk[CHUNK_HEAD.size : begin - 8].decode(errors='replace')
    data = chunk[begin:] if not name else _decompressed(name, chunk[begin:])
    if checksum and len(data) == size and zlib.crc32(data) != checksum:
        return b'', False  # nothing shows which of its messages is the wrong one
    end = 0
    for _, content, place in records(BytesIO(data), len(data)):
        end = place + RECORD.size + len(content)
    return data[:end], end == size


def _decompressed(compression: str, data: bytes) -> bytes:
    """As much as comes out."""
    if compression not in DECOMPRESSORS:
        return b''
    decompressor, decoded = DECOMPRESSORS[compression](), b''
    try:
        for begin in range(0, len(data), PIECE_BYTES):
            decoded += decompressor.decompress(data[begin : begin + PIECE_BYTES])
    except (ZstdError, RuntimeError, EOFError):  # a RuntimeError: by lz4
        return decoded  # here the damage begins
    return decoded
