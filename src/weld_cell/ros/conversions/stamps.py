"""Stamps and headers."""

from builtin_interfaces.msg import Duration, Time
from std_msgs.msg import Header

BASE_FRAME = 'base_link'
NS = 10**9


def time_from_ns(stamp_ns: int) -> Time:
    """Nanoseconds as builtin_interfaces/Time."""
    return Time(sec=stamp_ns // NS, nanosec=stamp_ns % NS)


def ns_from_time(stamp: Time | Duration) -> int:
    """builtin_interfaces/Time or Duration as nanoseconds."""
    return int(stamp.sec) * NS + int(stamp.nanosec)


def make_header(stamp_ns: int, frame: str) -> Header:
    """A header with stamp and frame."""
    return Header(stamp=time_from_ns(stamp_ns), frame_id=frame)
