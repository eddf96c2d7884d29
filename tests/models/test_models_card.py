"""The model card: what it must hold, that it comes back from its file, that each fault is named."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_cards import plain_card, write_plain_card

from weld_cell.errors import ModelError
from weld_cell.joint_type.stripe_net import STRIPE_NET
from weld_cell.models.card import (
    CARD_VERSION,
    Confusion,
    ModelCard,
    Score,
    TensorSignature,
    WeightFile,
    card_json,
    read_card,
)
from weld_cell.models.card_files import card_markdown, write_card
from weld_cell.models.plain import from_plain


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / 'some.onnx'
    path.write_bytes(b'abc')
    return path


@pytest.fixture
def card(weights):
    return plain_card(weights, STRIPE_NET)


def test_the_weight_file_is_measured(weights):
    # sha256 of 'abc' by FIPS 180-2, appendix B.1
    digits = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    assert WeightFile.of(weights) == WeightFile('some.onnx', 3, digits)


def test_weights_that_are_not_there_have_no_card(tmp_path):
    with pytest.raises(ModelError, match='cannot be read'):
        WeightFile.of(tmp_path / 'none.onnx')


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'name': ''}, 'name: expected something'),
        ({'limits': ()}, 'limits: expected something'),
        ({'scores': ()}, 'scores: expected something'),
        ({'date': 'yesterday'}, 'isoformat'),
        ({'weights': WeightFile('a', 1, 'ff')}, '64 hexadecimal'),
        ({'scores': (Score('mAP50', 'test', float('nan'), ''),)}, 'finite'),
        ({'confusions': (Confusion('test', ('a', 'b'), ((1, 0),)),)}, 'confusions: test'),
        ({'confusions': (Confusion('test', ('a', 'b'), ((1, 0), (1,))),)}, 'confusions: test'),
    ],
)
def test_a_card_that_says_too_little_is_refused(card, changes, message):
    with pytest.raises(ValueError, match=message):
        replace(card, **changes)


def test_a_card_comes_back_from_its_file(card, weights):
    full = replace(card, training_s=12.5, confusions=(Confusion('test', ('a', 'b'), ((1, 0), (2, 3))),))
    machine, people = write_card(full, weights.parent)
    assert (machine.name, people.name) == ('some.json', 'some.md')
    assert read_card(machine) == full
    assert people.read_text() == card_markdown(full)


@given(
    texts=st.lists(st.text(min_size=1), min_size=1, max_size=3),
    value=st.floats(allow_nan=False, allow_infinity=False),
    samples=st.none() | st.integers(),
)
def test_any_text_and_figure_comes_back(texts, value, samples):
    weights = WeightFile('a.onnx', 0, '0' * 64)
    shape = (1, *texts)
    card = ModelCard(
        *texts[:1] * 4, 1, '2026-01-02', texts[0], (1,), texts[0], tuple(texts), value, texts[0],
        (Score(texts[0], texts[-1], value, '', samples),), (), tuple(texts), weights,
        (TensorSignature(texts[0], shape, 'float32'),), (TensorSignature(texts[0], (), 'float32'),),
    )  # fmt: skip
    assert from_plain(ModelCard, json.loads(card_json(card))) == card


@pytest.mark.parametrize(
    'text', ['', 'null', '[]', '5', '{}', '{"schema": 1}', '{"schema": "1"}', '\x00', '[' * 9999]
)
def test_a_file_that_is_no_card_is_refused(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(ModelError, match='a model card|damaged model card'):
        read_card(tmp_path / 'a.json')


def test_a_missing_card_is_named(tmp_path):
    with pytest.raises(ModelError, match=r'none\.json: cannot be read.*Remedy: Copy the card'):
        read_card(tmp_path / 'none.json')


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('version', '1', "version: expected int, got '1'"),
        ('version', True, 'version: expected int'),
        ('seeds', 3, 'seeds: expected a list'),
        ('seeds', [1, None], r'seeds\[1\]: expected int, got None'),
        ('weights', 'a file', 'weights: expected a mapping'),
        ('weights', {'file': 'a', 'bytes': 1}, 'weights: missing: sha256'),
        ('owner', 'me', 'unknown: owner'),
        ('training_s', 'long', 'training_s: expected float or NoneType'),
        ('schema', CARD_VERSION + 1, 'Update weld_cell'),
    ],
)
def test_what_is_wrong_with_a_card_is_named(card, weights, key, value, message):
    path = write_card(card, weights.parent)[0]
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ModelError, match=message):
        read_card(path)


def test_whole_numbers_stand_for_floats(card, weights):
    path = write_card(card, weights.parent)[0]
    path.write_text(json.dumps(json.loads(path.read_text()) | {'training_s': 7}))
    assert read_card(path).training_s == 7.0


def test_a_card_that_cannot_be_written_is_named(card, tmp_path):
    (tmp_path / 'a_file').touch()
    with pytest.raises(ModelError, match='cannot be written'):
        write_card(card, tmp_path / 'a_file' / 'folder')


@pytest.mark.parametrize(
    ('shape', 'other', 'admitted'),
    [
        ((), (), True),
        ((), (1,), False),
        ((2, 'rows'), (2, 240), True),
        ((2, 'rows'), (2, 's21'), True),
        ((2, 'rows'), (3, 240), False),
        ((2, 240), (2, 'rows'), False),
    ],
)
def test_a_free_length_admits_any(shape, other, admitted):
    assert TensorSignature('a', shape, 'float32').admits(TensorSignature('a', other, 'float32')) is admitted


def test_another_name_or_type_is_not_admitted():
    signature = TensorSignature('a', (1,), 'float32')
    assert not signature.admits(TensorSignature('b', (1,), 'float32'))
    assert not signature.admits(TensorSignature('a', (1,), 'float64'))


def test_the_page_names_what_was_not_recorded(weights):
    card = write_plain_card(weights, STRIPE_NET, scores=(Score('mAP50', 'plates', 0.99412, ''),))
    page = card_markdown(card)
    assert 'Training time: not recorded' in page
    assert '| plates | not recorded | mAP50 | 0.9941 |' in page
