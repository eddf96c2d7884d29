"""`weld_cell evaluate seam`, small and real."""

import json

import pytest

from weld_cell.cli import main


def test_two_scans_of_a_fillet(tmp_path, capsys):
    file, folder = tmp_path / 'made' / 'seam.json', tmp_path / 'page'
    words = ['evaluate', 'seam', '--nominal', '--scenes', '2', '--types', 'fillet']
    assert main([*words, '--json', str(file), '--report', str(folder)]) == 0
    shown = capsys.readouterr()
    assert 'fillet' in shown.out and '2/2' in shown.out
    assert '2/2' in shown.err  # the progress
    results = json.loads(file.read_text())
    assert 0.0 < results['rms_mm_straight'] < 0.2 and 0.0 < results['rms_mm_curved'] < 0.2
    assert list(results['per_joint']) == ['fillet']
    assert results['figures'][0]['value'] == results['rms_mm_straight']
    assert results['figures'][0]['command'] == ' '.join(['weld_cell', *words])
    assert results['figures'][0]['aim'] is None  # none is set for these conditions
    page = (folder / 'index.html').read_text()
    assert '2 of 2' in page and ' '.join(words) in page


@pytest.mark.parametrize('words', [('--scenes', '0'), ('--hardness', '1.5')])
def test_values_out_of_range_are_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(['evaluate', 'seam', '--types', 'lap', *words])
    assert ended.value.code == 2 and 'expected' in capsys.readouterr().err
