"""10,000 random and spoilt images through stripe, joint type and seam: only named errors, and no wrong numbers.

Say `FUZZ_IMAGES=50000 FUZZ_SEED=2 pytest tests/fuzz` for other ones; a failure names seed and number of its image.
"""

import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from fuzz_images import SEED, fuzz_image

from weld_cell.bags.reading import RecordedImage
from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.joint_type import JointTypeClassifier
from weld_cell.paths import config_file
from weld_cell.pipeline import LaserPipeline
from weld_cell.records import CameraImage, JointType
from weld_cell.seam.locate import locate_seam
from weld_cell.seam.settings import SeamSettings
from weld_cell.stripe import StripeSettings, extract_stripe

IMAGES = int(os.environ.get('FUZZ_IMAGES', '10000'))
FUZZ_SEED = int(os.environ.get('FUZZ_SEED', SEED))
SHARE = 500
METHODS = [StripeSettings(method='ridge')] * 3 + [StripeSettings(method='paper')]
TYPES = list(JointType)
CELL_ERRORS = Counter()


@pytest.fixture(scope='module')
def sensor():
    return load_rig(str(config_file('rig.yaml'))).laser_sensor


@pytest.fixture(scope='module')
def classifier():
    return JointTypeClassifier.load()


@pytest.mark.parametrize('first', range(0, IMAGES, SHARE))
def test_only_named_errors_and_sound_results(first, sensor, classifier):
    outcomes = Counter()
    for number in range(first, min(first + SHARE, IMAGES)):
        done, image = fuzz_image(FUZZ_SEED, number)
        try:
            outcomes[_through_the_chain(image, number, sensor, classifier)] += 1
        except WeldCellError as error:
            assert error.message and error.remedy, f'{type(error).__name__} of image {number} has no remedy'
            outcomes[type(error).__name__] += 1
        except Exception as error:
            raise AssertionError(
                f'image {number} of seed {FUZZ_SEED} ({done}; {image.dtype} {image.shape}): {error!r}'
            ) from error
    assert len(outcomes) > 3  # the images are of all sorts: some are read, some are refused, for different reasons


def _through_the_chain(image, number, sensor, classifier):
    """The furthest stage that took the image."""
    profile = extract_stripe(image, METHODS[number % len(METHODS)])
    _check_profile(profile, image)
    estimate = classifier.classify(profile)
    assert np.isfinite(estimate.features).all() and np.isfinite(estimate.margin)
    assert sum(estimate.votes.values()) == len(TYPES) * (len(TYPES) - 1) // 2
    camera = replace(sensor.camera, size_px=profile.image_size_px)
    located = [_locate(profile, TYPES[(number + k) % len(TYPES)], camera, sensor) for k in range(2)]
    return 'seam' if any(located) else 'joint type'


def _check_profile(profile, image):
    height, width = image.shape[:2]
    rows, columns = profile.rows_px, profile.columns_px
    assert profile.image_size_px == (width, height)
    assert len(rows) == len(columns) == len(profile.intensity) == len(profile.bridged) > 0
    assert (np.diff(rows) >= 1).all() and rows[0] >= 0 and rows[-1] <= height - 1 and (rows == np.round(rows)).all()
    assert np.isfinite(columns).all() and columns.min() >= 0 and columns.max() <= width - 1
    assert np.isfinite(profile.intensity).all() and 0 <= profile.intensity.min() <= profile.intensity.max() <= 255


def _locate(profile, joint_type, camera, sensor):
    """Whether a seam point was found; one that was found is sound."""
    try:
        seen = locate_seam(profile, joint_type, camera, sensor.laser_plane, SeamSettings(), 0)
    except WeldCellError as error:
        assert error.message and error.remedy, f'{joint_type}: {type(error).__name__} has no remedy'
        return False
    width, height = profile.image_size_px
    assert np.isfinite(seen.seam_px).all() and np.isfinite(seen.break_points_px).all(), joint_type
    assert (seen.seam_px >= 0).all() and (seen.seam_px <= [width - 1, height - 1]).all(), (joint_type, seen.seam_px)
    assert np.isfinite(seen.seam_m).all() and np.isfinite(seen.profile_m).all(), joint_type
    assert abs(np.linalg.norm(seen.normal) - 1) < 1e-6, joint_type
    assert np.isfinite(seen.gap_mm) and seen.gap_mm >= 0 and np.isfinite(seen.mismatch_mm), joint_type
    return True


@pytest.mark.parametrize('first', range(0, 800, 200))
def test_a_recording_of_spoilt_images_is_replayed_to_its_end(first, sensor):
    pipeline = LaserPipeline(sensor)
    images = [fuzz_image(FUZZ_SEED + 1, number)[1] for number in range(first, first + 200)]
    recording = [
        RecordedImage(CameraImage(pixels, number * 25_000_000, number), sensor.frame, sensor.camera)
        for number, pixels in enumerate(images, 1)
    ]
    pose = sensor.T_parent_sensor
    result = pipeline.replay(recording, lambda stamp_ns: pose)
    assert len(result.images) == 200
    assert all(image.error is None or image.error.remedy for image in result.images)
    points = [image.point for image in result.images if image.point is not None]
    assert all(np.isfinite(point.position_m).all() for point in points)
