"""The one way to a model: found, compared with its card, opened; every fault by name and with a remedy."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from plain_cards import write_plain_card

from weld_cell.errors import ModelError
from weld_cell.joint_type.stripe_net import STRIPE_NET
from weld_cell.models import loader
from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind, find_model, load_arrays, save_arrays
from weld_cell.models.network import Network, open_session
from weld_cell.paths import model_file

THING = ModelKind(
    'thing',
    2,
    'weld_cell train thing',
    (TensorSignature('x', ('n', 3), 'float64'),),
    (TensorSignature('y', (), 'f'),),
)


@pytest.fixture
def arrays_file(tmp_path):
    path = tmp_path / 'thing.npz'
    save_arrays(path, {'a': np.arange(3.0), 'b': np.array('text')})
    write_plain_card(path, THING)
    return path


def test_arrays_come_back(arrays_file):
    stored = load_arrays(arrays_file, THING)
    assert_array_equal(stored.arrays['a'], [0.0, 1.0, 2.0])
    assert (str(stored.arrays['b']), stored.card.kind) == ('text', 'thing')


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match=r'none\.npz: cannot be read.*Remedy: .*weld_cell train thing'):
        load_arrays(tmp_path / 'none.npz', THING)


def test_weights_without_a_card_are_refused(arrays_file):
    arrays_file.with_suffix('.json').unlink()
    with pytest.raises(ModelError, match=r'thing\.json: cannot be read.*Remedy: Copy the card'):
        load_arrays(arrays_file, THING)


@pytest.mark.parametrize(
    'damage', [lambda b: b'', lambda b: b[:-1], lambda b: b[:50] + b'x' + b[51:], lambda b: b + b'0']
)
def test_damaged_weights_are_refused(arrays_file, damage):
    arrays_file.write_bytes(damage(arrays_file.read_bytes()))
    with pytest.raises(ModelError, match=r'damaged: \d+ bytes of checksum.*Remedy: Restore'):
        load_arrays(arrays_file, THING)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'kind': 'other'}, 'of kind other, expected thing'),
        ({'version': 3}, 'a newer version: format 3, this program reads 2.*Remedy: Update weld_cell'),
        ({'version': 1}, 'an older version: format 1.*Remedy: Train it again'),
        ({'inputs': (TensorSignature('x', ('n', 4), 'float64'),)}, r'inputs are x float64 \(n, 4\), expected'),
        ({'outputs': THING.outputs * 2}, 'outputs are y'),
    ],
)
def test_a_model_that_the_program_cannot_use_is_refused(arrays_file, changes, message):
    write_plain_card(arrays_file, THING, **changes)
    with pytest.raises(ModelError, match=message):
        load_arrays(arrays_file, THING)


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / 'thing.npz'
    np.savez(path, a=np.array([{'an': 'object'}], dtype=object))
    write_plain_card(path, THING)
    with pytest.raises(ModelError, match='not an archive of arrays.*allow_pickle'):
        load_arrays(path, THING)


@pytest.mark.parametrize('content', [b'', b'some text', b'PK\x03\x04 cut', np.arange(3.0).tobytes()])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / 'thing.npz'
    path.write_bytes(content)
    write_plain_card(path, THING)
    with pytest.raises(ModelError, match='not an archive of arrays'):
        load_arrays(path, THING)


def test_a_single_array_is_no_archive(tmp_path):
    path = tmp_path / 'thing.npz'
    with path.open('wb') as stream:
        np.save(stream, np.arange(3.0))
    write_plain_card(path, THING)
    with pytest.raises(ModelError, match='not an archive of arrays'):
        load_arrays(path, THING)


@pytest.fixture
def copied_net(tmp_path):
    for suffix in ('.onnx', '.json'):
        (tmp_path / f'mine{suffix}').write_bytes(model_file(f'stripe_net{suffix}').read_bytes())
    return tmp_path / 'mine.onnx'


@pytest.mark.parametrize('threads', [1, 2])
def test_a_users_own_network_is_opened_by_its_path(copied_net, threads):
    network = Network(copied_net, STRIPE_NET, threads)
    light = np.random.default_rng(1).uniform(size=(2, 250, 27)).astype(np.float32)
    [answers] = network.run(light=light)
    assert answers.shape == (2, 6)
    assert network.card.name == 'stripe_net'


def test_a_network_needs_a_thread():
    with pytest.raises(ValueError, match='threads: expected at least 1, got 0'):
        open_session(b'', 0)


def test_a_network_that_is_none_is_refused(copied_net):
    copied_net.write_bytes(b'no network')
    write_plain_card(copied_net, STRIPE_NET)
    with pytest.raises(ModelError, match='not a network'):
        Network(copied_net, STRIPE_NET)


def test_a_network_whose_card_promises_other_arrays_is_refused(copied_net):
    wider = (TensorSignature('light', (2, 'rows', 28), 'float32'),)
    write_plain_card(copied_net, STRIPE_NET, inputs=wider)
    with pytest.raises(
        ModelError, match=r'inputs are light float32 \(2, s21, 27\), expected light float32 \(2, rows, 28\)'
    ):
        Network(copied_net, replace(STRIPE_NET, inputs=wider))


@pytest.mark.parametrize(
    'name', ['stripe_net', str(model_file('stripe_net.json')), str(model_file('stripe_net.onnx'))]
)
def test_a_model_is_found_by_name_card_and_path(name):
    assert find_model(name) == model_file('stripe_net.onnx')


@pytest.mark.parametrize('name', ['', 'nothing', 'no/where.json'])
def test_what_is_not_there_is_not_found(name):
    with pytest.raises(ModelError, match='no such model.*joint_type, joint_type_paper, plate_seam_net, .*stripe_net'):
        find_model(name)


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / 'thing.npz'
    save_arrays(path, {'a': np.zeros(3)})
    before = path.read_bytes()

    def break_off(stream, **_):
        stream.write(b'half')
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(loader.np, 'savez_compressed', break_off)
    with pytest.raises(ModelError, match='No space left'):
        save_arrays(path, {'a': np.ones(3)})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
