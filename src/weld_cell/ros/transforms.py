"""Transforms at the stamps of images, without blocking later images."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import tf2_ros
from rclpy.node import Node
from rclpy.time import Time

from weld_cell.errors import TransformError
from weld_cell.records import FloatArray
from weld_cell.ros.conversions import BASE_FRAME, ns_from_time, transform_from_message

POLL_S = 0.002

T = TypeVar('T')


class Transforms:
    """What TF knows, as 4x4 matrices.

    Args:
        node: The node that listens to /tf and /tf_static.
    """

    def __init__(self, node: Node) -> None:
        self._buffer = tf2_ros.Buffer(node=node)
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def at(self, target: str, source: str, stamp_ns: int) -> FloatArray:
        """(4, 4) T_target_source at a time, interpolated between samples.

        Raises:
            TransformError: a frame is unknown, or its pose at that time is not known (yet).
        """
        return self._lookup(target, source, Time(nanoseconds=max(0, stamp_ns)))[0]

    def newest(self, target: str, source: str) -> tuple[FloatArray, int]:
        """(4, 4) T_target_source and the newest stamp in ns at which it is known.

        Raises:
            TransformError: a frame is unknown.
        """
        return self._lookup(target, source, Time())

    def newest_ns(self, target: str, source: str) -> int:
        """The newest stamp in ns at which the frames are known to each other.

        Raises:
            TransformError: a frame is unknown.
        """
        try:
            return int(self._buffer.get_latest_common_time(target, source).nanoseconds)
        except tf2_ros.TransformException as error:
            raise _no_pose(target, source, Time(), error) from error

    def knows(self, frame: str) -> bool:
        """Whether anybody has published the frame, as child or as parent."""
        return bool(self._buffer.can_transform(frame, frame, Time()))

    def _lookup(self, target: str, source: str, time: Time) -> tuple[FloatArray, int]:
        try:
            message = self._buffer.lookup_transform(target, source, time)
            return transform_from_message(message), ns_from_time(message.header.stamp)
        except (tf2_ros.TransformException, ValueError) as error:  # ValueError: somebody publishes no rotation
            raise _no_pose(target, source, time, error) from error


def _no_pose(target: str, source: str, time: Time, error: Exception) -> TransformError:
    return TransformError(
        f'No pose of "{source}" in "{target}" at {time.nanoseconds / 1e9:.3f} s: {error}',
        'Check that the robot publishes /tf, that hand_eye_tf runs, and that the clocks agree.',
    )


@dataclass(frozen=True)
class FollowedFrame:
    """Where one frame is in base_link, for simulated sensors that ride on the robot; a `sim.camera.PoseSource`."""

    transforms: Transforms
    frame: str

    def newest(self) -> tuple[FloatArray, int]:
        """The latest pose that is known, (4, 4) T_base_frame, and its stamp in ns; see `Transforms.newest`."""
        return self.transforms.newest(BASE_FRAME, self.frame)

    def newest_ns(self) -> int:
        """The stamp of the latest pose in ns; see `Transforms.newest_ns`."""
        return self.transforms.newest_ns(BASE_FRAME, self.frame)

    def at(self, stamp_ns: int) -> FloatArray:
        """(4, 4) T_base_frame at a stamp; see `Transforms.at`."""
        return self.transforms.at(BASE_FRAME, self.frame, stamp_ns)


@dataclass(frozen=True)
class _Waiting(Generic[T]):
    item: T
    source: str
    stamp_ns: int
    since: Time


class PoseQueue(Generic[T]):
    """Items that wait, in order, until the pose of their frame at their stamp is known.

    The robot's pose at the time of an image often comes a few milliseconds after the image. Nothing blocks: a
    timer looks again every two milliseconds, and only while something waits.

    Args:
        node: The node; its timer and clock are used.
        transforms: Where to look.
        target: Frame in which the poses are wanted.
        timeout_s: How long an item may wait.
        deliver: Called with each item and its T_target_source (4, 4), in the order of `put`.
        expired: Called with each item that waited too long, and the error; it waits no more.
    """

    def __init__(
        self,
        node: Node,
        transforms: Transforms,
        target: str,
        timeout_s: float,
        deliver: Callable[[T, FloatArray], None],
        expired: Callable[[T, TransformError], None],
    ) -> None:
        self._clock = node.get_clock()
        self._transforms = transforms
        self._target = target
        self._timeout_ns = round(timeout_s * 1e9)
        self._deliver = deliver
        self._expired = expired
        self._waiting: deque[_Waiting[T]] = deque()
        self._timer = node.create_timer(POLL_S, self._drain)
        self._timer.cancel()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, item: T, source: str, stamp_ns: int) -> None:
        """Deliver the item as soon as the pose of its source frame at its stamp is known, at once if it is."""
        self._waiting.append(_Waiting(item, source, stamp_ns, self._clock.now()))
        self._drain()

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def _drain(self) -> None:
        while self._waiting and self._settle(self._waiting[0]):
            pass
        if self._waiting and self._timer.is_canceled():
            self._timer.reset()
        elif not self._waiting:
            self._timer.cancel()

    def _settle(self, first: _Waiting[T]) -> bool:
        """Deliver or drop the first item; False if it has to go on waiting."""
        try:
            pose = self._transforms.at(self._target, first.source, first.stamp_ns)
        except TransformError as error:
            if (self._clock.now() - first.since).nanoseconds < self._timeout_ns:
                return False
            self._waiting.popleft()
            self._expired(first.item, error)
            return True
        self._waiting.popleft()
        self._deliver(first.item, pose)
        return True
