"""Two pairs of drawn parts, their templates, and a library of them, shared by the tests of this stage."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from drawn_parts import random_part  # noqa: E402
from part_pictures import template_of  # noqa: E402

from weld_cell.parts.identify import PartIdentifier  # noqa: E402


@pytest.fixture(scope='session')
def parts():
    rng = np.random.default_rng(5)
    pairs = {name: random_part(rng, 0.34) for name in 'AB'}
    return {f'{name}-{hand}': part for name, pair in pairs.items() for hand, part in zip('RL', pair, strict=True)}


@pytest.fixture(scope='session')
def templates(parts):
    rng = np.random.default_rng(6)
    return [template_of(code, part, rng) for code, part in parts.items()]


@pytest.fixture(scope='session')
def identifier(templates):
    return PartIdentifier(templates)
