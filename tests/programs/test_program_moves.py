"""A planned path as few lines and arcs: hand-made paths, and every planned pose within the tolerance."""

import numpy as np
import pytest
from program_parts import bent_weld, random_welds
from scipy.spatial.transform import Rotation

from weld_cell.programs.moves import Tolerance, circle_through, deviations, fit_moves
from weld_cell.records import MotionPhase, MoveKind

TIGHT = Tolerance(5e-5, np.deg2rad(0.05))


def poses(points, rotations):
    stack = np.tile(np.eye(4), (len(points), 1, 1))
    stack[:, :3, 3], stack[:, :3, :3] = points, rotations.as_matrix()
    return stack


@pytest.mark.parametrize('count', [0, 1, 2])
def test_a_path_that_leads_nowhere_has_no_moves(count):
    with pytest.raises(ValueError, match='at least 2 tool poses that lead on'):
        fit_moves(np.tile(np.eye(4), (count, 1, 1)), TIGHT)


def test_a_straight_path_is_one_line_also_where_the_tool_turns_evenly():
    share = np.linspace(0.0, 1.0, 200)[:, None]
    path = poses(share * [0.3, 0.1, 0.0], Rotation.from_rotvec(share * [0.0, 0.0, 0.5]))
    (move,) = fit_moves(path, TIGHT)
    assert (move.kind, move.start, move.end) == (MoveKind.LINEAR, 0, 199)


def test_a_corner_is_not_cut():
    leg = np.linspace(0.0, 0.1, 101)[:, None]
    points = np.concatenate([leg * [1.0, 0.0, 0.0], [0.1, 0.0, 0.0] + leg[1:] * [0.0, 1.0, 0.0]])
    moves = fit_moves(poses(points, Rotation.identity(len(points))), TIGHT)
    assert [(move.kind, move.end) for move in moves] == [(MoveKind.LINEAR, 100), (MoveKind.LINEAR, 200)]


def test_the_tool_that_keeps_to_the_travel_makes_one_arc():
    angle = np.linspace(0.0, np.deg2rad(120.0), 300)
    points = 0.08 * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    (move,) = fit_moves(poses(points, Rotation.from_euler('z', angle[:, None])), TIGHT)
    assert (move.kind, move.end, move.via) in {(MoveKind.CIRCULAR, 299, 149), (MoveKind.CIRCULAR, 299, 150)}


def test_an_arc_on_which_controllers_would_turn_the_tool_differently_is_divided():
    """The tool leans 20 degrees more to one fixed side on the way: about one axis, or in step with the travel."""
    angle = np.linspace(0.0, np.deg2rad(120.0), 300)
    points = 0.08 * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    leaning = Rotation.from_rotvec(np.linspace(0.0, np.deg2rad(20.0), 300)[:, None] * [1.0, 0.0, 0.0])
    path = poses(points, Rotation.from_euler('z', angle[:, None]) * leaning)
    moves = fit_moves(path, TIGHT)
    away, turned = deviations(path, moves)
    assert len(moves) > 1 and away.max() <= TIGHT.position_m and turned.max() <= TIGHT.angle_rad


def test_a_full_circle_is_divided_into_arcs_below_half_a_turn():
    angle = np.linspace(0.0, 2.0 * np.pi, 721)
    points = 0.05 * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    moves = fit_moves(poses(points, Rotation.from_euler('z', angle[:, None])), TIGHT)
    assert [move.kind for move in moves] == [MoveKind.CIRCULAR] * 3


def test_the_circle_through_three_places():
    circle = circle_through(np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.8, 0.0]), np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(circle.centre, 0.0, atol=1e-12)
    assert circle.radius_m == pytest.approx(1.0) and circle.sweep_rad == pytest.approx(np.pi / 2.0)
    assert circle_through(*np.array([[0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0]])) is None


def test_a_bent_seam_is_a_line_and_an_arc():
    weld = np.flatnonzero([phase is MotionPhase.WELD for phase in bent_weld().phases])
    path = bent_weld().tool_poses[weld[0] : weld[-1] + 2]
    kinds = [move.kind for move in fit_moves(path, Tolerance(1e-4, np.deg2rad(0.5)))]
    assert kinds[0] is MoveKind.LINEAR and kinds[-1] is MoveKind.CIRCULAR and len(kinds) <= 5


def test_a_coarser_tolerance_takes_fewer_moves_and_every_pose_keeps_it():
    for trajectory, _ in random_welds(10)[:3]:
        weld = np.flatnonzero([phase is MotionPhase.WELD for phase in trajectory.phases])
        path = trajectory.tool_poses[weld[0] : weld[-1] + 2]
        counts = []
        for scale in (1.0, 10.0):
            tolerance = Tolerance(scale * 5e-5, scale * np.deg2rad(0.05))
            moves = fit_moves(path, tolerance)
            away, turned = deviations(path, moves)
            assert away.max() <= tolerance.position_m and turned.max() <= tolerance.angle_rad
            assert [move.start for move in moves[1:]] == [move.end for move in moves[:-1]]
            counts.append(len(moves))
        assert counts[1] <= counts[0]
