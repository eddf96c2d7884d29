"""What docs/ promises is there, and its tables can be made from the evaluations' JSON."""

import importlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from weld_cell.sim.effects import HardEffects

DOCS = Path(__file__).parents[1] / 'docs'


@pytest.fixture
def make_figures(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module('make_figures')


@pytest.fixture
def found():
    return {file.stem: json.loads(file.read_text()) for file in (DOCS / 'figures').glob('*.json')}


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
    assert (DOCS / 'figures.md').read_text() == make_figures._page(found)


def test_each_figure_names_a_command_and_has_a_table(make_figures):
    assert set(make_figures.SECTIONS) == set(make_figures.COMMANDS)
    assert 'Figures' in make_figures._page({})


def test_the_readme_says_what_was_measured(make_figures, found):
    readme = make_figures.README.read_text()
    assert make_figures.with_table(readme, found, make_figures.COMMANDS) == readme
