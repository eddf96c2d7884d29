"""From labelled photographs to a network that the cell runs; needs torch."""

import cv2
import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.errors import ModelError
from weld_cell.models.card import read_card
from weld_cell.models.loader import find_model
from weld_cell.plate_seam.locate import PlateSeamLocator
from weld_cell.plate_seam.settings import LocateSettings

PAPERS_BYTES = 7.2e6


def label(folder, name, rng):
    """A grey picture with one dark line, labelled as YOLO does."""
    picture = np.full((96, 160), 120, np.uint8)
    row = int(rng.integers(20, 76))
    picture[row - 1 : row + 1, 20:140] = 20
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f'{name}.png'), picture)
    (folder / f'{name}.txt').write_text(f'0 0.5 {(row + 0.5) / 96} 0.75 0.2\n')


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(3)
    for scene in range(10):
        for number in range(2):
            label(tmp_path / 'photos', f'plate{scene}/{number}', rng)
    return tmp_path / 'photos'


def words(photos, out, *more):
    return ['train', 'plate-seam', '--photos', str(photos), '--out', str(out), '--batch', '4', *more]


def test_photographs_become_a_network_with_its_card(photos, tmp_path, capsys, monkeypatch):
    pytest.importorskip('torch')
    from weld_cell.plate_seam.training import seam_training

    out = tmp_path / 'seam.onnx'
    assert main(words(photos, out, '--epochs', '2')) == 0
    assert 'mAP50' in capsys.readouterr().out
    card = read_card(out.with_suffix('.json'))
    assert card.kind == 'plate_seam_net'
    assert card.scores[0].measure == 'mAP50'
    assert '16 photographs' in card.data
    found = PlateSeamLocator(out, LocateSettings(min_score=0.01)).regions(np.full((96, 160), 120, np.uint8))
    assert found.boxes_xyxy.shape[1] == 4
    assert (found.boxes_xyxy >= 0.0).all()
    assert (found.boxes_xyxy[:, 2] <= 159.0).all()
    assert 1e5 < out.stat().st_size <= PAPERS_BYTES
    assert main(['models', 'check', str(out)]) == 0
    assert 'seam.onnx: ok' in capsys.readouterr().out
    longer = tmp_path / 'longer.onnx'
    # One export takes as long as all else here together, and was judged above.
    monkeypatch.setattr(seam_training, 'export_net', lambda _, path: path.write_bytes(out.read_bytes()) and 0.0)
    begin = ['--begin-with', str(out.with_suffix('.training'))]
    assert main(words(photos, longer, '--epochs', '1', *begin)) == 0
    assert f'--begin-with {begin[1]}' in read_card(longer.with_suffix('.json')).command
    assert main(words(photos, longer, '--begin-with', str(tmp_path))) == 1, 'no training there'
    assert main(words(photos, longer, '--begin-with', 'stripe_net')) == 1, 'another network'
    assert 'another network' in capsys.readouterr().err
    assert main(words(photos, longer, '--begin-with', 'nothing')) == 1, 'no such network'
    out.write_bytes(out.read_bytes()[:-1])
    with pytest.raises(ModelError, match='damaged'):
        PlateSeamLocator(out, LocateSettings())


def test_a_training_begins_where_the_shipped_network_stands():
    torch = pytest.importorskip('torch')
    from weld_cell.models.network import open_session
    from weld_cell.plate_seam.training.seam_training import first_weights, new_network

    images = np.random.default_rng(1).integers(0, 256, (24, 3, 96, 128)).astype(np.uint8)
    network = new_network(first_weights('plate_seam_net', {'channels': images})).eval()
    exported = open_session(find_model('plate_seam_net').read_bytes())
    batch = images.astype(np.float32) / 255.0
    expected = np.concatenate([exported.run(['scores'], {'image': image[None]})[0] for image in batch])
    with torch.no_grad():
        scores = network(torch.from_numpy(batch)).scores.sigmoid().numpy()
        assert np.abs(scores - expected).max() < 1e-5
        trains = network.train()(torch.from_numpy(batch)).scores.sigmoid().numpy()
    assert np.abs(trains - expected).max() < 1e-3, 'by its own statistics of the same images'


def test_one_image_is_too_few(tmp_path, capsys):
    pytest.importorskip('torch')
    label(tmp_path / 'photos', 'a', np.random.default_rng(1))
    assert main(words(tmp_path / 'photos', tmp_path / 'seam.onnx')) == 1
    assert 'too few' in capsys.readouterr().err


def test_fewer_images_than_a_batch(photos, tmp_path, capsys):
    pytest.importorskip('torch')
    assert main(words(photos, tmp_path / 'seam.onnx', '--batch', '64')) == 2
    assert '64 samples' in capsys.readouterr().err
