"""Labelled images of plates: the label lies about the seam, and sets are apart."""

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.sim.plate_dataset import SPLITS, plate_image


@pytest.fixture(scope='module')
def rig():
    return load_rig(str(config_file('rig.yaml')))


def test_the_same_number_gives_the_same_image_and_another_split_another(rig):
    first, again, other = (plate_image(rig, split, 5, 3) for split in ('train', 'train', 'test'))
    assert (first.pixels == again.pixels).all()
    assert first.pixels.shape != other.pixels.shape or (first.pixels != other.pixels).any()


def test_labels_lie_in_the_image(rig):
    kinds = set()
    for number in range(12):
        image = plate_image(rig, 'train', 6, number)
        kinds.add(image.kind)
        height, width = image.pixels.shape
        assert (image.boxes_xyxy >= 0.0).all()
        assert (image.boxes_xyxy[:, 2:] <= [width - 1, height - 1]).all()
        assert ((image.boxes_xyxy[:, 2:] - image.boxes_xyxy[:, :2]) > 10.0).all()
        assert len(image.boxes_xyxy) <= {'seam': 1, 'lap': 1, 'two': 2}.get(image.kind, 0)
    assert len(kinds) >= 2


def test_an_unknown_split(rig):
    with pytest.raises(ValueError, match='not in'):
        plate_image(rig, 'other', 1, 0)
    assert len(SPLITS) == 3
    assert np.isfinite(plate_image(rig, 'held_out', 1, 0).boxes_xyxy).all()
