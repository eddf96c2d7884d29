"""Poses of the sensor over the seam, and the curve onto a corrected line."""

import numpy as np
import pytest

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.supervisor.poses import SensorPoses, joining_curve, line_poses, seam_between

X, Y, Z = np.eye(3)


def test_what_makes_no_seam_is_refused():
    start, end = np.array([1.0, 0.0, 0.0]), np.array([2.0, 0.0, 0.0])
    with pytest.raises(ValueError):
        seam_between(start, start, np.array([0.0, 0.0, 1.0]))
    with pytest.raises(ValueError):
        seam_between(start, end, np.array([1.0, 0.0, 0.0]))


def test_a_seam_between_two_points():
    seam = seam_between(np.array([1.0, -0.1, 0.2]), np.array([1.0, 0.1, 0.2]), np.array([0.0, 0.5, 1.0]))
    assert seam.length_m == pytest.approx(0.2)
    assert np.allclose(seam.normal, Z)
    assert np.allclose(seam.at(-0.05), (1, -0.15, 0.2))
    assert seam.length_between(np.zeros(3), np.array([7.0, 0.1, 3.0])) == pytest.approx(0.1)


def test_sensor_over_a_point_by_hand():
    """In the shipped rig the focus lies 200 mm ahead of the tool and 40 mm beyond the wire's tip."""
    poses = SensorPoses(load_rig(str(config_file('rig.yaml'))))
    T_base_tool = poses.over(np.array([1.0, 0.0, 0.2]), Y, Z)
    assert np.allclose(T_base_tool[:3, 3], (1.0, -0.2, 0.24), atol=1e-4)
    assert np.allclose(T_base_tool[:3, 2], -Z)
    assert np.allclose(T_base_tool[:3, 0], Y)
    assert np.allclose(poses.focus(T_base_tool), (1.0, 0.0, 0.2))


def test_a_stand_off_holds_the_wire_off_the_work():
    """In the rig for tracking the focus lies 30 mm ahead of the wire's tip and as high: the tip would touch."""
    rig = load_rig(str(config_file('rig_tracking.yaml')))
    seam = np.array([1.0, 0.0, 0.2])
    near, off = (SensorPoses(rig, stand_off_m) for stand_off_m in (0.0, 0.025))
    assert np.allclose(near.over(seam, Y, Z)[:3, 3], (1.0, -0.03, 0.2), atol=1e-4)
    assert np.allclose(off.over(seam, Y, Z)[:3, 3], (1.0, -0.03, 0.225), atol=1e-4)
    assert np.allclose(off.focus(off.over(seam, Y, Z)), seam)


def test_line_poses_include_both_ends():
    first, last = np.eye(4), np.eye(4)
    last[0, 3] = 0.011
    poses = line_poses(first, last)
    assert np.allclose(poses[0], first)
    assert np.allclose(poses[-1], last)
    assert np.diff(poses[:, 0, 3]).max() <= 0.002 + 1e-12


def test_joining_curve_leaves_and_joins_along_the_given_directions():
    points, directions = joining_curve(np.zeros(3), X, np.array([0.03, 0.003, 0.0]), X)
    assert np.allclose(points[[0, -1]], [[0, 0, 0], [0.03, 0.003, 0]])
    assert np.allclose(directions[[0, -1]], [X, X])
    assert np.allclose(points[len(points) // 2], [0.015, 0.0015, 0], atol=2e-3)
