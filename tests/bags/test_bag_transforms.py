"""Transforms read in one go are those of the general decoder, whatever the names; what differs is decoded anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rosbags.serde import SerdeError
from rosbags.typesys import Stores, get_typestore

from weld_cell.bags.transforms import KIND, TransformDecoder

TYPES = get_typestore(Stores.ROS2_JAZZY)
names = st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=5)


def message(frames, seed):
    """Serialised, and what it says."""
    rng, kinds, samples, stamped = np.random.default_rng(seed), TYPES.types, [], []
    for parent, child in frames:
        stamp_ns, pose = int(rng.integers(2**31 * 10**9)), tuple(rng.standard_normal(7).tolist())
        stamp = kinds['builtin_interfaces/msg/Time'](sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
        transform = kinds['geometry_msgs/msg/Transform'](
            translation=kinds['geometry_msgs/msg/Vector3'](*pose[:3]),
            rotation=kinds['geometry_msgs/msg/Quaternion'](*pose[3:]),
        )
        stamped.append(
            kinds['geometry_msgs/msg/TransformStamped'](
                header=kinds['std_msgs/msg/Header'](stamp=stamp, frame_id=parent),
                child_frame_id=child,
                transform=transform,
            )
        )
        samples.append((parent, child, stamp_ns, pose))
    return bytes(TYPES.serialize_cdr(kinds[KIND](transforms=stamped), KIND)), samples


@pytest.mark.parametrize('frames', [[], [('base_link', 'tool0')], [('a', 'b'), ('b', 'längs'), ('', 'link_3')]])
def test_each_message_of_a_publisher_is_read(frames):
    decoder = TransformDecoder()
    for seed in range(4):
        raw, samples = message(frames, seed)
        assert decoder.read(raw) == samples


@given(names, names)
def test_two_publishers_take_turns(first, second):
    decoder = TransformDecoder()
    for seed, frames in enumerate([first, second, first, second]):
        raw, samples = message(frames, seed)
        assert decoder.read(raw) == samples


def test_names_of_the_same_length_are_not_mixed_up():
    decoder = TransformDecoder()
    for frames in ([('base', 'one')], [('base', 'two')], [('both', 'one')]):
        raw, samples = message(frames, 1)
        assert decoder.read(raw) == samples


@pytest.mark.parametrize('length', [0, 3, 8, 40, 80])
def test_a_cut_message_is_refused(length):
    decoder, (raw, _) = TransformDecoder(), message([('base_link', 'tool0')], 1)
    decoder.read(raw)
    with pytest.raises(SerdeError):
        decoder.read(raw[:length])
