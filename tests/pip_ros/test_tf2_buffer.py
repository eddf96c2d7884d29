"""Buffer: the way through the tree, its exceptions, waiting."""

import asyncio
import contextlib
import gc
import threading
from concurrent.futures import Future

import numpy as np
import pytest
import rclpy
import tf2_ros
import yaml
from builtin_interfaces.msg import Time as TimeMessage
from geometry_msgs.msg import PointStamped, TransformStamped
from hypothesis import given
from hypothesis import strategies as st
from rclpy.clock import ClockType
from rclpy.duration import Duration
from rclpy.parameter import Parameter
from rclpy.time import Time
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import Image

pytest.importorskip('tf2_ros.time_cache', reason='src/pip_ros is not installed; the real tf2_ros is C++')

from tf2_ros import (  # noqa: E402
    Buffer,
    BufferCore,
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TimeoutException,
    TransformException,
)
from tf2_ros.messages import link_from_message  # noqa: E402

SECOND = 10**9
HALF = 0.5**0.5
QUARTER_TURN = (0.0, 0.0, HALF, HALF)
LATEST = Time()
LONG = Duration(seconds=3600)
LIMIT_S = 30.0


def stamped(parent, child, stamp_s=0.0, xyz=(0.0, 0.0, 0.0), rotation=(0.0, 0.0, 0.0, 1.0)):
    message = TransformStamped()
    message.header.stamp = Time(nanoseconds=round(stamp_s * SECOND)).to_msg()
    message.header.frame_id, message.child_frame_id = parent, child
    t, q = message.transform.translation, message.transform.rotation
    t.x, t.y, t.z = xyz
    q.x, q.y, q.z, q.w = rotation
    return message


def at(seconds):
    return Time(nanoseconds=round(seconds * SECOND), clock_type=ClockType.ROS_TIME)


def xyz(message):
    t = message.transform.translation
    return t.x, t.y, t.z


def quaternion(message):
    q = message.transform.rotation
    return q.x, q.y, q.z, q.w


def filled(*transforms, static=()):
    buffer = Buffer()
    for each in transforms:
        buffer.set_transform(each, 'test')
    for each in static:
        buffer.set_transform_static(each, 'test')
    return buffer


@pytest.fixture
def cell():
    """base turns a quarter from second 1 to 2 while tool0 goes out 2 m; camera and wire are fixed to tool0."""
    return filled(
        stamped('base', 'tool0', 1.0),
        stamped('base', 'tool0', 2.0, (2.0, 0.0, 0.0), QUARTER_TURN),
        static=[stamped('tool0', 'camera', 0.0, (0.0, 1.0, 0.0)), stamped('tool0', 'wire', 0.0, (0.5, 0.0, 0.0))],
    )


# --- exceptions


@pytest.mark.parametrize(
    ('target', 'source', 'time', 'error', 'message'),
    [
        ('', 'tool0', LATEST, InvalidArgumentException, 'cannot be empty'),
        ('base', '', LATEST, InvalidArgumentException, 'cannot be empty'),
        ('/base', 'tool0', LATEST, InvalidArgumentException, "cannot start with a '/'"),
        (
            'world',
            'tool0',
            LATEST,
            LookupException,
            '"world" passed to lookupTransform argument target_frame does not exist',
        ),
        (
            'base',
            'nowhere',
            LATEST,
            LookupException,
            '"nowhere" passed to lookupTransform argument source_frame does not exist',
        ),
        (
            'base',
            'island',
            LATEST,
            ConnectivityException,
            "'base' and 'island' because they are not part of the same",
        ),
        ('base', 'island', at(1.5), ConnectivityException, 'not part of the same tree'),
        (
            'base',
            'camera',
            at(2.5),
            ExtrapolationException,
            r'future.*2\.500000000.*latest data is at time 2\.000'
            r'.*looking up transform from frame \[camera\] to frame \[base\]',
        ),
        ('camera', 'base', at(0.5), ExtrapolationException, r'past.*0\.500000000.*earliest data is at time 1\.000'),
    ],
)
def test_exceptions(cell, target, source, time, error, message):
    cell.set_transform_static(stamped('sea', 'island'), 'test')
    with pytest.raises(error, match=message):
        cell.lookup_transform(target, source, time)
    assert cell.can_transform(target, source, time) is False
    possible, reason = cell.can_transform(target, source, time, return_debug_tuple=True)
    assert not possible
    assert reason


def test_a_lookup_that_fails_leaves_no_garbage(cell):
    """An exception kept in a variable would keep its callers' frames, and so their images, for a while."""

    def fail(source, time):
        with contextlib.suppress(TransformException):
            cell.lookup_transform('base', source, time)

    gc.collect()
    gc.disable()
    try:
        for source, time in (('camera', at(2.5)), ('camera', at(0.5)), ('nowhere', LATEST)):
            fail(source, time)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_every_exception_is_a_transform_exception():
    children = (
        ConnectivityException,
        ExtrapolationException,
        InvalidArgumentException,
        LookupException,
        TimeoutException,
    )
    assert all(issubclass(child, TransformException) for child in children)


def test_empty_buffer_knows_no_frame():
    with pytest.raises(LookupException):
        Buffer().lookup_transform('base', 'tool0', LATEST)


def test_loop():
    buffer = filled(static=[stamped('a', 'b'), stamped('b', 'a'), stamped('c', 'd')])
    with pytest.raises(LookupException, match='loop'):
        buffer.lookup_transform('c', 'a', LATEST)


# --- golden lookups


def test_golden_chain(cell):
    """Half way: tool0 at 1 m, turned by 45 degrees; the camera lies 1 m along the tool's y axis."""
    found = cell.lookup_transform('base', 'camera', at(1.5))
    assert (found.header.frame_id, found.child_frame_id) == ('base', 'camera')
    assert Time.from_msg(found.header.stamp) == at(1.5)
    np.testing.assert_allclose(xyz(found), (1.0 - HALF, HALF, 0.0), atol=1e-15)
    np.testing.assert_allclose(quaternion(found), (0.0, 0.0, 0.3826834323650898, 0.9238795325112867), atol=1e-15)


def test_golden_between_two_branches(cell):
    """Camera and wire on the same tool: the turning base does not matter, and neither does time."""
    assert xyz(cell.lookup_transform('wire', 'camera', LATEST)) == (-0.5, 1.0, 0.0)
    assert xyz(cell.lookup_transform('wire', 'camera', at(99.0))) == (-0.5, 1.0, 0.0)


def test_golden_up_and_down(cell):
    """At second 2: the base seen from the tool, that is (2, 0, 0) undone and turned back."""
    np.testing.assert_allclose(xyz(cell.lookup_transform('tool0', 'base', at(2.0))), (0.0, 2.0, 0.0), atol=1e-15)


def test_latest_is_the_latest_common_time():
    buffer = filled(
        *(stamped('a', 'b', t, (t, 0.0, 0.0)) for t in (1.0, 5.0)),
        *(stamped('b', 'c', t, (0.0, t, 0.0)) for t in (1.0, 3.0)),
    )
    found = buffer.lookup_transform('a', 'c', LATEST)
    assert Time.from_msg(found.header.stamp) == at(3.0)
    assert xyz(found) == (3.0, 3.0, 0.0)
    assert buffer.get_latest_common_time('a', 'c') == Time(seconds=3)


def test_latest_of_static_frames_only_has_no_stamp(cell):
    assert cell.lookup_transform('wire', 'camera', LATEST).header.stamp == TimeMessage()


def test_a_frame_in_itself(cell):
    assert quaternion(cell.lookup_transform('tool0', 'tool0', LATEST)) == (0.0, 0.0, 0.0, 1.0)
    assert cell.lookup_transform('tool0', 'tool0', LATEST).header.stamp.sec == 2
    assert cell.can_transform('unheard_of', 'unheard_of', LATEST)


def test_builtin_time_is_taken(cell):
    assert xyz(cell.lookup_transform('base', 'tool0', TimeMessage(sec=1, nanosec=SECOND // 2)))[0] == 1.0


def test_golden_between_two_times():
    """A part on a belt at 1 m/s: where is now (x = 3) what the camera saw at second 1 (x = 1)?"""
    buffer = filled(*(stamped('world', 'belt', t, (t, 0.0, 0.0)) for t in (1.0, 3.0)))
    found = buffer.lookup_transform_full('belt', at(3.0), 'belt', at(1.0), 'world')
    assert xyz(found) == (-2.0, 0.0, 0.0)
    assert Time.from_msg(found.header.stamp) == at(3.0)
    assert not buffer.can_transform_full('belt', at(4.0), 'belt', at(1.0), 'world')
    with pytest.raises(LookupException, match='"moon"'):
        buffer.lookup_transform_full('belt', at(3.0), 'belt', at(1.0), 'moon')


def test_two_parents_the_newest_wins():
    """The part is handed from the table to the gripper at second 2."""
    buffer = filled(
        stamped('table', 'part', 1.0, (1.0, 0.0, 0.0)),
        stamped('gripper', 'part', 2.0, (2.0, 0.0, 0.0)),
        static=[stamped('world', 'table'), stamped('world', 'gripper', 0.0, (0.0, 5.0, 0.0))],
    )
    assert xyz(buffer.lookup_transform('world', 'part', LATEST)) == (2.0, 5.0, 0.0)
    assert xyz(buffer.lookup_transform('world', 'part', at(1.0))) == (1.0, 0.0, 0.0)
    assert xyz(buffer.lookup_transform('world', 'part', at(1.5))) == (1.0, 0.0, 0.0)


def test_static_becomes_dynamic_and_back():
    buffer = filled(static=[stamped('a', 'b', 0.0, (1.0, 0.0, 0.0))])
    buffer.set_transform(stamped('a', 'b', 5.0, (2.0, 0.0, 0.0)), 'test')
    assert xyz(buffer.lookup_transform('a', 'b', LATEST)) == (2.0, 0.0, 0.0)
    assert not buffer.can_transform('a', 'b', at(9.0))
    buffer.set_transform_static(stamped('a', 'b', 0.0, (3.0, 0.0, 0.0)), 'test')
    assert buffer.can_transform('a', 'b', at(9.0))


unit_rotations = (
    st.tuples(*[st.floats(-1, 1)] * 4)
    .filter(lambda q: np.linalg.norm(q) > 0.1)
    .map(lambda q: tuple(float(c) for c in np.array(q) / np.linalg.norm(q)))
)
points = st.tuples(*[st.floats(-10, 10)] * 3)


@given(points, unit_rotations, points, unit_rotations)
def test_there_and_back(p, q, r, s):
    """T_a_c is T_a_b T_b_c, and T_c_a undoes it."""
    buffer = filled(stamped('a', 'b', 1.0, p, q), stamped('b', 'c', 1.0, r, s))
    there, back = (buffer.lookup_transform(*pair, at(1.0)) for pair in (('a', 'c'), ('c', 'a')))
    outer = Rotation.from_quat(q)
    np.testing.assert_allclose(xyz(there), outer.apply(r) + p, atol=1e-9)
    turned = Rotation.from_quat(quaternion(there))
    assert (turned.inv() * outer * Rotation.from_quat(s)).magnitude() < 1e-6
    np.testing.assert_allclose(turned.apply(xyz(back)) + xyz(there), (0.0, 0.0, 0.0), atol=1e-9)


# --- what is not taken


@pytest.mark.parametrize(
    'fault',
    [
        stamped('a', 'a'),
        stamped('a', ''),
        stamped('', 'b'),
        stamped('a', 'b', 1.0, (float('nan'), 0.0, 0.0)),
        stamped('a', 'b', 1.0, rotation=(0.0, 0.0, 0.0, 0.0)),
        stamped('a', 'b', 1.0, rotation=(0.0, 0.0, float('nan'), 1.0)),
        stamped('a', 'b', 1.0, rotation=(0.0, 0.0, 0.0, float('inf'))),
    ],
)
def test_unusable_transforms_are_ignored(fault):
    assert not filled(fault).can_transform('a', 'b', LATEST)


@pytest.mark.parametrize(
    ('given', 'wanted'),
    [
        ((0.0, 0.0, 0.0, 1e-9), (0.0, 0.0, 0.0, 1.0)),
        ((0.0, 0.0, 0.707, 0.707), QUARTER_TURN),
        ((0.0, 0.0, 1.01 * HALF, 1.01 * HALF), QUARTER_TURN),
        ((0.0, 0.0, -3.0, -4.0), (0.0, 0.0, -0.6, -0.8)),
    ],
)
@pytest.mark.parametrize('is_static', [False, True])
def test_quaternions_are_normalised(given, wanted, is_static):
    buffer = filled(static=[stamped('b', 'c', 0.0, (1.0, 0.0, 0.0))])
    set_transform = buffer.set_transform_static if is_static else buffer.set_transform
    set_transform(stamped('a', 'b', 1.0, (0.0, 0.0, 0.0), given), 'test')
    assert quaternion(buffer.lookup_transform('a', 'b', LATEST)) == pytest.approx(wanted, abs=1e-15)
    turned = Rotation.from_quat(wanted).apply((1.0, 0.0, 0.0))
    np.testing.assert_allclose(xyz(buffer.lookup_transform('a', 'c', LATEST)), turned, atol=1e-15)


def test_cache_time():
    buffer = Buffer(cache_time=Duration(seconds=2.0))
    for t in (1.0, 2.0, 3.0, 4.0, 0.5):
        buffer.set_transform(stamped('a', 'b', t), 'test')
    assert buffer.can_transform('a', 'b', at(2.0))
    assert not buffer.can_transform('a', 'b', at(1.5))


def test_clear_forgets_what_moves_and_keeps_what_is_static(cell):
    cell.clear()
    with pytest.raises((ConnectivityException, ExtrapolationException)):
        cell.lookup_transform('base', 'camera', at(1.5))
    assert xyz(cell.lookup_transform('wire', 'camera', LATEST)) == (-0.5, 1.0, 0.0)
    cell.set_transform(stamped('base', 'tool0', 0.5), 'test')  # an older one than those that were forgotten
    assert xyz(cell.lookup_transform('base', 'camera', LATEST)) == (0.0, 1.0, 0.0)


def test_samples_further_apart_than_the_cache_are_interpolated(cell):
    buffer = filled(*(stamped('a', 'b', t, (t, 0.0, 0.0)) for t in (1.0, 21.0)))
    assert xyz(buffer.lookup_transform('a', 'b', at(11.0))) == (11.0, 0.0, 0.0)


@pytest.mark.parametrize('name', ['BufferClient', 'BufferServer'])
def test_what_needs_actions_is_named(name):
    with pytest.raises(ImportError, match=f'pip_ros has no {name}.*apt ROS 2'):
        exec(f'from tf2_ros import {name}')


def test_messages_that_nothing_transforms_are_named():
    with pytest.raises(tf2_ros.TypeException, match='Image.*is not loaded or supported'):
        Buffer().transform(Image(), 'base')
    with pytest.raises(tf2_ros.TypeException, match='is not converted to'):
        Buffer().transform(PointStamped(), 'base', new_type=Image)
    assert not hasattr(tf2_ros, 'no_such_name')


def test_all_frames_as_string(cell):
    assert BufferCore().all_frames_as_string() == ''
    buffer = filled(stamped('a', 'b', 1.0), stamped('b', 'c', 1.0))
    assert buffer.all_frames_as_string() == ('Frame b exists with parent a.\nFrame c exists with parent b.\n')


@pytest.mark.parametrize('name', ['ConvertRegistration', 'BufferInterface', 'convert'])
def test_what_converts_messages_is_named(name):
    with pytest.raises(ImportError, match=f'pip_ros has no {name}.*apt ROS 2'):
        exec(f'from tf2_ros import {name}')


def test_all_frames_as_yaml(cell):
    frames = yaml.safe_load(cell.all_frames_as_yaml())
    assert frames['tool0'] == {'parent': 'base', 'broadcaster': 'test', 'most_recent_transform': 2.0}
    assert sorted(frames) == ['camera', 'tool0', 'wire']


# --- waiting


def test_a_time_out_ends_in_what_was_wrong():
    with pytest.raises(LookupException):
        Buffer().lookup_transform('base', 'tool0', LATEST, Duration(nanoseconds=1))
    assert not Buffer().can_transform('base', 'tool0', LATEST, Duration(nanoseconds=1))


def in_thread(function):
    """Start a function in a thread that does not keep the tests from ending; returns its future."""
    future = Future()

    def run():
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def test_a_lookup_goes_on_when_its_transform_comes():
    buffer = Buffer()
    found = in_thread(lambda: buffer.lookup_transform('a', 'c', at(1.0), LONG))
    buffer.set_transform(stamped('a', 'b', 1.0, (1.0, 0.0, 0.0)), 'test')  # not yet all
    buffer.set_transform_static(stamped('b', 'c', 0.0, (1.0, 0.0, 0.0)), 'test')
    assert xyz(found.result(LIMIT_S)) == (2.0, 0.0, 0.0)


def test_abandoned_waits_end_at_once():
    buffer = Buffer()
    possible = in_thread(lambda: buffer.can_transform('a', 'b', LATEST, LONG))
    while not possible.done():  # the thread may not wait yet
        buffer.abandon_waits()
    assert possible.result(LIMIT_S) is False


def test_a_future_is_done_when_its_transform_comes():
    buffer = Buffer()
    future = buffer.wait_for_transform_async('a', 'b', at(2.0))
    full = buffer.wait_for_transform_full_async('a', at(2.0), 'b', at(2.0), 'a')
    buffer.set_transform(stamped('a', 'b', 1.0), 'test')
    assert not future.done()
    buffer.set_transform(stamped('a', 'b', 2.0, (1.0, 0.0, 0.0)), 'test')
    assert xyz(future.result()) == xyz(full.result()) == (1.0, 0.0, 0.0)
    assert buffer.wait_for_transform_async('a', 'b', LATEST).done()
    assert buffer._new_data_callbacks == []


def test_lookups_can_be_awaited(cell):
    assert xyz(asyncio.run(cell.lookup_transform_async('base', 'tool0', at(2.0)))) == (2.0, 0.0, 0.0)
    assert xyz(asyncio.run(cell.lookup_transform_full_async('base', at(2.0), 'tool0', at(2.0), 'base'))) == (
        2.0,
        0.0,
        0.0,
    )


# --- where transforms come from


class Arrivals:
    """What a listener has received: messages, each taken once."""

    def __init__(self, buffer):
        self.waiting = []
        buffer.add_source(self.take)

    def take(self):
        taken, self.waiting = self.waiting, []
        return [([link_from_message(message)], is_static) for message, is_static in taken]


def test_a_lookup_sees_all_that_has_arrived():
    buffer = Buffer()
    arrivals = Arrivals(buffer)
    for stamp_s, ask in enumerate(
        [
            lambda time: buffer.lookup_transform('a', 'b', time),
            lambda time: buffer.lookup_transform_full('a', time, 'b', time, 'a'),
            lambda time: buffer.can_transform('a', 'b', time),
            lambda time: buffer.get_latest_common_time('a', 'b').nanoseconds == time.nanoseconds,
            lambda time: buffer.wait_for_transform_async('a', 'b', time).done(),
        ],
        start=1,
    ):
        arrivals.waiting.append((stamped('a', 'b', stamp_s), False))
        assert ask(at(stamp_s)) and not arrivals.waiting
    arrivals.waiting.append((stamped('b', 'c'), True))
    assert sorted(yaml.safe_load(buffer.all_frames_as_yaml())) == ['b', 'c']
    arrivals.waiting.append((stamped('a', 'b', 9.0), False))
    buffer.clear()
    assert not buffer.can_transform('a', 'b', at(9.0))


def test_while_somebody_waits_the_one_who_receives_takes_and_calls_back():
    buffer = Buffer()
    arrivals = Arrivals(buffer)
    assert not buffer.rest_until_awaited(0.0)
    future = buffer.wait_for_transform_async('a', 'b', at(1.0))
    assert buffer.rest_until_awaited(LIMIT_S)
    arrivals.waiting.append((stamped('a', 'b', 1.0), False))
    assert not buffer.can_transform('a', 'b', at(1.0)) and not future.done()
    buffer.take_arrived()
    assert future.done() and buffer.can_transform('a', 'b', at(1.0))
    assert not buffer.rest_until_awaited(0.0)
    blocking = in_thread(lambda: buffer.lookup_transform('a', 'b', at(2.0), LONG))
    assert buffer.rest_until_awaited(LIMIT_S)
    arrivals.waiting.append((stamped('a', 'b', 2.0), False))
    buffer.take_arrived()
    assert blocking.result(LIMIT_S)


def test_nothing_more_comes_from_a_source_that_was_removed():
    buffer = Buffer()
    arrivals = Arrivals(buffer)
    buffer.remove_source(arrivals.take)
    arrivals.waiting.append((stamped('a', 'b'), False))
    assert not buffer.can_transform('a', 'b', LATEST) and arrivals.waiting


# --- simulated time


@pytest.fixture
def node():
    """A node on simulated time, which it does not hear: the test sets it."""
    with rclpy.context.Context() as context:
        node = rclpy.create_node(
            'jumper',
            context=context,
            enable_rosout=False,
            start_parameter_services=False,
            parameter_overrides=[Parameter('use_sim_time', value=True)],
        )
        yield node
        node.destroy_node()


@pytest.mark.parametrize(('back_to_s', 'is_kept'), [(11.0, True), (9.5, True), (9.0, False), (1.0, False)])
def test_simulated_time_that_jumps_back_clears_what_moves(node, back_to_s, is_kept):
    """By a second or more, as tf2_ros."""
    buffer = Buffer(node=node)
    clock = node.get_clock()
    clock.set_ros_time_override(at(9.0))
    buffer.set_transform(stamped('a', 'b', 9.0), 'test')
    buffer.set_transform_static(stamped('b', 'c'), 'test')
    clock.set_ros_time_override(at(10.0))
    assert buffer.can_transform('a', 'c', LATEST)
    clock.set_ros_time_override(at(back_to_s))
    assert buffer.can_transform('a', 'b', LATEST) is is_kept
    assert buffer.can_transform('b', 'c', LATEST)


def test_frames_of_ros_1_drivers_lose_their_slash():
    buffer = filled(stamped('/base_link', '/tool0', 1.0, xyz=(1.0, 2.0, 3.0)))
    assert xyz(buffer.lookup_transform('base_link', 'tool0', at(1.0))) == (1.0, 2.0, 3.0)
    with pytest.raises(InvalidArgumentException):
        buffer.lookup_transform('/base_link', 'tool0', at(1.0))
