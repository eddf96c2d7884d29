"""The distance of the tool from a seam that moves, against numbers worked by hand."""

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.report.run_record import RunFacts, RunRecord
from weld_cell.report.run_truth import MovingSeam
from weld_cell.report.tracked_tool import tracked_figures
from weld_cell.trajectory.robot_model import load_robot

ROBOT = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
TOOL = load_rig(str(config_file('rig_tracking.yaml'))).T_tool0_tool
SPEED_M_S, START_S = 0.01, 100.0


def resting():
    """A robot that stands still while its weld should go on, from 1 s to 11 s."""
    times_s = np.arange(0.0, 12.0, 0.1)
    rows = np.tile(ROBOT.home_rad, (len(times_s), 1))
    facts = RunFacts(weld_window_s=(1.0, 11.0), travel_speed_mm_s=1e3 * SPEED_M_S, weld_start_ns=round(START_S * 1e9))
    return RunRecord(
        facts,
        trajectory=np.hstack([times_s[:, None], rows, np.zeros_like(rows)]),
        joint_states=np.hstack([START_S + times_s[:, None], rows]),
    )


def test_a_run_without_a_weld_has_no_figures():
    assert tracked_figures(RunRecord(), MovingSeam(lambda time_s: np.zeros((2, 3)), 0.0, 0.03), ROBOT, TOOL) == {}


def test_a_seam_that_goes_away_from_a_tool_that_stands():
    (tip,) = MovingSeam(None, 0.002, 0.03).wire_ends(ROBOT, TOOL, ROBOT.home_rad[None])
    along, aside = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    line = np.linspace(-0.1, 0.1, 101)[:, None] * along

    def seam(time_s):
        return tip + line + 1e-4 * (time_s - START_S - 1.0) * aside  # 0.1 mm/s

    figures = tracked_figures(resting(), MovingSeam(seam, 0.002, 0.03), ROBOT, TOOL)
    assert figures['tool_worst_mm'] == pytest.approx(0.7, abs=0.011)  # 3 s before the end the sensor leaves the seam
    assert figures['tool_blind_worst_mm'] == figures['uncorrected_worst_mm'] == pytest.approx(1.0, abs=0.011)
    assert figures['tool_rms_mm'] == pytest.approx(0.7 / np.sqrt(3.0), abs=0.01)
    assert figures['weld_done_share'] == pytest.approx(1.0, abs=0.02)
