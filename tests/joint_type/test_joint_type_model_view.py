"""The stripe of any calibrated sensor as the model's own sensor sees it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.model_view import is_model_sensor, model_pixels, model_view
from weld_cell.records import LengthScale, StripeProfile
from weld_cell.stripe import StripeSettings, extract_stripe

sys.path.insert(0, str(Path(__file__).parents[1] / 'judges'))

from stripe_looks import drawn  # noqa: E402
from stripe_render import Dials, JudgeRig, render  # noqa: E402
from stripe_score import camera_of  # noqa: E402

OTHER = JudgeRig(3000.0, 220.0, 40.0, (1280, 1024), (-0.1, 0.03, 2e-4, -1e-4, 0.0))


def sensor(rig):
    return camera_of(rig), 1e3 * rig.plane_per_mm


def test_the_models_own_sensor_sees_what_it_sees():
    profile = extract_stripe(drawn('v', 'plain', 1).pixels, StripeSettings())
    assert model_view(profile, *sensor(JudgeRig())) is profile
    near = CameraModel(np.array([[2100.0, 0, 300], [0, 2100.0, 250], [0, 0, 1]]), np.zeros(5), (640, 480))
    assert is_model_sensor(near, tuple(1e3 * JudgeRig().plane_per_mm))
    assert not is_model_sensor(camera_of(OTHER), tuple(1e3 * OTHER.plane_per_mm))


def test_places_of_the_laser_plane_by_hand():
    """10 mm across at 300 mm: 2000 x 10 / 300 rows; 10 mm up: 5 mm aside and 8.66 mm nearer, 2000 x 5 / 291.34."""
    pixels = model_pixels(np.array([[0.0, 0.0], [0.01, 0.0], [0.0, 0.01]]))
    assert pixels == pytest.approx(np.array([[320.0, 240.0], [320.0, 306.6667], [285.6759, 240.0]]), abs=1e-3)


def test_a_line_of_another_sensor_keeps_its_millimetres():
    """Steps and slopes seen by another lens are as long and as steep in the new picture."""
    camera, plane = sensor(OTHER)
    rows = np.arange(200.0, 800.0)
    columns = 500.0 + 0.1 * (rows - 500.0) + 60.0 * (rows > 500.0)
    profile = StripeProfile(rows, columns, np.full(600, 200.0), np.zeros(600, bool), (1280, 1024))
    seen = model_view(profile, camera, plane)
    plain = sensor(replace(JudgeRig(), distortion=(0.0,) * 5))
    there = triangulate(camera, plane, np.column_stack([columns, rows]))
    here = triangulate(*plain, np.column_stack([seen.columns_px, seen.rows_px]))
    for ends in (slice(None, 40), slice(-40, None)):
        angles = [np.degrees(np.arctan(_rise(part[ends]))) for part in (there, here)]
        assert angles[1] == pytest.approx(angles[0], abs=0.5)
    lengths = [np.linalg.norm(part[-1] - part[0]) for part in (there, here)]
    assert lengths[1] == pytest.approx(lengths[0], abs=0.3e-3)  # two rows of the new picture
    flipped = model_view(profile, camera, plane, 'smaller_columns')
    assert flipped.columns_px == pytest.approx(639.0 - seen.columns_px)


def _rise(points):
    """Of a line in its plane: metres along x and z for a metre along y."""
    return np.hypot(*np.polyfit(points[:, 1], points[:, [0, 2]], 1)[0])


def test_one_model_serves_other_optics():
    classifier, told = JointTypeClassifier.load(), []
    for name in ('lap', 'butt', 'splice'):
        for seed in range(7000, 7012):
            judged = drawn(name, 'optics', seed)
            profile = extract_stripe(judged.pixels, StripeSettings())
            told.append(classifier.classify(profile, *sensor(judged.rig)).joint_type == name)
    assert np.mean(told) >= 0.97


def test_light_comes_along():
    judged = drawn('lap', 'optics', 7001)
    profile = extract_stripe(judged.pixels, StripeSettings())
    seen = model_view(profile, *sensor(judged.rig))
    at = seen.light[seen.rows_px.astype(int), np.rint(seen.columns_px).astype(int)]
    assert seen.light.shape == (480, 640)
    assert np.median(at) > 0.6 * np.median(profile.intensity)


def test_a_model_of_ones_own_and_the_papers_features_take_the_pixels_as_they_are():
    judged = drawn('lap', 'optics', 7001)
    profile = extract_stripe(judged.pixels, StripeSettings())
    own = JointTypeClassifier(JointTypeClassifier.load().model)
    papers = JointTypeClassifier.load(settings=JointTypeSettings(feature_set='paper'))
    for classifier in (own, papers):
        features = classifier.classify(profile, *sensor(judged.rig)).features
        assert np.array_equal(features, classifier.classify(profile).features)
    shipped = JointTypeClassifier.load()
    assert not np.array_equal(shipped.classify(profile, *sensor(judged.rig)).features, own.classify(profile).features)


def test_a_sensor_that_is_not_calibrated_is_seen_by_the_assumed_scale():
    rig = JudgeRig(4000.0, 200.0, 25.0, (1280, 1024))
    told = {}
    for scale in ('as shipped', 'as it is'):
        assumed = {'assumed_row_mm': 0.05, 'assumed_column_mm': 0.118} if scale == 'as it is' else {}
        classifier, right = JointTypeClassifier.load(settings=JointTypeSettings(**assumed)), []
        for name in ('lap', 'butt', 'splice', 'fillet'):
            for seed in range(4):
                judged = render(name, Dials(rig=rig, width_px=6.0), np.random.default_rng(seed))
                estimate = classifier.classify(extract_stripe(judged.pixels, StripeSettings()))
                right.append(estimate.joint_type == name)
                assert estimate.scale is LengthScale.ASSUMED
        told[scale] = np.mean(right)
    assert told['as it is'] == 1.0 and told['as shipped'] < 0.8


def test_the_scale_is_said_with_the_type():
    profile = extract_stripe(drawn('v', 'plain', 1).pixels, StripeSettings())
    papers = JointTypeClassifier.load(settings=JointTypeSettings(feature_set='paper'))
    shipped = JointTypeClassifier.load()
    assert papers.classify(profile, *sensor(JudgeRig())).scale is LengthScale.PIXELS
    assert shipped.classify(profile, *sensor(JudgeRig())).scale is LengthScale.CALIBRATED
    assert np.array_equal(shipped.classify(profile).features, shipped.classify(profile, *sensor(JudgeRig())).features)


def test_a_sensor_that_sees_depth_on_the_other_side_is_not_the_models():
    camera, plane = sensor(JudgeRig())
    assert is_model_sensor(camera, tuple(plane))
    mirrored = tuple(plane * [-1.0, 1.0, 1.0])
    assert not is_model_sensor(camera, mirrored)
    assert is_model_sensor(camera, mirrored, deeper='smaller_columns')


def test_a_stripe_that_runs_aslant_is_told_as_an_upright_one():
    """Some 750 rows long, of which the model's sensor would see 480."""
    classifier, told = JointTypeClassifier.load(), []
    for name in ('lap', 'butt', 'splice'):
        for seed in range(9100, 9105):
            judged = drawn(name, 'oblique', seed)
            profile = extract_stripe(judged.pixels, StripeSettings(direction='auto'))
            seen = model_view(profile, *sensor(judged.rig))
            assert len(profile.rows_px) > 500 >= len(seen.rows_px)
            told.append(classifier.classify(profile, *sensor(judged.rig)).joint_type == name)
    assert np.mean(told) >= 0.9
