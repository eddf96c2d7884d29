"""Many bags of the area camera: plates and spot welds on the farm, and two banks compared."""

import json
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from farm_bags import content

from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.paths import config_file
from weld_cell.sim.area_layouts import area_cell_scene, plates_under

sys.path.insert(0, str(Path(__file__).parents[1] / 'spot_weld'))
from spot_weld_pictures import as_pixels, panel, sheet

pytest.importorskip('distributed')

CENTRES = [(60.0, 60.0), (160.3, 61.7), (259.0, 59.5), (60.8, 170.2), (160.0, 171.0), (258.5, 170.4)]
SEED = 6


def record(folder, images):
    folder.mkdir(parents=True)
    files = [folder.parent / f'{folder.name}_{number}.png' for number in range(len(images))]
    for file, image in zip(files, images, strict=True):
        cv2.imwrite(str(file), image)
    mako = load_rig(str(config_file('rig.yaml'))).mako
    words = {'topic': 'mako/image_raw', 'frame': mako.frame, 'rate_hz': 2.0, 'camera': mako.camera}
    list(images_to_bag(files, folder / 'bag', **words))


@pytest.fixture(scope='module')
def panels(tmp_path_factory):
    """Bags of good welds, of a panel with a burnt weld and of a bare sheet; settings for them."""
    folder, burnt = tmp_path_factory.mktemp('panels'), panel(CENTRES, seed=9)
    burnt[166:177, 155:166] = 10.0
    for name, image in {'good': panel(CENTRES, seed=8), 'burnt': burnt, 'bare': sheet((240, 320))}.items():
        record(folder / name, [as_pixels(image)])
    settings = folder / 'cell.yaml'
    settings.write_text('/**: {ros__parameters: {spot_weld: {finder: classical, millimetres: false}}}')
    return folder, settings


@pytest.fixture(scope='module')
def banks(tmp_path_factory):
    """Of three photos of good welds, and of one more."""
    folder = tmp_path_factory.mktemp('banks')
    good = [panel(CENTRES, seed=seed) * (0.8 + 0.1 * seed) for seed in range(4)]
    sets = {'old': good[:3], 'new': good}
    for name, images in sets.items():
        (folder / name).mkdir()
        for number, image in enumerate(images):
            cv2.imwrite(str(folder / name / f'{number}.png'), as_pixels(image))
        words = ['--vectors', '500', '--finder', 'classical', '--accept-odd', '--out', str(folder / f'{name}.npz')]
        assert main(['spot-weld', 'bank', str(folder / name), *words]) == 0
    return folder


def test_spot_welds_of_many_bags(cluster, panels, banks, tmp_path):
    folder, settings = panels
    words = ['--spot-weld', '--settings', str(settings), '--bank', str(banks / 'new.npz'), '--part', 'A7']
    farm = [*words, '--out', str(tmp_path / 'farm'), '--scheduler', cluster.scheduler_address]
    assert main(['replay', str(folder), *farm]) == 4
    rows = {Path(row['address']).parent.name: row for row in _rows(tmp_path / 'farm')}
    assert {name: row['verdict'] for name, row in rows.items()} == {
        'good': 'found',
        'burnt': 'found',
        'bare': 'no path',
    }
    assert json.loads(rows['burnt']['image_errors'])['defective welds'] == 1
    assert main(['replay', str(folder / 'burnt' / 'bag'), *words, '--out', str(tmp_path / 'one')]) == 0
    assert content(tmp_path / 'farm' / rows['burnt']['result']) == content(tmp_path / 'one')


def test_two_banks_differ_where_a_weld_is_judged_otherwise(cluster, panels, banks, tmp_path):
    folder, settings = panels

    def compare(a, b):
        words = [
            '--spot-weld',
            '--settings',
            settings,
            '--out',
            tmp_path / b,
            '--scheduler',
            cluster.scheduler_address,
        ]
        code = main(['compare', *map(str, [banks / f'{a}.npz', banks / f'{b}.npz', folder, *words])])
        return code, json.loads((tmp_path / b / 'comparison.json').read_text())

    code, told = compare('old', 'new')
    assert (code, told['bags'], told['counts']) == (1, 3, {'weld judged otherwise': 2})
    assert len(list((tmp_path / 'new' / 'pictures').glob('*.png'))) == 2


def test_plates_of_many_bags(cluster, tmp_path):
    rig = load_rig(str(config_file('rig.yaml')))
    scene, layout = area_cell_scene('plates', SEED, rig), plates_under(SEED, rig)
    image = scene.image(np.random.default_rng(0))
    record(tmp_path / 'bags' / 'plates', [image])
    record(tmp_path / 'bags' / 'empty', [np.full_like(image, 60)])
    settings, box = tmp_path / 'cell.yaml', layout.truth.box_px(scene).round(1).tolist()
    shipped = config_file('cell.yaml').read_text()
    settings.write_text(re.sub(r'locate: .*', f'locate: box\n      box_xyxy: {box}', shipped))
    words = ['--plate', '--settings', str(settings), '--out', str(tmp_path / 'out')]
    assert main(['replay', str(tmp_path / 'bags'), *words, '--scheduler', cluster.scheduler_address]) == 4
    rows = {Path(row['address']).parent.name: row for row in _rows(tmp_path / 'out')}
    assert {name: row['verdict'] for name, row in rows.items()} == {'plates': 'found', 'empty': 'no path'}
    assert (tmp_path / 'out' / 'index.html').exists()
    single = ['--plate', '--settings', str(settings), '--out', str(tmp_path / 'one')]
    assert main(['replay', str(tmp_path / 'bags' / 'plates' / 'bag'), *single]) == 0
    assert content(tmp_path / 'out' / rows['plates']['result']) == content(tmp_path / 'one')


def _rows(out):
    return [json.loads(file.read_text())['row'] for file in (out / 'rows').iterdir()]
