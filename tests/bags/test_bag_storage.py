"""Bags read from their storage files: by others, cut, without metadata, split, compressed."""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from backports import zstd
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from weld_cell.bags.reading import open_bag
from weld_cell.bags.storage import BagStorage
from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.errors import BagError
from weld_cell.images import image_files
from weld_cell.paths import config_file

REAL_BAGS = Path(__file__).parents[3] / 'shared' / 'data' / 'bags'
TYPES = get_typestore(Stores.ROS2_JAZZY)
TOPIC = 'laser_sensor/image_raw'
STORAGES = [StoragePlugin.MCAP, StoragePlugin.SQLITE3]
FIRST_NS = 10**18


def text(number):
    message = TYPES.types['std_msgs/msg/String'](data=f'{number:04d}' * 50)
    return bytes(TYPES.serialize_cdr(message, 'std_msgs/msg/String'))


def write_texts(path, numbers, storage=StoragePlugin.MCAP):
    """A bag with these texts on /a, one each millisecond; its storage file."""
    with Writer(path, version=9, storage_plugin=storage) as writer:
        connection = writer.add_connection('/a', 'std_msgs/msg/String', typestore=TYPES)
        for number in numbers:
            writer.write(connection, FIRST_NS + number * 10**6, text(number))
    return next(file for file in path.iterdir() if file.suffix in {'.mcap', '.db3'})


def read(path):
    """Messages on /a, and the problems."""
    storage = BagStorage(path)
    try:
        return [data for _, data in storage.messages(['/a'])], storage.problems
    finally:
        storage.close()


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('count', [0, 1, 200])
def test_whole(tmp_path, storage, count):
    write_texts(tmp_path / 'bag', range(count), storage)
    assert read(tmp_path / 'bag') == ([text(n) for n in range(count)], [])


@pytest.mark.parametrize('fraction', [0.0, 0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize('storage', STORAGES)
def test_of_a_cut_file_what_is_whole_is_read_and_the_cut_is_told(tmp_path, storage, fraction):
    file = write_texts(tmp_path / 'bag', range(2000), storage)
    os.truncate(file, int(fraction * file.stat().st_size))
    if fraction == 0.0:
        with pytest.raises(BagError, match=file.name):
            read(file)
        return
    messages, problems = read(file)
    assert messages == [text(n) for n in range(len(messages))]
    assert len(messages) > 0.5 * fraction * 2000
    assert len(problems) == 1 and f'{file.name} is cut' in problems[0] and f'{len(messages)} messages' in problems[0]


def test_a_cut_inside_the_first_chunk_keeps_the_messages_before_it(tmp_path):
    file = write_texts(tmp_path / 'bag', range(200))
    os.truncate(file, file.read_bytes().index(b'0100' * 50))
    assert read(file)[0] == [text(n) for n in range(100)]


def damage(file, at, new):
    content = bytearray(file.read_bytes())
    content[at : at + len(new)] = new
    file.write_bytes(content)


def test_of_a_damaged_chunk_the_beginning_is_kept_and_the_next_chunks_whole(tmp_path):
    file = write_texts(tmp_path / 'bag', range(10000))  # three chunks of 1 MB
    at = file.read_bytes().index(b'5000' * 50)
    damage(file, at - 38, b'\xff' * 8)  # the length of its record: 8 bytes, then 22 of its head, 8 before the text
    messages, problems = read(file)
    numbers = [int(message[8:12]) for message in messages]
    assert numbers[:5000] == list(range(5000)) and numbers[-1] == 9999
    assert 6000 < len(numbers) < 10000 and numbers == sorted(numbers)
    assert len(problems) == 1
    assert f'is damaged, chunks lost in part or whole: 1; {len(numbers)} messages are whole' in problems[0]


def write_compressed(path, numbers):
    writer = Writer(path, version=9, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection('/a', 'std_msgs/msg/String', typestore=TYPES)
        for number in numbers:
            noise = np.random.default_rng(number).integers(48, 58, 2000, dtype=np.uint8).tobytes().decode()
            message = TYPES.types['std_msgs/msg/String'](data=f'{number:04d}{noise}')
            writer.write(connection, FIRST_NS + number * 10**6, TYPES.serialize_cdr(message, connection.msgtype))
    return next(path.glob('*.mcap'))


@pytest.mark.parametrize('fraction', [0.001, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97])
def test_of_a_cut_compressed_chunk_what_comes_out_is_read(tmp_path, fraction):
    file = write_compressed(tmp_path / 'bag', range(1500))
    os.truncate(file, int(fraction * file.stat().st_size))
    messages, problems = read(file)
    assert [int(message[8:12]) for message in messages] == list(range(len(messages)))
    assert len(messages) > 0.8 * fraction * 1500 - 150  # less than one block of 128 kB is lost
    assert len(problems) == 1 and 'is cut' in problems[0] and f'{len(messages)} messages are whole' in problems[0]


def test_a_chunk_whose_checksum_does_not_fit_is_left_out(tmp_path):
    file = write_texts(tmp_path / 'bag', range(10000))
    content = file.read_bytes()
    chunk = content.index(b'\x06')  # the first record behind the header
    damage(file, chunk + 9 + 24, b'\x01\x02\x03\x04')
    messages, problems = read(file)
    assert [int(message[8:12]) for message in messages] == list(range(10000 - len(messages), 10000))
    assert 5000 < len(messages) < 9000
    assert 'checksum' in problems[0] and 'whole: 1;' in problems[0]


def test_messages_out_of_order_are_read_from_a_cut_file_too(tmp_path):
    numbers = [k ^ 1 for k in range(2000)]  # each two swapped, as when two topics are recorded at once
    file = write_texts(tmp_path / 'bag', numbers)
    os.truncate(file, file.stat().st_size - 40)
    messages, problems = read(file)
    assert messages == [text(n) for n in range(2000)]
    assert len(problems) == 1 and '2000 messages are whole' in problems[0]


@pytest.mark.parametrize('storage', STORAGES)
def test_damage_anywhere_is_told_or_does_no_harm(tmp_path, storage):
    """Bytes overwritten, cut out or put in at random: a BagError, or messages and what is wrong with the others."""
    whole = write_texts(tmp_path / 'bag', range(300), storage).read_bytes()
    file = tmp_path / f'spoilt.{"mcap" if storage is StoragePlugin.MCAP else "db3"}'
    for seed in range(60):
        rng = np.random.default_rng(seed)
        begin, length = int(rng.integers(len(whole))), int(rng.integers(1, 400))
        new = rng.bytes(length) if seed % 3 else b''
        file.write_bytes(whole[:begin] + new + whole[begin + (length if seed % 2 else 0) :])
        try:
            messages, problems = read(file)
        except BagError as error:
            assert error.remedy
            continue
        assert len(messages) <= 300
        assert len(messages) == 300 or problems, seed


@pytest.mark.parametrize('metadata', [None, '', '{]'])
def test_without_metadata_as_a_killed_recorder_leaves_it(tmp_path, metadata):
    write_texts(tmp_path / 'bag', range(5))
    path = tmp_path / 'bag' / 'metadata.yaml'
    path.unlink() if metadata is None else path.write_text(metadata)
    messages, problems = read(tmp_path / 'bag')
    assert len(messages) == 5
    assert len(problems) == 1 and 'metadata.yaml' in problems[0]


def test_files_of_a_split_bag_are_read_in_order_of_time(tmp_path):
    bag = tmp_path / 'bag'
    bag.mkdir()
    for name, numbers in (('bag_9', range(3)), ('bag_10', range(3, 6))):
        shutil.copy(write_texts(tmp_path / name, numbers), bag)
    assert read(bag)[0] == [text(n) for n in range(6)]


def split_bag(folder):
    """Three files with two texts each, as metadata.yaml lists them."""
    folder.mkdir()
    names = [f'split_{number}.mcap' for number in range(3)]
    for number, name in enumerate(names):
        file = write_texts(folder.parent / f'part_{number}', (2 * number, 2 * number + 1))
        shutil.copy(file, folder / name)
    listed = yaml.safe_load((folder.parent / 'part_0' / 'metadata.yaml').read_text())
    listed['rosbag2_bagfile_information']['relative_file_paths'] = names
    (folder / 'metadata.yaml').write_text(yaml.safe_dump(listed))
    return folder


def test_a_split_file_that_is_missing_is_told_and_a_copy_is_not_read_twice(tmp_path):
    bag, texts = split_bag(tmp_path / 'split'), [text(n) for n in range(6)]
    assert read(bag) == (texts, [])
    shutil.copy(bag / 'split_1.mcap', bag / 'split_1 (copy).mcap')
    messages, (problem,) = read(bag)
    assert messages == texts and 'split_1 (copy).mcap: left out' in problem
    (bag / 'split_1 (copy).mcap').unlink()
    (bag / 'split_1.mcap').unlink()
    messages, (problem,) = read(bag)
    assert messages == texts[:2] + texts[4:] and problem.startswith('missing of its 3 files: split_1.mcap')


def test_a_file_that_lies_there_unpacked_too_is_read_once(tmp_path):
    file = write_texts(tmp_path / 'bag', range(5))
    file.with_name(f'{file.name}.zstd').write_bytes(zstd.compress(file.read_bytes()))
    assert read(tmp_path / 'bag') == ([text(n) for n in range(5)], [])


@pytest.mark.parametrize('folder', [False, True])
def test_a_bag_of_ros_1_is_named_with_the_remedy(tmp_path, folder):
    file = tmp_path / 'old.bag'
    file.write_bytes(b'#ROSBAG V2.0\n')
    with pytest.raises(BagError, match='a bag of ROS 1.*rosbags-convert'):
        BagStorage(tmp_path if folder else file)


@pytest.mark.parametrize('mode', [CompressionMode.FILE, CompressionMode.MESSAGE])
def test_compressed(tmp_path, mode):
    writer = Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.SQLITE3)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection('/a', 'std_msgs/msg/String', typestore=TYPES)
        writer.write(connection, FIRST_NS, text(7))
    assert read(tmp_path / 'bag') == ([text(7)], [])


@pytest.mark.parametrize('name', ['nowhere', 'text.txt', 'empty'])
def test_what_is_no_bag_is_refused(tmp_path, name):
    (tmp_path / 'text.txt').write_text('text')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(BagError, match=name):
        BagStorage(tmp_path / name)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_BAGS.is_dir(), reason=f'{REAL_BAGS} is absent')
@pytest.mark.parametrize(
    ('name', 'counts'),
    [
        ('talker_mcap', {'/topic': 10, '/rosout': 10, '/parameter_events': 0}),
        ('talker_sqlite3', {'/topic': 10, '/rosout': 10, '/parameter_events': 0}),
        ('cdr_test_mcap', {'/test_topic': 3, '/array_topic': 4}),
        ('cdr_test_sqlite3', {'/test_topic': 3, '/array_topic': 4}),
    ],
)
def test_bags_of_rosbag2_itself(name, counts):
    storage = BagStorage(REAL_BAGS / name)
    assert {topic: storage.count(topic) for topic in storage.topics()} == counts
    assert {topic: len(list(storage.messages([topic]))) for topic in storage.topics()} == counts
    assert storage.problems == []
    storage.close()


@pytest.fixture
def photographs(tmp_path):
    """A bag of ten black images of the rig's camera, each half a megabyte."""
    sensor = load_rig(str(config_file('rig.yaml'))).laser_sensor
    folder = tmp_path / 'photographs'
    folder.mkdir()
    for number in range(10):
        cv2.imwrite(str(folder / f'{number}.png'), np.zeros(sensor.camera.size_px[::-1], np.uint8))
    list(
        images_to_bag(
            image_files(folder), tmp_path / 'bag', topic=TOPIC, frame=sensor.frame, rate_hz=40.0, camera=sensor.camera
        )
    )
    return tmp_path / 'bag'


def test_replay_of_a_cut_bag_warns(photographs, tmp_path, capsys):
    file = next(photographs.glob('*.mcap'))
    os.truncate(file, file.stat().st_size // 2)
    assert main(['replay', str(photographs), '--out', str(tmp_path / 'out'), '--overlays']) in (0, 3, 4)
    shown = capsys.readouterr()
    images = len((tmp_path / 'out' / 'seam_points.csv').read_text().splitlines()) - 1
    assert 3 <= images <= 5 and f'{images} images' in shown.out
    assert shown.err.count('warning:') == 1 and f'{file.name} is cut' in shown.err


def test_a_topic_of_another_type_is_refused(photographs):
    with open_bag(photographs) as bag, pytest.raises(BagError, match='carries sensor_msgs/msg/CameraInfo'):
        next(bag.images('laser_sensor/camera_info'))


def test_a_damaged_image_is_left_out_and_told(tmp_path):
    kinds = TYPES.types
    header = kinds['std_msgs/msg/Header'](stamp=kinds['builtin_interfaces/msg/Time'](sec=1, nanosec=0), frame_id='f')
    with Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection(f'/{TOPIC}', 'sensor_msgs/msg/Image', typestore=TYPES)
        for size in (12, 11):  # of 4 x 3 pixels
            image = kinds['sensor_msgs/msg/Image'](
                header=header,
                height=3,
                width=4,
                encoding='mono8',
                is_bigendian=0,
                step=4,
                data=np.arange(size, dtype=np.uint8),
            )
            writer.write(connection, FIRST_NS, TYPES.serialize_cdr(image, connection.msgtype))
        writer.write(connection, FIRST_NS, b'\0\1\0\0 no message')
    with open_bag(tmp_path / 'bag') as bag:
        recorded = list(bag.images(TOPIC))
        assert [r.image.pixels.tolist() for r in recorded] == [np.arange(12).reshape(3, 4).tolist()]
        assert len(bag.problems) == 2 and 'is cut' in bag.problems[0] and 'message 2' in bag.problems[1]
