"""The whole part of a storage file whose end is missing, as a killed recorder or a full disk leaves it.

rosbags refuses such a file. `ros2 bag play` of src/pip_ros mends it in the same way; either package is installed
without the other, so that they share no code.
"""

import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

# MCAP (mcap.dev/spec): magic, records of opcode (1 byte), length (8 bytes) and content, footer, magic.
MAGIC = b'\x89MCAP0\r\n'
RECORD = struct.Struct('<BQ')
CHUNK_HEAD = struct.Struct('<QQQII')  # begin, end, size, checksum, length of the compression's name
FOOTER, CHUNK, DATA_END = 0x02, 0x06, 0x0F
FOOTER_WITHOUT_INDEX = RECORD.pack(FOOTER, 20) + bytes(20)  # rosbags then scans the records


def salvage(cut: Path, whole: Path) -> None:
    """Write what is whole of a cut .mcap or .db3 file into a new file that rosbags reads.

    Raises:
        ValueError: not even its beginning is whole.
    """
    if cut.suffix == '.mcap':
        _salvage_mcap(cut, whole)
    else:
        _salvage_sqlite(cut, whole)


def _salvage_mcap(cut: Path, whole: Path) -> None:
    """Copy whole records; of a cut chunk that is not compressed, the whole messages in it."""
    with cut.open('rb') as source, whole.open('wb') as target:
        if source.read(len(MAGIC)) != MAGIC:
            raise ValueError('it does not begin as an MCAP file')
        target.write(MAGIC)
        size = cut.stat().st_size
        _copy_records(source, target, size)
        if _enter_plain_chunk(source):
            _copy_records(source, target, size)
        target.write(FOOTER_WITHOUT_INDEX + MAGIC)


def _copy_records(source: BinaryIO, target: BinaryIO, size: int) -> None:
    """Copy up to the first record that is cut or that ends the data, and stop in front of it."""
    begin = source.tell()
    while len(head := source.read(RECORD.size)) == RECORD.size:
        opcode, length = RECORD.unpack(head)
        if opcode in (FOOTER, DATA_END) or begin + RECORD.size + length > size:
            break
        target.write(head)
        target.write(source.read(length))
        begin = source.tell()
    source.seek(begin)


def _enter_plain_chunk(source: BinaryIO) -> bool:
    """Go to the records inside the chunk that begins here; False where it is none, or is compressed."""
    head = source.read(RECORD.size + CHUNK_HEAD.size)
    if len(head) < RECORD.size + CHUNK_HEAD.size or head[0] != CHUNK:
        return False
    *_, length_of_compression = CHUNK_HEAD.unpack(head[RECORD.size:])
    source.seek(8, 1)  # length of the records inside
    return bool(length_of_compression == 0)


def _salvage_sqlite(cut: Path, whole: Path) -> None:
    """Copy every table row by row, as far as its pages go."""
    with closing(sqlite3.connect(f'{cut.resolve().as_uri()}?immutable=1', uri=True)) as source, \
            closing(sqlite3.connect(whole)) as target:
        source.execute('PRAGMA writable_schema=ON')  # else SQLite refuses a file that is shorter than it says
        try:
            tables = source.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.DatabaseError as error:
            raise ValueError(f'it does not begin as an SQLite file ({error})') from error
        for name, statement in tables:
            target.execute(statement)
            with suppress(sqlite3.DatabaseError):  # where the pages end
                for row in source.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
                    target.execute(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(row))})', row)
        target.commit()
