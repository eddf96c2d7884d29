"""The evaluation of the seam: its figures by hand, and one real scan of each outcome."""

import json

import numpy as np
import pytest

from weld_cell.evaluation.seam import ScanAccuracy, SeamEvaluation, evaluate_seam, random_scene
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects


def outcome(joint_type, curved, errors_mm, failure=''):
    errors = np.array(errors_mm, dtype=float)
    return ScanAccuracy(joint_type, curved, 3, errors, errors, 0.0 if failure else 1.0, np.array([0.5]), failure)


@pytest.mark.parametrize('scenes', [0, -1])
def test_no_scenes_are_refused(scenes):
    with pytest.raises(ValueError, match='at least 1'):
        evaluate_seam(scenes)


def test_no_scan_at_all_has_no_figures():
    report = SeamEvaluation((), 7, 1.0, 0.0).as_dict()
    assert report['rms_mm_straight'] is None
    assert report['fitted'] == report['total'] == 0


def test_figures_by_hand():
    scans = (
        outcome(JointType.LAP, False, [0.3, 0.4]),
        outcome(JointType.V, True, [0.1, 0.1]),
        outcome(JointType.V, False, [], 'The path has a hole.'),
    )
    report = SeamEvaluation(scans, 7, 1.0, 2.0).as_dict()
    assert report['rms_mm_straight'] == pytest.approx(np.sqrt(0.125), abs=1e-4)  # (0.09 + 0.16) / 2
    assert report['rms_mm_curved'] == pytest.approx(0.1)
    assert (report['fitted'], report['total']) == (2, 3)
    v = report['per_joint']['v']
    assert (v['fitted'], v['total'], v['covered'], v['rms_mm_straight']) == (1, 2, 0.5, None)
    assert v['refused'] == {'scene 3': 'The path has a hole.'}
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_a_scan_of_a_fillet_is_near_the_truth():
    told = []
    report = evaluate_seam(1, 7, None, lambda: told.append(1), [JointType.FILLET]).as_dict()
    assert told == [1]
    assert (report['fitted'], report['total']) == (1, 1)
    assert report['rms_mm_straight'] < 0.05
    assert report['per_joint']['fillet']['covered'] == pytest.approx(1.0, abs=0.03)


def test_scenes_differ_by_number_and_are_the_same_again():
    first, again, other = (random_scene(JointType.V, number, 7, 1.0)[0] for number in (0, 0, 1))
    np.testing.assert_array_equal(first.truth.positions_m, again.truth.positions_m)
    assert first.effects == again.effects != other.effects
    assert random_scene(JointType.V, 0, 7, None)[0].effects == HardEffects.nominal()
