"""The clock of a device brought to the host's clock: offset and drift from the images alone."""

from collections import deque

_RESTART_NS = 10**9
_SPAN_FOR_DRIFT_NS = 10 * 10**9

Point = tuple[int, int]
"""Device stamp in ns, and arrival minus device stamp in ns."""


class DeviceClock:
    """Brings the stamps of a device's own clock to the host's clock.

    An image reaches the host at its device stamp plus the offset of the clocks plus a transport delay that varies and
    is never negative. The offset, and the shortest delay with it, is therefore the line below all differences of
    arrival and device stamp; its slope is the drift of the clocks. The line is the edge of the lower convex hull over
    the middle of the time that is looked at, as in Zhang, Liu and Xia, "Clock synchronization algorithms for network
    measurements", INFOCOM 2002. Before there are ten seconds of images it is level.

    Args:
        block_ns: Of each such time only the smallest difference is kept.
        blocks: Kept of them.
    """

    def __init__(self, block_ns: int = 10**9, blocks: int = 60) -> None:
        self._block_ns = block_ns
        self._lowest: deque[Point] = deque(maxlen=blocks)
        self._block = self._last_difference = 0
        self._offset_ns = 0
        self._slope = 0.0

    @property
    def offset_ns(self) -> int:
        """Host minus device at the last image, shortest transport delay included."""
        return self._offset_ns

    @property
    def drift_ppm(self) -> float:
        """How much faster the host's clock runs; 0 until it is known."""
        return 1e6 * self._slope

    def to_host(self, device_ns: int, arrival_ns: int) -> int:
        """Host time in ns of a device stamp whose image arrived at a host time.

        A device that restarts its clock, or a host that sets its own (a jump by more than a second), starts a new
        estimate.
        """
        difference = arrival_ns - device_ns
        if self._lowest and abs(difference - self._last_difference) > _RESTART_NS:
            self._lowest.clear()
        self._last_difference = difference
        self._keep((device_ns, difference))
        (at_ns, offset_ns), self._slope = self._line()
        self._offset_ns = offset_ns + round(self._slope * (device_ns - at_ns))
        return device_ns + self._offset_ns

    def _keep(self, point: Point) -> None:
        block = point[0] // self._block_ns
        if not self._lowest or block != self._block:
            self._lowest.append(point)
        elif point[1] < self._lowest[-1][1]:
            self._lowest[-1] = point
        self._block = block

    def _line(self) -> tuple[Point, float]:
        """A point of the line, and its slope."""
        first_ns, last_ns = self._lowest[0][0], self._lowest[-1][0]
        if last_ns - first_ns < _SPAN_FOR_DRIFT_NS:
            return min(self._lowest, key=lambda point: point[1]), 0.0
        hull = _lower_hull(self._lowest)
        middle_ns = (first_ns + last_ns) // 2
        right = next(index for index, point in enumerate(hull) if point[0] >= middle_ns)
        (x0, y0), (x1, y1) = hull[right - 1], hull[right]
        return (x1, y1), (y1 - y0) / (x1 - x0)


def _lower_hull(points: 'deque[Point]') -> list[Point]:
    """Lower convex hull of points in the order of their first coordinate."""
    hull: list[Point] = []
    for x, y in points:
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _turns_down(a: Point, b: Point, c: Point) -> bool:
    return (b[1] - a[1]) * (c[0] - b[0]) >= (c[1] - b[1]) * (b[0] - a[0])
