"""`weld_cell evaluate seam`, small and real."""

import json

import pytest

from weld_cell.cli import main


def test_two_scans_of_a_fillet(tmp_path, capsys):
    file = tmp_path / 'made' / 'seam.json'
    code = main(['evaluate', 'seam', '--nominal', '--scenes', '2', '--types', 'fillet', '--json', str(file)])
    assert code == 0
    shown = capsys.readouterr()
    assert 'fillet' in shown.out and '2/2' in shown.out
    assert '2/2' in shown.err  # the progress
    figures = json.loads(file.read_text())
    assert 0.0 < figures['rms_mm_straight'] < 0.2 and 0.0 < figures['rms_mm_curved'] < 0.2
    assert list(figures['per_joint']) == ['fillet']


@pytest.mark.parametrize('words', [('--scenes', '0'), ('--hardness', '1.5')])
def test_values_out_of_range_are_refused(words, capsys):
    assert main(['evaluate', 'seam', '--types', 'lap', *words]) == 2
    assert 'expected' in capsys.readouterr().err
