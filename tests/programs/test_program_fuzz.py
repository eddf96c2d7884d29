"""Damaged programs: cut, with lines twice, swapped or missing, with odd characters; read, or refused by name."""

import numpy as np
import pytest
from program_parts import GOLDEN, GOLDEN_SETTINGS

from weld_cell.errors import RobotProgramError
from weld_cell.programs.languages import ENDINGS, read_text

FILES = ('rib_2.mod', 'rib_2.src', 'RIB_2.JBI', 'rib_2.ls', 'rib_2.script')
ODD = list('[](){};:,="\'!#\\*0-.eE \t') + ['nan', '1e999', 'ü', '\r\n', '//', '9' * 400]


def damaged(text, rng):
    for _ in range(int(rng.integers(1, 5))):
        lines = text.splitlines(keepends=True) or ['']
        k, where = int(rng.integers(len(lines))), int(rng.integers(len(text) + 1))
        choices = [
            text[:where],
            ''.join([*lines[:k], *lines[k + 1 :]]),
            ''.join([*lines[: k + 1], *lines[k:]]),
            text[:where] + ODD[int(rng.integers(len(ODD)))] + text[where:],
            text[:where] + text[where + int(rng.integers(1, 9)) :],
        ]
        text = choices[int(rng.integers(len(choices)))]
    return text


@pytest.mark.parametrize('name', FILES)
def test_a_damaged_program_is_read_or_refused_by_name(name):
    rng = np.random.default_rng(5)
    language = ENDINGS[name[name.index('.') :].lower()]
    texts = {name: (GOLDEN / name).read_text()}
    if name == 'rib_2.src':
        texts['rib_2.dat'] = (GOLDEN / 'rib_2.dat').read_text()
    refused = 0
    for _ in range(150):
        try:
            taught = read_text(language, {key: damaged(text, rng) for key, text in texts.items()}, GOLDEN_SETTINGS)
            poses = [move.target.pose for move in taught.moves if move.target.pose is not None]
            assert np.isfinite(poses).all()
        except RobotProgramError as error:
            refused += name[:5].lower() in str(error).lower()
    assert refused > 10
