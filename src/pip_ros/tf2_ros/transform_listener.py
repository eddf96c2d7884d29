"""Receives transforms into a buffer."""

import atexit
import contextlib
import time
import weakref
from threading import Event, Thread

from cyclonedds.core import InstanceState, ReadCondition, SampleState, ViewState, WaitSet
from cyclonedds.sub import DataReader
from cyclonedds.util import duration
from rclpy.callback_groups import CallbackGroup, ReentrantCallbackGroup
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor, SingleThreadedExecutor
from rclpy.guard_condition import GuardCondition
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.qos import QoSProfile

from tf2_ros.buffer import Buffer
from tf2_ros.dds import make_reader, participant, tf_qos, tf_static_qos
from tf2_ros.dds_types import SerializedTFMessage
from tf2_ros.messages import decode
from tf2_ros.time_cache import Link

_ANY = SampleState.Any | ViewState.Any | InstanceState.Any
_SHUTDOWN_CHECK = duration(milliseconds=100)  # arrivals wake at once; a shutdown is seen within this
_BATCH = 100
_REST_S = 0.03  # between two looks while nobody waits: a robot's frames come a hundred times a second
_BUSY = 25  # of a queue's 100 messages: so many in one look, and the next one comes without a rest
_NEWS_S = 0.1  # between two times that arrivals end the node's `spin_once`, of which each costs its executor a turn

_receivers: 'weakref.WeakSet[_Receiver]' = weakref.WeakSet()


@atexit.register
def _end_receivers() -> None:
    """No thread may be inside Cyclone while Python and its modules go away."""
    remaining = list(_receivers)
    for receiver in remaining:
        receiver.stop()
    for receiver in remaining:
        receiver.join()


class TransformListener:
    """Fills a buffer from /tf and /tf_static (remapped as the node has them).

    Transforms arrive on a thread of their own, spinning or not, until the node is gone, its context is shut
    down, or `unregister`. Arrivals end a `spin_once` of the node, as those of a subscription do, at most ten
    times a second (not in an EventsExecutor).

    Args:
        buffer: Where transforms go; another one may be put in its place later.
        node: The node in whose domain it listens.
        spin_thread: Also spin the node in a thread, as the real one does.
        qos: QoS or depth for /tf; tf2_ros's own if None.
        static_qos: QoS or depth for /tf_static; tf2_ros's own if None.
    """

    def __init__(
        self,
        buffer: Buffer,
        node: Node,
        *,
        spin_thread: bool = False,
        qos: QoSProfile | int | None = None,
        static_qos: QoSProfile | int | None = None,
    ) -> None:
        self.node = node
        self.group = ReentrantCallbackGroup()
        receiver = _Receiver(buffer, node, self.group, may_rest=qos is None and static_qos is None)
        receiver.listen(make_reader(node, '/tf', tf_qos() if qos is None else qos), is_static=False)
        receiver.listen(
            make_reader(node, '/tf_static', tf_static_qos() if static_qos is None else static_qos), is_static=True
        )
        receiver.start()
        self._receiver = receiver
        # As long as the node, as rclpy's subscriptions: a listener that nobody holds goes on filling the buffer.
        weakref.finalize(node, receiver.stop).atexit = False
        if spin_thread:
            self.executor = SingleThreadedExecutor(context=node.context)
            self.executor.add_node(node)
            self.dedicated_listener_thread = Thread(target=_spin, args=(self.executor,), daemon=True)
            self.dedicated_listener_thread.start()

    @property
    def buffer(self) -> Buffer:
        """Where transforms go."""
        return self._receiver.buffer

    @buffer.setter
    def buffer(self, buffer: Buffer) -> None:
        self._receiver.fill(buffer)

    def unregister(self) -> None:
        """Stop listening, and end lookups that wait."""
        self._receiver.stop()
        self._receiver.join()
        if self._receiver.arrival is not None:
            self.node.destroy_guard_condition(self._receiver.arrival)


class _Receiver:
    """The thread that takes messages from the readers into the buffer. Does not keep the node alive.

    Args:
        buffer: Where transforms go.
        node: The node.
        group: Of what ends the node's `spin_once`.
        may_rest: Messages may wait in the readers' queues while nobody looks anything up.
    """

    def __init__(self, buffer: Buffer, node: Node, group: CallbackGroup, may_rest: bool) -> None:
        self.buffer = buffer
        self.arrival: GuardCondition | None = None
        self._group = group
        self._node = weakref.ref(node)
        self._has_news = False
        self._next_news_s = 0.0
        self._context = node.context
        self._participant = participant(node.context.get_domain_id())
        self._stopping = Event()
        self._may_rest = may_rest
        self._busy = False
        self._conditions: list[tuple[ReadCondition, bool]] = []
        self._thread = Thread(target=self._receive, name='tf2_ros', daemon=True)
        _receivers.add(self)

    def listen(self, reader: DataReader[SerializedTFMessage], is_static: bool) -> None:
        self._conditions.append((ReadCondition(reader, _ANY), is_static))

    def start(self) -> None:
        self.buffer.add_source(self._take)
        self._thread.start()

    def fill(self, buffer: Buffer) -> None:
        """From now on transforms go into another buffer."""
        self.buffer.remove_source(self._take)
        self.buffer = buffer
        buffer.add_source(self._take)

    def stop(self) -> None:
        """Does not wait: the garbage collector may call it while its thread holds the buffer's lock."""
        self._stopping.set()

    def join(self) -> None:
        self._thread.join()

    def _receive(self) -> None:
        arrivals = WaitSet(self._participant)
        for condition, _ in self._conditions:
            arrivals.attach(condition)
        while self._context.ok() and not self._stopping.is_set():
            rests = self._may_rest and not self._busy
            if not rests or self.buffer.rest_until_awaited(_REST_S):
                arrivals.wait(_SHUTDOWN_CHECK)
            if self.buffer.take_arrived():
                self._wake_executor()
            if self._has_news and time.monotonic() >= self._next_news_s:
                self._end_spin_once()
        self.buffer.remove_source(self._take)
        self._conditions.clear()
        self.buffer.abandon_waits()

    def _take(self) -> list[tuple[list[Link], bool]]:
        """The links that have arrived, message by message, and whether they are static."""
        if self._stopping.is_set():
            return []
        taken = [
            (message, is_static)
            for condition, is_static in self._conditions
            for message in condition.reader.take(_BATCH, condition)
        ]
        self._busy = len(taken) > _BUSY
        self._has_news = self._has_news or bool(taken)
        return [
            (_decoded(message.cdr), is_static)
            for message, is_static in taken
            if isinstance(message, SerializedTFMessage)
        ]  # else it says that a broadcaster went

    def _wake_executor(self) -> None:
        """A coroutine whose transform has come goes on in the node's executor, which may be asleep."""
        node = self._node()
        if node is not None and node.executor is not None:
            node.executor.wake()

    def _end_spin_once(self) -> None:
        """By a guard condition, which executors with wait sets take and rclpy's EventsExecutor refuses."""
        node = self._node()
        if node is None or not isinstance(node.executor, (SingleThreadedExecutor, MultiThreadedExecutor)):
            return
        with contextlib.suppress(InvalidHandle):  # the node is destroyed
            if self.arrival is None:
                self.arrival = node.create_guard_condition(_nothing, callback_group=self._group)
            self.arrival.trigger()
            self._has_news, self._next_news_s = False, time.monotonic() + _NEWS_S


def _nothing() -> None:
    """What the node's executor does on arrivals: they are in the buffer already."""


def _decoded(cdr: bytes) -> list[Link]:
    try:
        return decode(cdr)
    except ValueError as error:
        get_logger('tf2_ros').error(f'Ignoring a message on /tf or /tf_static: {error}')
        return []


def _spin(executor: SingleThreadedExecutor) -> None:
    try:
        executor.spin()
    except ExternalShutdownException:
        return
