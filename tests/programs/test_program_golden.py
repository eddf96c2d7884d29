"""The golden programs, one a language: written as they stand, explained line by line in docs/robot_programs.md."""

import numpy as np
import pytest
from program_parts import GOLDEN, GOLDEN_SETTINGS, GOLDEN_WORK, golden_files, golden_program

from weld_cell.programs.languages import read_program
from weld_cell.records import ArcEvent

FILES = ('rib_2.mod', 'rib_2.src', 'rib_2.dat', 'RIB_2.JBI', 'rib_2.ls', 'rib_2.script')
DOCS = GOLDEN.parents[2] / 'docs' / 'robot_programs.md'


@pytest.mark.parametrize('name', FILES)
def test_the_golden_program_is_written(name):
    assert golden_files()[name].decode('ascii') == (GOLDEN / name).read_bytes().decode('ascii')


def test_line_ends_and_character_set_are_the_controllers():
    for name in FILES:
        content = (GOLDEN / name).read_bytes()
        content.decode('ascii')
        assert (b'\r\n' in content) is (name != 'rib_2.script') and content.count(b'\r') in (0, content.count(b'\n'))


@pytest.mark.parametrize('name', FILES)
def test_every_line_is_explained_in_the_docs(name):
    page = DOCS.read_text()
    for line in (GOLDEN / name).read_text().splitlines():
        assert line.rstrip() in page, line


@pytest.mark.parametrize('name', [name for name in FILES if name != 'rib_2.dat'])
def test_the_golden_program_says_what_was_meant(name):
    """Numbers by hand: the seam starts at (950, -100, 250) mm in the base, 80 mm on the circle of 40 mm begins."""
    taught = read_program(GOLDEN / name, GOLDEN_SETTINGS)
    assert taught.name.lower() == 'rib_2' and not taught.unread
    welds = [move for move in taught.moves if move.arc is not ArcEvent.OFF]
    assert [move.arc for move in welds] == [ArcEvent.START, ArcEvent.WELD, ArcEvent.END]
    work = np.eye(4) if name == 'rib_2.script' else GOLDEN_WORK
    start, corner, end = (work @ move.target.pose for move in welds)
    np.testing.assert_allclose(start[:3, 3], [0.95, -0.1, 0.25], atol=2e-6)
    np.testing.assert_allclose(corner[:3, 3], [0.95, -0.02, 0.25], atol=2e-6)
    np.testing.assert_allclose(end[:3, 3], [0.91, 0.02, 0.25], atol=2e-6)
    via = (work @ welds[2].via.pose)[:3, 3]
    assert np.linalg.norm(via - [0.91, -0.02, 0.25]) == pytest.approx(0.04, abs=2e-6)
    assert [move.speed_m_s for move in welds] == pytest.approx([0.05, 0.008, 0.008])
    assert len(taught.moves) == len(golden_program().moves)
