"""The sampler of labelled images: reproducible, and training apart from test."""

import numpy as np
import pytest

from weld_cell.records import JointType
from weld_cell.sim.dataset import SamplerSettings, draw_sample, labelled_images, sensor_error
from weld_cell.sim.effects import HardEffects


def draw(count, split='train', seed=1, joint_type=JointType.LAP, **options):
    return list(labelled_images(joint_type, count, seed=seed, split=split, **options))


def test_no_images():
    assert draw(0) == []


@pytest.mark.parametrize(('count', 'split'), [(-1, 'train'), (1, 'validation')])
def test_bad_requests_are_refused(count, split):
    with pytest.raises(ValueError, match='expected'):
        draw(count, split)


def test_same_seed_same_bytes_and_a_longer_set_begins_like_a_shorter_one():
    short, long = draw(3), draw(6)
    assert [i.pixels.tobytes() for i in short] == [i.pixels.tobytes() for i in long[:3]]


def test_splits_seeds_and_types_share_no_image():
    sets = [draw(4), draw(4, 'test'), draw(4, seed=2), draw(4, joint_type=JointType.BUTT)]
    images = [image.pixels.tobytes() for images in sets for image in images]
    assert len(set(images)) == len(images)


@pytest.mark.parametrize('joint_type', JointType)
def test_labels_and_seams_in_the_image(joint_type):
    settings = SamplerSettings(images_per_scene=2)
    for image in draw(6, joint_type=joint_type, settings=settings):
        assert image.joint_type is image.truth.joint_type is joint_type
        assert 0 <= image.truth.seam_px[1] < 480


@pytest.mark.parametrize('sizes', ['standard', 'other'])
def test_a_single_sample(sizes):
    first, again = (draw_sample(JointType.V, np.random.default_rng([7, 1]), 1.0, sizes) for _ in range(2))
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.joint_type is JointType.V


def test_fixed_effects_are_used():
    assert all(image.effects == HardEffects.none() for image in draw(2, effects=HardEffects.none()))


def test_sensor_errors_stay_in_their_ranges():
    rng, settings = np.random.default_rng(0), SamplerSettings()
    errors = np.array([sensor_error(rng, settings) for _ in range(300)])
    assert np.abs(errors[:, 2, 3]).max() <= 0.020 and np.abs(errors[:, 2, 3]).max() > 0.018
    assert np.abs(errors[:, 1, 3]).max() <= 0.010
    tilt = np.degrees(np.arccos(errors[:, 2, 2]))
    assert 10 < tilt.max() <= 14.2  # roll and pitch of 10 degrees each
