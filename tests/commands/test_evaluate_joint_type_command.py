"""`weld_cell evaluate joint-type`, small and real: the simulator's protocol, and folders of labelled images."""

import json
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.evaluation import chains, feature_groups
from weld_cell.evaluation.image_sets import SIX_TYPES, Protocol, draw_of
from weld_cell.evaluation.labelled_stripes import folder_images, simulated_images
from weld_cell.joint_type import training
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings

EASY = SamplerSettings(hardness=0.1)
KEYS = ('accuracy_5', 'accuracy_6', 'accuracy_sizes', 'accuracy_spatter')


@pytest.fixture
def small_grids(monkeypatch):
    """The grids of all machines, cut down: what is tested is the command, not the tuning."""
    monkeypatch.setattr(training, 'LOG2_C', (7,))
    monkeypatch.setattr(training, 'LOG2_GAMMA', (-7, -5))
    monkeypatch.setattr(chains.learn_tuned_machine, '__defaults__', ((7,), (-7, -5)))
    monkeypatch.setattr(feature_groups, 'LOG2_C', (7,))
    monkeypatch.setattr(feature_groups, 'LOG2_GAMMA', (-7,))


@pytest.fixture(scope='module')
def photographs(tmp_path_factory):
    """Seven scenes of two types, sorted as TYPE/SCENE/*.png."""
    folder = tmp_path_factory.mktemp('photographs')
    for number, image in enumerate(
        simulated_images(
            [JointType.LAP, JointType.FILLET], 14, 5, 'train', SamplerSettings(hardness=0.1, images_per_scene=2)
        )
    ):
        scene = folder / image.joint_type / f'plate_{image.scene}'
        scene.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(scene / f'{number}.png'), image.read())
    return folder


def evaluate(*words):
    return main(['evaluate', 'joint-type', *map(str, words)])


def test_the_protocol_on_the_simulator(tmp_path, capsys, small_grids):
    json_file = tmp_path / 'made' / 'figures.json'
    code = evaluate(
        '--per-type',
        20,
        '--test-per-type',
        4,
        '--draws',
        2,
        '--hardness',
        0.1,
        '--json',
        json_file,
        '--report',
        tmp_path / 'page',
    )
    shown = capsys.readouterr()
    assert code == 0
    assert 'Six types (the paper on its photographs: 98.1%)' in shown.out
    assert 'draw 2 of 2' in shown.err  # the progress
    figures = json.loads(json_file.read_text())
    assert all(0.5 < figures[key] <= 1.0 for key in KEYS)
    assert 0.0 < figures['ms_per_image'] < 1000.0
    assert figures['comparisons']["paper's chain as written"]['paper_ms_per_image'] == 148.23
    assert set(figures['comparisons']) > {'ours', 'features of reference 23', 'k nearest neighbours', 'decision tree'}
    six = figures['tests']['six types']['ours']
    assert six['images'] == 2 * 6 * 4 == np.sum(six['confusion']) + six['without_stripe']
    assert len(six['draws']) == 2
    assert figures['conditions'] == {'per_type': 20, 'test_per_type': 4, 'draws': 2, 'seed': 101, 'hardness': 0.1}
    told = {figure['name']: figure for figure in figures['figures']}
    assert told['accuracy_6']['value'] == pytest.approx(100 * figures['accuracy_6'])
    assert told['accuracy_6']['reached'] is None  # no aim is set for so few images
    assert figures['paper']['accuracy_6'] == 0.981
    page = (tmp_path / 'page' / 'index.html').read_text()
    assert 'joint type right, six types' in page
    assert 'confusion_six_types.png' in page
    assert (tmp_path / 'page' / 'confusion_six_types.png').stat().st_size > 1000


def test_no_test_image_has_a_seed_or_split_of_a_training_image():
    train, tests = set(), set()
    for number in range(3):
        draw = draw_of(Protocol(train_per_type=1, test_per_type=1), number)
        train |= {image.read().tobytes() for image in draw.train.images()}
        for images in (draw.test, draw.sizes, draw.spatter):
            made = list(images.images())
            assert len(made) == images.count == len(SIX_TYPES)
            assert all('(test, seed ' in image.name for image in made)
            tests |= {image.read().tobytes() for image in made}
    assert len(train) == 3 * 6 and len(tests) == 3 * 3 * 6
    assert not train & tests


def test_a_users_images(photographs, tmp_path, capsys, small_grids):
    code = evaluate('--images', photographs, '--json', tmp_path / 'mine.json', '--report', tmp_path / 'page')
    shown = capsys.readouterr()
    assert code == 0
    assert 'scene of its own' not in shown.err
    figures = json.loads((tmp_path / 'mine.json').read_text())
    assert figures['accuracy'] > 0.9
    assert figures['accuracy_5'] is None  # two types are not the paper's five
    assert figures['tests']['your images']['ours']['types'] == ['lap', 'fillet']
    assert figures['tests']['your images']['ours']['images'] == 28


def test_loose_images_and_unreadable_ones_are_told(photographs, tmp_path, capsys, small_grids):
    for joint_type in ('lap', 'fillet'):
        (tmp_path / joint_type).mkdir()
        for file in sorted((photographs / joint_type).rglob('*.png')):
            os.link(file, tmp_path / joint_type / file.name)
    (tmp_path / 'lap' / 'cut.png').write_bytes(b'cut')
    assert evaluate('--images', tmp_path) == 0
    shown = capsys.readouterr()
    assert 'each image counts as a scene of its own' in shown.err
    assert shown.err.count('warning: left out') == 1 and 'cut.png' in shown.err
    assert 'of 28 images' in shown.out


def test_sub_folders_are_scenes(photographs):
    images = folder_images(photographs)
    scenes = {t: [i.scene for i in images if i.joint_type is t] for t in (JointType.LAP, JointType.FILLET)}
    assert scenes[JointType.LAP] == [k // 2 for k in range(14)]
    assert not set(scenes[JointType.LAP]) & set(scenes[JointType.FILLET])


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ([], 'no sub-folder named after a joint type'),
        (['lap/', 'fillet/1.png'], 'No images in'),
        (['lap/1.png', 'flange/1.png'], 'no joint type is named flange'),
        (['lap/1.png', 'lap/2.png'], 'at least 2 types'),
        (['lap/1.png', 'fillet/1.png'], 'Too few scenes: lap 1, fillet 1; each type needs 7'),
        (['lap/x.png'], 'None of the 1 files can be read'),
    ],
)
def test_folders_that_cannot_be_evaluated(tmp_path, capsys, files, message):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if name.endswith('x.png'):
            (tmp_path / name).write_bytes(b'no image')
        elif name.endswith('.png'):
            cv2.imwrite(str(tmp_path / name), np.zeros((32, 32), np.uint8))
        else:
            (tmp_path / name).mkdir(exist_ok=True)
    assert evaluate('--images', tmp_path) == 1
    shown = capsys.readouterr().err
    assert message in shown and 'Remedy:' in shown


@pytest.mark.parametrize(
    ('option', 'value'),
    [('--per-type', 0), ('--test-per-type', 0), ('--draws', 0), ('--hardness', 2), ('--seed', -1)],
)
def test_values_out_of_range_are_refused(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        evaluate(option, value)
    assert ended.value.code == 2 and 'expected' in capsys.readouterr().err


@pytest.mark.parametrize('command', ['joint-type', 'seam'])
def test_ctrl_c_ends_it_cleanly(command):
    process = subprocess.Popen(
        [sys.executable, '-m', 'weld_cell.cli', 'evaluate', command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        os.read(process.stderr.fileno(), 1)  # the progress bar is there: it works
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert told.endswith(b'weld_cell: interrupted\n') and b'Traceback' not in told
