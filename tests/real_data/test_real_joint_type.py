"""Photographs of real joints through stripe, features and classifier: it must run, and say something each time.

What it says is not asserted: the photographs come from a sensor of another geometry, show the workpiece in a small
part of a cluttered picture, and include joints that the model does not know by that name.
"""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from weld_cell.errors import CalibrationError, StripeError
from weld_cell.images import image_files, read_image
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.feature_sets import feature_names
from weld_cell.records import CameraImage, JointTypeDecision
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import JointTypeVoting
from weld_cell.stations.laser_scan import LaserScan
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


GROUPS = {
    '1': 'fillet',
    '2-8': 'fillet',
    '9-13': 'fillet',
    '14': 'fillet',
    '15-18': 'fillet',
    '19-24': 'v',
    '25-29': 'lap',
}


def test_groups_of_an_unknown_scale_are_refused_rather_than_guessed():
    """By their labels; the scale is unknown, and the workpiece fills a fifth of the stripe's rows.

    On it the stripe moves by 3 to 5 columns, and runs in the groups labelled fillet as in those labelled lap: 0.02
    columns a row on the upright plate, then 0.05 on the lying one. Nothing in the cross-section tells them apart.
    """
    wrong, refusals = [], []
    for numbers, label in GROUPS.items():
        first, _, last = numbers.partition('-')
        scan = LaserScan(no_plane, PipelineSettings(), JointTypeVoting(JointTypeSettings()))
        for number in range(int(first), int(last or first) + 1):
            image = CameraImage(read_image(PHOTOGRAPHS / f'calib_img_{number}.jpg'), number * 10**8, number)
            scan.cameras.add((image.pixels.shape[1], image.pixels.shape[0]), CalibrationError('no camera_info'))
            with contextlib.suppress(StripeError):
                scan.look(image)
        outcome = scan.conclude_vote()
        if isinstance(outcome, JointTypeDecision):
            wrong += [numbers] if outcome.joint_type != label else []
        else:
            refusals.append(str(outcome))
    assert not wrong
    assert all('At the assumed scale' in refusal and 'stripe.roi_*' in refusal for refusal in refusals)
    assert sum('seams of several types' in refusal for refusal in refusals) >= 1


def no_plane():
    raise CalibrationError('no rig')
