"""Frames offline: chains up and down, interpolation between samples, and what is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from weld_cell.errors import TransformError
from weld_cell.geometry.frame_tree import FrameTree
from weld_cell.geometry.transforms import make_transform

SECOND_NS = 10**9


def shift(x, y=0.0, z=0.0, yaw_deg=0.0):
    return make_transform((x, y, z), Rotation.from_euler('z', yaw_deg, degrees=True))


@pytest.fixture
def tree():
    """base -> tool0 moves from x = 1 at 1 s to x = 3, turned by 90 degrees, at 2 s; two frames sit on tool0."""
    tree = FrameTree()
    tree.add('base', 'tool0', 2 * SECOND_NS, shift(3.0, yaw_deg=90.0))
    tree.add('base', 'tool0', SECOND_NS, shift(1.0))  # samples may come out of order
    tree.add_fixed('tool0', 'sensor', shift(0.5))
    tree.add_fixed('tool0', 'welding_tool', shift(0.0, 0.25))
    return tree


@pytest.mark.parametrize(
    ('target', 'source'), [('base', 'sensor'), ('base', 'nowhere'), ('nowhere', 'base'), ('', 'base')]
)
def test_an_empty_tree_knows_no_frames(target, source):
    with pytest.raises(TransformError, match='not connected'):
        FrameTree().lookup(target, source, 0)


def test_a_frame_in_itself():
    assert np.array_equal(FrameTree().lookup('base', 'base', 0), np.eye(4))


@pytest.mark.parametrize(
    ('seconds', 'expected'),
    [
        (1.0, (1.5, 0.0)),
        (1.5, (2.0 + 0.5 * np.sqrt(0.5), 0.5 * np.sqrt(0.5))),  # half way, turned by 45 degrees
        (2.0, (3.0, 0.5)),
    ],
)
def test_moving_and_fixed(tree, seconds, expected):
    T = tree.lookup('base', 'sensor', int(seconds * SECOND_NS))
    assert np.allclose(T[:2, 3], expected)


def test_between_two_branches(tree):
    assert np.allclose(tree.lookup('welding_tool', 'sensor', 0)[:3, 3], (0.5, -0.25, 0.0))  # needs no time of tool0


@pytest.mark.parametrize('stamp_ns', [0, SECOND_NS - 1, 2 * SECOND_NS + 1])
def test_a_time_outside_of_the_samples_is_not_known(tree, stamp_ns):
    with pytest.raises(TransformError, match='covers 1.000 to 2.000 s'):
        tree.lookup('base', 'sensor', stamp_ns)


@pytest.mark.parametrize(
    ('stamp_ns', 'remedy'),
    [
        (0, 'The image has no stamp'),
        (SECOND_NS - 1, 'Start the recording'),
        (9 * SECOND_NS, 'Start the recording'),
        (38 * SECOND_NS, 'another clock'),
        (1_700_000_000 * SECOND_NS, 'another clock'),
    ],
)
def test_what_lies_outside_is_told_by_its_cause(tree, stamp_ns, remedy):
    with pytest.raises(TransformError) as refused:
        tree.lookup('base', 'sensor', stamp_ns)
    assert remedy in refused.value.remedy


def test_a_single_sample_holds_at_its_time():
    tree = FrameTree()
    tree.add('base', 'tool0', 5, shift(1.0))
    assert np.allclose(tree.lookup('base', 'tool0', 5), shift(1.0))


def test_a_circle_of_frames_ends():
    tree = FrameTree()
    tree.add_fixed('a', 'b', shift(1.0))
    tree.add_fixed('b', 'a', shift(1.0))
    with pytest.raises(TransformError, match='not connected'):
        tree.lookup('base', 'a', 0)


@given(st.floats(-180, 180), st.floats(-180, 180), st.integers(SECOND_NS, 2 * SECOND_NS))
def test_there_and_back_is_the_identity(first_deg, second_deg, stamp_ns):
    tree = FrameTree()
    tree.add('base', 'tool0', SECOND_NS, shift(1.0, yaw_deg=first_deg))
    tree.add('base', 'tool0', 2 * SECOND_NS, shift(2.0, 3.0, yaw_deg=second_deg))
    forth, back = tree.lookup('base', 'tool0', stamp_ns), tree.lookup('tool0', 'base', stamp_ns)
    assert np.allclose(forth @ back, np.eye(4), atol=1e-12)
