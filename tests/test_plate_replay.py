"""`weld_cell replay` over bags of the area camera: the seam between plates, offline."""

import csv
import re

import cv2
import numpy as np
import pytest

from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.paths import config_file
from weld_cell.plate_replay import replay_plates
from weld_cell.report.plate_replay_files import PATHS_FILE, SEAMS_FILE, write_plate_files
from weld_cell.report.run_summary import distances_to_polyline
from weld_cell.settings import PlateSeamStationSettings, load_plate_settings
from weld_cell.sim.area_layouts import area_cell_scene, plates_under

SEED = 6
MAKO = load_rig(str(config_file('rig.yaml'))).mako


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    """A bag of two images of plates, one of an empty table and one of half the size; settings with their region."""
    folder, rig = tmp_path_factory.mktemp('plates'), load_rig(str(config_file('rig.yaml')))
    scene, layout = area_cell_scene('plates', SEED, rig), plates_under(SEED, rig)
    pictures = [scene.image(np.random.default_rng(number)) for number in range(2)]
    pictures += [np.full_like(pictures[0], 60), np.zeros((544, 728), np.uint8)]
    files = [folder / f'{number}.png' for number in range(4)]
    for file, pixels in zip(files, pictures, strict=True):
        cv2.imwrite(str(file), pixels)
    bag = folder / 'bag'
    words = {'topic': 'mako/image_raw', 'frame': MAKO.frame, 'rate_hz': 2.0, 'camera': MAKO.camera}
    list(images_to_bag(files, bag, **words))
    settings, box = folder / 'cell.yaml', layout.truth.box_px(scene).round(1).tolist()
    shipped = config_file('cell.yaml').read_text()
    settings.write_text(re.sub(r'locate: .*', f'locate: box\n      box_xyxy: {box}', shipped))
    return bag, settings, layout.truth


def rows(path):
    with path.open(encoding='utf-8') as stream:
        return list(csv.DictReader(stream))


def test_nothing_recorded_gives_files_without_rows(tmp_path):
    looked = replay_plates([], lambda image: MAKO.T_parent_sensor, PlateSeamStationSettings())
    assert list(write_plate_files(looked, tmp_path, overlays=True)) == []
    assert rows(tmp_path / SEAMS_FILE) == [] == rows(tmp_path / PATHS_FILE) and (tmp_path / 'index.html').exists()


def test_the_settings_of_the_node_are_read_from_its_file(recording):
    settings = load_plate_settings(recording[1])
    assert settings.plates.locate == 'box' and settings.plates.thickness_mm == 1.5
    assert load_plate_settings(config_file('cell.yaml')).work_plane.height_m == 0.2


@pytest.mark.parametrize('words', [[], ['--plate'], ['--topic', '/mako/image_raw']])
def test_a_bag_of_the_area_camera_is_searched_for_the_seam(recording, tmp_path, capsys, words):
    bag, settings, truth = recording
    assert main(['replay', str(bag), '--settings', str(settings), '--out', str(tmp_path), '--overlays', *words]) == 0
    seams, points = rows(tmp_path / SEAMS_FILE), rows(tmp_path / PATHS_FILE)
    assert [row['seams'] for row in seams] == ['1', '1', '0', '0'] and [row['number'] for row in seams[:2]] == [
        '1',
        '1',
    ]
    assert seams[2]['error'].startswith('PlateSeam') and seams[3]['error'] == 'CalibrationError'
    assert {row['stamp_ns'] for row in points} == {row['stamp_ns'] for row in seams[:2]}
    found_m = np.array([[float(row[name]) for name in ('x_m', 'y_m', 'z_m')] for row in points])
    assert 1e3 * distances_to_polyline(found_m, truth.path_m).max() < 0.3
    said = capsys.readouterr().out
    assert 'seam to weld: 2 images' in said
    assert (
        f'CalibrationError: 1 image, the first at {int(seams[3]["stamp_ns"]) / 1e9:.3f} s: {seams[3]["why"]}' in said
    )
    page = (tmp_path / 'index.html').read_text()
    assert page.count('<img') == len(list((tmp_path / 'overlays').iterdir())) == 4 and 'CalibrationError' in page


def test_the_same_bag_gives_the_same_bytes(recording, tmp_path):
    for out in ('one', 'two'):
        main(['replay', str(recording[0]), '--settings', str(recording[1]), '--out', str(tmp_path / out)])
    for name in (SEAMS_FILE, PATHS_FILE):
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()
    assert not (tmp_path / 'one' / 'overlays').exists()


def test_a_topic_that_the_bag_has_not_is_named(recording, tmp_path, capsys):
    assert main(['replay', str(recording[0]), '--topic', 'laser_sensor/image_raw', '--out', str(tmp_path)]) == 1
    assert '/mako/image_raw' in capsys.readouterr().err


def test_a_network_that_is_not_there_is_named(recording, tmp_path, capsys):
    settings = tmp_path / 'cell.yaml'
    settings.write_text('/**: {ros__parameters: {plates: {locate: network, model_file: none.onnx}}}')
    assert main(['replay', str(recording[0]), '--settings', str(settings), '--out', str(tmp_path)]) == 1
    assert 'none.onnx' in capsys.readouterr().err
