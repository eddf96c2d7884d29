"""`weld_cell evaluate tracking`: what it refuses, and its table."""

import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.commands.evaluate_tracking import _text
from weld_cell.evaluation.tracking import TrackedRun, TrackingEvaluation
from weld_cell.records import JointType


@pytest.mark.parametrize('wrong', [['--runs', '0'], ['--arc', '1.5']])
def test_what_cannot_be_welded_is_refused(wrong, capsys):
    assert main(['evaluate', 'tracking', *wrong]) != 0
    assert 'expected' in capsys.readouterr().err


def test_the_table_tells_what_was_welded_and_what_stopped():
    errors, nothing = np.array([0.1, 0.1]), np.empty(0)
    runs = (
        TrackedRun(JointType.V, False, 'slip', 0, errors, errors, 2, 10 * errors, np.zeros((2, 2)), 0.5, errors),
        TrackedRun(
            JointType.LAP,
            True,
            'bend',
            0,
            nothing,
            nothing,
            0,
            nothing,
            np.zeros((0, 2)),
            0.0,
            nothing,
            failure='Lost',
        ),
    )
    table = _text(TrackingEvaluation(runs, 7, 0.6, 1.0).as_dict()).splitlines()
    assert table[1].split() == ['v', '0.100', '0.100', '-', '1.000', '1/1']
    assert table[2].split() == ['lap', '-', '-', '-', '-', '0/1'] and table[-1] == 'stopped: lap 0: Lost'
