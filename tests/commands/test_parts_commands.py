"""`weld_cell parts add|list|check|identify`, small and real."""

import json
import shutil
from pathlib import Path

import cv2
import ezdxf
import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.part_library import load_part
from weld_cell.report.part_overlay import REFUSED_BGR
from weld_cell.sim.sheet_metal_drawing import draw_part
from weld_cell.sim.sheet_metal_random import random_part
from weld_cell.sim.shipped_parts import shipped_part

SHIPPED = Path(__file__).parents[2] / 'config' / 'parts'
SCALE = ('--mm-per-px', '0.56')


@pytest.fixture
def folder(tmp_path):
    """A folder with a photograph of A-R."""
    cv2.imwrite(str(tmp_path / 'a.png'), photo(shipped_part('A-R')))
    return tmp_path


@pytest.fixture
def parts(folder, capsys):
    """Run `weld_cell parts ...` on a library of its own: exit code, output, errors."""

    def run(*words):
        code = main(['parts', *map(str, words), '--library', str(folder / 'library')])
        return code, *capsys.readouterr()

    return run


def photo(part, angle=20.0, place=(330.0, 260.0)):
    clean = draw_part(part, angle, np.array(place), (660, 520), 1 / 0.56, 25, np.random.default_rng(1))
    noise = np.random.default_rng(2).normal(0.0, 2.0, clean.shape)
    return np.clip(cv2.GaussianBlur(clean, (0, 0), 0.7) + noise, 0, 255).astype(np.uint8)


def test_no_library_yet(parts):
    code, _, err = parts('list')
    assert code == 1 and 'no such folder' in err and 'Remedy' in err


def test_add_by_photo_then_list(folder, parts):
    picture = folder / 'pictures' / 'A-R.png'
    code, out, _ = parts('add', 'A-R', '--photo', folder / 'a.png', *SCALE, '--axis', 20, '--picture', picture)
    assert code == 0 and 'A-R: ' in out
    assert cv2.imread(str(picture)).shape == (592, 660, 3)
    part = load_part(folder / 'library' / 'A-R')
    assert part.area_mm2 == pytest.approx(shipped_part('A-R').area_mm2, rel=2e-3)
    assert part.axis_deg == 20.0
    code, out, _ = parts('list')
    assert code == 0 and out.splitlines()[1].startswith('A-R ')


def test_a_photo_of_sixteen_bits_gives_the_same_part(folder, parts):
    deep = cv2.imread(str(folder / 'a.png'), 0).astype(np.uint16) << 8
    cv2.imwrite(str(folder / 'deep.png'), deep)
    parts('add', 'A-R', '--photo', folder / 'a.png', *SCALE)
    code, _, _ = parts('add', 'D-R', '--photo', folder / 'deep.png', *SCALE)
    given, deep = (load_part(folder / 'library' / name) for name in ('A-R', 'D-R'))
    assert code == 0 and given.pixels.shape == deep.pixels.shape
    assert np.abs(given.pixels.astype(int) - deep.pixels).max() <= 1


def test_origin_and_axis_in_the_photo(folder, parts):
    parts('add', 'A-R', '--photo', folder / 'a.png', *SCALE, '--origin', 330, 260, '--axis', 200)
    part = load_part(folder / 'library' / 'A-R')
    assert part.axis_deg == -160.0
    u, v = part.origin_px
    pixels = cv2.imread(str(folder / 'a.png'), 0)
    height, width = part.pixels.shape
    np.testing.assert_array_equal(part.pixels, pixels[round(260 - v) :, round(330 - u) :][:height, :width])


def test_add_by_drawing(folder, parts):
    part, _ = random_part(np.random.default_rng(3), 0.3, 100.0)
    document = ezdxf.new(units=1)
    for curve in (part.outline, *part.cutouts):
        document.modelspace().add_lwpolyline(curve.vertices / [25.4, 25.4, 1.0], format='xyb', close=True)
    document.saveas(folder / 'p.dxf')
    code, _, _ = parts('add', 'P', '--dxf', folder / 'p.dxf', '--px-per-mm', 3, '--picture', folder / 'p.png')
    assert code == 0
    added = load_part(folder / 'library' / 'P')
    assert added.area_mm2 == pytest.approx(part.area_mm2, rel=1e-3)
    assert (added.mm_per_px, added.pixels.max(), added.pixels.min()) == (pytest.approx(1 / 3), 178, 0)


@pytest.mark.parametrize(
    ('words', 'exit_code', 'message'),
    [
        (('--photo', 'a.png'), 2, '--mm-per-px: --photo needs a number above 0, got None'),
        (('--photo', 'a.png', '--mm-per-px', '-1'), 2, '--mm-per-px: --photo needs'),
        (('--photo', 'a.png', *SCALE, '--layer', '0'), 2, '--layer: not with --photo'),
        (('--photo', 'a.png', *SCALE, '--box', '600', '0', '100', '100'), 2, '--box: expected a box'),
        (('--photo', 'a.png', *SCALE, '--box', '0', '0', '300', '300'), 1, 'The image border cuts off the part'),
        (('--photo', 'none.png', *SCALE), 1, 'none.png: no such file'),
        (('--photo', '.', *SCALE), 1, 'a folder, not an image'),
        (('--photo', 'tiny.png', *SCALE), 1, 'The photograph has 3 x 2 px; 16 are needed'),
        (('--photo', 'a.png', *SCALE, '--axis', 'nan'), 2, '--axis: expected finite numbers'),
        (('--photo', 'a.png', *SCALE, '--origin', 'inf', '0'), 2, '--origin: expected finite numbers'),
        (('--photo', 'two.png', *SCALE), 1, '2 objects of similar size'),
        (('--photo', 'a.png', *SCALE, '--thickness-mm', '0'), 2, '--thickness-mm: expected 0.05 to 200, got 0'),
        (('--photo', 'a.png', *SCALE, '--picture', 'a.png/b.png'), 1, 'the picture cannot be written'),
        (('--photo', 'a.png', *SCALE, '--picture', 'out.xyz'), 1, 'the picture cannot be written'),
        (('--dxf', 'none.dxf', '--px-per-mm', '2'), 1, 'none.dxf: cannot be read'),
        (('--dxf', 'none.dxf'), 2, '--px-per-mm: --dxf needs'),
        (('--dxf', 'none.dxf', '--px-per-mm', '2', '--axis', '3', '--box', *'1234'), 2, '--box and --axis: not with'),
        (('--dxf', 'open.dxf', '--px-per-mm', '2'), 1, 'open at 2 ends'),
        (('--dxf', 'bare.dxf', '--px-per-mm', '2'), 1, 'has no unit'),
        (('--dxf', 'bare.dxf', '--px-per-mm', '2', '--units', 'mm', '--grey', '300'), 2, '--grey: expected 0 to 255'),
        (('--dxf', 'bare.dxf', '--px-per-mm', '9', '--units', 'mm', '--grey', '9'), 2, 'expected 15 or more apart'),
    ],
)
def test_what_cannot_be_added_is_named_and_nothing_is_written(folder, parts, monkeypatch, words, exit_code, message):
    monkeypatch.chdir(folder)
    cv2.imwrite('tiny.png', np.zeros((2, 3), np.uint8))
    cv2.imwrite('two.png', np.hstack([cv2.imread('a.png', 0)] * 2))
    for name, units, ends in (('open', 4, [(0, 0), (9, 0), (9, 9)]), ('bare', 0, [(0, 0), (9, 0), (9, 9), (0, 0)])):
        document = ezdxf.new(units=units)
        document.modelspace().add_lwpolyline(ends)
        document.saveas(f'{name}.dxf')
    code, _, err = parts('add', 'A-R', *words)
    assert code == exit_code and message in err
    assert not list(folder.glob('library/*'))


def test_a_photo_in_colour_and_a_part_twice(folder, parts):
    cv2.imwrite(str(folder / 'colour.png'), cv2.cvtColor(photo(shipped_part('A-R')), cv2.COLOR_GRAY2BGR))
    words = ('add', 'A-R', '--photo', folder / 'colour.png', *SCALE)
    assert parts(*words)[0] == 0
    code, _, err = parts(*words)
    assert code == 1 and 'there is a part A-R already' in err
    assert parts(*words, '--replace')[0] == 0


def test_a_damaged_part_is_named_and_the_others_are_listed(folder, parts):
    shutil.copytree(SHIPPED, folder / 'library')
    (folder / 'library' / 'A-R' / 'part.yaml').write_text('code: A-R\n')
    code, out, err = parts('list')
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()] == ['code', 'A-L', 'B-L', 'B-R']
    assert 'A-R/part.yaml' in err


def test_check_names_pairs_and_draws_them(folder, parts):
    for code in ('A-R', 'A-L'):
        shutil.copytree(SHIPPED / code, folder / 'library' / code)
    code, out, err = parts('check', '--pictures', folder / 'pairs', '--json', folder / 'made' / 'pairs.json')
    assert code == 0 and '3/3' not in out and '4/4' in err  # the progress
    assert 'A-L and A-R are a mirrored pair.' in out and 'All parts can be told apart.' in out
    assert [file.name for file in (folder / 'pairs').iterdir()] == ['A-L_A-R.png']
    figures = json.loads((folder / 'made' / 'pairs.json').read_text())
    pair = next(f for f in figures if f['part'] != f['other'] and not f['mirrored'])
    assert pair['differing_pct'] == pytest.approx(0.34, abs=0.06) and pair['verdict'] == 'close'


def test_check_names_a_symmetric_pair(folder, parts):
    right, left = random_part(np.random.default_rng(6), 0.0)
    for name, part, angle in (('S-R', right, 10.0), ('S-L', left, 100.0)):
        cv2.imwrite(str(folder / f'{name}.png'), photo(part, angle))
        assert parts('add', name, '--photo', folder / f'{name}.png', *SCALE)[0] == 0
    code, out, _ = parts('check')
    assert code == 1 and 'cannot be told apart' in out
    assert 'S-R is its own mirror image: it has no hand.' in out
    assert 'S-L and S-R are a symmetric pair: one part under two codes.' in out


def test_identify(folder, parts):
    for code in ('A-R', 'A-L'):
        shutil.copytree(SHIPPED / code, folder / 'library' / code)
    (folder / 'bad.png').write_bytes(b'no image')
    files = [folder / 'a.png', folder / 'bad.png']
    code, out, err = parts('identify', *files, '--json', folder / 'found.json', '--overlay', folder / 'overlays')
    assert (
        code == 1
        and err.count('bad.png: cannot be read') == 1
        and err.count('bad.png') == 1
        and 'a.png: A-R at (' in out
    )
    good, bad = json.loads((folder / 'found.json').read_text())
    assert good['parts'][0]['code'] == 'A-R' and bad['trouble'] and bad['parts'] == []
    np.testing.assert_allclose(good['parts'][0]['origin_px'], [330.0, 260.0], atol=0.3)
    assert good['parts'][0]['axis_deg'] == pytest.approx(20.0, abs=0.1)
    assert cv2.imread(str(folder / 'overlays' / 'a.png')).shape == (520, 660, 3)


def test_identify_takes_the_settings_of_the_cell(folder, parts):
    """A library of one hand refuses its mirror image; where the part has none, the settings say so."""
    parts('add', 'A-R', '--photo', folder / 'a.png', *SCALE)
    cv2.imwrite(str(folder / 'mirrored.png'), cv2.imread(str(folder / 'a.png'), 0)[:, ::-1])
    code, out, errors = parts('identify', folder / 'mirrored.png')
    assert code == 1 and 'parts.other_hand: false' in out + errors
    (folder / 'mine.yaml').write_text('/**:\n  ros__parameters:\n    parts: {other_hand: false}\n')
    _, out, errors = parts('identify', folder / 'mirrored.png', '--settings', folder / 'mine.yaml')
    assert 'parts.other_hand' not in out + errors


def test_identify_draws_and_says_what_it_does_not_know(folder, parts):
    shutil.copytree(SHIPPED / 'B-R', folder / 'library' / 'B-R')
    code, _, err = parts(
        'identify', folder / 'a.png', '--json', folder / 'found.json', '--overlay', folder / 'overlays'
    )
    assert code == 1 and 'a.png: What lies at (' in err
    (found,) = json.loads((folder / 'found.json').read_text())
    assert found['parts'] == [] and 'Remedy' in found['trouble']
    drawn = cv2.imread(str(folder / 'overlays' / 'a.png'))
    assert (drawn == REFUSED_BGR).all(axis=2).sum() > 50
