"""The evaluation of the tracking: its figures by hand, and what it refuses."""

import json

import numpy as np
import pytest

from weld_cell.evaluation.tracking import TrackedRun, TrackingEvaluation, evaluate_tracking
from weld_cell.records import JointType


def welded(errors_mm, curved=False, blind=0, failure=''):
    errors = np.array(errors_mm, dtype=float)
    return TrackedRun(
        JointType.LAP,
        curved,
        'slip',
        0,
        np.arange(len(errors), dtype=float),
        errors,
        len(errors) - blind,
        10 * errors,
        np.zeros((len(errors), 2)),
        0.5,
        np.array([10.0, 20.0]),
        1,
        9,
        failure,
    )


@pytest.mark.parametrize('wrong', [{'runs_per_joint': 0}, {'arc': 1.5}])
def test_no_runs_and_too_much_arc_are_refused(wrong):
    with pytest.raises(ValueError, match='expected'):
        evaluate_tracking(**wrong)


def test_no_weld_at_all_has_no_figures():
    report = TrackingEvaluation((), 7, 0.6, 0.0).as_dict()
    assert report['rms_mm_straight'] is None and report['latency_ms'] == {'p50': None, 'p99': None}


def test_figures_by_hand():
    runs = (welded([0.3, 0.4, 9.0], blind=1), welded([0.1], curved=True), welded([5.0], failure='StripeLostError: x'))
    report = TrackingEvaluation(runs, 7, 0.6, 1.0).as_dict()
    assert report['rms_mm_straight'] == pytest.approx(np.sqrt(0.125), abs=1e-4)
    assert (report['rms_mm_curved'], report['worst_mm'], report['blind_worst_mm']) == (0.1, 0.4, 9.0)
    assert report['latency_ms'] == {'p50': 15.0, 'p99': 20.0}
    assert (report['welded'], report['total']) == (2, 3)
    assert report['stopped'] == {'lap 0': 'StripeLostError: x'}
    assert json.loads(json.dumps(report, allow_nan=False)) == report
