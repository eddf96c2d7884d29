"""The shipped part library is what its command draws, and its seams lie on metal."""

from pathlib import Path

import numpy as np
import pytest

from weld_cell.part_library import load_library
from weld_cell.sim.sheet_metal_drawing import as_sheet
from weld_cell.sim.shipped_parts import main, shipped_codes, shipped_part

SHIPPED = Path(__file__).parents[2] / 'config' / 'parts'


@pytest.mark.parametrize('code', ['', 'A', 'A-X', 'C-R'])
def test_no_such_part(code):
    with pytest.raises(ValueError, match='expected one of A-R, A-L'):
        shipped_part(code)


@pytest.mark.parametrize('arguments', [[], ['a', 'b']])
def test_wrong_usage(arguments, capsys):
    assert main(arguments) == 2
    assert 'Usage' in capsys.readouterr().err


def test_the_library_is_what_its_command_draws(tmp_path):
    assert main([str(tmp_path)]) == 0
    drawn, shipped = load_library(tmp_path), load_library(SHIPPED)
    assert shipped.faults == () and [p.code for p in shipped.parts] == sorted(shipped_codes())
    for new, kept in zip(drawn.parts, shipped.parts, strict=True):
        assert (tmp_path / new.code / 'part.yaml').read_text() == (SHIPPED / new.code / 'part.yaml').read_text()
        assert np.abs(new.pixels.astype(int) - kept.pixels).max() <= 1
        assert np.abs(new.cover.astype(int) - kept.cover).max() <= 1


def test_the_library_is_small():
    assert sum(file.stat().st_size for file in SHIPPED.rglob('*') if file.is_file()) < 60_000


@pytest.mark.parametrize('code', shipped_codes())
def test_a_seam_has_flat_metal_on_both_sides(code):
    """Read from the library, looked for in the sheet that the simulated camera sees."""
    part = next(part for part in load_library(SHIPPED).parts if part.code == code)
    sheet = as_sheet(shipped_part(code), 2.0, np.random.default_rng(0))
    (seam,) = part.job
    assert np.linalg.norm(seam.end_m - seam.start_m) > 0.1
    along = np.linspace(seam.start_m, seam.end_m, 200)[:, :2]
    for side in (-0.008, 0.0, 0.008):
        texels = sheet.origin_texel + 2000.0 * (along + [0.0, side]) * [1.0, -1.0]
        columns, rows = np.round(texels).astype(int).T
        assert (sheet.cover[rows, columns] > 0.999).all() and (sheet.slope[rows, columns] == 0.0).all()
