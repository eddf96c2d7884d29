"""What docs/ promises is there, and its tables can be made from the evaluations' JSON."""

import importlib
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
