"""Preparation of storage files: file compression, SQLite journals, missing indices.

rosbags opens SQLite files as they are, without what a recorder that still runs, or was killed, keeps in a journal
(-wal) beside; and it finds messages of an MCAP file by its message index only, in a file whose profile is ros2.
"""

import shutil
import sqlite3
import struct
import sys
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from weld_cell.bags.mcap_salvage import (
    CHUNK_INDEX,
    CHUNK_INDEX_HEAD,
    MAGIC,
    PIECE_BYTES,
    RECORD,
    records,
    salvage_mcap,
)
from weld_cell.errors import BagError

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError, decompress
else:
    from backports.zstd import ZstdDecompressor, ZstdError, decompress

SUFFIXES = ('.mcap', '.db3')
COMPRESSED = '.zstd'
_ZSTD_FRAME = b'\x28\xb5\x2f\xfd'  # a serialised message begins with a zero
_FOOTER_BYTES = RECORD.size + 20 + len(MAGIC)


def is_storage(path: Path) -> bool:
    """Whether a file is named as a storage file, compressed or not; hidden ones are not, as macOS leaves them."""
    return storage_suffix(path) in SUFFIXES and not path.name.startswith('.')


def storage_files(bag: Path) -> list[Path]:
    """The storage files of a bag, a folder or a single file.

    Raises:
        BagError: there are none.
    """
    candidates = sorted(bag.iterdir()) if bag.is_dir() else [bag]
    files = [file for file in candidates if is_storage(file)]
    if not bag.exists() or not files:
        what = 'no .mcap or .db3 file' if bag.exists() else 'no such file or folder'
        of_ros_1 = any(file.suffix == '.bag' for file in candidates)
        raise BagError(
            f'Bag {bag} cannot be read: {"a bag of ROS 1" if of_ros_1 else what}.',
            'Convert it: rosbags-convert --src OLD.bag --dst NEW' if of_ros_1 else 'Check the path.',
        )
    return files


def storage_suffix(path: Path) -> str:
    """.mcap, .db3, or what else the name says beneath a compression."""
    return path.with_suffix('').suffix if path.suffix == COMPRESSED else path.suffix


def prepare(file: Path, folder: Path) -> tuple[Path, str]:
    """A file that rosbags reads wholly, where this one is not.

    Args:
        file: A storage file.
        folder: An empty one of its own, for a new file.

    Returns:
        The file to read, and what of it is lost, in words; empty where nothing is.

    Raises:
        ValueError: not even its beginning is whole.
        OSError: it cannot be read, or the new one not be written.
    """
    told = ''
    if file.suffix == COMPRESSED:
        file, told = _decompressed(file, folder / file.stem)
    if file.suffix == '.db3' and (journal := file.with_name(f'{file.name}-wal')).exists() and journal.stat().st_size:
        return _with_journal(file, journal, folder / f'with_journal_{file.name}'), told
    if file.suffix == '.mcap' and _wants_index(file):
        indexed = folder / f'indexed_{file.name}'
        saved = salvage_mcap(file, indexed)
        return indexed, told if saved.whole else f'{told}{saved}'
    return file, told


def plain_message(data: bytes) -> bytes:
    """A message that may be compressed by itself: it is recognised by how it begins.

    Raises:
        ValueError: it is compressed and damaged.
    """
    if bytes(data[: len(_ZSTD_FRAME)]) != _ZSTD_FRAME:
        return data
    try:
        return bytes(decompress(data))
    except ZstdError as error:
        raise ValueError(f'a compressed message is damaged ({error})') from error


def _decompressed(file: Path, plain: Path) -> tuple[Path, str]:
    """As much of a compressed file as comes out."""
    decompressor, size = ZstdDecompressor(), file.stat().st_size
    with file.open('rb') as source, plain.open('wb') as target:
        try:
            while piece := source.read(PIECE_BYTES):
                target.write(decompressor.decompress(piece))
                if decompressor.eof and source.tell() < size:  # one frame behind the other
                    source.seek(-len(decompressor.unused_data), 1)
                    decompressor = ZstdDecompressor()
        except (ZstdError, EOFError) as error:
            return plain, f'its compression is damaged ({error}); '
    return plain, '' if decompressor.eof else 'its compression is cut; '


def _with_journal(file: Path, journal: Path, copy: Path) -> Path:
    """The file with what its journal holds; both stay as they are."""
    shutil.copyfile(file, copy)
    shutil.copyfile(journal, copy.with_name(f'{copy.name}-wal'))
    with closing(sqlite3.connect(copy)) as database:
        database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        database.execute('PRAGMA journal_mode=DELETE')
    return copy


def _wants_index(file: Path) -> bool:
    """Whether an MCAP file that ended in order has another profile, or chunks whose messages no index tells."""
    with file.open('rb') as stream:
        if stream.read(len(MAGIC)) != MAGIC or file.stat().st_size < len(MAGIC) + _FOOTER_BYTES:
            return False
        head = stream.read(RECORD.size + 8)
        if head[RECORD.size :] != struct.pack('<I', 4) + b'ros2':
            return True
        return _has_chunk_without_index(stream, file.stat().st_size)


def _has_chunk_without_index(stream: BinaryIO, size: int) -> bool:
    stream.seek(-_FOOTER_BYTES, 2)
    footer = stream.read(_FOOTER_BYTES)
    if footer[-len(MAGIC) :] != MAGIC:
        return False  # cut: mended where it is read
    (summary,) = struct.unpack_from('<Q', footer, RECORD.size)
    if not 0 < summary < size:
        return False  # without a summary the whole file is read
    stream.seek(summary)
    indices = [content for opcode, content, _ in records(stream, size) if opcode == CHUNK_INDEX]
    return any(len(c) >= CHUNK_INDEX_HEAD.size and not CHUNK_INDEX_HEAD.unpack_from(c)[-1] for c in indices)
