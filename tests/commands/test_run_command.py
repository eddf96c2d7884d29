"""`weld_cell run`: what it refuses before anything starts, and what of tracking it hands to the launch."""

import argparse

import pytest

from weld_cell.cli import main
from weld_cell.commands.run import _track_arguments, add_arguments


@pytest.mark.parametrize('words', [['--adaptive-fill'], ['--opens', '1.0']])
def test_adaptive_fill_without_tracking_is_refused(words, tmp_path, capsys):
    assert main(['run', *words, '--out', str(tmp_path / 'out')]) == 2
    assert '--track was expected' in capsys.readouterr().err and not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    ('words', 'launch'),
    [
        ([], []),
        (['--drift', 'slip'], ['drift:=slip']),
        (['--track'], ['track:=true', 'arc:=0.6', 'gap_opens_mm:=0.0', 'adaptive_fill:=false']),
        (
            ['--track', '--adaptive-fill', '--opens', '1', '--arc', '0'],
            ['track:=true', 'arc:=0.0', 'gap_opens_mm:=1.0', 'adaptive_fill:=true'],
        ),
    ],
)
def test_the_arguments_of_the_launch(words, launch):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert _track_arguments(parser.parse_args(words)) == launch
