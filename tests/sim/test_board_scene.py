"""A board in the simulated cell: seen where it truly is, from places that the robot reaches; and what comes out."""

import datetime
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, detect_board
from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.session import CalibrationSession
from weld_cell.calibration.session_settings import CalibrationSettings
from weld_cell.calibration.view_plan import planned_views
from weld_cell.errors import UnreachableError
from weld_cell.nodes.calibration_tour import _distance_m, _hand
from weld_cell.sim.board_scene import BoardScene, as_built, render
from weld_cell.trajectory.inverse_kinematics import solve_path
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

CONFIG = Path(__file__).parents[2] / 'config'
RIG = load_rig(str(CONFIG / 'rig.yaml'))
SMALL = {
    'chessboard': Board('chessboard', 8, 5, 0.008),
    'apriltag': Board('apriltag', 4, 3, 0.018, 0.014, 'APRILTAG_36H11'),
}


@pytest.mark.parametrize('kind', SMALL)
def test_points_are_seen_where_opencv_projects_them(kind):
    board, rng = SMALL[kind], np.random.default_rng(3)
    scene = BoardScene.of(board, RIG.laser_sensor, 3)
    pose = _hand(RIG.laser_sensor, next(planned_views(RIG.laser_sensor.camera, 0.3)))
    T = scene.T_camera_board(pose)
    view = detect_board(board, scene.image(pose, rng))
    turn = Rotation.from_matrix(T[:3, :3]).as_rotvec()
    true, _ = cv2.projectPoints(view.points, turn, T[:3, 3], scene.camera.matrix, scene.camera.distortion)
    off = view.pixels - true.reshape(-1, 2)
    assert len(off) > 30 and np.abs(off.mean(axis=0)).max() < 0.03 and np.sqrt((off**2).mean()) < 0.15


def test_a_board_that_is_not_seen_leaves_the_table():
    scene, rng = BoardScene.of(SMALL['chessboard'], RIG.laser_sensor, 3), np.random.default_rng(0)
    behind = np.eye(4)
    behind[2, 3] = -0.3
    turned = np.diag([1.0, -1.0, -1.0, 1.0])
    turned[2, 3] = 0.3
    for T in (behind, turned):
        assert render(scene.camera, T, scene.picture, rng).std() < 3.0


def test_the_area_camera_is_found_by_a_board_on_the_hand():
    """From places that the robot reaches, by the live session; intrinsics as built."""
    settings = CalibrationSettings('eye_to_hand', 'mako', 'charuco', 11, 8, 20.0, 15.0)
    robot = load_robot(str(CONFIG / 'robot/arc_robot.urdf'), str(CONFIG / 'robot/limits.yaml'))
    session = CalibrationSession(settings)
    scene, rng = BoardScene.of(session.board, RIG.mako, 2), np.random.default_rng(0)
    camera, truth = as_built(RIG.mako, 2)
    for T_camera_board in islice(planned_views(RIG.mako.camera, _distance_m(RIG.mako)), 30):
        hand = _hand(RIG.mako, T_camera_board)
        try:
            solve_path(hand[None], robot, np.eye(4), robot.home_rad, TrajectorySettings(), str, free_turn=False)
        except UnreachableError:
            continue
        session.capture(scene.image(hand, rng), hand)
        if len(session.views) == 8:
            break
    answer = session.solve(camera, datetime.date(2026, 11, 29))
    assert len(session.views) == 8 and 'over 8 views' in answer.words, answer.words
    found_mm = [float(text) for text in answer.words.split(' mm')[0].split(',')]
    assert np.linalg.norm(found_mm - 1000 * truth[:3, 3]) < 1.0, answer.words
