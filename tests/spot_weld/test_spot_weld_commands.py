"""`weld_cell spot-weld bank|inspect`, and `replay --spot-weld`: files in, files out, and what they refuse."""

import csv
import hashlib
import json

import cv2
import numpy as np
import pytest
from spot_weld_pictures import as_pixels, panel, sheet, with_weld

from weld_cell import __version__
from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.paths import config_file, model_file
from weld_cell.spot_weld.bank import load_bank

CENTRES = [(60.0, 60.0), (160.3, 61.7), (259.0, 59.5), (60.8, 170.2), (160.0, 171.0), (258.5, 170.4)]
CLASSICAL = ['--finder', 'classical']
MAKO = load_rig(str(config_file('rig.yaml'))).mako


def write(path, image):
    cv2.imwrite(str(path), as_pixels(image))
    return path


@pytest.fixture(scope='module')
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('good')
    for seed in range(5):
        write(folder / f'good_{seed}.png', panel(CENTRES, seed=seed) * (0.8 + 0.1 * seed))
    return folder


@pytest.fixture(scope='module')
def bank(photos, tmp_path_factory):
    path = tmp_path_factory.mktemp('bank') / 'plant.npz'
    assert main(['spot-weld', 'bank', str(photos), '--out', str(path), '--vectors', '500', *CLASSICAL]) == 0
    return path


def burnt(seed=9):
    image = panel(CENTRES, seed=seed)
    image[166:177, 155:166] = 10.0
    return image


def rows(folder):
    with (folder / 'welds.csv').open(encoding='utf-8') as stream:
        return list(csv.DictReader(stream))


def test_a_bank_of_photos_has_a_card(bank, capsys):
    assert load_bank(bank).welds == 30
    assert main(['models', 'check', str(bank)]) == 0 and main(['models', 'show', str(bank)]) == 0
    assert 'weld_cell spot-weld bank' in capsys.readouterr().out


def test_the_same_photos_make_the_same_bank(bank, photos, tmp_path):
    main(['spot-weld', 'bank', str(photos), '--out', str(tmp_path / 'b.npz'), '--vectors', '500', *CLASSICAL])
    again, first = load_bank(tmp_path / 'b.npz'), load_bank(bank)
    np.testing.assert_array_equal(again.good.vectors, first.good.vectors)
    assert again.thresholds == first.thresholds


def test_one_bad_photo_is_named_and_kept_only_if_that_is_said(photos, tmp_path, capsys):
    for photo in photos.iterdir():
        (tmp_path / photo.name).write_bytes(photo.read_bytes())
    write(tmp_path / 'torn.png', burnt())
    words = ['spot-weld', 'bank', str(tmp_path), '--out', str(tmp_path / 'bank.npz'), '--vectors', '500', *CLASSICAL]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert 'torn.png' in said and 'good_1' not in said and '--accept-odd' in said
    assert not (tmp_path / 'bank.npz').exists()
    assert main([*words, '--accept-odd']) == 0


def test_photos_without_welds_and_what_is_no_photo(tmp_path, capsys):
    out = ['--out', str(tmp_path / 'bank.npz'), *CLASSICAL]
    empty = tmp_path / 'empty'
    empty.mkdir()
    assert main(['spot-weld', 'bank', str(empty), *out]) == 1
    assert 'Remedy' in capsys.readouterr().err
    write(empty / 'bare.png', sheet((200, 300)))
    assert main(['spot-weld', 'bank', str(empty), *out]) == 1
    told = capsys.readouterr()
    assert 'bare.png: no weld found' in told.out and 'No weld was found' in told.err
    (empty / 'torn.png').write_bytes(b'no image')
    assert main(['spot-weld', 'bank', str(empty), *out]) == 1
    assert 'torn.png' in capsys.readouterr().err
    assert not (tmp_path / 'bank.npz').exists()


@pytest.mark.parametrize('words', [['--false-alarms', '2'], ['--vectors', '1'], ['--diameter', '0', '5']])
def test_settings_out_of_range_are_named(photos, words, capsys):
    try:
        code = main(['spot-weld', 'bank', str(photos), *CLASSICAL, *words])
    except SystemExit as ended:  # by argparse
        code = ended.code
    assert code == 2 and 'expected' in capsys.readouterr().err


def test_good_welds_and_a_burnt_one_are_written_drawn_and_counted(bank, tmp_path, capsys):
    good, bad = write(tmp_path / 'fine.png', panel(CENTRES, seed=8)), write(tmp_path / 'burnt.png', burnt())
    words = ['spot-weld', 'inspect', '--bank', str(bank), '--part', '4711', *CLASSICAL]
    assert main([*words, str(good), str(bad), '--out', str(tmp_path / 'out')]) == 1
    assert '12 welds, 1 of them not good' in capsys.readouterr().out
    told = rows(tmp_path / 'out')
    assert [row['verdict'] for row in told if row['image'] == 'fine'] == ['good'] * 6
    (found,) = (row for row in told if row['verdict'] != 'good')
    assert found['image'] == 'burnt' and found['verdict'] == 'defective' and int(found['defects']) >= 1
    assert abs(float(found['u_px']) - 160.0) < 2.0 and abs(float(found['v_px']) - 171.0) < 2.0
    assert found['image_sha256'] == hashlib.sha256(bad.read_bytes()).hexdigest()
    assert found['bank_sha256'] == hashlib.sha256(bank.read_bytes()).hexdigest()
    assert (found['part'], found['weld_cell']) == ('4711', __version__) and found['time']
    kept = json.loads((tmp_path / 'out' / 'welds.json').read_text())
    assert [str(row['score']) for row in kept] == [row['score'] for row in told]
    page = (tmp_path / 'out' / 'index.html').read_text()
    assert page.count('<img') == 4 and '1 of 12 welds defective' in page
    assert cv2.imread(str(tmp_path / 'out' / 'burnt_welds.png')).shape == (240, 320, 3)
    assert cv2.imread(str(tmp_path / 'out' / 'burnt_gallery.png')).shape[1] > 320


def test_all_good_ends_with_0(bank, tmp_path):
    good = write(tmp_path / 'fine.png', panel(CENTRES, seed=8))
    assert (
        main(['spot-weld', 'inspect', str(good), '--bank', str(bank), '--out', str(tmp_path / 'o'), *CLASSICAL]) == 0
    )


def overexposed():
    return np.where(panel(CENTRES) > 80.0, 255.0, panel(CENTRES))


@pytest.mark.parametrize(
    ('image', 'said'),
    [
        (sheet((200, 300)), 'SpotWeldAbsentError: No spot weld in view'),
        (with_weld(sheet((240, 320)), (314.0, 120.0), 16.0), "SpotWeldCutError: The image's border cuts all 1"),
        (overexposed(), 'SpotWeldImageError: Over-exposed'),
        (cv2.GaussianBlur(panel(CENTRES), (0, 0), 3.0), 'SpotWeldImageError: Blurred: sharpness'),
    ],
    ids=['no weld', 'cut', 'over-exposed', 'blurred'],
)
def test_an_image_that_cannot_be_judged_is_named_and_kept_in_the_files(bank, tmp_path, capsys, image, said):
    write(tmp_path / 'bad.png', image)
    words = ['spot-weld', 'inspect', str(tmp_path / 'bad.png'), '--bank', str(bank), '--out', str(tmp_path / 'out')]
    assert main([*words, *CLASSICAL]) == 1
    out = capsys.readouterr().out
    assert said in out and 'Remedy: ' in out and '1 image not judged' in out
    (row,) = rows(tmp_path / 'out')
    assert row['error'] == said.partition(':')[0] and row['verdict'] == ''
    assert said.partition(':')[0] in (tmp_path / 'out' / 'index.html').read_text()


def test_folders_are_judged_and_images_of_one_name_keep_their_pictures_apart(bank, tmp_path, capsys):
    for folder, image in (('a', panel(CENTRES, seed=8)), ('b', burnt())):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / '1.png', image)
    words = [str(tmp_path / 'a'), str(tmp_path / 'b' / '1.png'), '--bank', str(bank), '--out', str(tmp_path / 'o')]
    assert main(['spot-weld', 'inspect', *words, *CLASSICAL]) == 1
    assert '00000_1: 6 good\n00001_1: 5 good, 1 defective' in capsys.readouterr().out
    assert {row['image'] for row in rows(tmp_path / 'o')} == {'00000_1', '00001_1'}
    assert len(list((tmp_path / 'o').glob('*_welds.png'))) == 2


def test_welds_of_another_size_than_those_of_the_bank_are_not_judged(bank, tmp_path, capsys):
    large = cv2.resize(panel(CENTRES, seed=8), None, fx=2.5, fy=2.5)
    image = write(tmp_path / 'large.png', large)
    words = ['spot-weld', 'inspect', str(image), '--bank', str(bank), '--out', str(tmp_path / 'out')]
    assert main([*words, *CLASSICAL, '--diameter', '50', '150']) == 1
    said = capsys.readouterr().out
    assert 'large: SpotWeldImageError: Spot welds of 8' in said and 'those of the bank have 3' in said


def test_a_file_that_is_no_image_is_named_and_the_others_are_judged(bank, tmp_path, capsys):
    good, torn = write(tmp_path / 'fine.png', panel(CENTRES, seed=8)), tmp_path / 'torn.png'
    torn.write_bytes(b'no image')
    words = ['spot-weld', 'inspect', str(torn), str(good), '--bank', str(bank), '--out', str(tmp_path / 'out')]
    assert main([*words, *CLASSICAL]) == 1
    assert 'torn.png' in capsys.readouterr().out and len(rows(tmp_path / 'out')) == 6


def test_a_bank_of_another_format_or_with_other_features_is_refused(bank, tmp_path, capsys):
    image = write(tmp_path / 'fine.png', panel(CENTRES, seed=8))
    assert main(['spot-weld', 'inspect', str(image), '--bank', str(model_file('stripe_net.onnx'))]) == 1
    assert 'not a bank' in capsys.readouterr().err
    features = ['--features', str(model_file('stripe_net.onnx'))]
    assert main(['spot-weld', 'inspect', str(image), '--bank', str(bank), *features]) == 1
    assert 'Remedy' in capsys.readouterr().err


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    """A bag of a panel with a burnt weld and of a bare sheet."""
    folder = tmp_path_factory.mktemp('panels')
    files = [write(folder / '0.png', burnt()), write(folder / '1.png', sheet((240, 320)))]
    words = {'topic': 'mako/image_raw', 'frame': MAKO.frame, 'rate_hz': 2.0, 'camera': MAKO.camera}
    list(images_to_bag(files, folder / 'bag', **words))
    settings = folder / 'cell.yaml'
    settings.write_text('/**: {ros__parameters: {spot_weld: {finder: classical, millimetres: false}}}')
    return folder / 'bag', settings


def test_a_recorded_panel_is_judged_weld_by_weld(recording, bank, tmp_path, capsys):
    bag, settings = recording
    words = ['replay', str(bag), '--spot-weld', '--settings', str(settings), '--bank', str(bank), '--part', 'A7']
    for out in ('one', 'two'):
        assert main([*words, '--out', str(tmp_path / out), '--overlays']) == 0
    said = capsys.readouterr().out
    assert '2 images' in said and '1 defective weld' in said and 'SpotWeldAbsentError: 1 image, the first ' in said
    told = rows(tmp_path / 'one')
    assert told[6]['why'] == 'No spot weld in view.' and 'No spot weld in view. Remedy: ' in said
    assert [row['error'] for row in told] == [''] * 6 + ['SpotWeldAbsentError']
    assert sorted(row['verdict'] for row in told if row['verdict']) == ['defective', *['good'] * 5]
    assert {row['part'] for row in told} == {'A7'} and [row['time'] for row in told[5:]] == [
        '1970-01-01T00:00:01+00:00'
    ] * 2
    for name in ('welds.csv', 'welds.json', 'index.html'):
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()
    assert (tmp_path / 'one' / 'index.html').read_text().count('<img') == 3


def test_a_replay_without_a_bank_or_with_two_tasks_is_refused(recording, tmp_path, capsys):
    bag, settings = recording
    out = ['--settings', str(settings), '--out', str(tmp_path)]
    assert main(['replay', str(bag), '--spot-weld', *out]) == 1
    assert 'No bank of good spot welds' in capsys.readouterr().err
    assert main(['replay', str(bag), '--spot-weld', '--plate', *out]) == 2
