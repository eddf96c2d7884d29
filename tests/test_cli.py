"""The command line: help with examples, clear errors, exit codes."""

import pytest

from weld_cell.cli import COMMANDS, main


@pytest.mark.parametrize('words', [(), ('bag',), ('nonsense',), ('replay',)])
def test_wrong_usage_exits_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert 'usage: weld_cell' in capsys.readouterr().err


@pytest.mark.parametrize('path', COMMANDS, ids=' '.join)
def test_each_command_has_help_with_an_example(path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*path, '--help'])
    assert ended.value.code == 0
    assert f'weld_cell {" ".join(path)} ' in capsys.readouterr().out.split('Examples:')[1]


def test_trouble_exits_with_1_and_a_remedy(tmp_path, capsys):
    assert main(['replay', str(tmp_path / 'nowhere'), '--out', str(tmp_path)]) == 1
    assert 'Remedy:' in capsys.readouterr().err
