"""TFMessage's bytes, judged by rosbags' decoder and encoder."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rosbags.typesys import Stores, get_typestore

messages = pytest.importorskip('tf2_ros.messages', reason='src/pip_ros is not installed; the real tf2_ros is C++')

from tf2_ros import dds_types  # noqa: E402
from tf2_ros.dds_types import TYPE_HASH  # noqa: E402
from tf2_ros.rigid import Rigid  # noqa: E402
from tf2_ros.time_cache import Link  # noqa: E402

TYPE = 'tf2_msgs/msg/TFMessage'
STORE = get_typestore(Stores.ROS2_JAZZY)
LINK = Link(1_700_000_000_000_000_001, 'base_link', 'tool0', Rigid((1.0, -2.0, 3.5), (0.0, 0.6, 0.0, 0.8)))

numbers = st.floats(allow_nan=False)
names = st.text(st.characters(exclude_characters='\0', exclude_categories=['Cs']), max_size=9).map(
    lambda name: name.lstrip('/')
)
links = st.builds(
    Link,
    st.integers(0, (2**31 - 1) * 10**9),
    names,
    names,
    st.builds(Rigid, st.tuples(*[numbers] * 3), st.tuples(*[numbers] * 4)),
)


def by_rosbags(link):
    types = STORE.types
    sec, nanosec = divmod(link.stamp_ns, 10**9)
    header = types['std_msgs/msg/Header'](types['builtin_interfaces/msg/Time'](sec, nanosec), link.parent)
    transform = types['geometry_msgs/msg/Transform'](
        types['geometry_msgs/msg/Vector3'](*link.transform.translation),
        types['geometry_msgs/msg/Quaternion'](*link.transform.rotation),
    )
    return types['geometry_msgs/msg/TransformStamped'](header, link.child, transform)


@pytest.mark.parametrize('rows', [[], [LINK], [LINK, LINK._replace(child='x')]])
@pytest.mark.parametrize('little_endian', [True, False])
def test_decodes_what_rosbags_encodes(rows, little_endian):
    message = STORE.types[TYPE]([by_rosbags(link) for link in rows])
    assert messages.decode(bytes(STORE.serialize_cdr(message, TYPE, little_endian=little_endian))) == rows


@given(st.lists(links, max_size=4))
def test_encodes_as_rosbags(rows):
    message = STORE.types[TYPE]([by_rosbags(link) for link in rows])
    assert messages.encode(rows) == bytes(STORE.serialize_cdr(message, TYPE))
    assert messages.decode(messages.encode(rows)) == rows


def test_messages_of_one_length_with_other_frames():
    for child in ('tool0', 'tool1', 'tool0', 'camera', 'flange'):
        rows = [LINK, LINK._replace(child=child, stamp_ns=5)]
        assert messages.decode(messages.encode(rows)) == rows


@pytest.mark.parametrize('data', [b'', b'\0\1\0\0', messages.encode([LINK])[:-1], b'\0\1\0\0' + b'\xff' * 40])
def test_malformed_bytes(data):
    with pytest.raises(ValueError, match=f'malformed TFMessage of {len(data)} bytes'):
        messages.decode(data)


def test_name_that_is_no_text():
    data = bytearray(messages.encode([LINK]))
    data[data.index(b'tool0')] = 0xFF
    with pytest.raises(ValueError, match='malformed'):
        messages.decode(bytes(data))


def test_leading_slash_of_tf1_is_dropped():
    old = LINK._replace(parent='/base_link', child='/tool0')
    assert messages.decode(messages.encode([old])) == [LINK]


def test_message_and_back():
    message = messages.message_from_link(LINK)
    assert (message.header.frame_id, message.child_frame_id) == ('base_link', 'tool0')
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (1_700_000_000, 1)
    assert messages.link_from_message(message) == LINK


def test_type_hash():
    assert STORE.hash_rihs01(TYPE) == TYPE_HASH


@pytest.mark.parametrize(
    'struct_type',
    [each for each in vars(dds_types).values() if getattr(each, '__module__', '') == dds_types.__name__],
)
def test_members_are_announced_by_their_names(struct_type):
    """Fast DDS from 3.2 on passes over a writer whose type has other ones, and says nothing."""
    package, _, _, name = struct_type.__idl_typename__.replace('::', '.').split('.')
    _, fields = STORE.fielddefs[f'{package}/msg/{name.removesuffix("_")}']
    assert list(struct_type.__annotations__) == [field for field, _ in fields]


def test_layout_by_hand():
    """One link whose names need padding: count, stamp, 'a' padded to 4, 'bc' padded to 8, seven doubles."""
    link = Link(2 * 10**9 + 3, 'a', 'bc', Rigid((1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 1.0)))
    wanted = (
        b'\0\1\0\0'
        + struct.pack('<IiII', 1, 2, 3, 2)
        + b'a\0\0\0'
        + struct.pack('<I', 3)
        + b'bc\0\0'
        + bytes(4)
        + np.array([1, 2, 3, 0, 0, 0, 1], '<f8').tobytes()
    )
    assert messages.encode([link]) == wanted
