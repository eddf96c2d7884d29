"""Links to and from geometry_msgs/TransformStamped and the bytes of tf2_msgs/TFMessage (CDR, XCDR version 1).

Bytes become links without building messages: building one TransformStamped costs more than decoding it, and
a robot sends a thousand of them each second.
"""

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from geometry_msgs.msg import TransformStamped

from tf2_ros.rigid import Rigid
from tf2_ros.time_cache import Link

_CDR_LITTLE_ENDIAN = b'\x00\x01\x00\x00'
_LITTLE, _BIG = '<', '>'
_FIELDS = 10  # of a transform as they are unpacked: sec, nanosec, its frames' text, and seven numbers
_MOST_KNOWN = 64


class _Frames(NamedTuple):
    """The frames of a message. A broadcaster sends the same ones again and again: they are read once.

    Attributes:
        layout: Unpacks a message of these frames: their number, and for each transform sec, nanosec, text, 7 numbers.
        texts: Both names of each transform as they stand in the message, with their lengths and the padding.
        names: Parent and child of each transform.
    """

    layout: struct.Struct
    texts: tuple[bytes, ...]
    names: list[tuple[str, str]]


_known: dict[tuple[str, int], _Frames] = {}


def link_from_message(message: TransformStamped) -> Link:
    """A transform message as a link; leading slashes of tf1 frame names are dropped."""
    stamp, t, q = message.header.stamp, message.transform.translation, message.transform.rotation
    return Link(
        stamp.sec * 10**9 + stamp.nanosec,
        message.header.frame_id.removeprefix('/'),
        message.child_frame_id.removeprefix('/'),
        Rigid((t.x, t.y, t.z), (q.x, q.y, q.z, q.w)),
    )


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
    layout, texts, _ = _frames_of(tuple((link.parent, link.child) for link in links))
    fields: list[float | bytes] = [len(links)]
    for link, text in zip(links, texts, strict=True):
        fields += (*divmod(link.stamp_ns, 10**9), text, *link.transform.translation, *link.transform.rotation)
    return _CDR_LITTLE_ENDIAN + layout.pack(*fields)


@lru_cache(_MOST_KNOWN)
def _frames_of(names: tuple[tuple[str, str], ...]) -> _Frames:
    """How transforms of frames (parent, child) are written."""
    form, texts, at = '<I', [], 4
    for parent, child in names:
        begin = at = at + 8  # behind the stamp
        text = b''
        for name in (parent, child):
            value = name.encode() + b'\0'
            text += bytes(-at % 4) + struct.pack('<I', len(value)) + value
            at = begin + len(text)
        text += bytes(-at % 8)
        form += f'iI{len(text)}s7d'
        texts.append(text)
        at = begin + len(text) + 56
    return _Frames(struct.Struct(form), tuple(texts), list(names))


def decode(data: bytes) -> list[Link]:
    """The links of a serialized TFMessage.

    Raises:
        ValueError: the bytes are no TFMessage.
    """
    try:
        order = _LITTLE if data[1] & 1 else _BIG
        body = data[4:]
        frames = _known.get((order, len(body)))
        fields = () if frames is None else frames.layout.unpack_from(body)
        if frames is None or fields[3::_FIELDS] != frames.texts:
            frames = _read_frames(body, order)
            fields = frames.layout.unpack_from(body)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f'malformed TFMessage of {len(data)} bytes: {error}') from error
    return [
        Link(
            fields[at] * 10**9 + fields[at + 1],
            parent,
            child,
            Rigid(fields[at + 3 : at + 6], fields[at + 6 : at + 10]),
        )
        for at, (parent, child) in zip(range(1, len(fields), _FIELDS), frames.names, strict=True)
    ]


def _read_frames(body: bytes, order: str) -> _Frames:
    """Walk through a message that is like none before, and remember its frames."""
    number = struct.Struct(f'{order}I')
    (count,) = number.unpack_from(body)
    form, texts, names, at = f'{order}I', [], [], 4
    for _ in range(count):
        begin = at = at + 8  # behind the stamp
        pair = []
        for _ in ('parent', 'child'):
            at += -at % 4
            (length,) = number.unpack_from(body, at)
            pair.append(body[at + 4 : at + 3 + length].decode().removeprefix('/'))
            at += 4 + length
        at += -at % 8
        form += f'iI{at - begin}s7d'
        texts.append(body[begin:at])
        names.append((pair[0], pair[1]))
        at += 56
    frames = _Frames(struct.Struct(form), tuple(texts), names)
    if len(_known) < _MOST_KNOWN:
        _known.setdefault((order, len(body)), frames)
    return frames
