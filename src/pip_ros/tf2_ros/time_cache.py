"""The samples of one child frame over time."""

from bisect import bisect_left, bisect_right
from typing import NamedTuple, Protocol

from tf2_ros.exceptions import ExtrapolationException
from tf2_ros.rigid import Rigid, interpolate


class Link(NamedTuple):
    """A child frame in its parent at one time.

    Attributes:
        stamp_ns: Time; 0 where it does not matter (static).
        parent: Frame in which the child is given.
        child: The frame.
        transform: T_parent_child.
    """

    stamp_ns: int
    parent: str
    child: str
    transform: Rigid


class Cache(Protocol):
    """What the buffer asks of the store of one child frame."""

    def insert(self, link: Link) -> bool:
        """Take a sample; False if it is too old to be kept."""

    def at(self, time_ns: int) -> Link:
        """The sample at a time, 0 for the latest; raises ExtrapolationException."""

    def latest(self) -> Link | None:
        """The newest sample; its stamp is 0 if it holds at any time."""


class StaticCache:
    """One transform that holds at any time; the last one given counts."""

    def __init__(self) -> None:
        self._link: Link | None = None

    def insert(self, link: Link) -> bool:
        """Replace what was there."""
        self._link = link._replace(stamp_ns=0)
        return True

    def at(self, time_ns: int) -> Link:
        """The transform, at any time."""
        if self._link is None:
            raise ExtrapolationException('The static transform was cleared')
        return self._link

    def latest(self) -> Link | None:
        """The transform, with stamp 0."""
        return self._link


class TimeCache:
    """Samples in order of time, as far back from the newest as the cache time."""

    def __init__(self, cache_ns: int) -> None:
        self._cache_ns = cache_ns
        self._stamps: list[int] = []
        self._links: list[Link] = []

    def insert(self, link: Link) -> bool:
        """Take a sample at its place in time; a repeated stamp puts the later one in effect.

        What is too old goes before the sample comes, as in tf2: samples further apart than the cache time are
        interpolated until the next one.
        """
        stamps, links, stamp_ns = self._stamps, self._links, link.stamp_ns
        self._prune()
        if not stamps or stamp_ns > stamps[-1]:  # nearly always
            stamps.append(stamp_ns)
            links.append(link)
            return True
        if stamp_ns < stamps[-1] - self._cache_ns:
            return False
        place = bisect_right(stamps, stamp_ns)
        if link not in links[bisect_left(stamps, stamp_ns) : place]:
            stamps.insert(place, stamp_ns)
            links.insert(place, link)
        return True

    def _prune(self) -> None:
        if self._stamps and self._stamps[0] < (oldest_ns := self._stamps[-1] - self._cache_ns):
            outdated = bisect_left(self._stamps, oldest_ns)
            del self._stamps[:outdated], self._links[:outdated]

    def at(self, time_ns: int) -> Link:
        """The sample at a time, interpolated between its neighbours.

        Between samples with different parents the older one counts: nothing lies between two trees.

        Raises:
            ExtrapolationException: the time lies before the first or after the last sample.
        """
        if time_ns == 0 and self._links:
            return self._links[-1]
        after = bisect_right(self._stamps, time_ns)
        if after and self._stamps[after - 1] == time_ns:
            return self._links[after - 1]
        if after == 0 or after == len(self._stamps):
            raise ExtrapolationException(self._why_not(time_ns))
        older, newer = self._links[after - 1], self._links[after]
        if older.parent != newer.parent:
            return older
        fraction = (time_ns - older.stamp_ns) / (newer.stamp_ns - older.stamp_ns)
        return Link(time_ns, older.parent, older.child, interpolate(older.transform, newer.transform, fraction))

    def _why_not(self, time_ns: int) -> str:
        wanted = seconds(time_ns)
        if not self._stamps:
            return f'Lookup would require extrapolation at time {wanted}, but the buffer was cleared'
        if len(self._stamps) == 1:
            return (
                f'Lookup would require extrapolation at time {wanted}, but only time '
                f'{seconds(self._stamps[0])} is in the buffer'
            )
        if time_ns > self._stamps[-1]:
            return (
                f'Lookup would require extrapolation into the future.  Requested time {wanted} but the '
                f'latest data is at time {seconds(self._stamps[-1])}'
            )
        return (
            f'Lookup would require extrapolation into the past.  Requested time {wanted} but the '
            f'earliest data is at time {seconds(self._stamps[0])}'
        )

    def latest(self) -> Link | None:
        """The newest sample."""
        return self._links[-1] if self._links else None


def seconds(time_ns: int) -> str:
    """A time in seconds to the nanosecond, as tf2 prints it."""
    return f'{time_ns // 10**9}.{time_ns % 10**9:09d}'
