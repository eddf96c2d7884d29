"""`weld_cell evaluate tracking`: what it refuses, and its table."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.commands import evaluate_tracking
from weld_cell.commands.evaluate_tracking import _graph_pictures, _graph_text, _text
from weld_cell.commands.joint_types import add_types_argument
from weld_cell.evaluation.output import EvaluationOutput
from weld_cell.evaluation.tracking import TrackedRun, TrackingEvaluation
from weld_cell.evaluation.tracking_graph import OF_THE_RUN, GraphTrackingEvaluation, GraphWeld, said_of
from weld_cell.records import JointType


@pytest.mark.parametrize(
    'wrong',
    [
        ['--runs', '0'],
        ['--arc', '1.5'],
        ['--length', '5'],
        ['--params', 'config/cell.yaml'],
        ['--graph', '--runs', '0'],
        ['--graph', '--arc', '1.5'],
        ['--graph', '--length', '150'],
        ['--graph', '--jobs', '1'],
    ],
)
def test_what_cannot_be_welded_is_refused(wrong, capsys):
    try:
        code = main(['evaluate', 'tracking', *wrong])
    except SystemExit as ended:
        code = ended.code
    assert code == 2 and 'expected' in capsys.readouterr().err


def test_a_type_that_is_named_twice_counts_once():
    parser = argparse.ArgumentParser()
    add_types_argument(parser)
    assert parser.parse_args(['--types', 'v', 'lap', 'v']).types == [JointType.V, JointType.LAP]
    assert parser.parse_args([]).types == list(JointType)


def test_a_weld_that_was_stopped_is_told_by_the_exit_code(monkeypatch, capsys):
    nothing = np.empty(0)
    rows = (nothing, nothing, 0, nothing, np.zeros((0, 2)), 0.0, nothing)
    stopped = TrackedRun(JointType.V, False, 'slip', 0, *rows, failure='Lost')
    found = TrackingEvaluation((stopped,), 7, 0.6, 1.0)
    monkeypatch.setattr(evaluate_tracking, 'evaluate_tracking', lambda *_: found)
    assert main(['evaluate', 'tracking', '--types', 'v']) == 1
    assert '1 of 1 weld stopped' in capsys.readouterr().err


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


def in_graph(folder):
    """A weld that came to its end, by the summary of its run, and one whose launch did not even begin."""
    summary, picture = folder / 'summary.json', folder / 'tracking.png'
    figures = {'tool_rms_mm': 0.21, 'tool_worst_mm': 0.4, 'uncorrected_rms_mm': 1.5, 'tcp_speed_error_pct': 0.3}
    latency = {'correction_latency_ms': {'p50': 30.0, 'p99': 80.0}, 'seam_point_age_ms': {'p50': 15.0, 'p99': 60.0}}
    summary.write_text(json.dumps({**figures, **latency, 'last_stage': 'done', 'note': '', 'seconds': 60.0}))
    picture.write_bytes(b'png')
    done = GraphWeld(JointType.V, 'slip', 1, True, 1.23, 40.0, said_of(summary, ''), picture)
    not_begun = said_of(folder / 'none' / 'summary.json', 'no ROS 2')
    return GraphTrackingEvaluation(
        (done, GraphWeld(JointType.LAP, 'bend', 1, False, 2.0, 1.0, not_begun, None)), 1, 0.6, 70.0
    )


def test_welds_in_the_graph_give_the_figures_of_those_in_simulated_time(tmp_path):
    found = in_graph(tmp_path)
    figures = found.as_dict()
    simulated = TrackingEvaluation((), 7, 0.6, 1.0).as_dict()
    assert set(simulated) - set(figures) == {'per_joint', 'per_drift', 'blind_worst_mm'}
    assert (figures['rms_mm_curved'], figures['rms_mm_straight'], figures['worst_mm']) == (0.21, None, 0.4)
    assert figures['latency_ms'] == {'p50': 30.0, 'p99': 80.0} and figures['correction_work_ms']['p99'] is None
    assert (figures['welded'], figures['total'], figures['stopped']) == (1, 2, {'lap 1': 'no ROS 2'})
    assert set(OF_THE_RUN) < set(figures['welds']['v 1']) and figures['welds']['v 1']['load'] == 1.2


def test_the_table_and_the_page_of_welds_in_the_graph(tmp_path):
    found, report = in_graph(tmp_path), tmp_path / 'report'
    lines = _graph_text(found.as_dict()).splitlines()
    told = '0.210 0.400 1.500 30.000 80.000 1.200 done'
    assert ' '.join(lines[1].split()) == f'v 1, curved, slip {told}'
    assert ' '.join(lines[2].split()) == 'lap 1, straight, bend - - - - - 2.000 -'
    assert lines[-1] == 'stopped: lap 1: no ROS 2'
    pictures = _graph_pictures(found, report)
    output = EvaluationOutput.of('weld_cell evaluate tracking --graph', found.as_dict())
    output.write_page(report, 'evaluation_tracking_graph.html.j2', pictures=pictures)
    page = (report / 'index.html').read_text()
    assert [Path(picture.file).name for picture in pictures] == ['v_1.png'] and (report / 'v_1.png').exists()
    assert 'no ROS 2' in page and 'v_1.png' in page and '80.0' in page
