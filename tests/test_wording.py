"""Counts and numbers in messages for people."""

import ast
import re
from pathlib import Path

import pytest

from weld_cell.wording import counted, signed, unsigned_zero

SOURCE = Path(__file__).parents[1] / 'src' / 'weld_cell'
THINGS = 'image|bag|point|weld|record|view|photo|part|seam|move|pose|message|pointing|stripe|place|time'
COUNT = re.compile(rf'^ ({THINGS})s\b')
NOT_ONE = ('evaluation/', 'joint_type/report', 'joint_type/training', 'commands/train_', 'sim/')
"""Files whose counts stand in tables of many, or in cards of models."""
MANY = {'len(normals)', 'len(entries)', 'len(pixels)', 'len(times)', 'message.height', "values['rate_hz']"}
MANY |= {"speed['general']", 'self.at_a_time', 'name', 'weld.verdict', 'number', "figures['images']['detection']"}
"""What is never 1 where a message has it, or is no count."""


@pytest.mark.parametrize(('number', 'said'), [(0, '0 images'), (1, '1 image'), (2, '2 images'), (-1, '-1 images')])
def test_a_count_agrees_with_its_thing(number, said):
    assert counted(number, 'image') == said


@pytest.mark.parametrize(
    ('value', 'with_sign', 'without'),
    [
        (0.0, '0.00', '0.00'),
        (-0.001, '0.00', '0.00'),
        (0.004, '0.00', '0.00'),
        (-1.5, '-1.50', '-1.50'),
        (2, '+2.00', '2.00'),
    ],
)
def test_nothing_has_no_sign(value, with_sign, without):
    assert (signed(value, 2), unsigned_zero(value, 2)) == (with_sign, without)


def plural_counts(path):
    """Lines of a file in which a number of len(...) or the like stands before a plural that does not yield to 1."""
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, word in zip(node.values, node.values[1:], strict=False):
            counts = isinstance(number, ast.FormattedValue) and number.format_spec is None
            if counts and isinstance(word, ast.Constant) and COUNT.match(str(word.value)):
                written = ast.unparse(number.value)
                before = [
                    each.value for each in node.values[: node.values.index(number)] if isinstance(each, ast.Constant)
                ]
                of = before and re.search(r'\b(of|in|the)( the)? $', before[-1])
                if not (of or written.isupper() or written in MANY):
                    yield f'{path.relative_to(SOURCE)}:{node.lineno}: {written}{word.value[:20]!r}'


def test_no_message_says_1_images():
    files = [path for path in SOURCE.rglob('*.py') if not str(path.relative_to(SOURCE)).startswith(NOT_ONE)]
    assert not [line for path in files for line in plural_counts(path)]
