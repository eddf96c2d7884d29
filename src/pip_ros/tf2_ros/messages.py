"""Links to and from geometry_msgs/TransformStamped and the bytes of tf2_msgs/TFMessage (CDR, XCDR version 1).

Bytes become links without building messages: building one TransformStamped costs more than decoding it, and
a robot sends a thousand of them each second.
"""

import struct
from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped

from tf2_ros.rigid import Rigid
from tf2_ros.time_cache import Link

_CDR_LITTLE_ENDIAN = b'\x00\x01\x00\x00'


class _Layout:
    """The fixed parts of a message in one byte order."""

    def __init__(self, order: str) -> None:
        self.count = struct.Struct(f'{order}I')
        self.stamp_and_length = struct.Struct(f'{order}iII')
        self.transform = struct.Struct(f'{order}7d')


_LITTLE, _BIG = _Layout('<'), _Layout('>')


def link_from_message(message: TransformStamped) -> Link:
    """A transform message as a link; leading slashes of tf1 frame names are dropped."""
    stamp, t, q = message.header.stamp, message.transform.translation, message.transform.rotation
    return Link(
        stamp.sec * 10**9 + stamp.nanosec, message.header.frame_id.removeprefix('/'),
        message.child_frame_id.removeprefix('/'), Rigid((t.x, t.y, t.z), (q.x, q.y, q.z, q.w)))


def message_from_link(link: Link) -> TransformStamped:
    """A link as a transform message."""
    message = TransformStamped()
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(link.stamp_ns, 10**9)
    message.header.frame_id, message.child_frame_id = link.parent, link.child
    t, q = message.transform.translation, message.transform.rotation
    t.x, t.y, t.z = link.transform.translation
    q.x, q.y, q.z, q.w = link.transform.rotation
    return message


def encode(links: Iterable[Link]) -> bytes:
    """The links as a serialized TFMessage, encapsulation header included."""
    links = list(links)
    body = bytearray(_LITTLE.count.pack(len(links)))
    for link in links:
        _align(body, 4)
        parent, child = _text(link.parent), _text(link.child)
        sec, nanosec = divmod(link.stamp_ns, 10**9)
        body += _LITTLE.stamp_and_length.pack(sec, nanosec, len(parent)) + parent
        _align(body, 4)
        body += _LITTLE.count.pack(len(child)) + child
        _align(body, 8)
        body += _LITTLE.transform.pack(*link.transform.translation, *link.transform.rotation)
    return _CDR_LITTLE_ENDIAN + bytes(body)


def _text(value: str) -> bytes:
    return value.encode() + b'\0'


def _align(body: bytearray, size: int) -> None:
    body += bytes(-len(body) % size)


def decode(data: bytes) -> list[Link]:
    """The links of a serialized TFMessage.

    Raises:
        ValueError: the bytes are no TFMessage.
    """
    try:
        return _decode(data[4:], _LITTLE if data[1] & 1 else _BIG)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f'malformed TFMessage of {len(data)} bytes: {error}') from error


def _decode(body: bytes, layout: _Layout) -> list[Link]:
    count, = layout.count.unpack_from(body, 0)
    links, at = [], 4
    for _ in range(count):
        at += -at % 4
        sec, nanosec, length = layout.stamp_and_length.unpack_from(body, at)
        at += 12
        parent = body[at:at + length - 1].decode()
        at += length
        at += -at % 4
        length, = layout.count.unpack_from(body, at)
        at += 4
        child = body[at:at + length - 1].decode()
        at += length
        at += -at % 8
        x, y, z, *rotation = layout.transform.unpack_from(body, at)
        at += 56
        links.append(Link(
            sec * 10**9 + nanosec, parent.removeprefix('/'), child.removeprefix('/'),
            Rigid((x, y, z), tuple(rotation))))
    return links
