"""`weld_cell compare`: what differs between two runs over the same bags."""

import csv
import json
import sys

import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.farm.comparison import distances_mm
from weld_cell.paths import config_file

pytest.importorskip('distributed')


def compare(cluster, *words):
    return main(['compare', *map(str, words), '--scheduler', cluster.scheduler_address])


SHIPPED = str(config_file('cell.yaml'))


@pytest.mark.parametrize('words', [[SHIPPED, SHIPPED], ['a.yaml', 'b.yaml', 'x.mcap', '--tolerance-mm', '-1']])
def test_wrong_usage_exits_with_2(words):
    try:
        assert main(['compare', *words]) == 2
    except SystemExit as ended:
        assert ended.code == 2


@pytest.mark.parametrize(
    ('words', 'named'),
    [
        (['out/none', 'out/neither'], 'out/none: there is no such file or folder'),
        (['no_model', 'joint_type', 'x.mcap'], 'no_model: no such model'),
        ([SHIPPED, 'no.yaml', 'x.mcap'], 'no.yaml: there is no such file'),
        (['joint_type', 'no.npz', 'x.mcap'], 'no.npz: there is no such file'),
        ([SHIPPED, SHIPPED, 'no_bag'], 'no_bag: no bag there'),
    ],
)
def test_what_does_not_exist_is_named_before_anything_is_imported(words, named, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'weld_cell.commands.compare_runs', None)
    assert main(['compare', *words]) == 1
    assert named in capsys.readouterr().err


def test_distances_end_where_the_line_ends():
    line = np.array([[0.0, 0.0, 0.0], [0.01, 0.0, 0.0], [0.01, 0.01, 0.0]])
    points = np.array([[0.0, 0.0, 0.0], [0.005, 0.002, 0.0], [0.01, 0.013, 0.0], [-0.004, 0.0, 0.003]])
    np.testing.assert_allclose(distances_mm(points, line), [0.0, 2.0, 3.0, 5.0], atol=1e-9)


def test_two_settings_over_the_same_bags(cluster, bags, tmp_path, capsys):
    shipped, out = config_file('cell.yaml'), tmp_path / 'out'
    other = tmp_path / 'other.yaml'
    other.write_text(shipped.read_text().replace('spacing_mm: 2.0', 'spacing_mm: 2.0\n      min_length_mm: 185.0'))
    assert compare(cluster, shipped, other, bags, '--out', out) == 1
    assert 'newly refused' in capsys.readouterr().out
    told = json.loads((out / 'comparison.json').read_text())
    assert told['counts'] == {'newly refused': 2} and (told['bags'], told['differing']) == (3, 2)
    assert told['differences'][0]['refusal_b'] == 'SeamPathError'
    with (out / 'differences.csv').open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row['changes'] for row in rows] == ['newly refused', 'newly refused', '']
    assert len(list((out / 'pictures').glob('*.png'))) == 2 and 'newly refused' in (out / 'index.html').read_text()

    assert main(['compare', str(out / 'a'), str(out / 'a'), '--out', str(tmp_path / 'same')]) == 0
    assert 'None of 3 bags differs' in (tmp_path / 'same' / 'index.html').read_text()
    assert main(['compare', str(out / 'b'), str(out / 'a'), '--out', str(tmp_path / 'back'), '--pictures', '0']) == 1
    assert json.loads((tmp_path / 'back' / 'comparison.json').read_text())['counts'] == {'newly found': 2}


def test_two_models(cluster, bags, tmp_path):
    code = compare(cluster, 'joint_type', 'joint_type_paper', bags / 'lap', '--out', tmp_path, '--tolerance-mm', '0')
    told = json.loads((tmp_path / 'comparison.json').read_text())
    assert code == (0 if told['same'] else 1) and told['bags'] == 1
