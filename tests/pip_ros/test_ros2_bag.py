"""`ros2 bag` on bags written by others, on damaged bags, and around the whole way over DDS."""

import argparse
import io
import math
import os
import pty
import re
import subprocess
import sys
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest
import rclpy
import yaml
from cyclonedds.util import duration
from geometry_msgs.msg import TransformStamped
from pip_ros.bag.choice import Choice
from pip_ros.bag.clock import PlayerClock
from pip_ros.bag.info import describe_bag
from pip_ros.bag.keyboard import DOWN, RIGHT, SPACE, UP, _read_keys
from pip_ros.bag.play import Player, PlayOptions, last_stamp
from pip_ros.bag.play_command import _until_ns, play_arguments
from pip_ros.bag.qos import offered_when_played, read_overrides
from pip_ros.bag.reading import Bag
from pip_ros.bag.writing import BagWriter
from pip_ros.cli import main
from pip_ros.errors import Ros2Error
from pip_ros.messages import TF_MESSAGE
from rclpy.context import Context
from rclpy.duration import Duration, Infinite
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message, serialize_message
from ros2_commands import DOMAIN_ID, ENVIRONMENT, PATIENCE_S, Running, ros2
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from tf2_ros import StaticTransformBroadcaster

REAL_BAGS = Path(__file__).parents[2].parent / 'shared' / 'data' / 'bags'
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
STEP_NS = 10_000_000
KEYS = {'space': SPACE, 'up': UP, 'down': DOWN, 'right': RIGHT}

real_bags = pytest.mark.skipif(not REAL_BAGS.is_dir(), reason=f'{REAL_BAGS} is absent')


@pytest.fixture
def node():
    """A node in the domain of the commands, with an executor that `wait_until` spins."""
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    context = Context()
    rclpy.init(context=context, domain_id=DOMAIN_ID)
    node = rclpy.create_node('bag_test', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    node.wait_until = lambda condition: _wait_until(executor, condition)
    yield node
    node.destroy_node()
    context.try_shutdown()


def _wait_until(executor, condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, 'it did not happen in time'
        executor.spin_once(0.05)


def listen_to_clock(node, stamps):
    """/clock comes with best effort, as from rosbag2."""
    qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
    node.create_subscription(Clock, '/clock', lambda m: stamps.append(m.clock.sec * 10**9 + m.clock.nanosec), qos)


def _qos(durability=QosDurability.VOLATILE, reliability=QosReliability.RELIABLE, depth=5):
    zero = QosTime(0, 0)
    return Qos(QosHistory.KEEP_LAST, depth, reliability, durability, zero, zero, QosLiveliness.AUTOMATIC, zero, False)


def _text(number):
    return serialize_message(String(data=f'message {number} ' + 'x' * 100))


def write_bag(path, count, storage=StoragePlugin.MCAP, topics=('/a',), qos=()):
    """A bag with so many texts on each topic, one each 10 ms."""
    with Writer(path, version=9, storage_plugin=storage) as writer:
        connections = [
            writer.add_connection(
                topic, 'std_msgs/msg/String', typestore=get_typestore(Stores.ROS2_JAZZY), offered_qos_profiles=qos
            )
            for topic in topics
        ]
        for number in range(count):
            for connection in connections:
                writer.write(connection, 10**18 + number * STEP_NS, _text(number))
    return next(p for p in path.iterdir() if p.suffix in ('.mcap', '.db3'))


def read(path):
    """All messages of a bag, and its problems."""
    with Bag(path) as bag:
        messages = list(bag.messages(bag.topics, 0))
        return messages, bag.problems


@pytest.mark.parametrize('storage', [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
@pytest.mark.parametrize('count', [0, 1, 25])
def test_whole_bags_are_read_whole(tmp_path, storage, count):
    write_bag(tmp_path / 'bag', count, storage, topics=('/a', '/b'))
    messages, problems = read(tmp_path / 'bag')
    assert problems == []
    assert sorted(messages) == sorted(
        (topic, 10**18 + n * STEP_NS, bytes(_text(n))) for topic in ('/a', '/b') for n in range(count)
    )
    assert [stamp for _, stamp, _ in messages] == sorted(stamp for _, stamp, _ in messages)


@pytest.mark.parametrize('fraction', [0.0, 0.1, 0.5, 0.75, 0.9, 0.99, 0.999])
def test_of_a_cut_mcap_what_is_whole_is_read_and_the_cut_is_told(tmp_path, fraction):
    file = write_bag(tmp_path / 'bag', 200)
    size = file.stat().st_size
    os.truncate(file, int(size * fraction))
    if fraction == 0.0:
        with pytest.raises(Ros2Error, match='Nothing in the bag'):
            read(file)
        return
    messages, problems = read(file)
    assert [data for _, _, data in messages] == [bytes(_text(n)) for n in range(len(messages))]
    assert len(messages) < 200 or fraction > 0.6
    assert any('is cut' in problem for problem in problems)


def test_an_uncompressed_cut_chunk_gives_its_whole_messages(tmp_path):
    """200 texts are one chunk: half the file must give some of them, not none."""
    file = write_bag(tmp_path / 'bag', 200)
    messages_at = file.read_bytes().index(b'message 100 ')
    os.truncate(file, messages_at)
    assert len(read(tmp_path / 'bag')[0]) == 100


def test_where_nobody_mends_bags_a_cut_one_is_refused_and_a_whole_one_read(tmp_path, monkeypatch):
    file = write_bag(tmp_path / 'bag', 200)
    monkeypatch.setattr('pip_ros.bag.salvage.GROUP', 'ros2_bag.nobody')
    assert len(read(file)[0]) == 200
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(Ros2Error, match='no installed package has an entry point "ros2_bag.nobody"'):
        read(file)


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('empty.mcap', b''),
        ('noise.mcap', b'no bag at all' * 100),
        ('noise.db3', b'no bag at all' * 1000),
        ('magic.mcap', b'\x89MCAP0\r\n'),
        ('text.txt', b'text'),
    ],
)
def test_what_is_no_bag_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Ros2Error):
        read(tmp_path / name)
    done = ros2('bag', 'info', tmp_path / name)
    assert done.returncode == 1
    assert name in done.stderr
    assert 'Traceback' not in done.stderr


@pytest.mark.parametrize('metadata', [None, '', '{]', 'rosbag2_bagfile_information: {}'])
def test_a_bag_without_good_metadata_is_read_from_its_files(tmp_path, metadata):
    write_bag(tmp_path / 'bag', 5)
    path = tmp_path / 'bag' / 'metadata.yaml'
    path.unlink() if metadata is None else path.write_text(metadata)
    messages, problems = read(tmp_path / 'bag')
    assert len(messages) == 5
    assert problems


@pytest.mark.parametrize(('fraction', 'least'), [(0.3, 100), (0.6, 1000), (0.95, 1500)])
def test_of_a_cut_sqlite_bag_what_is_whole_is_read(tmp_path, fraction, least):
    file = write_bag(tmp_path / 'bag', 2000, StoragePlugin.SQLITE3)
    os.truncate(file, int(file.stat().st_size * fraction))
    messages, problems = read(tmp_path / 'bag')
    assert [data for _, _, data in messages] == [bytes(_text(n)) for n in range(len(messages))]
    assert least < len(messages) <= 2000
    assert any('is cut' in problem for problem in problems)


@pytest.mark.parametrize('compression', ['none', 'file', 'message'])
@pytest.mark.parametrize(('storage', 'suffix'), [('mcap', '.mcap'), ('sqlite3', '.db3')])
@pytest.mark.parametrize('split', [{}, {'max_duration_s': 1}, {'max_bytes': 200_000}])
def test_a_bag_has_the_file_names_of_rosbag2_and_is_split_as_there(tmp_path, storage, suffix, compression, split):
    """300 texts of a kilobyte in 3 s, two topics."""
    types = get_typestore(Stores.ROS2_JAZZY)
    wanted = []
    with BagWriter(tmp_path / 'bag', storage, compression, **split) as writer:
        topics = [writer.add_connection(topic, 'std_msgs/msg/String', typestore=types) for topic in ('/a', '/b')]
        for number in range(300):
            data = bytes(serialize_message(String(data=f'{number} ' + 'x' * 1000)))
            wanted.append(('/a' if number % 2 else '/b', 10**18 + number * STEP_NS, data))
            writer.write(topics[1 - number % 2], *wanted[-1][1:])
    told = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    names = told['relative_file_paths']
    assert names == [f'bag_{n}{suffix}' + ('.zstd' if compression == 'file' else '') for n in range(len(names))]
    assert sorted([*names, 'metadata.yaml']) == sorted(p.name for p in (tmp_path / 'bag').iterdir())
    assert len(names) == (3 if 'max_duration_s' in split else len(names) if split else 1)
    assert not split or len(names) > 1 or compression == 'message'  # the texts are small then
    assert [file['path'] for file in told['files']] == names
    assert told['message_count'] == sum(file['message_count'] for file in told['files']) == 300
    starts = [file['starting_time']['nanoseconds_since_epoch'] for file in told['files']]
    assert starts == sorted(starts) and starts[0] == told['starting_time']['nanoseconds_since_epoch'] == 10**18
    messages, problems = read(tmp_path / 'bag')
    assert (sorted(messages), problems) == (sorted(wanted), [])
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    assert bag_command('reindex', tmp_path / 'bag') == 0
    again = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert (again['relative_file_paths'], again['files']) == (names, told['files'])


@pytest.mark.parametrize(('storage', 'least'), [('mcap', 1024), ('sqlite3', 86016)])
def test_a_split_that_is_too_small_is_refused_as_there(tmp_path, storage, least, capsys):
    words = ('--topics', '/a', '-s', storage, '-b', least - 1, '-o', tmp_path / 'bag')
    assert bag_command('record', *words) == 1
    assert f'[ros2bag]: Invalid bag splitting size given. Please provide a value greater than {least}' in (
        capsys.readouterr().err
    )
    assert not (tmp_path / 'bag').exists()


@real_bags
@pytest.mark.parametrize(
    ('name', 'counts'),
    [
        ('talker_mcap', {'/parameter_events': 0, '/rosout': 10, '/topic': 10}),
        ('talker_sqlite3', {'/parameter_events': 0, '/rosout': 10, '/topic': 10}),
        ('cdr_test_mcap', {'/array_topic': 4, '/test_topic': 3}),
        ('cdr_test_sqlite3', {'/array_topic': 4, '/test_topic': 3}),
    ],
)
def test_bags_written_by_rosbag2(name, counts):
    with Bag(REAL_BAGS / name) as bag:
        messages = list(bag.messages(bag.topics, 0))
        assert {topic.name: topic.count for topic in bag.topics.values()} == counts
        assert {name: sum(topic == name for topic, _, _ in messages) for name in counts} == counts
        assert bag.problems == []


@real_bags
def test_info(tmp_path):
    done = ros2('bag', 'info', REAL_BAGS / 'talker_mcap')
    assert done.returncode == 0
    assert 'Duration:          4.531096768s' in done.stdout
    assert 'Messages:          20' in done.stdout
    assert 'Topic: /topic | Type: std_msgs/msg/String | Count: 10 | Serialization Format: cdr' in done.stdout


@pytest.mark.parametrize(
    ('recorded', 'durability', 'reliability'),
    [
        ((), DurabilityPolicy.VOLATILE, ReliabilityPolicy.RELIABLE),
        ((_qos(QosDurability.TRANSIENT_LOCAL),), DurabilityPolicy.TRANSIENT_LOCAL, ReliabilityPolicy.RELIABLE),
        ((_qos(reliability=QosReliability.BEST_EFFORT),), DurabilityPolicy.VOLATILE, ReliabilityPolicy.BEST_EFFORT),
        ((_qos(QosDurability.TRANSIENT_LOCAL), _qos()), DurabilityPolicy.VOLATILE, ReliabilityPolicy.RELIABLE),
    ],
)
def test_qos_when_played(recorded, durability, reliability):
    profile = offered_when_played(recorded)
    assert (profile.durability, profile.reliability) == (durability, reliability)


def test_another_serialization_is_told_by_info_and_refused_by_play(tmp_path):
    written, edited = tmp_path / 'written', tmp_path / 'edited'
    with Writer(written, version=9, storage_plugin=StoragePlugin.SQLITE3) as writer:
        store = get_typestore(Stores.ROS2_JAZZY)
        connection = writer.add_connection(
            '/a', 'std_msgs/msg/String', typestore=store, serialization_format='protobuf'
        )
        writer.write(connection, 10**18, b'any bytes')
    write_bag(edited, 1)
    metadata = edited / 'metadata.yaml'
    metadata.write_text(metadata.read_text().replace('serialization_format: cdr', 'serialization_format: protobuf'))
    for bag in (written, edited):
        shown = ros2('bag', 'info', bag)
        assert (shown.returncode, shown.stderr) == (0, '')
        assert 'Count: 1 | Serialization Format: protobuf' in shown.stdout and 'Damaged' not in shown.stdout
        played = ros2('bag', 'play', bag)
        assert played.returncode == 1
        assert f"'/a' of the bag {bag} is serialized as 'protobuf'; only 'cdr' can be played" in played.stderr


def test_info_lists_service_events_apart(tmp_path):
    with Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for topic, name, count in [
            ('/a', 'std_msgs/msg/String', 2),
            ('/cell/start/_service_event', 'std_srvs/srv/Trigger_Event', 3),
            ('/b/_service_event', 'std_msgs/msg/String', 4),  # no event, by its type
        ]:
            connection = writer.add_connection(topic, name, msgdef='string data\n', rihs01='RIHS01_' + '0' * 64)
            for number in range(count):
                writer.write(connection, 10**18 + number, _text(number))
    with Bag(tmp_path / 'bag') as bag:
        text = describe_bag(bag)
    assert 'Messages:          6\n' in text
    assert 'Service:           1\n' in text
    assert 'Service: /cell/start | Type: std_srvs/srv/Trigger | Event Count: 3 | Serialization Format: cdr' in text
    assert 'Topic: /cell/start' not in text


def test_what_is_played_has_the_recorded_policies_and_a_depth_of_ten():
    """Latched transforms of two publishers, each of depth 1, must not displace each other."""
    foxy_infinite = QosTime(2147483647, 4294967295)
    recorded = _qos(QosDurability.TRANSIENT_LOCAL, depth=1)._replace(lifespan=QosTime(2, 5), deadline=foxy_infinite)
    profile = offered_when_played([recorded, recorded._replace(lifespan=QosTime(0, 0), depth=7)])
    assert (profile.history, profile.depth) == (HistoryPolicy.KEEP_LAST, 10)
    assert (profile.lifespan.nanoseconds, profile.deadline) == (2 * 10**9 + 5, Infinite)
    assert profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    other = recorded._replace(deadline=QosTime(1, 0))
    assert offered_when_played([recorded, other]).durability == DurabilityPolicy.VOLATILE


@pytest.mark.parametrize(
    ('duration_s', 'until_ns', 'last'),
    [
        (-1.0, -1, math.inf),
        (0.0, -1, -math.inf),
        (0.0, 7, 7),
        (1.0, -1, 10**18 + 10**9),
        (1.0, 10**18 + 5, 10**18 + 10**9),
        (1.0, 10**18 + 2 * 10**9, 10**18 + 2 * 10**9),
    ],
)
def test_where_playing_ends(duration_s, until_ns, last):
    assert last_stamp(PlayOptions(duration_s=duration_s, until_ns=until_ns), 10**18) == last


@pytest.mark.parametrize(('words', 'until_ns'), [((), -1), (('--playback-until-sec', '0'), -1)])
def test_an_end_at_zero_is_none(words, until_ns, tmp_path):
    parser = argparse.ArgumentParser()
    play_arguments(parser)
    assert _until_ns(parser.parse_args([str(tmp_path), *words])) == until_ns


def test_the_clock_of_a_player_pauses_steps_and_runs():
    stop = Event()
    clock = PlayerClock(10**18, rate=1.0, paused=True, stop=stop)
    assert clock.now() == clock.now() == 10**18
    assert clock.step() and clock.reach(10**18 + 3600 * 10**9)
    assert clock.now() == 10**18 + 3600 * 10**9
    assert clock.set_rate(1000.0) and not clock.set_rate(0.0) and clock.rate == 1000.0
    assert not clock.toggle() and not clock.step() and clock.reach(10**18 + 3601 * 10**9)
    assert clock.now() >= 10**18 + 3601 * 10**9
    stop.set()
    assert clock.toggle() and not clock.reach(2 * 10**18)


def test_keys_of_the_player(monkeypatch):
    pressed = []
    monkeypatch.setattr('sys.stdin', io.StringIO('x \x1b[C\x1b[A\x1b[D\x1b[B '))
    _read_keys({key: partial(pressed.append, name) for name, key in KEYS.items()})
    assert pressed == ['space', 'right', 'up', 'down', 'space']


@pytest.mark.parametrize(
    ('words', 'named'),
    [
        (('play', '-s', 'sqlite3'), "bag_0.mcap' with 'sqlite3': its storage is 'mcap'"),
        (('info', '-s', 'sqlite3'), "with 'sqlite3'"),
        (('reindex', '-s', 'sqlite3'), "with 'sqlite3'"),
        (('play', '--start-paused', '--disable-keyboard-controls'), '--start-paused without a terminal'),
        (('play', '--topics', 'no name'), 'topic name must not contain'),
        (('play', '--remap', '/a:=no name'), 'malformed remapping'),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(tmp_path, capsys, words, named):
    with BagWriter(tmp_path / 'bag', 'mcap'):
        pass
    assert bag_command(words[0], tmp_path / 'bag', *words[1:]) == 1
    assert named in capsys.readouterr().err


@pytest.mark.parametrize('content', ['/a: 3', '/a: {colour: red}', '/a: {durability: eternal}', '[1]', '{]'])
def test_wrong_qos_overrides_are_refused(tmp_path, content):
    (tmp_path / 'qos.yaml').write_text(content)
    with pytest.raises(Ros2Error, match='qos.yaml'):
        read_overrides(tmp_path / 'qos.yaml')


@pytest.mark.parametrize(
    ('profile', 'message'),
    [
        ('{}', 'History and/or depth settings are required'),
        ('{depth: 1, colour: red}', 'topic /a: Unexpected key `colour` for QoS profile'),
        ('{depth: -1}', 'topic /a: Unexpected value -1 of `depth`'),
        ('{depth: 1, durability: eternal}', "topic /a: Unexpected value 'eternal' of `durability`"),
        ('{depth: 1, deadline: {sec: 1}}', "topic /a: Unexpected value {'sec': 1} of `deadline`"),
    ],
)
def test_what_is_wrong_with_a_qos_override_is_named(tmp_path, profile, message):
    (tmp_path / 'qos.yaml').write_text(f'/b: {{depth: 1}}\n/a: {profile}\n')
    with pytest.raises(Ros2Error, match=re.escape(message)):
        read_overrides(tmp_path / 'qos.yaml')


def test_every_key_of_a_qos_override_is_taken(tmp_path):
    (tmp_path / 'qos.yaml').write_text(
        '/a: {history: keep_last, depth: 3, reliability: best_effort, durability: transient_local, '
        'liveliness: automatic, deadline: {sec: 1, nsec: 5}, lifespan: {sec: 2, nsec: 0}, '
        'liveliness_lease_duration: {sec: 3, nsec: 0}, avoid_ros_namespace_conventions: true}\n'
    )
    profile = read_overrides(tmp_path / 'qos.yaml')['/a']
    assert (profile.depth, profile.reliability, profile.durability) == (
        3,
        ReliabilityPolicy.BEST_EFFORT,
        DurabilityPolicy.TRANSIENT_LOCAL,
    )
    assert (profile.deadline.nanoseconds, profile.avoid_ros_namespace_conventions) == (10**9 + 5, True)


@pytest.mark.graph
def test_play_sends_the_recorded_bytes_in_order_with_clock_and_new_name(tmp_path, node):
    """Round after round, for a listener that was found late has heard a part of the first one."""
    write_bag(tmp_path / 'bag', 40, topics=('/a', '/b'))
    received, unwanted, clock = [], [], []
    expected = [bytes(_text(n)) for n in range(10, 40)]
    node.create_subscription(String, '/c', received.append, 100, raw=True)
    node.create_subscription(String, '/b', unwanted.append, 100)
    listen_to_clock(node, clock)
    with Running(
        'bag',
        'play',
        tmp_path / 'bag',
        '--loop',
        '-r',
        2,
        '--topics',
        'a',
        '--remap',
        'a:=c',
        '--clock',
        100,
        '--start-offset',
        0.1,
    ) as player:
        node.wait_until(lambda: received.count(expected[-1]) == 3 and clock)
        assert player.interrupt() == 0
    first, second, _ = (at for at, message in enumerate(received) if message == expected[-1])
    assert received[first + 1 : second + 1] == expected
    assert unwanted == []
    assert min(clock) >= 10**18 + 10 * STEP_NS
    falls = sum(later < earlier for earlier, later in pairwise(clock))
    assert falls <= len(received) // len(expected) + 1  # it goes on, but for the beginning of a round


@pytest.mark.graph
@pytest.mark.parametrize('metadata', [True, False])
@pytest.mark.parametrize('mode', [CompressionMode.FILE, CompressionMode.MESSAGE])
def test_compressed_bags_are_read_whole_with_or_without_metadata(tmp_path, mode, metadata):
    writer = Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.SQLITE3)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    types = get_typestore(Stores.ROS2_JAZZY)
    raw = bytes(types.serialize_cdr(types.types['std_msgs/msg/String'](data='x' * 99), 'std_msgs/msg/String'))
    with writer:
        writer.write(writer.add_connection('/a', 'std_msgs/msg/String', typestore=types), 1, raw)
    if not metadata:
        (tmp_path / 'bag' / 'metadata.yaml').unlink()
    with Bag(tmp_path / 'bag') as bag:
        assert [data for _, _, data in bag.messages(['/a'], 0)] == [raw]
        assert bag.storage == 'sqlite3' and len(bag.problems) == (0 if metadata else 1)


def test_play_starts_paused_and_ends_after_the_playback_duration(tmp_path, node):
    """Acknowledged by all: none is lost, though the player is gone at once."""
    write_bag(tmp_path / 'bag', 40)
    received = []
    node.create_subscription(String, '/a', received.append, 100, raw=True)
    clock = []
    listen_to_clock(node, clock)
    options = PlayOptions(start_paused=True, start_offset_s=0.1, duration_s=0.1, acknowledge_s=0.0, clock_hz=50.0)
    with Bag(tmp_path / 'bag') as bag:
        player = Player(node, bag, options, Event())
        thread = Thread(target=player.play, daemon=True)
        thread.start()
        node.wait_until(lambda: player._publishers['/a']._publisher.get_subscription_count() == 1)
        node.wait_until(lambda: len(clock) >= 2)
        assert not received and thread.is_alive()
        assert set(clock) == {10**18 + 10 * STEP_NS}
        player.toggle_paused()
        node.wait_until(lambda: not thread.is_alive())
        node.wait_until(lambda: len(received) >= 11)
    assert received == [bytes(_text(n)) for n in range(10, 21)]


@pytest.mark.graph
def test_a_paused_player_is_resumed_by_space_on_its_terminal(tmp_path):
    write_bag(tmp_path / 'bag', 2)
    ours, its = pty.openpty()
    command = [sys.executable, '-m', 'pip_ros', 'bag', 'play', tmp_path / 'bag', '--start-paused']
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=its, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert 'Press SPACE for Pause/Resume' in process.stdout.readline()
            os.write(ours, b'x ')
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
            os.close(ours)
            os.close(its)


@pytest.mark.graph
def test_play_latches_what_was_latched_and_loops_until_ctrl_c(tmp_path, node):
    write_bag(tmp_path / 'bag', 1, qos=(_qos(QosDurability.TRANSIENT_LOCAL, depth=1),))
    received = []
    with Running('bag', 'play', tmp_path / 'bag', '--loop', '--delay', 1) as player:
        node.wait_until(lambda: node.count_publishers('/a') == 1)
        node.create_subscription(String, '/a', lambda message: received.append(message.data), LATCHED)
        node.wait_until(lambda: len(received) >= 2)
        assert player.interrupt() == 0
    assert set(received) == {'message 0 ' + 'x' * 100}


@pytest.mark.graph
def test_play_of_a_cut_bag_plays_what_is_whole_and_tells(tmp_path, node):
    file = write_bag(tmp_path / 'bag', 200)
    os.truncate(file, file.read_bytes().index(b'message 20 '))
    received = []
    node.create_subscription(String, '/a', received.append, 100, raw=True)
    with Running('bag', 'play', tmp_path / 'bag', '--loop') as player:
        node.wait_until(lambda: len(set(received)) == 20 and len(received) > 40)
        assert player.interrupt() == 0
    assert {deserialize_message(data, String).data.split(' x')[0] for data in received} == {
        f'message {n}' for n in range(20)
    }
    assert '20 messages are whole' in player.output


@pytest.mark.parametrize(
    ('code', 'words'),
    [
        (2, ('play', '/no/such/bag')),
        (1, ('play', '{bag}', '--remap', '/a')),
        (1, ('record',)),
        (1, ('record', '-o', '{bag}', '/a')),
        (1, ('record', '/a', '--topics', '/b')),
    ],
)
def test_wrong_use_is_told(tmp_path, code, words):
    write_bag(tmp_path / 'bag', 1)
    done = ros2('bag', *(word.format(bag=tmp_path / 'bag') for word in words))
    assert done.returncode == code
    assert done.stderr
    assert 'Traceback' not in done.stderr


@pytest.mark.parametrize(
    ('choice', 'taken'),
    [
        (Choice(), []),
        (Choice(topics=frozenset(['/a'])), ['/a']),
        (Choice(all_topics=True), ['/a', '/b/image']),
        (Choice(all_services=True), ['/s/_service_event']),
        (Choice(all_topics=True, exclude_regex=re.compile('image')), ['/a']),
        (Choice(all_topics=True, exclude_types=frozenset(['sensor_msgs/msg/Image'])), ['/a']),
        (Choice(regex=re.compile('^/[as]$')), ['/a', '/s/_service_event']),
        (Choice(types=frozenset(['sensor_msgs/msg/Image'])), ['/b/image']),
        (Choice(regex=re.compile('/[as]'), regex_of_topics=True), ['/a']),
        (
            Choice(regex=re.compile('.*'), exclude_regex=re.compile('/s'), regex_of_topics=True),
            ['/a', '/b/image', '/s/_service_event'],
        ),
        (Choice(topics=frozenset(['/a']), services=frozenset(['/s'])), ['/a', '/s/_service_event']),
        (Choice(all_topics=True, exclude_topics=frozenset(['/a', '/b/image'])), []),
        (Choice(all_services=True, exclude_services=frozenset(['/s'])), []),
    ],
)
def test_what_is_chosen(choice, taken):
    topics = {'/a': 'std_msgs/msg/String', '/b/image': 'sensor_msgs/msg/Image', '/s/_service_event': 'a/srv/B_Event'}
    assert [topic for topic, type_name in topics.items() if choice.takes(topic, type_name)] == taken


@pytest.mark.parametrize('storage', [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
def test_metadata_is_made_again(tmp_path, storage):
    write_bag(tmp_path / 'bag', 25, storage, topics=('/a', '/b'), qos=(_qos(QosDurability.TRANSIENT_LOCAL),))
    metadata = tmp_path / 'bag' / 'metadata.yaml'
    before = yaml.safe_load(metadata.read_text())['rosbag2_bagfile_information']
    metadata.unlink()
    assert bag_command('reindex', tmp_path / 'bag') == 0
    after = yaml.safe_load(metadata.read_text())['rosbag2_bagfile_information']
    before.pop('ros_distro'), after.pop('ros_distro')
    before['topics_with_message_count'].sort(key=lambda topic: topic['topic_metadata']['name'])
    assert after == before
    assert read(tmp_path / 'bag')[1] == []


@pytest.mark.parametrize('mode', [CompressionMode.FILE, CompressionMode.MESSAGE])
def test_metadata_of_a_compressed_bag_is_made_again(tmp_path, mode):
    writer = Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.SQLITE3)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        types = get_typestore(Stores.ROS2_JAZZY)
        writer.write(writer.add_connection('/a', 'std_msgs/msg/String', typestore=types), 1, _text(0))
    metadata = tmp_path / 'bag' / 'metadata.yaml'
    before = yaml.safe_load(metadata.read_text())['rosbag2_bagfile_information']
    metadata.unlink()
    assert bag_command('reindex', tmp_path / 'bag') == 0
    after = yaml.safe_load(metadata.read_text())['rosbag2_bagfile_information']
    for key in ('compression_mode', 'compression_format', 'relative_file_paths', 'message_count', 'files'):
        assert after[key] == before[key], key
    assert read(tmp_path / 'bag') == ([('/a', 1, bytes(_text(0)))], [])


def test_bags_are_converted(tmp_path):
    write_bag(tmp_path / 'one', 10, StoragePlugin.SQLITE3, topics=('/a', '/b'), qos=(_qos(),))
    write_bag(tmp_path / 'two', 5, topics=('/c',))
    end_ns = 10**18 + 3 * STEP_NS
    (tmp_path / 'out.yaml').write_text(
        f'output_bags: [{{uri: {tmp_path}/all, all_topics: true, compression_mode: message}}, '
        f'{{uri: {tmp_path}/some, storage_id: sqlite3, topics: [/a], regex: c$, end_time_ns: {end_ns}}}]'
    )
    inputs = ('-i', tmp_path / 'one', '-i', tmp_path / 'two')
    assert bag_command('convert', *inputs, '-o', tmp_path / 'out.yaml') == 0
    everything, problems = read(tmp_path / 'all')
    assert problems == [] and len(everything) == 25
    assert sorted(everything) == sorted(read(tmp_path / 'one')[0] + read(tmp_path / 'two')[0])
    some, _ = read(tmp_path / 'some')
    assert sorted(some) == [
        (topic, 10**18 + n * STEP_NS, bytes(_text(n))) for topic in ('/a', '/c') for n in range(4)
    ]
    with Bag(tmp_path / 'some') as bag:
        assert bag.topics['/a'].qos == (_qos(),)
    for wrong in ('[1]', 'output_bags: {}', 'output_bags: [{}]', 'output_bags: [{uri: x, storage_id: tape}]', '{]'):
        (tmp_path / 'wrong.yaml').write_text(wrong)
        assert bag_command('convert', *inputs, '-o', tmp_path / 'wrong.yaml') == 1


def bag_command(*words):
    """`ros2 bag` in this process; returns the exit code."""
    return main(['bag', *map(str, words)])


@pytest.mark.graph
def test_record_by_type_with_custom_data_and_compression(tmp_path, node):
    """And by simulated time."""
    clock = node.create_publisher(Clock, '/clock', 10)
    text = node.create_publisher(String, '/text', 10)
    other = node.create_publisher(Clock, '/other', 10)
    stamp = Clock()
    stamp.clock.sec = 7
    options = ('--compression-mode', 'message', '--compression-format', 'zstd', '--custom-data', 'part=A', 'by=me')
    types = ('--topic-types', 'std_msgs/msg/String', '--use-sim-time', '-o', tmp_path / 'bag')
    with Running('bag', 'record', *options, *types) as recorder:
        recorder.read_until("Subscribed to topic '/text'")
        node.wait_until(lambda: text.get_subscription_count() == 1 and clock.get_subscription_count() == 1)
        text.publish(String(data='before time began'))
        assert text.wait_for_all_acked(Duration(seconds=PATIENCE_S))
        clock.publish(stamp)
        assert clock.wait_for_all_acked(Duration(seconds=PATIENCE_S))
        time.sleep(0.5)
        text.publish(String(data='lap'))
        assert text.wait_for_all_acked(Duration(seconds=PATIENCE_S))
        assert recorder.interrupt() == 0
    assert other.get_subscription_count() == 0
    (topic, stamp_ns, data), *others = read(tmp_path / 'bag')[0]
    assert (topic, stamp_ns, deserialize_message(data, String).data, others) == ('/text', 7 * 10**9, 'lap', [])
    told = yaml.safe_load((tmp_path / 'bag' / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert (told['custom_data'], told['compression_mode']) == ({'part': 'A', 'by': 'me'}, 'message')


@pytest.mark.graph
@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_record_then_play(tmp_path, node, storage):
    """Real DDS all the way, with a latched value and with /tf_static, which rclpy cannot carry."""
    stream = node.create_publisher(String, '/stream', 10)
    latched = node.create_publisher(String, '/latched', LATCHED)
    latched.publish(String(data='lap'))
    transform = TransformStamped(child_frame_id='tool0')
    transform.header.frame_id = 'base_link'
    transform.transform.rotation.w = 1.0
    broadcaster = StaticTransformBroadcaster(node)
    broadcaster.sendTransform(transform)
    topics = ('/stream', 'latched', '/tf_static')
    with Running('bag', 'record', '-o', tmp_path / 'bag', '-s', storage, '--topics', *topics) as recorder:
        for topic in ('/stream', '/latched', '/tf_static'):
            recorder.read_until(f"Subscribed to topic '{topic}'")
        node.wait_until(lambda: stream.get_subscription_count() == latched.get_subscription_count() == 1)
        for number in range(20):
            stream.publish(String(data=str(number)))
        for sender in (stream, latched):
            assert sender.wait_for_all_acked(Duration(seconds=PATIENCE_S))
        node.wait_until(broadcaster._writer.get_matched_subscriptions)
        assert broadcaster._writer.wait_for_acks(duration(seconds=PATIENCE_S))
        assert recorder.interrupt() == 0
    assert (tmp_path / 'bag' / f'bag_0.{"mcap" if storage == "mcap" else "db3"}').is_file()
    with Bag(tmp_path / 'bag') as bag:
        assert bag.problems == []
        counts = {t.name: t.count for t in bag.topics.values() if t.type != TF_MESSAGE}
        assert counts == {'/stream': 20, '/latched': 1}
        assert bag.topics['/tf_static'].count >= 1  # the broadcaster of the test before may still be there
        assert offered_when_played(bag.topics['/latched'].qos).durability == DurabilityPolicy.TRANSIENT_LOCAL
        messages = list(bag.messages(bag.topics, 0))
    texts = [deserialize_message(data, String).data for topic, _, data in messages if topic == '/stream']
    assert texts == [str(number) for number in range(20)]
    received = []
    node.create_subscription(String, '/again', lambda message: received.append(message.data), LATCHED)
    with Running('bag', 'play', tmp_path / 'bag', '--loop', '--remap', '/latched:=/again') as player:
        node.wait_until(lambda: received)
        assert player.interrupt() == 0
    assert '[rosbag2_player]' not in player.output
    assert set(received) == {'lap'}
