"""The figures of a run against numbers worked by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from weld_cell.paths import config_file
from weld_cell.report.run_record import RunFacts, RunRecord
from weld_cell.report.run_summary import (
    RunTruth,
    distances_to_polyline,
    end_errors_mm,
    runs_against,
    summarise,
    tool_speed_error_pct,
    verdict,
)
from weld_cell.trajectory.robot_model import load_robot

STRAIGHT = np.array([[0.0, 0.0, 0.0], [0.0, 0.05, 0.0], [0.0, 0.1, 0.0]])
BENT = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
TRUTH = RunTruth('lap', STRAIGHT)


@pytest.fixture(scope='module')
def robot():
    return load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))


def path_at(*positions):
    """Rows of a recorded path with these positions."""
    return np.hstack([np.array(positions, dtype=float), np.zeros((len(positions), 6))])


def facts(**changes):
    return RunFacts(**{'source': 'sim', 'joint_type': 'lap', 'stages': [(1.0, 'done', '')], **changes})


@pytest.mark.parametrize(
    ('points', 'polyline', 'expected'),
    [
        (np.empty((0, 3)), STRAIGHT, []),
        ([[0.003, 0.02, 0.004]], STRAIGHT, [0.005]),  # 3, 4, 5
        ([[0.0, -0.5, 0.002]], STRAIGHT, [0.002]),  # before the start only across counts
        ([[0.001, 0.7, 0.0]], STRAIGHT, [0.001]),  # and behind the end
        ([[0.9, 0.2, 0.0], [1.3, 0.9, 0.4]], BENT, [0.1, 0.5]),  # by the nearer of two legs
    ],
)
def test_distances(points, polyline, expected):
    assert distances_to_polyline(np.asarray(points), polyline) == pytest.approx(expected)


@pytest.mark.parametrize(
    ('start', 'end', 'expected'),
    [
        ((0.0, 0.0, 0.0), (0.0, 0.1, 0.0), (0.0, 0.0)),
        ((0.0, -0.002, 0.0), (0.0, 0.103, 0.0), (2.0, 3.0)),  # found too long
        ((0.0, 0.004, 0.0), (0.5, 0.099, 0.0), (-4.0, -1.0)),  # found too short; across does not count
    ],
)
def test_end_errors(start, end, expected):
    assert end_errors_mm(np.array([start, end]), STRAIGHT) == pytest.approx(expected)


def test_a_run_that_did_nothing(robot):
    summary = summarise(RunRecord(), None, robot, np.eye(4))
    measured = (
        'joint_type_truth',
        'seam_rms_mm',
        'seam_max_mm',
        'seam_start_error_mm',
        'seam_end_error_mm',
        'tcp_speed_error_pct',
        'last_stage',
    )
    assert all(summary[name] is None for name in measured)
    assert summary['latency_ms'] == {'p50': None, 'p99': None}
    assert (summary['images'], summary['trajectory_points'], summary['trajectory_accepted']) == (0, 0, False)
    good, sentence = verdict(summary)
    assert not good and 'None' in sentence


def test_figures(robot):
    record = RunRecord(
        facts(images=40, images_lost=1, seconds=30.0),
        latencies_ms=np.arange(101.0),
        path=path_at((0.0001, 0.001, 0.0), (0.0, 0.05, 0.0002), (0.0002, 0.1, 0.0)),
        trajectory=np.zeros((7, 13)),
    )
    summary = summarise(record, TRUTH, robot, np.eye(4))
    assert summary['seam_rms_mm'] == pytest.approx(np.sqrt((0.01 + 0.04 + 0.04) / 3), abs=1e-4)
    assert summary['seam_max_mm'] == 0.2
    assert (summary['seam_start_error_mm'], summary['seam_end_error_mm']) == (-1.0, 0.0)
    assert summary['latency_ms'] == {'p50': 50.0, 'p99': 99.0}
    assert (summary['images'], summary['images_lost'], summary['trajectory_points']) == (40, 1, 7)
    assert verdict(summary) == (True, 'lap identified, its seam within 0.2 mm everywhere.')


@pytest.mark.parametrize(
    ('changes', 'path', 'said'),
    [
        (
            {'stages': [(1.0, 'fault', 'No plate.')]},
            path_at((0.0, 0.0, 0.0), (0.0, 0.1, 0.0)),
            'stage fault. No plate.',
        ),
        ({'joint_type': 'butt'}, path_at((0.0, 0.0, 0.0), (0.0, 0.1, 0.0)), 'The lap joint was classified as butt'),
        ({}, path_at((0.0, 0.0, 0.0), (0.000301, 0.1, 0.0)), 'off by up to 0.301 mm'),
        ({}, np.empty((0, 9)), 'off by up to None mm'),
    ],
)
def test_a_bad_run_says_why(robot, changes, path, said):
    good, sentence = verdict(summarise(RunRecord(facts(**changes), path=path), TRUTH, robot, np.eye(4)))
    assert not good and said in sentence


def plate_record(path):
    told = {'seams': 2, 'length_mm': 99.12345, 'gap_mm': 0.5}
    return RunRecord(facts(joint_type='', seam_source='plate', plate_seam=told), plate_path=np.asarray(path, float))


def test_a_plate_seam_is_judged_by_what_the_area_camera_saw(robot):
    record = plate_record([(0.0, 0.001, 0.0), (0.0001, 0.05, 0.0), (0.0, 0.1, 0.0002)])
    truth = RunTruth(None, STRAIGHT, plate_m=STRAIGHT, plate_gap_mm=0.7)
    summary = summarise(record, truth, robot, np.eye(4))
    assert (summary['plate_seams'], summary['plate_length_mm'], summary['plate_gap_mm']) == (2, 99.1235, 0.5)
    assert (summary['plate_length_truth_mm'], summary['plate_gap_truth_mm']) == (100.0, 0.7)
    assert summary['seam_max_mm'] == summary['plate_path_max_mm'] == 0.2
    assert summary['plate_path_rms_mm'] == pytest.approx(np.sqrt((0.01 + 0.04) / 3), abs=1e-4)
    assert verdict(summary) == (True, 'plate seam identified, its seam within 0.2 mm everywhere.')


@pytest.mark.parametrize('path', [np.empty((0, 3)), [(0.001, 0.0, 0.0), (0.001, 0.1, 0.0)]])
def test_a_plate_seam_that_is_not_found_or_lies_elsewhere_is_bad(robot, path):
    truth = RunTruth(None, STRAIGHT, plate_m=STRAIGHT, plate_gap_mm=0.7)
    good, sentence = verdict(summarise(plate_record(path), truth, robot, np.eye(4)))
    assert not good and 'off by up to' in sentence


def test_real_plates_have_figures_without_a_truth(robot):
    summary = summarise(plate_record([(0.0, 0.0, 0.0), (0.0, 0.1, 0.0)]), None, robot, np.eye(4))
    assert summary['plate_gap_mm'] == 0.5 and 'plate_gap_truth_mm' not in summary
    assert verdict(summary) == (True, 'Done: plate seam.')


@pytest.mark.parametrize(('path', 'against'), [(STRAIGHT, False), (STRAIGHT[::-1], True)])
def test_which_way_a_path_runs(path, against):
    assert runs_against(path, STRAIGHT) is against


def test_without_a_truth_the_end_counts(robot):
    assert verdict(summarise(RunRecord(facts(source='real')), None, robot, np.eye(4))) == (True, 'Done: lap.')


@pytest.mark.parametrize(('speed_m_s', 'expected'), [(0.010, 0.0), (0.0105, 5.0), (0.009, 10.0)])
def test_the_tool_s_speed_error(speed_m_s, expected):
    """A tool that moves evenly along x, and jumps outside of the weld."""
    times = np.arange(0.0, 4.0, 0.008)
    states = np.column_stack([100.0 + times, np.zeros((len(times), 6))])
    states[:, 1] = speed_m_s * times
    states[times < 1.0, 1] = 0.0
    poses = np.tile(np.eye(4), (len(times), 1, 1))
    poses[:, 0, 3] = states[:, 1]
    robot = SimpleNamespace(forward=lambda positions, tool: poses)  # a robot whose first joint is a linear axis
    record = RunRecord(
        RunFacts(weld_window_s=(1.0, 3.5), travel_speed_mm_s=10.0, weld_start_ns=100 * 10**9), joint_states=states
    )
    assert tool_speed_error_pct(record, robot, np.eye(4)) == pytest.approx(expected, abs=1e-3)


def test_without_a_weld_there_is_no_speed_error(robot):
    states = np.column_stack([np.arange(10.0), np.zeros((10, 6))])
    assert tool_speed_error_pct(RunRecord(joint_states=states), robot, np.eye(4)) is None
    assert tool_speed_error_pct(RunRecord(), robot, np.eye(4)) is None
