"""`weld_cell models`: list, show, check."""

import pytest

from weld_cell.cli import main
from weld_cell.paths import model_file

SHIPPED = ['joint_type', 'joint_type_paper', 'plate_seam_net', 'spot_weld_bank', 'spot_weld_regions', 'stripe_net']


@pytest.fixture
def copies(tmp_path):
    for path in model_file('').iterdir():
        if path.suffix in {'.npz', '.onnx', '.json', '.md'}:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_an_empty_folder_is_named(tmp_path, capsys):
    assert main(['models', 'list', str(tmp_path)]) == 1
    assert 'no model cards' in capsys.readouterr().err


def test_the_shipped_models_are_listed(capsys):
    assert main(['models', 'list']) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ['name', 'kind', 'format', 'date', 'kB', 'score', 'weights']
    assert [row.split()[0] for row in rows] == SHIPPED
    assert all(row.endswith('  ok') for row in rows)


def test_a_damaged_model_is_listed_as_such_and_fails_the_check(copies, capsys):
    (copies / 'stripe_net.onnx').write_bytes(b'cut')
    assert main(['models', 'list', str(copies)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert 'damaged: 3 bytes' in rows[1 + SHIPPED.index('stripe_net')] and rows[1].endswith('ok')
    assert main(['models', 'check', str(copies / 'stripe_net.json'), str(copies / 'joint_type.npz')]) == 1
    out = capsys.readouterr().out
    assert 'stripe_net.onnx: damaged' in out and 'joint_type.npz: ok' in out


def test_what_is_no_card_is_named_and_the_others_are_listed(copies, capsys):
    (copies / 'figures.json').write_text('{}')
    assert main(['models', 'list', str(copies)]) == 1
    told = capsys.readouterr()
    assert 'figures.json: not a model card' in told.err and 'stripe_net' in told.out


def test_the_shipped_models_are_whole(capsys):
    assert main(['models', 'check']) == 0
    assert capsys.readouterr().out.count(': ok\n') == len(SHIPPED)


def test_an_unknown_kind_fails_the_check(copies, capsys):
    card = copies / 'stripe_net.json'
    card.write_text(card.read_text().replace('"kind": "stripe_net"', '"kind": "mystery"'))
    assert main(['models', 'check', str(card)]) == 1
    assert 'of kind mystery, which this program does not know' in capsys.readouterr().out


def test_each_missing_model_fails_the_check(capsys):
    assert main(['models', 'check', 'nothing', 'no/where.onnx']) == 1
    out = capsys.readouterr().out
    assert 'nothing: no such model' in out and 'where.onnx: cannot be read' in out


@pytest.mark.parametrize('name', ['joint_type', 'path'])
def test_the_card_is_shown(name, capsys):
    assert main(['models', 'show', name if name != 'path' else str(model_file('joint_type.npz'))]) == 0
    assert capsys.readouterr().out == model_file('joint_type.md').read_text()


def test_a_model_that_is_not_there_is_named(capsys):
    assert main(['models', 'show', 'nothing']) == 1
    assert 'name a shipped one: joint_type,' in capsys.readouterr().err


@pytest.mark.parametrize('words', [['list'], ['show'], ['check']])
def test_each_has_help_with_examples(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(['models', *words, '--help'])
    assert ended.value.code == 0
    assert f'weld_cell models {words[0]}' in capsys.readouterr().out.split('Examples:')[1]
