"""Photographs of flat parts become templates by `weld_cell parts add --photo`."""

from pathlib import Path

import pytest

from weld_cell.cli import main
from weld_cell.part_library import load_part

FOLDER = Path(__file__).parents[3] / 'shared' / 'data' / 'flat_parts'
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f'{FOLDER} is absent'),
]


def add(tmp_path, photo, *words):
    command = ['parts', 'add', 'P', '--photo', str(FOLDER / photo), '--mm-per-px', '1']
    return main([*command, *words, '--library', str(tmp_path), '--picture', str(tmp_path / 'P.png')])


@pytest.mark.parametrize(
    ('photo', 'box', 'size_px'),
    [
        ('clips_and_gears/Dst8.bmp', (), (176, 153)),
        ('clips_and_gears/Src8.bmp', ('0', '5', '210', '220'), (187, 186)),
    ],
)
def test_a_part_alone_becomes_a_template(tmp_path, photo, box, size_px):
    assert add(tmp_path, photo, *(('--box', *box) if box else ())) == 0
    part = load_part(tmp_path / 'P')
    assert part.size_mm == pytest.approx(size_px, abs=2)
    assert (tmp_path / 'P.png').is_file()


@pytest.mark.parametrize(
    ('photo', 'message'),
    [
        ('clips_and_gears/Src8.bmp', 'things of like size'),
        ('slotted_plate/scene_2.jpg', 'Remedy'),
        ('slotted_plate/scene_3.jpg', 'No part stands out'),
    ],
)
def test_a_photo_of_many_things_is_refused(tmp_path, capsys, photo, message):
    assert add(tmp_path, photo) == 1
    assert message in capsys.readouterr().err
