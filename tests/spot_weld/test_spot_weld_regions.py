"""The region network's samples, losses and answers, by numbers worked out by hand."""

import numpy as np
import pytest

from weld_cell.errors import ModelError
from weld_cell.spot_weld.features import NetworkFeatures
from weld_cell.spot_weld.find import FindSettings
from weld_cell.spot_weld.reduce import reduce_image
from weld_cell.spot_weld.regions import read_circles
from weld_cell.spot_weld.training.region_samples import MOST_WELDS, RegionSamples, heat_of, region_sample


def test_no_answer_is_no_weld():
    assert read_circles(np.zeros((4, 4), np.float32), np.zeros((3, 4, 4), np.float32), FindSettings()) == ()


def test_an_answer_is_a_circle_of_the_image():
    heat, circles = np.zeros((4, 4), np.float32), np.zeros((3, 4, 4), np.float32)
    heat[1, 2], circles[:, 1, 2] = 0.9, [5.0, 3.0, 10.0]
    (weld,) = read_circles(heat, circles, FindSettings())
    np.testing.assert_allclose(weld.centre_px, [9.5, 5.5])  # edges between pixels of half the size
    assert (weld.radius_px, weld.score) == (20.0, pytest.approx(0.9))


def test_a_reduced_image_fills_blocks_of_eight():
    assert reduce_image(np.zeros((37, 50), np.uint8)).shape == (24, 32)


def test_too_many_welds_are_refused():
    with pytest.raises(ValueError, match='at most'):
        region_sample(np.zeros((64, 64), np.uint8), np.ones((MOST_WELDS + 1, 3)))


def test_heat_is_one_at_the_middle_and_nowhere_else():
    heat = heat_of(np.array([[9.0, 5.0, 8.0]], np.float32), 16)
    assert heat[2, 4] == 1.0 and (heat == 1.0).sum() == 1
    assert heat_of(np.empty((0, 3), np.float32), 16).max() == 0.0


def test_a_weld_stays_where_it_is_seen_however_a_sample_is_turned():
    grey = np.full((128, 128), 100, np.uint8)
    grey[40:49, 80:89] = 255  # its middle is (84, 44)
    samples = RegionSamples(region_sample(grey, np.array([[84.0, 44.0, 12.0]])), 64)
    for seed in range(8):
        sample = samples.batch(np.array([0]), np.random.default_rng(seed))
        u, v, _ = sample['circles'][0, 0]
        bright = np.argwhere(sample['image'][0, 0] > 0.7 * sample['image'].max()).mean(axis=0) + 0.5
        np.testing.assert_allclose(bright[::-1], [u, v], atol=0.6)


def test_losses_by_hand():
    torch = pytest.importorskip('torch')
    from weld_cell.spot_weld.training.region_loss import ciou_localisation, own_localisation

    true = torch.tensor([[10.0, 10.0, 5.0]])
    assert own_localisation(true, true).item() == pytest.approx(0.0, abs=1e-4)
    assert ciou_localisation(true, true).item() == pytest.approx(0.0, abs=1e-6)
    # moved by 2: common 8 x 10, union 120, box about both 12 x 10, so no gap: GIoU = 80 / 120
    moved = torch.tensor([[12.0, 10.0, 5.0]])
    near = 0.4 - 0.01  # |c - c'| / r less half of where H begins to be linear
    assert own_localisation(moved, true).item() == pytest.approx(1.0 - 80.0 / 120.0 + 2.0 * near, abs=1e-5)
    assert ciou_localisation(moved, true).item() == pytest.approx(1.0 - 80.0 / 120.0 + 4.0 / 244.0, abs=1e-5)


def test_the_network_learns_a_step_and_is_exported(tmp_path):
    torch = pytest.importorskip('torch')
    from weld_cell.spot_weld.training.region_training import export_regions, train_regions
    from weld_cell.training.settings import TrainingSettings

    rng = np.random.default_rng(0)
    made = [region_sample(rng.integers(0, 255, (80, 80), np.uint8), np.array([[40.0, 40.0, 12.0]])) for _ in range(4)]
    arrays = {name: np.concatenate([one[name] for one in made]) for name in made[0]}
    settings = TrainingSettings(epochs=1, batch=2, seed=1)
    trained = train_regions(RegionSamples(arrays, 32), arrays, settings, tmp_path / 'training')
    assert np.isfinite(trained.score)
    with torch.no_grad():
        assert export_regions(trained.network, tmp_path / 'net.onnx') < 5e-4


def test_a_backbone_that_is_none_is_refused(tmp_path):
    (tmp_path / 'net.onnx').write_bytes(b'nothing')
    with pytest.raises(ModelError, match='not a network'):
        NetworkFeatures(tmp_path / 'net.onnx')


def test_any_backbone_with_levels_may_stand_in(tmp_path):
    onnx = pytest.importorskip('onnx')
    rng = np.random.default_rng(0)
    weights = [
        rng.standard_normal((4, 3, 3, 3)).astype(np.float32),
        rng.standard_normal((6, 4, 3, 3)).astype(np.float32),
    ]
    stored = [onnx.numpy_helper.from_array(each, f'w{n}') for n, each in enumerate(weights)]
    nodes = [
        onnx.helper.make_node('Conv', [source, f'w{n}'], [name], strides=[2, 2], pads=[1, 1, 1, 1])
        for n, (source, name) in enumerate((('image', 'fine'), ('fine', 'coarse')))
    ]
    values = [
        onnx.helper.make_tensor_value_info(name, 1, ['n', c, 'h', 'w'])
        for name, c in (('image', 3), ('fine', 4), ('coarse', 6))
    ]
    graph = onnx.helper.make_graph(nodes, 'backbone', values[:1], values[1:], stored)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 16)], ir_version=8)
    (tmp_path / 'mine.onnx').write_bytes(model.SerializeToString())
    features = NetworkFeatures(tmp_path / 'mine.onnx')
    assert features.version.startswith('mine-')
    assert features.maps(rng.uniform(0.0, 255.0, (2, 32, 32)).astype(np.float32)).shape == (2, 10, 16, 16)
