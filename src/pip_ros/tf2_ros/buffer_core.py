"""The tree of frames over time, and the way from one frame to another."""

import math
import threading
from collections.abc import Iterable

import yaml
from builtin_interfaces.msg import Time as TimeMessage
from geometry_msgs.msg import TransformStamped
from rclpy.duration import Duration
from rclpy.logging import get_logger
from rclpy.time import Time

from tf2_ros.exceptions import (
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TransformException,
)
from tf2_ros.messages import link_from_message, message_from_link
from tf2_ros.rigid import IDENTITY, Rigid, compose, invert, normalised
from tf2_ros.time_cache import Cache, Link, StaticCache, TimeCache, seconds

_DEFAULT_CACHE_TIME = Duration(seconds=10)
_UNIT = 1e-15  # of the squared norm: what rounding leaves of a unit quaternion
_MAX_DEPTH = 1000  # a longer chain is a loop

_log = get_logger('tf2_ros')


class BufferCore:
    """Keeps transforms and finds the transform between two frames at a time.

    Args:
        cache_time: How far back samples are kept.
    """

    def __init__(self, cache_time: Duration = _DEFAULT_CACHE_TIME) -> None:
        self._cache_ns = cache_time.nanoseconds
        self._caches: dict[str, Cache] = {}
        self._authorities: dict[str, str] = {}
        self._parents: set[str] = set()
        self._lock = threading.RLock()

    def _before_lookup(self) -> None:
        """Called, with the lock, before anything is looked up."""

    def clear(self) -> None:
        """Forget every sample of what moves; what is static stays, and so does every frame's name."""
        with self._lock:
            for child, cache in self._caches.items():
                if isinstance(cache, TimeCache):
                    self._caches[child] = self._empty_cache(is_static=False)

    def set_transform(self, transform: TransformStamped, authority: str) -> None:
        """Take a transform that holds at its stamp."""
        self.insert([link_from_message(transform)], authority, is_static=False)

    def set_transform_static(self, transform: TransformStamped, authority: str) -> None:
        """Take a transform that holds at any time."""
        self.insert([link_from_message(transform)], authority, is_static=True)

    def insert(self, links: Iterable[Link], authority: str, is_static: bool) -> None:
        """Take links, their quaternions at length 1; what tf2 ignores is logged and ignored here too."""
        with self._lock:
            for given in links:
                link = _without_slash(given)
                fault = _fault(link)
                if fault:
                    _log.error(f'{fault}: Ignoring transform from authority "{authority}": {link}')
                elif not self._cache_for(link.child, is_static).insert(_with_unit_quaternion(link)):
                    _log.warning(
                        f'TF_OLD_DATA ignoring data from the past for frame {link.child} at time '
                        f'{seconds(link.stamp_ns)} according to authority {authority}'
                    )
                else:
                    self._authorities[link.child] = authority
                    self._parents.add(link.parent)

    def _cache_for(self, child: str, is_static: bool) -> Cache:
        cache = self._caches.get(child)
        if cache is None or isinstance(cache, StaticCache) != is_static:
            cache = self._caches[child] = self._empty_cache(is_static)
        return cache

    def _empty_cache(self, is_static: bool) -> Cache:
        return StaticCache() if is_static else TimeCache(self._cache_ns)

    def lookup_transform_core(
        self, target_frame: str, source_frame: str, time: Time | TimeMessage
    ) -> TransformStamped:
        """T_target_source at a time (0: the latest that all links on the way have).

        Raises:
            InvalidArgumentException, LookupException, ConnectivityException, ExtrapolationException
        """
        return message_from_link(self._link(target_frame, source_frame, _nanoseconds(time)))

    def lookup_transform_full_core(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
    ) -> TransformStamped:
        """T_target_source between two times, by way of a frame that does not move meanwhile.

        Raises:
            InvalidArgumentException, LookupException, ConnectivityException, ExtrapolationException
        """
        with self._lock:
            self._before_lookup()
            self._check(target_frame, source_frame, fixed_frame)
            inner = self._link(fixed_frame, source_frame, _nanoseconds(source_time))
            outer = self._link(target_frame, fixed_frame, _nanoseconds(target_time))
        transform = compose(outer.transform, inner.transform)
        return message_from_link(Link(outer.stamp_ns, target_frame, source_frame, transform))

    def can_transform_core(self, target_frame: str, source_frame: str, time: Time | TimeMessage) -> tuple[bool, str]:
        """Whether `lookup_transform_core` would succeed, and if not, why."""
        try:
            self._link(target_frame, source_frame, _nanoseconds(time))
        except TransformException as error:
            return False, str(error)
        return True, ''

    def can_transform_full_core(
        self,
        target_frame: str,
        target_time: Time | TimeMessage,
        source_frame: str,
        source_time: Time | TimeMessage,
        fixed_frame: str,
    ) -> tuple[bool, str]:
        """Whether `lookup_transform_full_core` would succeed, and if not, why."""
        try:
            self.lookup_transform_full_core(target_frame, target_time, source_frame, source_time, fixed_frame)
        except TransformException as error:
            return False, str(error)
        return True, ''

    def get_latest_common_time(self, target_frame: str, source_frame: str) -> Time:
        """The newest time at which every link between the frames is known; 0 if all are static.

        Its clock type is system time, as tf2_py's; rclpy compares only times of one type.

        Raises:
            InvalidArgumentException, LookupException, ConnectivityException
        """
        with self._lock:
            self._before_lookup()
            self._check(target_frame, source_frame)
            stamp_ns = self._latest_common_ns(target_frame, source_frame)
        return Time(nanoseconds=stamp_ns)

    def all_frames_as_yaml(self) -> str:
        """Parent, authority and newest stamp of every frame, as YAML."""
        with self._lock:
            self._before_lookup()
            newest = {child: cache.latest() for child, cache in self._caches.items()}
            return yaml.safe_dump(
                {
                    child: {
                        'parent': link.parent,
                        'broadcaster': self._authorities[child],
                        'most_recent_transform': link.stamp_ns / 1e9,
                    }
                    for child, link in newest.items()
                    if link is not None
                }
            )

    def all_frames_as_string(self) -> str:
        """Every frame and its parent, in words."""
        with self._lock:
            self._before_lookup()
            newest = [cache.latest() for cache in self._caches.values()]
        return ''.join(
            f'Frame {link.child} exists with parent {link.parent}.\n' for link in newest if link is not None
        )

    def _link(self, target: str, source: str, time_ns: int) -> Link:
        """T_target_source with its time."""
        with self._lock:
            self._before_lookup()
            if target == source:  # even of a frame that is not known
                newest = self._latest(source)
                return Link(time_ns or (newest.stamp_ns if newest else 0), target, source, IDENTITY)
            self._check(target, source)
            time_ns = time_ns or self._latest_common_ns(target, source)
            return Link(time_ns, target, source, self._walk(target, source, time_ns))

    def _walk(self, target: str, source: str, time_ns: int) -> Rigid:
        """Through the nearest frame that lies above both."""
        above_source, source_end = self._ancestors(source, target, time_ns)
        above_target, target_end = self._ancestors(target, None, time_ns)
        common = next((frame for frame in above_target if frame in above_source), None)
        if common is not None:
            return compose(invert(above_target[common]), above_source[common])
        reason = target_end or source_end
        if reason is None:
            raise _not_connected(target, source)
        raise ExtrapolationException(f'{reason}, when looking up transform from frame [{source}] to frame [{target}]')

    def _ancestors(
        self,
        frame: str,
        stop: str | None,
        time_ns: int,
    ) -> tuple[dict[str, Rigid], str | None]:
        """The frame's transform in itself, its parent, ... up to the root, `stop`, or where a sample lacks, and why.

        Words, no exception: kept in a variable it holds its own frames and all of their callers', images included,
        until the garbage collector comes by.
        """
        chain = {frame: IDENTITY}
        here = IDENTITY
        while frame != stop and frame in self._caches:
            try:
                link = self._caches[frame].at(time_ns)
            except ExtrapolationException as error:
                return chain, str(error)
            here = compose(link.transform, here)
            frame = link.parent
            _check_loop(frame, chain)
            chain[frame] = here
        return chain, None

    def _latest_common_ns(self, target: str, source: str) -> int:
        source_times = self._latest_times(source)
        target_times = self._latest_times(target)
        common = next((frame for frame in target_times if frame in source_times), None)
        if common is None:
            raise _not_connected(target, source)
        return int(min(filter(None, (source_times[common], target_times[common])), default=0))

    def _latest_times(self, frame: str) -> dict[str, int]:
        """For each frame above: the oldest of the newest stamps on the way there, 0 if all are static."""
        times, oldest = {frame: 0}, 0
        while (newest := self._latest(frame)) is not None:
            if newest.stamp_ns:
                oldest = min(oldest or newest.stamp_ns, newest.stamp_ns)
            frame = newest.parent
            _check_loop(frame, times)
            times[frame] = oldest
        return times

    def _latest(self, frame: str) -> Link | None:
        cache = self._caches.get(frame)
        return cache.latest() if cache else None

    def _check(self, *frames: str) -> None:
        """Of frames as lookups have them: target, source, fixed frame."""
        for role, frame in zip(('target', 'source', 'fixed'), frames, strict=False):
            if not frame:
                raise InvalidArgumentException('Invalid argument "": frame_ids cannot be empty')
            if frame.startswith('/'):
                raise InvalidArgumentException(
                    f'Invalid argument "{frame}": in tf2 frame_ids cannot start with a \'/\''
                )
            if frame not in self._caches and frame not in self._parents:
                raise LookupException(f'"{frame}" passed to lookupTransform argument {role}_frame does not exist. ')


def _check_loop(frame: str, chain: dict[str, Rigid] | dict[str, int]) -> None:
    if frame in chain:
        raise LookupException(f'The tf tree is invalid because it contains a loop at frame "{frame}".')


def _not_connected(target: str, source: str) -> ConnectivityException:
    return ConnectivityException(
        f"Could not find a connection between '{target}' and '{source}' because they are not part of the "
        'same tree. Tf has two or more unconnected trees.'
    )


def _nanoseconds(time: Time | TimeMessage) -> int:
    if isinstance(time, TimeMessage):
        return int(time.sec * 10**9 + time.nanosec)
    return int(time.nanoseconds)


def _without_slash(link: Link) -> Link:
    """Frames as tf2 keeps them; ROS 1 drivers wrote them with a slash."""
    if not (link.parent.startswith('/') or link.child.startswith('/')):
        return link
    return link._replace(parent=link.parent.removeprefix('/'), child=link.child.removeprefix('/'))


def _with_unit_quaternion(link: Link) -> Link:
    translation, rotation = link.transform
    if abs(_squared_norm(link) - 1.0) <= _UNIT:  # nearly always
        return link
    return link._replace(transform=Rigid(translation, normalised(rotation)))


def _squared_norm(link: Link) -> float:
    x, y, z, w = link.transform.rotation
    return x * x + y * y + z * z + w * w


def _fault(link: Link) -> str:
    """tf2's word for a link that it would not take, or nothing."""
    if link.child == link.parent:
        return 'TF_SELF_TRANSFORM'
    if not link.child:
        return 'TF_NO_CHILD_FRAME_ID'
    if not link.parent:
        return 'TF_NO_FRAME_ID'
    squared = _squared_norm(link)
    if any(map(math.isnan, link.transform.translation)) or not math.isfinite(squared):
        return 'TF_NAN_INPUT'
    return '' if squared > 0.0 else 'TF_DENORMALIZED_QUATERNION'
