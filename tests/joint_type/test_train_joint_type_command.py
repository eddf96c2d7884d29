"""`weld_cell train joint-type` from the simulator and from a folder, small."""

import cv2
import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.errors import ImageError
from weld_cell.evaluation.labelled_stripes import extract_all, folder_images, simulated_images
from weld_cell.joint_type import JointTypeClassifier, training
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings
from weld_cell.stripe import StripeSettings, extract_stripe

EASY = SamplerSettings(hardness=0.1)


@pytest.fixture(autouse=True)
def small_grid(monkeypatch):
    monkeypatch.setattr(training, 'LOG2_C', (5, 11))
    monkeypatch.setattr(training, 'LOG2_GAMMA', (-7, -5))


@pytest.fixture(scope='module')
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp('photographs')
    for image in simulated_images([JointType.LAP, JointType.FILLET], 24, 5, 'train', EASY):
        number = len(list(folder.glob(f'{image.joint_type}/*')))
        (folder / image.joint_type).mkdir(exist_ok=True)
        cv2.imwrite(str(folder / image.joint_type / f'{number}.png'), image.read())
    return folder


def test_a_folder_without_types_is_named(tmp_path):
    with pytest.raises(ImageError, match='no sub-folder named after a joint type'):
        folder_images(tmp_path)


def test_successive_images_of_a_folder_share_a_scene(photographs):
    images = folder_images(photographs, scene_length=4)
    assert [image.name.rsplit('/', 1)[-1] for image in images[:3]] == ['0.png', '1.png', '2.png']
    assert [image.scene for image in images[:9]] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert not {i.scene for i in images if i.joint_type is JointType.LAP} & {
        i.scene for i in images if i.joint_type is JointType.FILLET
    }


def test_images_without_a_stripe_are_named_and_counted(tmp_path):
    (tmp_path / 'v').mkdir()
    (tmp_path / 'v' / '1.png').write_bytes(b'cut')
    cv2.imwrite(str(tmp_path / 'v' / '2.png'), np.zeros((480, 640), dtype=np.uint8))
    found = extract_all(folder_images(tmp_path), StripeSettings())
    assert not found.profiles
    assert [line.split(':')[0].rsplit('/', 1)[-1] for line in found.refused] == ['1.png', '2.png']


def test_simulated_scenes_are_never_shared_between_types():
    scenes = {}
    for image in simulated_images(list(JointType), 5, 1, 'train', EASY):
        scenes.setdefault(image.joint_type, set()).add(image.scene)
    assert len(set.union(*scenes.values())) == sum(map(len, scenes.values()))


def test_a_folder_trains_a_model_that_knows_its_images(photographs, tmp_path, capsys):
    out = tmp_path / 'made' / 'model.npz'
    code = main(
        ['train', 'joint-type', '--images', str(photographs), '--scene-length', '4', '--jobs', '1', '--out', str(out)]
    )
    assert code == 0
    assert 'five-fold cross-validation' in capsys.readouterr().out
    assert {p.suffix for p in out.parent.iterdir()} == {'.npz', '.json', '.md', '.txt', '.png'}
    classifier = JointTypeClassifier.load(out)
    assert classifier.model.types == (JointType.LAP, JointType.FILLET)
    image = folder_images(photographs)[0]
    assert classifier.classify(extract_stripe(image.read(), StripeSettings())).joint_type is JointType.LAP


def test_the_simulator_trains_and_tests(tmp_path, capsys):
    out = tmp_path / 'model.npz'
    code = main(
        [
            'train',
            'joint-type',
            '--types',
            'lap',
            'v',
            '--per-type',
            '24',
            '--test-per-type',
            '4',
            '--jobs',
            '1',
            '--hardness',
            '0.2',
            '--sizes',
            'standard',
            'wide',
            '--features',
            'paper',
            '--out',
            str(out),
        ]
    )
    assert code == 0
    assert 'hard simulator, held-out scenes' in capsys.readouterr().out
    card = out.with_suffix('.md').read_text(encoding='utf-8')
    assert '--features paper' in card
    assert '--sizes standard wide' in card
    assert '24 images a type of each size (standard, wide)' in card
    assert 'training images, cross-validated | 96 |' in card


@pytest.mark.parametrize('option', ['--per-type', '--test-per-type', '--jobs'])
def test_counts_below_one_are_refused(option, capsys):
    with pytest.raises(SystemExit) as ended:
        main(['train', 'joint-type', option, '0'])
    assert ended.value.code == 2
    assert f'argument {option}: expected' in capsys.readouterr().err
