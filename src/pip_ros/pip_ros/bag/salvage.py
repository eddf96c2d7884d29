"""What can be saved of a storage file whose end is missing, as a killed recorder or a broken copy leaves it.

An MCAP file is a row of records, each an opcode (1 byte), a length (8 bytes) and that many bytes. What is whole
is copied and closed with a footer that announces no index; a reader then scans the records. Of an SQLite file
every table is copied row by row as far as its pages go.
"""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

_MAGIC = b'\x89MCAP0\r\n'
_FOOTER = b'\x02' + struct.pack('<QQQI', 20, 0, 0, 0)
_CHUNK, _FOOTER_OPCODE, _DATA_END = 0x06, 0x02, 0x0F
_HEADER = struct.Struct('<BQ')
_BLOCK = 1 << 20


def salvage(source: Path, target: Path) -> None:
    """Copy what is whole in a damaged ``.mcap`` or ``.db3`` file into a readable one.

    Raises:
        ValueError: the source is no such file.
    """
    if source.suffix == '.mcap':
        _salvage_mcap(source, target)
    else:
        _salvage_sqlite(source, target)


def _salvage_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f'file:{source}?immutable=1', uri=True)) as damaged, \
            closing(sqlite3.connect(target)) as whole:
        damaged.execute('PRAGMA writable_schema=ON')  # else SQLite refuses a file that is shorter than it says
        try:
            tables = damaged.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.DatabaseError as error:
            raise ValueError(f'{source} is not an SQLite file: {error}') from error
        for name, statement in tables:
            whole.execute(statement)
            _copy_rows(damaged, whole, name)
        whole.commit()


def _copy_rows(damaged: sqlite3.Connection, whole: sqlite3.Connection, table: str) -> None:
    try:
        for row in damaged.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):
            whole.execute(f'INSERT INTO "{table}" VALUES ({",".join("?" * len(row))})', row)
    except sqlite3.DatabaseError:
        return  # here the damage begins


def _salvage_mcap(source: Path, target: Path) -> None:
    """Copy whole records; of a cut chunk that is not compressed its whole messages, without the chunk."""
    size = source.stat().st_size
    with source.open('rb') as cut, target.open('wb') as whole:
        if cut.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(f'{source} is not an MCAP file')
        end = _end_of_records(cut, len(_MAGIC), size)
        _copy(cut, 0, end, whole)
        inside = _inside_cut_chunk(cut, end, size)
        if inside is not None:
            _copy(cut, inside, _end_of_records(cut, inside, size), whole)
        whole.write(_FOOTER + _MAGIC)


def _end_of_records(file: BinaryIO, position: int, size: int) -> int:
    """Where the last whole record ends that belongs to the data."""
    while position + _HEADER.size <= size:
        file.seek(position)
        opcode, length = _HEADER.unpack(file.read(_HEADER.size))
        after = position + _HEADER.size + length
        if after > size or opcode in (_FOOTER_OPCODE, _DATA_END):
            break
        position = after
    return position


def _inside_cut_chunk(file: BinaryIO, position: int, size: int) -> int | None:
    """Where the records of the chunk begin that starts here, or None if it is none or is compressed."""
    file.seek(position)
    head = file.read(_HEADER.size + 28 + 4)
    if len(head) < _HEADER.size + 32 or head[0] != _CHUNK:
        return None
    length_of_compression = int.from_bytes(head[-4:], 'little')
    begin = position + len(head) + length_of_compression + 8
    return begin if length_of_compression == 0 and begin <= size else None


def _copy(source: BinaryIO, begin: int, end: int, target: BinaryIO) -> None:
    source.seek(begin)
    while begin < end:
        begin += target.write(source.read(min(_BLOCK, end - begin)))
