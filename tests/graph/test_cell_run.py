"""`weld_cell run` as a person calls it: one simulated joint, from start to report, and Ctrl-C in the middle of it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
from cell_graph import needs_ros2, prefix_with_faster_welds, records_of

from weld_cell.report.run_record import load_record

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

JOINT_TYPE = 'splice'
SUMMARY_KEYS = {
    'joint_type',
    'joint_type_truth',
    'seam_rms_mm',
    'seam_max_mm',
    'images',
    'images_lost',
    'latency_ms',
    'trajectory_points',
    'tcp_speed_error_pct',
    'trajectory_accepted',
    'seconds',
}
PICTURES = {'joint_type.png', 'seam.png', 'profile.png', 'seam_path.png', 'trajectory.png'}
PATIENCE_S = 240.0
MARK = 'WELD_CELL_TEST_RUN'


class CellRun:
    """A running `weld_cell run`, whose processes, down to the last node, carry a mark in their environment."""

    def __init__(self, out):
        self._mark = uuid.uuid4().hex
        self.lines = []
        path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
        command = [
            sys.executable,
            '-m',
            'weld_cell.cli',
            'run',
            '--joint',
            JOINT_TYPE,
            '--seed',
            '2',
            '--out',
            str(out),
        ]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, 'PATH': path, 'PYTHONUNBUFFERED': '1', MARK: self._mark},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        self.lines.extend(iter(self.process.stdout.readline, ''))

    @property
    def output(self):
        return ''.join(self.lines)

    def wait_for_line(self, words):
        """Wait until a line of the output has these words."""
        deadline = time.monotonic() + PATIENCE_S
        while not any(words in line for line in self.lines):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def end(self):
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def processes(self):
        """Command lines of all processes of the run that live, by process id."""
        found = {}
        for folder in Path('/proc').glob('[0-9]*'):
            try:
                if f'{MARK}={self._mark}'.encode() in (folder / 'environ').read_bytes().split(b'\0'):
                    found[int(folder.name)] = (folder / 'cmdline').read_bytes().replace(b'\0', b' ').decode()
            except OSError:  # it ended meanwhile, or belongs to another user
                continue
        return found

    def all_import(self):
        """Whether every node is past the start of its interpreter, and imports its libraries, or is through."""
        nodes = [number for number, command in self.processes().items() if '--ros-args' in command]
        try:
            return len(nodes) > 4 and all('numpy' in Path(f'/proc/{number}/maps').read_text() for number in nodes)
        except OSError:  # one of them ended meanwhile
            return False

    def kill(self):
        for number in self.processes():
            os.kill(number, signal.SIGKILL)
        self.end()


@pytest.fixture
def cell_run(tmp_path, monkeypatch):
    """The running cell, over the package as the source tree has it, but that it welds faster."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix_with_faster_welds(tmp_path)), prepend=':')
    run = CellRun(tmp_path / 'out')
    yield run
    run.kill()


def test_to_its_end(cell_run, tmp_path):
    cell_run.wait_for_line('process started')
    assert len(cell_run.processes()) > 5  # so that none found at the end means something
    assert cell_run.end() == 0, cell_run.output
    loud = [line for line in cell_run.lines if '[WARN]' in line or '[ERROR]' in line or 'Traceback' in line]
    assert loud == []  # a good run is quiet
    types = {word for line in cell_run.lines for word in re.findall(r'seam_detector\]: (\w+) \(\d+%', line)}
    assert types == {JOINT_TYPE}  # and tells no other type before
    assert cell_run.processes() == {}
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert summary.keys() >= SUMMARY_KEYS and summary['latency_ms'].keys() == {'p50', 'p99'}
    assert summary['joint_type'] == summary['joint_type_truth'] == JOINT_TYPE
    assert 0 < summary['seam_rms_mm'] <= summary['seam_max_mm'] < 0.3
    assert summary['trajectory_accepted'] is True and summary['images'] > 100
    leaves_its_record(tmp_path / 'out')
    page = (tmp_path / 'out' / 'index.html').read_text()
    assert {name for name in PICTURES if f'src="{name}"' in page} == PICTURES
    assert all((tmp_path / 'out' / name).stat().st_size > 1000 for name in PICTURES)


def the_record(out):
    """The one record of a run."""
    (record,) = records_of(out / 'records')
    return record


def leaves_its_record(out):
    """All that is known of a weld that was done, against what the recorder heard for itself."""
    record, heard = the_record(out), load_record(out)
    (seam,) = record.seams
    assert record.outcome == 'done' and record.reason == '' and record.ended_utc > record.began_utc
    stages = list(dict.fromkeys(stage.stage for stage in record.stages))
    assert stages == ['approach', 'identify', 'track', 'finish', 'plan', 'weld']
    assert seam.joint.joint_type == JOINT_TYPE and seam.joint.voted and seam.joint.share > 0.5
    assert np.allclose(seam.path.positions_m, heard.path[:, :3], atol=1e-6)
    assert 0.0 < seam.path.residual_rms_mm < 0.3 and seam.path.points > 100
    assert len(seam.along.gap_mm) == seam.path.points and all(gap is not None for gap in seam.along.gap_mm)
    assert np.all(np.diff(seam.along.along_mm) >= 0.0)
    numbers = {each.name: each.value for each in seam.procedure.parameters}
    assert seam.procedure.name == JOINT_TYPE and numbers['travel_speed_mm_s'] == 30.0 and seam.procedure.changes == ()
    assert np.allclose(seam.trajectory.positions_rad, heard.trajectory[:, 1:7], atol=1e-6)
    assert seam.controller.reached and seam.controller.miss_rad < 2e-3 and seam.controller.answer is None
    assert seam.arc.armed is False and seam.arc.armed_by is None
    assert record.calibration.date == '2026-11-20' and len(record.calibration.sha256) == 64
    assert {'joint_type', 'seam'} == {picture.what.replace(' ', '_') for picture in record.pictures}
    assert record.software.version and {model.name for model in record.software.models} >= {
        'joint_type',
        'stripe_net',
    }


def test_ctrl_c_in_the_middle_of_the_scan(cell_run, tmp_path):
    cell_run.wait_for_line('stage track')
    time.sleep(2.0)  # some seam points
    cell_run.process.send_signal(signal.SIGINT)
    assert cell_run.end() == 130, cell_run.output
    assert 'Traceback' not in cell_run.output
    assert 'The cycle was stopped' in cell_run.output  # and not simply cut off: the robot is braked
    assert cell_run.processes() == {}
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert summary['last_stage'] in {'track', 'fault'}  # the supervisor's last words may reach the recorder
    assert summary['joint_type'] == JOINT_TYPE
    assert summary['images'] > 10 and summary['trajectory_accepted'] is False
    record = the_record(tmp_path / 'out')
    assert record.outcome == 'stopped' and 'in stage track: The cycle was stopped' in record.reason
    assert record.seams[0].joint.joint_type == JOINT_TYPE and record.seams[0].trajectory is None
    assert 'ended in stage' in (tmp_path / 'out' / 'index.html').read_text()


def test_ctrl_c_while_the_nodes_are_imported(cell_run):
    cell_run.wait_for_line('[cell_container-3]')
    while not cell_run.all_import():
        assert cell_run.process.poll() is None, cell_run.output
        time.sleep(0.01)
    cell_run.process.send_signal(signal.SIGINT)
    assert cell_run.end() == 130, cell_run.output
    assert 'Traceback' not in cell_run.output and 'KeyboardInterrupt' not in cell_run.output, cell_run.output
    assert cell_run.processes() == {}


@pytest.mark.parametrize(
    ('words', 'last_stages'),
    [
        ('stage idle', {'idle', 'approach', 'fault', None}),
        ('stage approach', {'idle', 'approach', 'fault'}),
        ('stage weld: 0 of', {'weld', 'fault'}),
    ],
)
def test_ctrl_c_at_a_stage_leaves_nothing_behind_but_the_report(cell_run, tmp_path, words, last_stages):
    """The line is printed as the stage begins; the recorder, another process, may be ended before it hears of it.

    How the robot is braked in each stage: tests/supervisor/test_supervisor_cycle.py.
    """
    cell_run.wait_for_line(words)
    cell_run.process.send_signal(signal.SIGINT)
    assert cell_run.end() == 130, cell_run.output
    assert 'Traceback' not in cell_run.output and 'KeyboardInterrupt' not in cell_run.output, cell_run.output
    assert cell_run.processes() == {}
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert summary['last_stage'] in last_stages and summary['trajectory_accepted'] is False
    assert 'ended in stage' in (tmp_path / 'out' / 'index.html').read_text()


def test_a_killed_run_leaves_no_launch_and_no_nodes(cell_run):
    cell_run.wait_for_line('stage approach')
    assert len(cell_run.processes()) > 5
    cell_run.process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while cell_run.processes():
        assert time.monotonic() < deadline, cell_run.processes()
        time.sleep(0.2)


def test_a_run_whose_supervisor_is_killed_fails_with_the_reason(cell_run, tmp_path):
    cell_run.wait_for_line('stage approach')
    (supervisor,) = (number for number, command in cell_run.processes().items() if 'cell_supervisor ' in command)
    os.kill(supervisor, signal.SIGKILL)
    assert cell_run.end() == 1, cell_run.output
    assert cell_run.processes() == {}
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert summary['last_stage'] == 'fault'
    assert 'cell_supervisor was started again in stage approach' in summary['note']
    record = the_record(tmp_path / 'out')
    assert record.outcome == 'lost' and record.stages[-1].stage == 'approach'
