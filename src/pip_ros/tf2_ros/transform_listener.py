"""Receives transforms into a buffer."""

import atexit
import weakref
from threading import Event, Thread

from cyclonedds.core import InstanceState, ReadCondition, SampleState, ViewState, WaitSet
from cyclonedds.sub import DataReader
from cyclonedds.util import duration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.qos import QoSProfile

from tf2_ros.buffer import Buffer
from tf2_ros.dds import make_reader, tf_qos, tf_static_qos
from tf2_ros.dds_types import SerializedTFMessage
from tf2_ros.messages import decode

_AUTHORITY = 'default_authority'  # ROS 2 does not tell who published, so the real one names everybody so
_ANY = SampleState.Any | ViewState.Any | InstanceState.Any
_SHUTDOWN_CHECK = duration(milliseconds=100)  # arrivals wake at once; a shutdown is seen within this
_BATCH = 100

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
    down, or `unregister`.

    Args:
        buffer: Where transforms go.
        node: The node in whose domain it listens.
        spin_thread: Also spin the node in a thread, as the real one does.
        qos: QoS or depth for /tf; tf2_ros's own if None.
        static_qos: QoS or depth for /tf_static; tf2_ros's own if None.
    """

    def __init__(
            self, buffer: Buffer, node: Node, *, spin_thread: bool = False,
            qos: QoSProfile | int | None = None, static_qos: QoSProfile | int | None = None) -> None:
        self.buffer = buffer
        self.node = node
        receiver = _Receiver(buffer, node)
        receiver.listen(make_reader(node, '/tf', tf_qos() if qos is None else qos), is_static=False)
        receiver.listen(
            make_reader(node, '/tf_static', tf_static_qos() if static_qos is None else static_qos),
            is_static=True)
        receiver.start()
        self._receiver = receiver
        # As long as the node, as rclpy's subscriptions: a listener that nobody holds goes on filling the buffer.
        weakref.finalize(node, receiver.stop).atexit = False
        if spin_thread:
            self.executor = SingleThreadedExecutor(context=node.context)
            self.executor.add_node(node)
            self.dedicated_listener_thread = Thread(target=_spin, args=(self.executor,), daemon=True)
            self.dedicated_listener_thread.start()

    def unregister(self) -> None:
        """Stop listening, and end lookups that wait."""
        self._receiver.stop()
        self._receiver.join()


class _Receiver:
    """The thread that takes messages from the readers into the buffer. Does not keep the node alive."""

    def __init__(self, buffer: Buffer, node: Node) -> None:
        self._buffer = buffer
        self._node = weakref.ref(node)
        self._context = node.context
        self._stopping = Event()
        self._conditions: list[tuple[ReadCondition, bool]] = []
        self._thread = Thread(target=self._receive, name='tf2_ros', daemon=True)
        _receivers.add(self)

    def listen(self, reader: DataReader[SerializedTFMessage], is_static: bool) -> None:
        self._conditions.append((ReadCondition(reader, _ANY), is_static))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait: the garbage collector may call it while its thread holds the buffer's lock."""
        self._stopping.set()

    def join(self) -> None:
        self._thread.join()

    def _receive(self) -> None:
        arrivals = WaitSet(self._conditions[0][0].reader.participant)
        for condition, _ in self._conditions:
            arrivals.attach(condition)
        while self._context.ok() and not self._stopping.is_set():
            if arrivals.wait(_SHUTDOWN_CHECK):
                for condition, is_static in self._conditions:
                    self._take(condition, is_static)
        self._conditions.clear()
        self._buffer.abandon_waits()

    def _take(self, condition: ReadCondition, is_static: bool) -> None:
        for message in condition.reader.take(_BATCH, condition):
            if isinstance(message, SerializedTFMessage):  # else it tells that a broadcaster went
                self._insert(message.cdr, is_static)

    def _insert(self, cdr: bytes, is_static: bool) -> None:
        try:
            links = decode(cdr)
        except ValueError as error:
            get_logger('tf2_ros').error(f'Ignoring a message on /tf or /tf_static: {error}')
        else:
            awaited = self._buffer.is_awaited()
            self._buffer.insert(links, _AUTHORITY, is_static)
            if awaited:
                self._wake_executor()

    def _wake_executor(self) -> None:
        """A coroutine whose transform has come goes on in the node's executor, which may be asleep."""
        node = self._node()
        if node is not None and node.executor is not None:
            node.executor.wake()


def _spin(executor: SingleThreadedExecutor) -> None:
    try:
        executor.spin()
    except ExternalShutdownException:
        return
