"""Drawn parts, templates cut from pictures of them, and a library of two pairs, shared by the tests of this stage."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from drawn_parts import PX_PER_MM, SIZE_PX, draw_part, random_part  # noqa: E402

from weld_cell.parts import PartIdentifier, cut_template  # noqa: E402

MIDDLE = (728.0, 544.0)
BACKGROUND = 8


def drawn(part, angle_deg, centre_px, rng, background=BACKGROUND):
    return draw_part(part, angle_deg, centre_px, SIZE_PX, PX_PER_MM, background, rng)


def template_of(code, part, rng):
    return cut_template(drawn(part, 0.0, MIDDLE, rng), code, 1.0 / PX_PER_MM, (550, 550))


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
