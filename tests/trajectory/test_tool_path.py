"""Tool poses: angles and stick-out by hand, smooth paths through poses."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weld_cell.records import MotionPhase, SeamPath
from weld_cell.trajectory.procedures import WeldProcedure
from weld_cell.trajectory.tool_path import retracted, tool_path, weld_tool_poses

STICK_OUT_MM = 15.0
UPRIGHT = WeldProcedure(work_angle_deg=0.0, travel_angle_deg=0.0, stick_out_mm=STICK_OUT_MM)


def seam(points=3):
    """Along x, normal up."""
    return SeamPath(
        np.column_stack([np.linspace(0.0, 0.1, points), np.zeros(points), np.zeros(points)]),
        np.tile([1.0, 0.0, 0.0], (points, 1)),
        np.tile([0.0, 0.0, 1.0], (points, 1)),
        0.05,
        0.1,
        0,
    )


@pytest.mark.parametrize('points', [0, 1])
def test_a_seam_without_two_points_is_refused(points):
    with pytest.raises(ValueError, match=f'at least 2 points, got {points}'):
        weld_tool_poses(seam(points), UPRIGHT, STICK_OUT_MM)


def test_upright_tool_by_hand():
    pose = weld_tool_poses(seam(), UPRIGHT, STICK_OUT_MM)[1]
    expected = np.array([[1, 0, 0, 0.05], [0, -1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]], dtype=float)
    np.testing.assert_allclose(pose, expected, atol=1e-12)


def test_push_leans_the_wire_ahead():
    pose = weld_tool_poses(seam(), dataclasses.replace(UPRIGHT, travel_angle_deg=30.0), STICK_OUT_MM)[0]
    np.testing.assert_allclose(pose[:3, 2], [0.5, 0.0, -np.cos(np.pi / 6)], atol=1e-12)


def test_work_angle_turns_right_handed_about_the_tangent():
    pose = weld_tool_poses(seam(), dataclasses.replace(UPRIGHT, work_angle_deg=30.0), STICK_OUT_MM)[0]
    np.testing.assert_allclose(pose[:3, 2], [0.0, 0.5, -np.cos(np.pi / 6)], atol=1e-12)
    np.testing.assert_allclose(pose[:3, 0], [1.0, 0.0, 0.0], atol=1e-12)


def test_shorter_stick_out_brings_the_contact_tip_nearer():
    pose = weld_tool_poses(seam(), dataclasses.replace(UPRIGHT, stick_out_mm=12.0), STICK_OUT_MM)[0]
    np.testing.assert_allclose(pose[:3, 3], [0.0, 0.0, -0.003], atol=1e-12)
    contact_tip = pose[:3, 3] - 1e-3 * STICK_OUT_MM * pose[:3, 2]
    np.testing.assert_allclose(contact_tip, [0.0, 0.0, 0.012], atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(-60, 60), st.floats(-45, 45), st.floats(5, 40))
def test_contact_tip_keeps_the_stick_out_at_any_angle(work, travel, stick_out):
    procedure = WeldProcedure(work_angle_deg=work, travel_angle_deg=travel, stick_out_mm=stick_out)
    for pose, point in zip(weld_tool_poses(seam(), procedure, STICK_OUT_MM), seam().positions_m, strict=True):
        contact_tip = pose[:3, 3] - 1e-3 * STICK_OUT_MM * pose[:3, 2]
        np.testing.assert_allclose(contact_tip + 1e-3 * stick_out * pose[:3, 2], point, atol=1e-12)
        np.testing.assert_allclose(pose[:3, :3].T @ pose[:3, :3], np.eye(3), atol=1e-12)


def test_retracting_goes_back_along_the_wire():
    pose = weld_tool_poses(seam(), UPRIGHT, STICK_OUT_MM)[0]
    np.testing.assert_allclose(retracted(pose, 0.05)[:3, 3], [0.0, 0.0, 0.05], atol=1e-12)


REFUSED = [
    ('none', np.empty((0, 4, 4)), 0.1, 'at least 2 tool poses'),
    ('one', np.eye(4)[None], 0.1, 'at least 2 tool poses'),
    ('twice the same', np.tile(np.eye(4), (2, 1, 1)), 0.1, 'poses 0 and 1 lie at one position'),
    ('no speed', weld_tool_poses(seam(), UPRIGHT, STICK_OUT_MM), 0.0, 'speed must be positive'),
]


@pytest.mark.parametrize(('poses', 'speed', 'message'), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_tool_path_refuses(poses, speed, message):
    with pytest.raises(ValueError, match=message):
        tool_path(MotionPhase.SCAN, poses, speed, 0.002)


def test_line_is_sampled_evenly_from_end_to_end():
    poses = weld_tool_poses(seam(2), UPRIGHT, STICK_OUT_MM)
    path = tool_path(MotionPhase.WELD, poses, 0.01, 0.002)
    np.testing.assert_allclose(path.poses[:, 0, 3], np.linspace(0.0, 0.1, 51), atol=1e-9)
    assert path.length_m == pytest.approx(0.1)
    assert path.place(0.05) == 'weld point 0, 50.0 mm along the path, at (0.050, 0.000, 0.000) m in base_link'


def test_arc_is_followed_exactly_and_evenly(arc_seam):
    arc = arc_seam(radius_m=0.1, sweep_deg=120.0, centre=(0.0, 0.0, 0.0))
    path = tool_path(MotionPhase.WELD, weld_tool_poses(arc, UPRIGHT, STICK_OUT_MM), 0.01, 0.002)
    assert path.length_m == pytest.approx(0.1 * np.deg2rad(120.0), rel=1e-5)
    np.testing.assert_allclose(np.linalg.norm(path.poses[:, :3, 3], axis=1), 0.1, atol=1e-6)
    steps = np.linalg.norm(np.diff(path.poses[:, :3, 3], axis=0), axis=1)
    assert np.ptp(steps) / steps.mean() < 1e-4
    tangents = np.gradient(path.poses[:, :3, 3], axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    np.testing.assert_allclose(path.poses[1:-1, :3, 0], tangents[1:-1], atol=1e-3)
