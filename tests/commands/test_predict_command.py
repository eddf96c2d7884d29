"""weld_cell predict over a folder: what it says is in the image, and one bad file costs only itself."""

import csv
import json

import cv2
import numpy as np
import pytest

from weld_cell.cli import main


@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('stripes')
    assert main(['sim', 'export', 'stripes', str(folder), '--images', '8', '--seed', '9', '--split', 'test']) == 0
    return folder


def rows_of(out):
    with open(out / 'predictions.csv', newline='') as stream:
        return {row['image']: row for row in csv.DictReader(stream)}


def test_an_empty_folder_is_named(tmp_path, capsys):
    assert main(['predict', str(tmp_path), '--out', str(tmp_path / 'out')]) == 1
    assert 'No images in' in capsys.readouterr().err


def test_types_and_seam_points_are_those_of_the_labels(photos, tmp_path, capsys):
    assert main(['predict', str(photos / 'v'), '--out', str(tmp_path), '--overlays']) == 0
    assert 'joint type: v' in capsys.readouterr().out
    rows = rows_of(tmp_path)
    labels = [json.loads(line) for line in (photos / 'labels.jsonl').read_text().splitlines()]
    truth = {label['image'].split('/')[1]: label for label in labels if label['joint_type'] == 'v'}
    assert rows.keys() == truth.keys()
    assert all(row['joint_type'] == 'v' for row in rows.values())
    found = {name: row for name, row in rows.items() if row['seam_u_px']}
    assert len(found) >= 7
    away = [
        np.hypot(
            float(row['seam_u_px']) - truth[name]['seam_px'][0], float(row['seam_v_px']) - truth[name]['seam_px'][1]
        )
        for name, row in found.items()
    ]
    assert np.median(away) < 1.0
    overlay = cv2.imread(str(tmp_path / 'overlays' / '00000.png'))
    assert (overlay.max(axis=2) != overlay.min(axis=2)).sum() > 200, 'what was seen is drawn in colour'


def test_a_file_that_is_no_image_and_another_size_cost_only_themselves(photos, tmp_path, capsys):
    folder = tmp_path / 'mixed'
    folder.mkdir()
    for source in sorted((photos / 'butt').glob('*.png')):
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / '00001.png').write_bytes((folder / '00001.png').read_bytes()[:40])
    small = cv2.resize(cv2.imread(str(folder / '00002.png'), cv2.IMREAD_UNCHANGED), (320, 240))
    cv2.imwrite(str(folder / '00002.png'), small)
    assert main(['predict', str(folder), '--out', str(tmp_path / 'out')]) == 1
    assert '00001.png: the file is cut' in capsys.readouterr().err
    rows = rows_of(tmp_path / 'out')
    assert len(rows) == 7 and '00001.png' not in rows
    assert rows['00002.png']['seam_u_px'] == '' and '320 x 240' in rows['00002.png']['error']
    assert sum(bool(row['seam_u_px']) for row in rows.values()) >= 4


def test_files_and_folders_with_images_of_one_name(photos, tmp_path, capsys):
    named = [photos / kind / '00000.png' for kind in ('v', 'fillet')]
    words = ['predict', *map(str, named), str(photos / 'v'), '--out', str(tmp_path), '--overlays']
    assert main(words) == 0
    assert capsys.readouterr().out.startswith('10 images; joint type: v')
    assert {str(path) for path in named} < rows_of(tmp_path).keys()
    assert len(list((tmp_path / 'overlays').glob('*.png'))) == 10


def test_the_exit_code_says_what_failed(photos, tmp_path, capsys):
    black, small = tmp_path / 'black.png', tmp_path / 'small.png'
    cv2.imwrite(str(black), np.zeros((480, 640), np.uint8))
    assert main(['predict', str(black), '--out', str(tmp_path / 'out')]) == 3
    assert capsys.readouterr().out.startswith('1 image; ')
    image = cv2.imread(str(photos / 'v' / '00000.png'), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(small), cv2.resize(image, None, fx=0.9, fy=0.9))
    assert main(['predict', *[str(small)] * 30, '--out', str(tmp_path / 'out')]) == 4
    assert main(['predict', str(black), str(tmp_path / 'none.png'), '--out', str(tmp_path / 'out')]) == 1
    assert 'none.png: no such file' in capsys.readouterr().err
