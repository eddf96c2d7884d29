"""Sample sets: stored, rendered, in part, and kept on disk."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from weld_cell.errors import TrainingError
from weld_cell.training.cache import RECIPE, cached_samples
from weld_cell.training.samples import RenderedSamples, SomeSamples, StoredSamples

RNG = np.random.default_rng(1)


def parts():
    yield {'light': np.full((2, 3), 1.5, np.float16), 'label': np.array([0, 1])}
    yield {'light': np.full((1, 3), 2.5, np.float16), 'label': np.array([2])}
    yield {'light': np.empty((0, 3), np.float16), 'label': np.empty(0, int)}


@pytest.mark.parametrize('arrays', [{}, {'a': np.zeros(2), 'b': np.zeros(3)}])
def test_arrays_of_unequal_length_are_refused(arrays):
    with pytest.raises(ValueError, match='arrays of one length'):
        StoredSamples(arrays)


def test_stored_samples_are_taken_by_number():
    samples = StoredSamples({'a': np.arange(10), 'b': np.arange(10) * 2.0})
    batch = SomeSamples(samples, np.array([3, 5, 7])).batch(np.array([2, 0]), RNG)
    assert_array_equal(batch['a'], [7, 3])
    assert_array_equal(batch['b'], [14, 6])


def test_rendered_samples_are_drawn_by_the_generator():
    samples = RenderedSamples(4, lambda number, rng: {'image': np.full((2, 2), number) + rng.uniform()})
    first, again = (samples.batch(np.array([1, 3]), np.random.default_rng(5))['image'] for _ in range(2))
    assert first.shape == (2, 2, 2) and len(samples) == 4
    assert_array_equal(first, again)
    assert_array_equal(np.floor(first[:, 0, 0]), [1, 3])


def test_a_cache_is_written_once_and_mapped(tmp_path):
    made = cached_samples(tmp_path / 'new', {'seed': 1, 'limits': (1, 2)}, parts)
    again = cached_samples(tmp_path / 'new', {'seed': 1, 'limits': (1, 2)}, lambda: pytest.fail('made again'))
    for samples in (made, again):
        assert isinstance(samples.arrays['light'], np.memmap) and len(samples) == 3
        assert samples.arrays['light'].dtype == np.float16
        assert_array_equal(samples.arrays['light'][:, 0], [1.5, 1.5, 2.5])
        assert_array_equal(samples.arrays['label'], [0, 1, 2])
    assert_array_equal(np.load(tmp_path / 'new' / 'label.npy'), [0, 1, 2])


def test_a_cache_of_another_recipe_is_refused(tmp_path):
    cached_samples(tmp_path, {'seed': 1}, parts)
    with pytest.raises(TrainingError, match=r"made from \{'seed': 1\}, not from \{'seed': 2\}"):
        cached_samples(tmp_path, {'seed': 2}, parts)


def test_a_cache_that_was_broken_off_is_made_again(tmp_path):
    def broken():
        yield from parts()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_samples(tmp_path, {'seed': 1}, broken)
    assert len(cached_samples(tmp_path, {'seed': 1}, parts)) == 3


def test_a_damaged_cache_is_named(tmp_path):
    cached_samples(tmp_path, {'seed': 1}, parts)
    (tmp_path / 'light.npy').write_bytes(b'')
    with pytest.raises(TrainingError, match='not a cache of samples'):
        cached_samples(tmp_path, {'seed': 1}, parts)
    (tmp_path / RECIPE).write_text('cut')
    with pytest.raises(TrainingError, match='not a cache of samples'):
        cached_samples(tmp_path, {'seed': 1}, parts)


def test_a_cache_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match='one part of samples'):
        cached_samples(tmp_path, {}, lambda: iter(()))
    assert not (tmp_path / RECIPE).exists()
    (tmp_path / RECIPE).write_text(json.dumps({}))
    with pytest.raises(TrainingError, match='got none'):
        cached_samples(tmp_path, {}, parts)
