"""A cycle that begins with a look at clamped plates: welded as seen, or refused before anything moves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cell_graph import needs_ros2, running_graph
from diagnostic_msgs.msg import DiagnosticStatus
from sensor_msgs.msg import JointState

from weld_cell.records.status import CellStatus
from weld_cell.ros.qos import STATE
from weld_cell.ros.statuses import status_from_message

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

LAUNCH_S, CYCLE_S = 90.0, 300.0  # generous: for a machine that is busy
SEED = 6
PICTURES = ('plate_seam.png', 'plate_path.png', 'trajectory.png')


def run(out, *words):
    """`weld_cell run --plate`; its summary and the stages that it went through."""
    words = ['run', '--plate', *words, '--seed', str(SEED), '--out', str(out)]
    command = [sys.executable, '-m', 'weld_cell.cli', *words]
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=CYCLE_S, env={**os.environ, 'PATH': path}, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    summary = json.loads((out / 'summary.json').read_text())
    assert summary['last_stage'] == 'done' and summary['trajectory_accepted']
    return summary, {stage for _, stage, _ in json.loads((out / 'run.json').read_text())['stages']}


def test_the_seam_between_plates_is_the_nominal_line_of_the_scan(tmp_path):
    summary, stages = run(tmp_path / 'out', 'laser')
    assert stages >= {'look', 'approach', 'identify', 'track', 'finish', 'plan', 'weld'}
    assert summary['seam_source'] == 'laser' and summary['joint_type'] == summary['joint_type_truth'] == 'butt'
    assert summary['seam_max_mm'] < 0.3 and summary['plate_path_max_mm'] < 0.2


def test_the_seam_between_plates_is_welded_as_it_was_seen(tmp_path):
    out = tmp_path / 'out'
    summary, stages = run(out)
    assert stages == {'idle', 'look', 'plan', 'weld', 'done'} and summary['seam_source'] == 'plate'
    assert summary['seam_max_mm'] == summary['plate_path_max_mm'] < 0.2
    assert summary['plate_length_mm'] == pytest.approx(summary['plate_length_truth_mm'], abs=2.0)
    assert summary['plate_gap_mm'] == pytest.approx(summary['plate_gap_truth_mm'], abs=0.3)
    assert summary['tcp_speed_error_pct'] < 1.0
    page = (out / 'index.html').read_text()
    assert 'Seam between the plates' in page
    assert all(f'src="{name}"' in page and (out / name).stat().st_size > 1000 for name in PICTURES)


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['plate:=true', 'lies:=test_sheet'], 'in stage look: plate_seam/detect: '),
        (['seam_source:=plate', 'part:=true'], 'in stage idle: A cycle begins with a look at a part or at plates'),
    ],
)
def test_what_shows_no_seam_is_refused_before_anything_moves(tmp_path, words, said):
    with running_graph(tmp_path) as graph:
        graph.listen(DiagnosticStatus, 'cell/status', latched=True)
        graph.listen(JointState, 'joint_states', STATE)
        graph.ros2('cell', 'launch', 'weld_cell', 'cell.launch.xml', 'source:=sim', *words, 'auto_start:=true')
        statuses = graph.messages['cell/status']
        assert graph.wait(lambda: statuses and statuses[-1].level == DiagnosticStatus.ERROR, LAUNCH_S), graph.output(
            'cell'
        )
        assert said in statuses[-1].message and 'Remedy' in statuses[-1].message
        assert {str(status_from_message(CellStatus, message).stage) for message in statuses} <= {
            'idle',
            'look',
            'fault',
        }
        states = np.array([message.position for message in graph.messages['joint_states']])
        assert len(states) > 0 and np.ptp(states, axis=0).max() == 0.0
