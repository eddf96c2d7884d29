"""TF between real processes, over the loopback interface in a domain of its own."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import rclpy
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from rclpy.time import Time

dds_types = pytest.importorskip('tf2_ros.dds_types', reason='src/pip_ros is not installed; the real tf2_ros is C++')

import tf2_peer  # noqa: E402
from pip_ros.distribution import ros_distribution  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402
from tf2_ros import (  # noqa: E402
    Buffer,
    LookupException,
    StaticTransformBroadcaster,
    TransformBroadcaster,
    TransformListener,
)

pytestmark = pytest.mark.graph

DOMAIN = int(os.environ.get('ROS_DOMAIN_ID') or 1 + os.getpid() % 100)
LIMIT_S = 60.0
LIMIT = Duration(seconds=LIMIT_S)
REMAP = ['--ros-args', '-r', '/tf:=/cell/tf', '-r', '/tf_static:=cell/tf_static']
LATEST = Time()


@pytest.fixture(scope='module', autouse=True)
def loopback():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        patch.setenv('ROS_DOMAIN_ID', str(DOMAIN))
        yield


@pytest.fixture
def context(loopback):
    own = rclpy.context.Context()
    own.init()
    yield own
    own.try_shutdown()


@pytest.fixture
def node(context):
    own = rclpy.create_node('tester', context=context)
    yield own
    own.destroy_node()


@contextmanager
def peer(*arguments):
    """The other process, which has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('tf2_peer.py')), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == 'ready\n'
        yield process
    finally:
        process.stdin.close()
        try:
            process.wait(LIMIT_S)
        finally:
            process.kill()
            process.stdout.close()


@pytest.fixture(scope='module')
def broadcaster(loopback):
    with peer('broadcast') as process:
        yield process


def wait_until(condition, limit_s=LIMIT_S):
    """Whether the condition came to hold within the limit."""
    deadline = time.monotonic() + limit_s
    while not (holds := bool(condition())) and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds


def x_of(buffer, target, source, time=LATEST):
    return buffer.lookup_transform(target, source, time, LIMIT).transform.translation.x


def test_late_joiner_gets_every_static_transform(broadcaster, node):
    buffer = Buffer()
    TransformListener(buffer, node)  # which nobody holds
    gc.collect()
    assert x_of(buffer, 'tool0', 'camera') == 1.0
    assert x_of(buffer, 'camera', 'laser') == 1.0
    assert x_of(buffer, 'tool0', 'wire') == 3.0  # the last word on it


def test_a_lookup_waits_for_the_robot(broadcaster, node):
    buffer = Buffer()
    listener = TransformListener(buffer, node)
    soon = node.get_clock().now() + Duration(seconds=0.3)
    found = buffer.lookup_transform('base', 'camera', soon, LIMIT)
    assert Time.from_msg(found.header.stamp) == soon
    assert found.transform.translation.x == pytest.approx(6.0)
    listener.unregister()


def test_remapped_topics(context, node):
    """In both processes, by the node's own remapping; the unremapped listener hears nothing of it."""
    remapped = rclpy.create_node('remapped', context=context, cli_args=REMAP)
    here, there = Buffer(), Buffer()
    listeners = [TransformListener(here, node), TransformListener(there, remapped)]
    with peer('broadcast', *REMAP):
        assert wait_until(lambda: x_of(there, 'tool0', 'wire') == 3.0)  # it hears the first word too
        assert x_of(there, 'base', 'tool0') == 5.0
        assert '/cell/tf' in dict(node.get_topic_names_and_types())
    for listener in listeners:
        listener.unregister()
    remapped.destroy_node()


def test_a_peer_on_another_middleware_sees_ros_endpoints(broadcaster, node):
    """rclpy runs on Fast DDS, and reads our names, types, type hash and QoS from the wire."""
    expected = {'/tf': DurabilityPolicy.VOLATILE, '/tf_static': DurabilityPolicy.TRANSIENT_LOCAL}
    for topic, durability in expected.items():
        assert wait_until(lambda topic=topic: node.get_publishers_info_by_topic(topic))
        seen = node.get_publishers_info_by_topic(topic)[0]
        assert seen.topic_type == 'tf2_msgs/msg/TFMessage'
        assert str(seen.topic_type_hash) == dds_types.TYPE_HASH
        assert seen.qos_profile.durability == durability
        assert seen.qos_profile.reliability == ReliabilityPolicy.RELIABLE


def test_fast_dds_hears_the_announced_members(loopback, tmp_path):
    """Without profiles, so as people's own nodes: from 3.2 (Kilted) on it is deaf to members of other names."""
    (tmp_path / 'plain.xml').write_text('<profiles xmlns="http://www.eprosima.com"/>')
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name('tf2_members.py'))],
        env={**os.environ, 'FASTDDS_DEFAULT_PROFILES_FILE': str(tmp_path / 'plain.xml')},
        stdout=subprocess.PIPE,
        text=True,
        timeout=2 * LIMIT_S,
        check=True,
    )
    heard, child, numbers = json.loads(done.stdout.splitlines()[-1])
    assert {'members', 'whole'} <= set(heard)
    assert (child, numbers) == ('b', [1, 2, 1.0, 2.0, 3.0, 0.0, 0.6, 0.0, 0.8])
    if ros_distribution() != 'jazzy':
        assert 'other_members' not in heard


def test_a_process_that_ends_takes_its_leave(node):
    """Its endpoints are gone before its lease (ten seconds) has run out: both middlewares agree on how to leave."""
    topic = '/tf_leaving'
    with peer('broadcast', '--ros-args', '-r', f'/tf:={topic}'):
        assert wait_until(lambda: node.get_publishers_info_by_topic(topic))
    assert wait_until(lambda: not node.get_publishers_info_by_topic(topic), limit_s=5.0)


def test_within_one_process(node):
    """One participant for all: broadcasters and listeners of a process hear each other."""
    buffer = Buffer()
    listener = TransformListener(buffer, node)
    TransformBroadcaster(node, 10)
    StaticTransformBroadcaster(node).sendTransform(tf2_peer.transform(node, 'near', 'far', 7.0))
    gc.collect()
    assert x_of(buffer, 'near', 'far') == 7.0
    listener.unregister()


def test_a_listener_fills_another_buffer(broadcaster, node):
    first, second = Buffer(), Buffer()
    listener = TransformListener(first, node)
    assert x_of(first, 'base', 'tool0') == 5.0
    listener.buffer = second
    newest = first.get_latest_common_time('base', 'tool0')
    assert listener.buffer is second
    assert x_of(second, 'base', 'tool0') == 5.0
    assert second.get_latest_common_time('base', 'tool0') > newest
    assert first.get_latest_common_time('base', 'tool0') == newest
    listener.unregister()
    listener.buffer = first  # nothing comes any more
    assert first.get_latest_common_time('base', 'tool0') == newest


def test_a_coroutine_awaits_a_transform(broadcaster, context, node):
    buffer = Buffer()
    listener = TransformListener(buffer, node)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    task = executor.create_task(lambda: buffer.lookup_transform_async('base', 'laser', LATEST))
    executor.spin_until_future_complete(task, LIMIT_S)
    coroutine = executor.create_task(task.result())
    executor.spin_until_future_complete(coroutine, LIMIT_S)
    assert coroutine.result().transform.translation.x == 7.0
    listener.unregister()


def test_shutdown_ends_waiting_and_listening(context, node):
    """A callback that waits for a transform must not hold the process up."""
    buffer = Buffer()
    listener = TransformListener(buffer, node)
    threading.Timer(0.3, context.shutdown).start()
    with pytest.raises(LookupException):
        buffer.lookup_transform('base', 'nowhere', LATEST, Duration(seconds=3600))
    listener.unregister()


@pytest.mark.parametrize('mode', ['listen', 'listen_in_thread'])
def test_ctrl_c_ends_a_listening_process(mode):
    with peer(mode) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
        assert process.stdout.read() == 'interrupted\n'


def test_a_process_that_forgets_its_listener_ends(loopback):
    script = str(Path(__file__).with_name('tf2_peer.py'))
    done = subprocess.run(
        [sys.executable, script, 'return'], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, '')


def test_a_message_for_rclpy_explains_itself(node):
    with pytest.raises(NotImplementedError, match=r'Use tf2_ros\.TransformListener'):
        node.create_publisher(TFMessage, '/tf', 1)
    one = tf2_peer.transform(node, 'a', 'b', 1.0)
    assert TFMessage(transforms=[one]) == TFMessage(transforms=(one,))
    assert TFMessage() != TFMessage(transforms=[one])
