"""Photographs of real joints through stripe, features and classifier: it must run, and say something each time.

What it says is not asserted: the photographs come from a sensor of another geometry, show the workpiece in a small
part of a cluttered picture, and include joints that the model does not know by that name.
"""

from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import StripeError
from weld_cell.images import image_files, read_image
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.feature_sets import feature_names
from weld_cell.stripe import StripeSettings, extract_stripe

PHOTOGRAPHS = Path(__file__).parents[3] / 'shared' / 'data' / 'laser_stripe' / 'weld_pieces'

pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason=f'{PHOTOGRAPHS} is absent')]


@pytest.mark.parametrize('feature_set', ['paper', 'extended'])
def test_every_photograph_with_a_stripe_gets_a_type(feature_set):
    classifier = JointTypeClassifier.load(settings=JointTypeSettings(feature_set=feature_set))
    told = 0
    for path in image_files(PHOTOGRAPHS):
        try:
            profile = extract_stripe(read_image(path), StripeSettings())
        except StripeError:
            continue
        estimate = classifier.classify(profile)
        assert estimate.votes[estimate.joint_type] == max(estimate.votes.values())
        assert estimate.features.shape == (len(feature_names(feature_set)),)
        assert np.isfinite(estimate.features).all()
        told += 1
    assert told >= 27
