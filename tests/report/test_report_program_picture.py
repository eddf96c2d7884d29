"""The picture of a program: how a straight weld is shown, and where the moves end along it."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / 'programs'))
from program_parts import bent_program, bent_weld

from weld_cell.records import MotionPhase, MoveKind
from weld_cell.report.program_picture import move_ends, plan_axes


@pytest.mark.parametrize(
    ('to', 'across'), [([-3.0, 0.0, 0.0], [0.0, -1.0, 0.0]), ([0.0, 0.0, 2.0], [0.0, -1.0, 0.0])]
)
def test_a_straight_weld_goes_from_left_to_right_and_the_horizontal_lies_across(to, across):
    points = np.array([1.0, -0.1, 0.2]) + np.linspace(0.0, 1.0, 30)[:, None] * to
    along, beside = plan_axes(points + 1e-9 * np.random.default_rng(0).random(points.shape))
    np.testing.assert_allclose(along, to / np.linalg.norm(to), atol=1e-6)
    np.testing.assert_allclose(beside, across, atol=1e-6)


def test_moves_end_in_order_where_the_program_says():
    trajectory, program = bent_weld(), bent_program()
    welds = [index for index, phase in enumerate(trajectory.phases) if phase is MotionPhase.WELD]
    points = trajectory.tool_poses[welds, :3, 3]
    ends = move_ends(program, points)
    indices = [index for _, index in ends]
    assert indices == sorted(set(indices)) and indices[-1] == len(points) - 1
    assert {kind for kind, _ in ends} == {MoveKind.LINEAR, MoveKind.CIRCULAR}
    # the straight part of the seam is 60 mm long
    first = np.linalg.norm(points[indices[0]] - points[0])
    assert 0.05 < first < 0.065
