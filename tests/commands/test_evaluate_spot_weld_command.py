"""`weld_cell evaluate spot-weld`: the keys of its JSON, and what it says where there are no real images."""

import json

import pytest

from weld_cell.cli import main


def test_a_quick_look_has_every_figure_but_those_of_real_images(tmp_path, capsys):
    words = ['--panels', '1', '--bank-panels', '4', '--data', str(tmp_path / 'nowhere')]
    assert main(['evaluate', 'spot-weld', *words, '--json', str(tmp_path / 'f.json'), '--report', str(tmp_path)]) == 0
    told = json.loads((tmp_path / 'f.json').read_text())
    assert {'pixel_auroc', 'pixel_aupro', 'f1', 'detection', 'ms_panel', 'bank_mb'} <= told.keys()
    assert {'recall', 'precision', 'recall_small', 'precision_small', 'centre_px'} <= told['detection'].keys()
    assert {'threads_1', 'threads_2', 'plain'} <= told['ms_panel'].keys()
    assert told['detection']['recall'] > 0.8 and told['pixel_auroc'] > 0.5 and told['bank_mb'] < 1.0
    assert not {'real_tiles', 'real_coupons'} & told.keys()
    out = capsys.readouterr().out
    assert out.count('left out') == 2 and 'nowhere' in out
    assert {figure['name'] for figure in told['figures']} >= {'f1', 'recall', 'to_plain'}
    assert 'spot welds found, recall' in (tmp_path / 'index.html').read_text()


@pytest.mark.parametrize('words', [['--panels', '0'], ['--bank-panels', '3']])
def test_too_few_panels_are_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(['evaluate', 'spot-weld', *words])
    assert ended.value.code == 2 and 'expected' in capsys.readouterr().err
