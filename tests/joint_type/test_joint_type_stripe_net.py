"""The network over the whole stripe: the pictures that it sees, its answers, its file, its training."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from ideal_profiles import profile_of
from numpy.testing import assert_allclose, assert_array_equal
from plain_cards import write_plain_card
from scipy.special import logit

from weld_cell.cli import main
from weld_cell.errors import ModelError
from weld_cell.joint_type.curve import StripeCurve, continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.straightened import COLUMN_PX, COLUMNS, LEFT_PX, straightened
from weld_cell.joint_type.stripe_net import (
    LARGEST_ODDS,
    NET_FEATURE_NAMES,
    ROWS,
    STRIPE_NET,
    StripeNet,
    both_pictures,
    log_odds,
    net_features,
    shipped_net,
)
from weld_cell.joint_type.stripe_pictures import stripe_pictures
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe
from weld_cell.training.settings import TrainingSettings


def lit_curve(roll_deg=0.0, mirrored=False):
    return continuous_curve(lit_profile(roll_deg, mirrored))


def lit_profile(roll_deg=0.0, mirrored=False):
    """A plate with a gap whose bottom is seen 12 columns deeper, with the light that belongs to it."""
    profile = profile_of([(-99, 0), (99, 0)], roll_deg=roll_deg)
    deeper = np.where(np.abs(profile.rows_px - 240) < 6, 12.0, 0.0)
    column = np.arange(640)
    light = 10 + 200 * np.exp(-0.5 * ((column - profile.columns_px[:, None] - deeper[:, None]) / 2.5) ** 2)
    profile = replace(profile, light=light.astype(np.uint8))
    if mirrored:
        profile = replace(profile, light=profile.light[:, ::-1], columns_px=639 - profile.columns_px)
    return profile


def pictures_of(curve):
    return both_pictures(curve, joint_shape(curve.columns_px).plates)


def part_of(curve, rows):
    return StripeCurve(
        curve.first_row_px, curve.columns_px[:rows], curve.intensity[:rows], curve.missing[:rows], curve.light
    )


def test_without_light_nothing_is_said():
    curve = replace(continuous_curve(profile_of([(-99, 0), (99, 0)])), light=np.zeros((0, 0), np.uint8))
    assert_array_equal(net_features(curve, joint_shape(curve.columns_px).plates), np.zeros(len(NET_FEATURE_NAMES)))


@pytest.mark.parametrize('roll_deg', [0.0, -9.0, 9.0])
def test_the_plate_stands_upright_and_the_gap_beside_it(roll_deg):
    curve = lit_curve(roll_deg)
    picture = straightened(curve, joint_shape(curve.columns_px).plates[0])
    assert picture.shape == (240, COLUMNS)
    place = np.average(np.arange(COLUMNS), axis=0, weights=picture[[20, 200]].mean(axis=0).clip(0.05) - 0.05)
    assert_allclose(LEFT_PX + COLUMN_PX * place + 0.5, 0.0, atol=0.3)
    gap = np.average(np.arange(COLUMNS), weights=picture[120].clip(0.05) - 0.05)
    assert_allclose(LEFT_PX + COLUMN_PX * gap + 0.5, 12.0, atol=0.3)
    assert_allclose([picture[20].max(), picture[120].max()], 1.0, atol=0.1)


def test_a_mirrored_sensor_sees_the_same_light():
    curve, other = lit_curve(), lit_curve(mirrored=True).mirrored()
    pictures = [straightened(c, joint_shape(c.columns_px).plates[0]) for c in (curve, other)]
    assert_allclose(*pictures, atol=0.02)


def test_a_stripe_is_seen_from_both_ends():
    curve = lit_curve(5.0)
    first, last = (straightened(curve, plate) for plate in joint_shape(curve.columns_px).plates)
    assert_array_equal(pictures_of(curve), [first, last[::-1]])


def test_a_short_stripe_is_continued_by_its_last_row():
    pictures = pictures_of(part_of(lit_curve(), 300))
    assert pictures.shape == (2, ROWS, COLUMNS)
    assert (pictures[:, 150:] == pictures[:, 149:150]).all()


@pytest.mark.parametrize('rows', [ROWS, ROWS + 61])
def test_answers_are_odds_and_the_same_from_the_other_end(rows):
    pictures = np.random.default_rng(1).uniform(-0.2, 1.2, (2, rows, COLUMNS)).astype(np.float32)
    odds = shipped_net().log_odds(pictures)
    assert_allclose(odds, shipped_net().log_odds(np.ascontiguousarray(pictures[::-1])), atol=1e-4)
    assert odds.shape == (len(JointType),) and np.abs(odds).max() < 10.0
    assert_allclose((1 / (1 + np.exp(-odds))).sum(), 1.0, atol=1e-4)


def other_network(path, rows, answers):
    """A valid network for something else."""
    onnx = pytest.importorskip('onnx')
    helper, TensorProto = onnx.helper, onnx.TensorProto
    light = helper.make_tensor_value_info('light', TensorProto.FLOAT, [2, rows, COLUMNS])
    said = helper.make_tensor_value_info('said', TensorProto.FLOAT, answers)
    graph = helper.make_graph([helper.make_node('ReduceMax', ['light'], ['said'], keepdims=0)], 'g', [light], [said])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8), path)


def test_files(tmp_path):
    path = tmp_path / 'net.onnx'
    with pytest.raises(ModelError, match=r'net\.onnx'):
        StripeNet(path)
    for content in (b'', b'half a net'):
        path.write_bytes(content)
        write_plain_card(path, STRIPE_NET)
        with pytest.raises(ModelError, match='train stripe-net'):
            StripeNet(path)


def test_a_network_for_something_else_is_refused(tmp_path):
    path = tmp_path / 'net.onnx'
    other_network(path, ROWS, [])
    write_plain_card(path, STRIPE_NET)
    with pytest.raises(ModelError, match=r'outputs are said float32 \(\)'):
        StripeNet(path)


def test_a_small_training_tells_clean_joints_and_what_is_exported_says_the_same(tmp_path):
    torch = pytest.importorskip('torch')
    from weld_cell.joint_type.stripe_net_training import export_net, train_net

    samples = []
    for number, joint_type in enumerate(JointType):
        images = labelled_images(
            joint_type, 40, seed=3, split='train', settings=SamplerSettings(hardness=0.1, images_per_scene=1)
        )
        samples += [
            (extract_stripe(image.pixels, StripeSettings()), joint_type, 40 * number + k)
            for k, image in enumerate(images)
        ]
    pictures = stripe_pictures(samples, np.random.default_rng(0))
    assert pictures.light.shape == (480, 2, ROWS, COLUMNS) and set(pictures.labels) == set(range(len(JointType)))
    settings = TrainingSettings(epochs=25, batch=128, rate=5e-3, seed=0)
    trained = train_net(pictures, settings, tmp_path / 'training')
    assert trained.score > 0.7  # of 24 stripes: 0.79 to 1 by the scenes that are held out
    assert export_net(trained.network, tmp_path / 'net.onnx') < 1e-4
    write_plain_card(tmp_path / 'net.onnx', STRIPE_NET)
    exported = StripeNet(tmp_path / 'net.onnx')
    said = np.array([exported.log_odds(light.astype(np.float32)) for light in pictures.light])
    assert np.mean(said.argmax(axis=1) == pictures.labels) > 0.9
    with torch.no_grad():
        answers = trained.network(torch.from_numpy(pictures.light[::40].reshape(-1, ROWS, COLUMNS)).float()).double()
    shares = torch.softmax(answers.reshape(-1, 2, len(JointType)).mean(1), 1).numpy()
    assert_allclose(said[::40], np.clip(logit(shares), -LARGEST_ODDS, LARGEST_ODDS), atol=1e-3)


def test_odds_beyond_the_greatest_say_no_more():
    answers = np.array([[1e5, 0, 0, 0, 0, -1e5], [1e5, 0, 0, 0, 0, -1e5]], np.float32)
    assert_array_equal(log_odds(answers), [LARGEST_ODDS] + 5 * [-LARGEST_ODDS])


@pytest.mark.parametrize(('scenes', 'message'), [(1, 'too few'), (3, r'128 samples \(a batch\) at least, got 4')])
def test_too_few_stripes_for_a_training_are_refused(tmp_path, scenes, message):
    pytest.importorskip('torch')
    from weld_cell.joint_type.stripe_net_training import train_net

    samples = [(lit_profile(), JointType.BUTT, scene) for scene in range(scenes)]
    with pytest.raises(ValueError, match=message):
        train_net(stripe_pictures(samples, np.random.default_rng(0)), TrainingSettings(batch=128), tmp_path)


def test_the_command_trains_goes_on_writes_and_says_how_again(tmp_path, capsys):
    pytest.importorskip('torch')
    out = tmp_path / 'new' / 'net.onnx'
    words = ['train', 'stripe-net', '--per-type', '16', '--rounds', '1', '--out', str(out)]
    words += ['--cache', str(tmp_path / 'pictures')]
    assert main([*words, '--resume']) == 1
    assert 'no checkpoint' in capsys.readouterr().err
    assert main(words) == 0
    assert 'held out told rightly' in capsys.readouterr().out
    assert StripeNet(out).log_odds(np.zeros((2, ROWS, COLUMNS), np.float32)).shape == (len(JointType),)
    again = f'weld_cell train stripe-net --per-type 16 --cache {tmp_path / "pictures"} --epochs 1 --out {out}'
    assert again in out.with_suffix('.md').read_text()
    weights = out.read_bytes()
    assert main([*words, '--resume']) == 0
    assert out.read_bytes() == weights
    assert main(['models', 'check', str(out)]) == 0


def test_without_torch_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'torch', None)
    assert main(['train', 'stripe-net']) == 1
    assert 'pip install torch onnxscript' in capsys.readouterr().err
