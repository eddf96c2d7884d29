"""Types of command-line options: what they take, and what they say of the rest."""

import argparse
import re
from pathlib import Path

import pytest

from weld_cell.cli import COMMANDS, main
from weld_cell.option_types import (
    above_zero,
    existing_folder,
    file_to_write,
    folder_to_write,
    jobs,
    number,
    whole_number,
)


@pytest.mark.parametrize(
    ('kind', 'text', 'said'),
    [
        (whole_number(1), '', 'expected a whole number from 1, got '),
        (whole_number(1), '0', 'expected a whole number from 1, got 0'),
        (whole_number(1), '1.5', 'expected a whole number from 1, got 1.5'),
        (whole_number(1), '--3', 'expected a whole number from 1, got --3'),
        (whole_number(0, 5), '6', 'expected a whole number from 0 to 5, got 6'),
        (jobs, '100000', 'expected a whole number from 1 to 256, got 100000'),
        (number(0.0, 1.0), '', 'expected 0 to 1, got '),
        (number(0.0, 1.0), '2', 'expected 0 to 1, got 2'),
        (number(0.0, 1.0), 'nan', 'expected 0 to 1, got nan'),
        (number(0.0, unit='s'), 'inf', 'expected 0 or more s, got inf'),
        (number(0.5, 500.0, 'mm'), 'x', 'expected 0.5 to 500 mm, got x'),
        (above_zero('mm'), '0', 'expected more than 0 mm, got 0'),
    ],
)
def test_a_number_that_cannot_be_is_named_with_what_can(kind, text, said):
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        kind(text)
    assert str(refused.value) == said


def test_numbers_within_the_bounds_are_taken():
    assert (whole_number(0)('0'), whole_number(-2)('-1'), number(0.0, 1.0)('1'), above_zero()('1e-9')) == (
        0,
        -1,
        1,
        1e-9,
    )


def test_what_cannot_be_written_or_read_is_named(tmp_path):
    file = tmp_path / 'file'
    file.touch()
    for kind, path, said in (
        (file_to_write, tmp_path, f'expected a file, {tmp_path} is a folder'),
        (file_to_write, file / 'x.json', f'expected a folder, {file} is a file'),
        (folder_to_write, file, f'expected a folder, {file} is a file'),
        (folder_to_write, file / 'a' / 'b', f'expected a folder, {file} is a file'),
        (existing_folder, file, f'{file} is a file'),
        (existing_folder, tmp_path / 'no', f'there is no folder {tmp_path / "no"}'),
    ):
        with pytest.raises(argparse.ArgumentTypeError) as refused:
            kind(str(path))
        assert str(refused.value) == said


def test_what_can_be_written_is_not_made_yet(tmp_path):
    assert file_to_write(str(tmp_path / 'a' / 'b.json')) == tmp_path / 'a' / 'b.json'
    assert folder_to_write('out/x') == Path('out/x') and not list(tmp_path.iterdir())


WORKS_LONG = [path for path in COMMANDS if path[0] in ('evaluate', 'train')] + [('sim', 'export')]
COUNTS = (
    *('runs', 'scenes', 'sets', 'per-type', 'test-per-type', 'draws', 'places', 'turns', 'library', 'pairs', 'jobs'),
    *('detection', 'straight', 'curved', 'glare', 'panels', 'bank-panels', 'images', 'held-out', 'test', 'epochs'),
    *('batch', 'scene-length'),
)


@pytest.mark.parametrize('path', WORKS_LONG, ids=' '.join)
def test_a_count_of_none_or_less_is_refused_before_the_work(path, capsys):
    with pytest.raises(SystemExit):
        main([*path, '--help'])
    words = capsys.readouterr().out.split()
    for name in COUNTS:
        if f'--{name}' not in words or (name == 'images' and path[-1] == 'joint-type'):
            continue
        with pytest.raises(SystemExit) as ended:
            main([*path, f'--{name}', '-1'])
        assert ended.value.code == 2
        assert re.search(f'argument --{name}[^:]*: expected ', capsys.readouterr().err)


@pytest.mark.parametrize('option', ['--arc', '--hardness', '--length', '--clip-norm', '--rate'])
def test_a_number_out_of_range_is_refused_before_the_work(option, capsys):
    path = {'--arc': 'tracking', '--length': 'tracking', '--hardness': 'seam'}.get(option)
    words = ['train', 'stripe-net'] if path is None else ['evaluate', path]
    for value in ('-1', 'nan', '1e9'):
        with pytest.raises(SystemExit) as ended:
            main([*words, option, value])
        assert ended.value.code == 2
        assert f'argument {option}: expected ' in capsys.readouterr().err
