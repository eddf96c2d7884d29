"""Settings are checked when made; files are refused with file, line and key."""

import gc
from dataclasses import dataclass

import pytest

from weld_cell.config import Settings, bounded, choice, load_yaml, numbers, require_key, settings_from_mapping, switch
from weld_cell.errors import ConfigurationError


@dataclass(frozen=True)
class Example(Settings):
    length: float = bounded(2.0, 0.0, 10.0, 'mm', 'a length')
    count: int = bounded(3, 1, 5, '', 'a count')
    method: str = choice('fast', ('fast', 'good'), 'a word')
    armed: bool = switch(False, 'a switch')
    row: tuple[float, ...] = numbers((1.0, 2.0), 'm', 'a row')


@pytest.mark.parametrize(
    ('values', 'said'),
    [
        ({'method': ''}, 'method: expected one of fast, good'),
        ({'length': 10.5}, 'length: expected 0.0 to 10.0 mm, got 10.5'),
        ({'length': 'long'}, 'length: expected float'),
        ({'count': 0}, 'count: expected 1 to 5'),
        ({'count': 2.0}, 'count: expected int'),
        ({'count': True}, 'count: expected int'),
        ({'armed': 1}, 'armed: expected bool'),
        ({'row': (1.0,)}, 'row: expected 2 numbers, got 1'),
        ({'row': 'ab'}, 'row: expected a row of numbers'),
        ({'length': float('nan')}, 'length: expected 0.0 to 10.0'),
    ],
)
def test_refused(values, said):
    with pytest.raises(ValueError, match=said):
        Example(**values)


def test_whole_numbers_pass_for_floats():
    assert Example(length=3).length == 3.0
    assert isinstance(Example(length=3).length, float)
    assert Example(row=[3, 4]).row == (3.0, 4.0)


def test_mapping_names_file_and_key():
    assert settings_from_mapping(Example, {'count': 4}, 'cell.yaml: example') == Example(count=4)
    with pytest.raises(ConfigurationError, match='cell.yaml: example: unknown key "lenght"'):
        settings_from_mapping(Example, {'lenght': 4}, 'cell.yaml: example')
    with pytest.raises(ConfigurationError, match='cell.yaml: example: count'):
        settings_from_mapping(Example, {'count': 9}, 'cell.yaml: example')


@pytest.fixture
def no_collection():
    """Garbage of earlier tests is not collected meanwhile: at the end of a recursion no finaliser can run."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures('no_collection')
@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('', 'expected a mapping at the top'),
        ('- 1\n- 2\n', 'expected a mapping at the top'),
        ('a: 1\nb: [1, 2\n', 'line 3 malformed YAML'),
        ('a: 1\n\tb: 2\n', 'line 2 malformed YAML'),
        ('a: 1\ndate: 2026-13-01\n', 'malformed YAML .month must be in 1..12'),
        ('a: 1\n[b, c]: 2\n', 'line 2 malformed YAML .a key that is no word'),
        ('a: ' + 2000 * '[', 'malformed YAML'),
        ('a: 1\nb: {c: 1, c: 2}\n', 'line 2 malformed YAML .key "c" twice'),
    ],
)
def test_yaml_refused(tmp_path, text, said):
    path = tmp_path / 'broken.yaml'
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as refused:
        load_yaml(str(path))
    assert str(path) in str(refused.value)


def test_yaml_missing(tmp_path):
    with pytest.raises(ConfigurationError, match='cannot be read'):
        load_yaml(str(tmp_path / 'nowhere.yaml'))


def test_yaml_knows_lines(tmp_path):
    path = tmp_path / 'good.yaml'
    path.write_text('# comment\na: 1\nb:\n  c: 2\n')
    content = load_yaml(str(path))
    assert (content.lines['a'], content.lines['b'], content['b'].lines['c']) == (2, 3, 4)
    with pytest.raises(ConfigurationError, match='key "d" is missing'):
        require_key(content, 'd', str(path))


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('length: 2.0\nlenght: 3.0\n', 'line 2: unknown key "lenght"'),
        ('count: 3\ncount_: 1\n', 'line 2: unknown key'),
        ('length: 2.0\ncount: nine\n', 'line 2: count: expected int'),
    ],
)
def test_mapping_of_a_file_names_the_line(tmp_path, text, said):
    path = tmp_path / 'some.yaml'
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=f'here: {said}'):
        settings_from_mapping(Example, load_yaml(str(path)), 'here')
