"""Bags that others write: compressed, without index, with a journal beside, with channels that are not ROS."""

import os
import shutil
import sqlite3
import struct

import pytest
from backports import zstd
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from test_bag_storage import FIRST_NS, STORAGES, TYPES, read, text, write_texts

from weld_cell.bags.mcap_salvage import CHANNEL, CHUNK, CHUNK_INDEX, FOOTER, HEADER, MAGIC, MESSAGE, SCHEMA, records
from weld_cell.bags.mcap_salvage import _record as record

COUNT = 300
TEXTS = [text(n) for n in range(COUNT)]


def message_compressed(path, storage):
    writer = Writer(path, version=9, storage_plugin=storage)
    writer.set_compression(CompressionMode.MESSAGE, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection('/a', 'std_msgs/msg/String', typestore=TYPES)
        for number in range(COUNT):
            writer.write(connection, FIRST_NS + number * 10**6, text(number))
    return path


def file_compressed(path, storage):
    """As rosbag2 names it; rosbags has no writer of MCAP for it."""
    file = write_texts(path, range(COUNT), storage)
    file.with_name(f'{file.name}.zstd').write_bytes(zstd.compress(file.read_bytes()))
    file.unlink()
    return path


@pytest.mark.parametrize('metadata', ['whole', 'poorer', 'none'])
@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('write', [file_compressed, message_compressed])
def test_compressed_with_any_metadata(tmp_path, write, storage, metadata):
    if write is message_compressed and storage is StoragePlugin.MCAP:
        pytest.skip('rosbags writes no message-compressed MCAP')
    bag = write(tmp_path / 'bag', storage)
    if metadata == 'none':
        (bag / 'metadata.yaml').unlink()
    elif metadata == 'poorer':
        (bag / 'metadata.yaml').write_text('rosbag2_bagfile_information: {version: 4}\n')
    messages, problems = read(bag)
    assert messages == TEXTS
    assert [('metadata.yaml' in problem) for problem in problems] == [True] * (metadata == 'none')


def test_a_single_compressed_file_is_a_bag(tmp_path):
    bag = file_compressed(tmp_path / 'bag', StoragePlugin.MCAP)
    assert read(next(bag.glob('*.zstd'))) == (TEXTS, [])


@pytest.mark.parametrize('storage', STORAGES)
def test_of_a_cut_compressed_file_what_comes_out_is_read_and_the_cut_is_told(tmp_path, storage):
    bag = file_compressed(tmp_path / 'bag', storage)
    file = next(bag.glob('*.zstd'))
    os.truncate(file, file.stat().st_size - 10)
    try:
        messages, problems = read(bag)
    except Exception as error:  # one block of zstd is all that so small a file has
        assert 'compression is cut' in str(error)
        return
    assert messages == TEXTS[: len(messages)] and any('compression is cut' in problem for problem in problems)


def test_a_damaged_compressed_message_is_left_out_and_told(tmp_path):
    bag = message_compressed(tmp_path / 'bag', StoragePlugin.SQLITE3)
    with sqlite3.connect(next(bag.glob('*.db3'))) as database:
        database.execute("UPDATE messages SET data = x'28b52ffd0000' WHERE id = 7")
    messages, problems = read(bag)
    assert len(messages) == COUNT - 1
    assert len(problems) == 1 and 'compressed message is damaged' in problems[0]


def test_what_stands_in_a_journal_is_read_and_the_files_stay(tmp_path):
    file = write_texts(tmp_path / 'bag', range(100), StoragePlugin.SQLITE3)
    database = sqlite3.connect(file)
    database.execute('PRAGMA journal_mode=WAL')
    for number in range(100, 150):
        row = (FIRST_NS + number * 10**6, text(number))
        database.execute('INSERT INTO messages (topic_id, timestamp, data) VALUES (1, ?, ?)', row)
    database.commit()
    copy = tmp_path / 'copied'
    copy.mkdir()
    for each in file.parent.iterdir():  # while the recorder runs, as a backup does
        shutil.copyfile(each, copy / each.name)
    database.close()
    before = {each.name: each.read_bytes() for each in copy.iterdir()}
    assert read(copy) == ([text(n) for n in range(150)], [])
    assert {each.name: each.read_bytes() for each in copy.iterdir()} == before


def rewritten(file, change):
    """An MCAP file whose records (opcode, content) pass through a function that gives others, or none."""
    content = file.read_bytes()
    with file.open('rb') as stream:
        stream.seek(len(MAGIC))
        found = [(opcode, body) for opcode, body, _ in records(stream, len(content))]
    out = bytearray(MAGIC)
    summary = 0
    for opcode, body in [other for pair in found for other in change(*pair)]:
        if opcode in (SCHEMA, CHUNK_INDEX) and not summary:
            summary = len(out)
        if opcode == FOOTER:
            body = struct.pack('<QQI', summary, 0, 0)
        out += record(opcode, body)
    file.write_bytes(out + MAGIC)


def test_chunks_without_message_index_are_read(tmp_path):
    file = write_texts(tmp_path / 'bag', range(COUNT))

    def without_index(opcode, body):
        if opcode == 7:
            return []
        if opcode == CHUNK_INDEX:
            first, last, place, length, _ = struct.unpack_from('<QQQQI', body)
            rest = body[36 + struct.unpack_from('<I', body, 32)[0] :]
            body = struct.pack('<QQQQI', first, last, place, length, 0) + struct.pack('<Q', 0) + rest[8:]
        return [(opcode, body)]

    rewritten(file, without_index)
    assert read(tmp_path / 'bag') == (TEXTS, [])


def packed(*texts):
    return b''.join(struct.pack('<I', len(t)) + t for t in texts)


@pytest.mark.parametrize('profile', [b'', b'ros2'])
def test_topics_of_ros_among_other_channels(tmp_path, profile):
    file = write_texts(tmp_path / 'bag', range(COUNT))
    schema = struct.pack('<H', 77) + packed(b'weather', b'jsonschema', b'{}')
    channel = struct.pack('<HH', 77, 77) + packed(b'/weather', b'json', b'')
    message = struct.pack('<HIQQ', 77, 0, FIRST_NS, FIRST_NS) + b'{"sun": 1}'
    foreign = [(SCHEMA, schema), (CHANNEL, channel), (MESSAGE, message)]

    def mixed(opcode, body):
        if opcode == HEADER:
            return [(opcode, packed(profile, b'another recorder')), *foreign]
        if opcode == CHUNK:
            return [(opcode, body), (MESSAGE, message)]
        return [(opcode, body)]

    rewritten(file, mixed)
    assert read(tmp_path / 'bag') == (TEXTS, [])


def test_messages_of_another_serialization_are_left_out_and_told(tmp_path):
    file = write_texts(tmp_path / 'bag', range(COUNT), StoragePlugin.SQLITE3)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE topics SET serialization_format = 'protobuf'")
    messages, problems = read(tmp_path / 'bag')
    assert not messages and problems == [f'{COUNT} messages on /a left out: serialized as "protobuf", not cdr']
