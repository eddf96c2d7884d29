"""The corner network: light that is straightened, an empty picture, a network worked by hand, files."""

from dataclasses import replace

import numpy as np
import pytest
from ideal_profiles import profile_of
from numpy.testing import assert_allclose

from weld_cell.errors import ModelError
from weld_cell.joint_type.corner_net import (
    CORNER_FEATURE_NAMES,
    WINDOW_ROWS,
    CornerNet,
    corner_features,
    load_net,
    save_net,
    shipped_net,
)
from weld_cell.joint_type.corner_training import corner_windows, train_net
from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.straightened import COLUMN_PX, COLUMNS, LEFT_PX, straightened
from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings, labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe

NOTHING = CornerNet(*(np.zeros(shape, np.float32) for shape in (
    COLUMNS, (COLUMNS, 2), (2 * WINDOW_ROWS, 3), 3, (3, 4), 4)))


def lit_curve(roll_deg=0.0, mirrored=False):
    """A plate with a gap whose bottom is seen 12 columns deeper, with the light that belongs to it."""
    profile = profile_of([(-99, 0), (99, 0)], roll_deg=roll_deg)
    deeper = np.where(np.abs(profile.rows_px - 240) < 6, 12.0, 0.0)
    column = np.arange(640)
    light = 10 + 200 * np.exp(-0.5 * ((column - profile.columns_px[:, None] - deeper[:, None]) / 2.5)**2)
    profile = replace(profile, light=light.astype(np.uint8))
    if mirrored:
        profile = replace(profile, light=profile.light[:, ::-1], columns_px=639 - profile.columns_px)
    return continuous_curve(profile)


def test_without_light_nothing_is_said():
    curve = replace(continuous_curve(profile_of([(-99, 0), (99, 0)])), light=np.zeros((0, 0), np.uint8))
    assert_allclose(corner_features(curve, joint_shape(curve.columns_px).plates), np.zeros(len(CORNER_FEATURE_NAMES)))


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


def test_answers_are_those_of_a_network_worked_by_hand():
    net = replace(
        NOTHING, components=np.eye(COLUMNS, 2, dtype=np.float32), hidden_bias=np.array([-1, 0, 0], np.float32),
        bias=np.array([0.5, 0, 0, 0], np.float32))
    net.hidden_weights[2 * (WINDOW_ROWS // 2), 0] = 2.0  # first component of the window's middle row
    net.weights[0, 1] = 3.0
    light = np.zeros((30, COLUMNS), np.float32)
    light[10, 0] = 1.0
    answers = net.answers(light)
    assert_allclose(answers[10], [0.5, 3.0 * (2.0 * 1.0 - 1.0), 0, 0])
    assert_allclose(np.delete(answers, 10, axis=0), np.tile([0.5, 0, 0, 0], (29, 1)))


def test_files(tmp_path):
    path = tmp_path / 'net.npz'
    with pytest.raises(ModelError, match=r'net\.npz'):
        load_net(path)
    save_net(shipped_net(), path)
    assert_allclose(load_net(path).components, shipped_net().components)
    with pytest.raises(ModelError, match='weights'):
        replace(NOTHING, weights=np.zeros((2, 4), np.float32))


def test_a_small_training_tells_clean_corners():
    samples = []
    for joint_type in JointType:
        images = labelled_images(joint_type, 16, seed=3, split='train', settings=SamplerSettings(hardness=0.1))
        samples += [(extract_stripe(i.pixels, StripeSettings()), joint_type, i.truth.seam_px[1]) for i in images]
    windows = corner_windows(samples, np.random.default_rng(0))
    assert windows.light.shape[1:] == (WINDOW_ROWS, COLUMNS) and set(windows.labels) == {0, 1, 2, 3}
    net, accuracy = train_net(windows, 0)
    assert accuracy > 0.8 and net.components.shape == (COLUMNS, 10)
