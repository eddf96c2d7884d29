"""Samples kept apart by scene."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from weld_cell.training.split import Split, proven_disjoint, split_by_scene


@pytest.mark.parametrize(
    ('scenes', 'held_out', 'test', 'message'),
    [
        ([], 0.1, 0.1, r'shape \(0,\)'),
        ([[1, 2]], 0.1, 0.1, r'shape \(1, 2\)'),
        ([1, 2, 3], 0.5, 0.5, 'less than 1 together'),
        ([1, 2, 3], -0.1, 0.5, 'expected 0 or more'),
        ([1, 1, 1], 0.1, 0.0, '1 scenes are too few'),
        ([1, 2, 2], 0.1, 0.1, '2 scenes are too few'),
    ],
)
def test_what_cannot_be_parted_is_refused(scenes, held_out, test, message):
    with pytest.raises(ValueError, match=message):
        split_by_scene(np.array(scenes), held_out, test, 1)


def test_twenty_scenes_of_two_images():
    split = split_by_scene(np.repeat(np.arange(20), 2), 0.2, 0.1, 1)
    assert [len(split.train), len(split.held_out), len(split.test)] == [28, 8, 4]


def test_nothing_is_held_out_unless_asked_for():
    split = split_by_scene(np.arange(3), 0.0, 0.0, 1)
    assert_array_equal(split.train, [0, 1, 2])
    assert not len(split.held_out) and not len(split.test)


def test_scenes_may_have_names():
    scenes = np.array(['plate 1', 'plate 2', 'plate 1', 'plate 3'])
    split = split_by_scene(scenes, 0.3, 0.0, 1)
    assert set(scenes[split.train]) | set(scenes[split.held_out]) == set(scenes)


def test_another_seed_draws_other_scenes():
    scenes = np.arange(100)
    parts = [split_by_scene(scenes, 0.2, 0.0, seed).held_out.tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


@given(st.lists(st.integers(-5, 40), min_size=1), st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 9))
def test_no_scene_is_in_two_parts(scenes, held_out, test, seed):
    scenes = np.array(scenes)
    try:
        split = split_by_scene(scenes, held_out, test, seed)
    except ValueError as error:
        assert 'too few' in str(error) or 'together' in str(error)  # noqa: PT017
        return
    parts = [split.train, split.held_out, split.test]
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(scenes)))
    assert sum(len(set(scenes[part].tolist())) for part in parts) == len(set(scenes.tolist()))


@pytest.mark.parametrize(
    ('parts', 'message'),
    [
        (([0, 1], [2], []), 'scene 7 is in train and in held_out'),
        (([0], [], [1, 2]), 'scene 5 is in train and in test'),
        (([0, 1], [], []), 'sample 2 is in 0 parts'),
        (([0, 1, 2], [2], []), 'sample 2 is in 2 parts'),
        (([0, 1, 2, 3], [], []), 'no sample 3: expected 0 to 2'),
    ],
)
def test_a_split_that_mixes_scenes_is_found_out(parts, message):
    split = Split(*(np.array(part, int) for part in parts))
    with pytest.raises(ValueError, match=message):
        proven_disjoint(split, np.array([5, 5, 7]) if 'scene 5' in message else np.array([5, 7, 7]))
