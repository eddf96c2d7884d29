"""The buffer that nodes use: BufferCore, with waiting."""

import threading
import time as wall
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from builtin_interfaces.msg import Time as TimeMessage
from geometry_msgs.msg import TransformStamped
from rclpy.clock import JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.task import Future
from rclpy.time import Time

from tf2_ros.buffer_core import BufferCore
from tf2_ros.exceptions import InvalidArgumentException, TransformException
from tf2_ros.registration import Transform, TransformRegistration, TypeException
from tf2_ros.time_cache import Link

AUTHORITY = 'default_authority'  # ROS 2 does not say who published, so the real one names everybody so

Result = TypeVar('Result')
Stamped = TypeVar('Stamped', bound=Any)
Source = Callable[[], Iterable[tuple[list[Link], bool]]]
"""Gives links and whether they are static, message by message."""


class Buffer(BufferCore):
    """Transforms of the last seconds, to be looked up at any time in between.

    Args:
        cache_time: How far back samples are kept; 10 s if None.
        node: When its simulated time jumps back by a second or more, or comes into force, the buffer forgets
            what moves. (The service tf2_frames of the real one is not offered.)

    Time-outs run on the wall clock, as those of the real one. A lookup sees all that has arrived; one that waits
    goes on at the arrival of the transform that it waits for. It may wait in any callback, for the listener has a
    thread of its own.
    """

    def __init__(self, cache_time: Duration | None = None, node: Node | None = None) -> None:
        super().__init__(*([] if cache_time is None else [cache_time]))
        self._arrival = threading.Condition(self._lock)
        self._abandoned = 0
        self._sources: list[Source] = []
        self._waits = 0
        self._awaited = threading.Event()
        self._new_data_callbacks: list[Callable[[], None]] = []
        if node is not None:
            threshold = JumpThreshold(min_forward=None, min_backward=Duration(seconds=-1), on_clock_change=True)
            self.jump_handle = node.get_clock().create_jump_callback(threshold, post_callback=self.time_jump_callback)

    def time_jump_callback(self, _jump: TimeJump) -> None:
        """Forget what moves: simulated time went back, or came into force."""
        get_logger('tf2_buffer').warning('Detected jump back in time. Clearing tf buffer.')
        self.clear()

    def insert(self, links: Iterable[Link], authority: str, is_static: bool) -> None:
        """Take links and wake who waits."""
        super().insert(links, authority, is_static)
        self._wake_waits()

    def _wake_waits(self) -> bool:
        """Let who waits look again; whether futures were among them. Without the lock: their callbacks may wait."""
        with self._arrival:
            self._arrival.notify_all()
            callbacks = list(self._new_data_callbacks)
        for callback in callbacks:
            callback()
        return bool(callbacks)

    def add_source(self, take: Source) -> None:
        """From where links come: `take` gives what has arrived there since it was last asked.

        Its owner calls `take_arrived` at once while somebody waits (`rest_until_awaited`), and else now and then:
        a lookup does it by itself. A thread that wakes for each message of a robot costs more
        than the messages.
        """
        with self._lock:
            self._sources.append(take)

    def remove_source(self, take: Source) -> None:
        """Nothing more comes from there; nothing happens if nothing came."""
        with self._lock:
            self._sources = [source for source in self._sources if source != take]

    def rest_until_awaited(self, longest_s: float) -> bool:
        """Sleep until somebody waits for a transform; whether somebody does."""
        return self._awaited.wait(longest_s)

    def clear(self) -> None:
        """Forget every sample of what moves, also those that have arrived and were not looked at."""
        with self._lock:
            self._insert_arrived()
            super().clear()

    def take_arrived(self) -> bool:
        """Insert what has arrived, and wake who waits; whether futures were among them."""
        with self._lock:
            self._insert_arrived()
        return self._wake_waits()

    def _before_lookup(self) -> None:
        if not self._awaited.is_set():  # else the sources' owners do it, and call back those who wait
            self._insert_arrived()

    def _insert_arrived(self) -> None:
        for take in self._sources:
            for links, is_static in take():
                super().insert(links, AUTHORITY, is_static)

    def _note_waits(self) -> None:
        if self._waits or self._new_data_callbacks:
            self._awaited.set()
        else:
            self._awaited.clear()

    def abandon_waits(self) -> None:
        """End every wait now, with what is known: no more transforms will come."""
        with self._arrival:
            self._abandoned += 1
            self._arrival.notify_all()

    def lookup_transform(
        self,
        target_frame: str,
        source_frame: str,
        time: Time | TimeMessage,
        timeout: Duration = Duration(),  # noqa: B008 (immutable; tf2_ros's default)
    ) -> TransformStamped:
        """T_target_source: takes coordinates in the source frame into the target frame.

        Args:
            target_frame: Frame to come to.
            source_frame: Frame to come from.
            time: Time at which it holds; 0 is the latest that all links on the way have.
            timeout: How long to wait for it.

        Raises:
            LookupException: a frame is not known.
            ConnectivityException: nothing connects the frames.
            ExtrapolationException: the time lies outside of what is kept.
            InvalidArgumentException: a frame name is empty or starts with a slash.
        """
        return self._wait(timeout, lambda: self.lookup_transform_core(target_frame, source_frame, time))

    def lookup_transform_full(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
        timeout: Duration = Duration(),  # noqa: B008
    ) -> TransformStamped:
        """T_target_source from the source at its time to the target at its time, by way of a fixed frame.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException, InvalidArgumentException
        """
        return self._wait(
            timeout,
            lambda: self.lookup_transform_full_core(
                target_frame, target_time, source_frame, source_time, fixed_frame
            ),
        )

    def can_transform(
        self,
        target_frame: str,
        source_frame: str,
        time: Time | TimeMessage,
        timeout: Duration = Duration(),  # noqa: B008
        return_debug_tuple: bool = False,
    ) -> bool | tuple[bool, str]:
        """Whether `lookup_transform` would succeed; with `return_debug_tuple` also why not."""
        return self._outcome(
            return_debug_tuple, lambda: self.lookup_transform(target_frame, source_frame, time, timeout)
        )

    def can_transform_full(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
        timeout: Duration = Duration(),  # noqa: B008
        return_debug_tuple: bool = False,
    ) -> bool | tuple[bool, str]:
        """Whether `lookup_transform_full` would succeed; with `return_debug_tuple` also why not."""
        return self._outcome(
            return_debug_tuple,
            lambda: self.lookup_transform_full(
                target_frame, target_time, source_frame, source_time, fixed_frame, timeout
            ),
        )

    def wait_for_transform_async(self, target_frame: str, source_frame: str, time: Time | TimeMessage) -> Future:
        """A future that holds the transform when it has come."""
        return self._future(lambda: self.lookup_transform_core(target_frame, source_frame, time))

    def wait_for_transform_full_async(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
    ) -> Future:
        """A future that holds the transform of `lookup_transform_full` when it has come."""
        return self._future(
            lambda: self.lookup_transform_full_core(target_frame, target_time, source_frame, source_time, fixed_frame)
        )

    async def lookup_transform_async(
        self, target_frame: str, source_frame: str, time: Time | TimeMessage
    ) -> TransformStamped:
        """`lookup_transform` that awaits the transform for as long as it takes."""
        return await self.wait_for_transform_async(target_frame, source_frame, time)

    async def lookup_transform_full_async(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
    ) -> TransformStamped:
        """`lookup_transform_full` that awaits the transform for as long as it takes."""
        return await self.wait_for_transform_full_async(
            target_frame, target_time, source_frame, source_time, fixed_frame
        )

    def transform(
        self,
        object_stamped: Stamped,
        target_frame: str,
        timeout: Duration = Duration(),  # noqa: B008
        new_type: type | None = None,
    ) -> Stamped:
        """A stamped message in another frame, at its own time; its package of conversions must be imported.

        Args:
            object_stamped: The message, of a type of `TransformRegistration`.
            target_frame: Frame to come to.
            timeout: How long to wait for the transform.
            new_type: The message's own, or none: nothing is converted here.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException, InvalidArgumentException, TypeException
        """
        function = _function(object_stamped, new_type)
        header = object_stamped.header
        found = self.lookup_transform(target_frame, header.frame_id, header.stamp, timeout)
        return cast(Stamped, function(object_stamped, found))

    def transform_full(
        self,
        object_stamped: Stamped,
        target_frame: str,
        target_time: Time | TimeMessage,
        fixed_frame: str,
        timeout: Duration = Duration(),  # noqa: B008
        new_type: type | None = None,
    ) -> Stamped:
        """`transform` to another time, by way of a frame that does not move meanwhile.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException, InvalidArgumentException, TypeException
        """
        function = _function(object_stamped, new_type)
        header = object_stamped.header
        found = self.lookup_transform_full(
            target_frame, target_time, header.frame_id, header.stamp, fixed_frame, timeout
        )
        return cast(Stamped, function(object_stamped, found))

    def _wait(self, timeout: Duration, attempt: Callable[[], Result]) -> Result:
        deadline = wall.monotonic() + timeout.nanoseconds / 1e9
        with self._arrival:
            abandoned = self._abandoned
            while True:
                try:
                    return attempt()
                except InvalidArgumentException:
                    raise  # no transform that arrives mends a frame's name
                except TransformException:
                    remaining = deadline - wall.monotonic()
                    if remaining <= 0 or self._abandoned != abandoned:
                        raise
                self._waits += 1
                self._note_waits()
                try:
                    self._arrival.wait(remaining)
                finally:
                    self._waits -= 1
                    self._note_waits()

    @staticmethod
    def _outcome(with_reason: bool, attempt: Callable[[], object]) -> bool | tuple[bool, str]:
        try:
            attempt()
        except TransformException as error:
            return (False, str(error)) if with_reason else False
        return (True, '') if with_reason else True

    def _future(self, attempt: Callable[[], Any]) -> Future:
        future = Future()

        def on_new_data() -> None:
            if future.done():
                return
            try:
                future.set_result(attempt())
            except TransformException:
                return  # not yet

        def forget(_future: Future) -> None:
            with self._arrival:
                self._new_data_callbacks.remove(on_new_data)
                self._note_waits()

        with self._arrival:
            self._before_lookup()
            self._new_data_callbacks.append(on_new_data)
            self._note_waits()
        future.add_done_callback(forget)
        on_new_data()
        return future


def _function(message: Any, new_type: type | None) -> Transform:
    if new_type not in (None, type(message)):
        raise TypeException(f'{type(message)} is not converted to {new_type} by tf2_ros of pip_ros; use an apt ROS 2')
    return TransformRegistration().get(type(message))
