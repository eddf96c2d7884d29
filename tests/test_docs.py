"""What docs/ promises is there, and its tables can be made from the evaluations' JSON."""

import importlib
import json
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from weld_cell import cli
from weld_cell.evaluation.figures import measured, measurement_of
from weld_cell.evaluation.measurements import FIGURES, MEASUREMENTS
from weld_cell.sim.effects import HardEffects

DOCS = Path(__file__).parents[1] / 'docs'
OWN_IMAGES = FIGURES['joint_type.accuracy']
"""Measured only on a user's own images."""


@pytest.fixture
def make_figures(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module('make_figures')


@pytest.fixture
def found(make_figures):
    return make_figures.kept_results()


@pytest.mark.parametrize('effect', [f.name for f in fields(HardEffects)])
def test_every_hard_effect_has_its_picture(effect):
    assert f'![{effect} at 0, 0.5 and 1](hard_effects/{effect}.jpg)' in (DOCS / 'hard_effects.md').read_text()
    assert (DOCS / 'hard_effects' / f'{effect}.jpg').stat().st_size > 2000


@pytest.mark.parametrize('page', sorted(DOCS.glob('*.md')), ids=lambda page: page.name)
def test_linked_pictures_exist(page):
    for name in re.findall(r'!\[[^]]*\]\(([^)]+)\)', page.read_text()):
        assert (DOCS / name).is_file(), name


def test_the_docs_are_small():
    assert sum(file.stat().st_size for file in DOCS.rglob('*') if file.is_file()) < 1.5e6


def test_the_page_of_figures_is_made_of_its_json(make_figures, found):
    assert (DOCS / 'figures.md').read_text() == make_figures.page(found)


def test_a_page_of_nothing(make_figures):
    assert '0 of 0 aims are reached' in make_figures.page({})
    with pytest.raises(ValueError):
        make_figures.with_table('no marks', {})


def test_the_readme_says_what_was_measured(make_figures, found):
    readme = make_figures.README.read_text()
    assert make_figures.with_table(readme, found) == readme


def test_the_readme_shows_ten_figures_of_the_registry(make_figures):
    table = make_figures.README.read_text().split(make_figures.BEGIN)[1].split(make_figures.END)[0]
    rows = [line.split(' | ')[0].removeprefix('| ') for line in table.splitlines() if line.startswith('| ')]
    declared = {
        f'{figure.what}, {own.label}' if own.label else figure.what: figure.in_readme
        for own in MEASUREMENTS
        for figure in own.figures
    }
    assert [declared[row] for row in rows[2:]] == [True] * 10


@pytest.mark.parametrize('measurement', MEASUREMENTS, ids=lambda own: own.name)
def test_every_figure_is_in_the_kept_json(measurement, found):
    told = [own.figure.name for own in measured(measurement, found[measurement.name])]
    assert told == [figure.name for figure in measurement.figures if figure is not OWN_IMAGES]


def test_no_kept_json_is_without_a_measurement():
    assert {file.stem for file in (DOCS / 'figures').glob('*.json')} <= {own.name for own in MEASUREMENTS}


@pytest.mark.parametrize('measurement', MEASUREMENTS, ids=lambda own: own.name)
def test_a_label_names_as_many_scans_as_were_made(measurement, found):
    if 'scans' in measurement.label:
        assert measurement.label.split()[0] == str(found[measurement.name]['total'])
        assert ('hard' in measurement.label) is (found[measurement.name]['hardness'] == 1.0)


@pytest.mark.parametrize('measurement', MEASUREMENTS, ids=lambda own: own.name)
def test_every_command_is_there_with_its_options(measurement):
    program, *words = shlex.split(measurement.command)
    if program == 'weld_cell':
        assert cli._parser(words).parse_args(words).module
    else:
        source = (DOCS.parent / words[0]).read_text()
        assert all(f"'{word}'" in source for word in [*words, '--json'] if word.startswith('--'))


@pytest.mark.parametrize('words', [words for words in cli.COMMANDS if words[0] == 'evaluate'], ids=' '.join)
def test_every_evaluation_has_a_measurement(words):
    assert measurement_of(shlex.join(['weld_cell', *words]), MEASUREMENTS).conditions


def test_the_table_of_tracked_welds_is_made_of_its_json(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    maker = importlib.import_module('make_tracking_table')
    weld = {
        'curved': True,
        'drift': 'slip',
        'load': 0.3,
        'last_stage': 'done',
        'note': '',
        'tcp_speed_error_pct': 1.06,
        'tool_rms_mm': 0.301,
        'tool_worst_mm': 0.594,
        'uncorrected_rms_mm': 1.549,
        'uncorrected_worst_mm': 2.221,
        'correction_latency_ms': {'p50': 27.2, 'p99': 63.6},
    }
    stopped = dict.fromkeys(weld) | {'curved': False, 'drift': 'bend', 'load': 0.1, 'note': 'StripeLostError'}
    figures = {'arc': 0.6, 'cores': 2, 'welded': 1, 'total': 2, 'welds': {'butt 1': weld, 'filler_layer 1': stopped}}
    page = (DOCS / 'tracking.md').read_text()
    made = maker.with_welds(page, figures)
    assert '| butt (curved), slip | 0.30 (0.59) mm | 1.55 (2.22) mm | 27 (64) ms | 1.1 % |' in made
    assert '| filler_layer, bend | - (-) mm | - (-) mm | - (-) ms | - % stopped: StripeLostError |' in made
    assert '1 of 2 welds came to their end' in made and 'lap, thermal' not in made
    assert made.partition(maker.BEGIN)[0] == page.partition(maker.BEGIN)[0]
    assert made.partition(maker.END)[2] == page.partition(maker.END)[2]
    if maker.KEPT.exists():
        assert maker.with_welds(page, json.loads(maker.KEPT.read_text())) == page
