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


def test_two_parents_are_named():
    doubtful = FrameTree()
    for parent in ('base', 'world', 'base', 'world'):
        doubtful.add(parent, 'tool0', SECOND_NS, shift(1.0))
    with pytest.raises(TransformError, match='"tool0" has two parents in the recording, "base" and "world"'):
        doubtful.lookup('base', 'tool0', SECOND_NS)
    doubtful.add_fixed('base', 'tool0', shift(2.0))  # as a rig says it
    assert doubtful.lookup('base', 'tool0', 0)[0, 3] == 2.0


@pytest.mark.parametrize('every', [1, 3])
@pytest.mark.parametrize('late_ns', [0, 3_000_000])
def test_two_robots_that_tell_of_one_frame_are_named(every, late_ns):
    moving = FrameTree()
    for number in range(40):
        stamp_ns = number * 8_000_000
        moving.add('base', 'tool0', stamp_ns, shift(0.002 * number))
        if number % every == 0:
            moving.add('base', 'tool0', stamp_ns + late_ns, shift(0.3 + 0.002 * number))
    with pytest.raises(TransformError, match='jump to and fro'):
        moving.lookup('base', 'tool0', SECOND_NS // 10)


@pytest.mark.parametrize('turns', [1, 8])
def test_a_robot_that_stands_shakes_or_turns_back_is_one(turns):
    """A sine of 20 mm, sampled eight times a turn; each sample told twice, as by two recorders."""
    moving = FrameTree()
    for number in range(8 * turns):
        pose = shift(0.02 * np.sin(2 * np.pi * number / 8), 1e-4 * (number % 2))
        for _ in range(2):
            moving.add('base', 'tool0', number * 8_000_000, pose)
    assert moving.lookup('base', 'tool0', 0)[0, 3] == 0.0


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
