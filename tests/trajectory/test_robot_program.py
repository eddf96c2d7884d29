"""The robot program: readable, one line a move."""

import dataclasses

import numpy as np
import pytest

from weld_cell.records import JointType
from weld_cell.trajectory.plan import plan_joint_move, plan_weld
from weld_cell.trajectory.procedures import PLATE
from weld_cell.trajectory.program import robot_program


def test_a_trajectory_without_points_has_no_program(robot, settings, procedures):
    move = plan_joint_move(robot.home_rad, robot.home_rad + 0.1, robot, settings)
    with pytest.raises(ValueError, match='at least 2 points, got 0'):
        robot_program(dataclasses.replace(move, times_s=np.empty(0)), procedures[JointType.LAP], JointType.LAP)


def test_program_of_a_straight_weld(straight_seam, robot, welding_tool, settings, procedures):
    procedure = procedures[JointType.BUTT]
    trajectory = plan_weld(straight_seam(), procedure, robot, welding_tool, robot.home_rad, settings)
    lines = robot_program(trajectory, procedure, JointType.BUTT).splitlines()
    assert lines[0].startswith('; weld by the procedure butt, ')
    assert 'current 120 A' in lines[2]
    moves = [line.split() for line in lines if not line.startswith(';')]
    phases = [move[0] for move in moves]
    assert phases == ['approach'] * 2 + ['weld'] * (len(moves) - 3) + ['departure']
    assert [move[1] for move in moves] == ['JOINT'] + ['LINEAR'] * (len(moves) - 1)
    assert {move[-2:][0] for move in moves if move[0] == 'weld'} == {'8.0'}
    assert moves[-1][-2:] == ['50.0', 'mm/s']
    # 15 - 12 mm of stick-out, the tool pushes by 5 degrees: the frame lies 3 mm further along the wire
    end = np.array([float(word) for word in moves[-2][2:5]])
    lean = np.deg2rad(5.0)
    np.testing.assert_allclose(end, [1000.0, 100.0 + 3.0 * np.sin(lean), 200.0 - 3.0 * np.cos(lean)], atol=0.006)


def test_program_of_a_plate_seam_needs_no_joint_type(straight_seam, robot, welding_tool, settings, procedures):
    trajectory = plan_weld(straight_seam(), procedures[PLATE], robot, welding_tool, robot.home_rad, settings)
    lines = robot_program(trajectory, procedures[PLATE], PLATE).splitlines()
    assert lines[0].startswith('; weld by the procedure plate, ') and 'current 100 A' in lines[2]


def test_a_curved_weld_is_written_as_short_linear_moves(arc_seam, robot, welding_tool, settings, procedures):
    procedure = procedures[JointType.LAP]
    trajectory = plan_weld(arc_seam(), procedure, robot, welding_tool, robot.home_rad, settings)
    lines = robot_program(trajectory, procedure, JointType.LAP).splitlines()
    welds = [line for line in lines if line.startswith('weld')]
    assert 18 <= len(welds) <= 23  # 209 mm in moves of about 10 mm
    assert all(' LINEAR ' in line for line in welds)
