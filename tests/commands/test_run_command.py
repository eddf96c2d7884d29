"""`weld_cell run`: what it refuses before anything starts, and what of tracking it hands to the launch."""

import argparse
import fcntl
import os

import pytest

from weld_cell.cli import main
from weld_cell.commands.run import _track_arguments, _without_table, add_arguments


@pytest.mark.parametrize('words', [['--adaptive-fill'], ['--opens', '1.0']])
def test_adaptive_fill_without_tracking_is_refused(words, tmp_path, capsys):
    assert main(['run', *words, '--out', str(tmp_path / 'out')]) == 2
    assert 'need --track' in capsys.readouterr().err and not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('words', 'named'),
    [
        (['--params', 'none.yaml'], 'there is no file none.yaml'),
        (['--opens', '5'], 'expected 0 to 2, got 5'),
        (['--opens', 'nan'], 'expected 0 to 2, got nan'),
        (['--arc', '2'], 'expected 0 to 1, got 2'),
        (['--joint', 'lap', '--opens', '1'], 'only butt and v have a root gap'),
        (['--plate', 'plate'], '--track needs a seam that the laser has scanned'),
    ],
)
def test_what_a_tracked_run_cannot_do_is_refused_before_anything_starts(words, named, tmp_path, capsys):
    try:
        code = main(['run', '--track', *words, '--out', str(tmp_path / 'out')])
    except SystemExit as end:
        code = end.code
    assert code == 2 and named in capsys.readouterr().err and not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('joint', 'told'), [('butt', ''), ('lap', 'lap has no table'), ('fillet', 'fillet has no table')]
)
def test_adaptive_fill_without_a_table_is_told(joint, told):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    said = _without_table(parser.parse_args(['--track', '--adaptive-fill', '--joint', joint]))
    assert (told in said and 'there are tables for butt and v' in said) if told else said == ''


def test_an_action_that_is_not_installed_is_named_before_anything_starts(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    assert main(['run', '--controller', 'action', '--out', str(tmp_path / 'out')]) != 0
    assert 'python -m pip_ros.interfaces' in capsys.readouterr().err and not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('words', 'launch'),
    [
        ([], []),
        (['--drift', 'slip'], ['drift:=slip']),
        (['--track'], ['track:=true', 'arc:=0.6', 'gap_opens_mm:=0.0', 'adaptive_fill:=false']),
        (
            ['--joint', 'butt', '--track', '--adaptive-fill', '--opens', '1', '--arc', '0'],
            ['track:=true', 'arc:=0.0', 'gap_opens_mm:=1.0', 'adaptive_fill:=true'],
        ),
    ],
)
def test_the_arguments_of_the_launch(words, launch):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert _track_arguments(parser.parse_args(words)) == launch


def test_a_folder_into_which_another_run_writes_is_refused_with_its_files(tmp_path, capsys):
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    (tmp_path / 'run.json').write_text('{}')
    assert main(['run', '--out', str(tmp_path)]) == 1
    os.close(other)
    assert 'another run writes there' in capsys.readouterr().err and (tmp_path / 'run.json').exists()
