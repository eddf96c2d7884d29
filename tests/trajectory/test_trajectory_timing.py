"""Speed profiles, free motions and takeovers, against numbers computed by hand or by differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weld_cell.records import MotionPhase
from weld_cell.trajectory.timing import (
    blend_onto,
    joined,
    speed_profile,
    time_joint_move,
    time_stop,
    time_tool_path,
)
from weld_cell.trajectory.tool_path import ToolPath


def test_profile_by_hand():
    """100 mm at 10 mm/s with 0.2 s blends: each blend costs half of its time, and covers 1 mm."""
    profile = speed_profile(0.1, 0.01, 0.2, from_rest=True)
    assert profile.duration_s == pytest.approx(10.2)
    distance, speed, acceleration = profile.at(np.array([0.0, 0.1, 0.2, 5.1, 10.0, 10.1, 10.2]))
    np.testing.assert_allclose(distance[[0, 2, 3, 4, 6]], [0.0, 0.001, 0.05, 0.099, 0.1], atol=1e-12)
    np.testing.assert_allclose(speed, [0.0, 0.005, 0.01, 0.01, 0.01, 0.005, 0.0], atol=1e-12)
    np.testing.assert_allclose(acceleration, [0.0, 0.075, 0.0, 0.0, 0.0, -0.075, 0.0], atol=1e-9)


def test_moving_start_has_full_speed_from_the_first_moment():
    profile = speed_profile(0.1, 0.05, 0.2, from_rest=False)
    assert profile.duration_s == pytest.approx(2.1)
    assert profile.at(np.array([0.0]))[1][0] == 0.05


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-4, 2.0), st.floats(1e-3, 0.5), st.floats(0.02, 2.0), st.booleans())
def test_profile_ends_at_its_length_and_is_smooth(length, speed, blend, from_rest):
    profile = speed_profile(length, speed, blend, from_rest)
    times = profile.sample_times(0.04)
    assert times[0] == 0.0
    assert times[-1] == pytest.approx(profile.duration_s)
    assert np.diff(times).min() > 0.0
    distance, velocity, acceleration = profile.at(times)
    assert distance[-1] == pytest.approx(length)
    assert velocity.max() <= speed * (1 + 1e-9)
    step = 1e-4 * np.diff(times)  # within a piece of the profile
    later, faster, _ = profile.at(times[:-1] + step)
    steepest = 1.5 * speed / min(blend, length / speed)
    np.testing.assert_allclose((later - distance[:-1]) / step, velocity[:-1], atol=1e-3 * speed)
    np.testing.assert_allclose((faster - velocity[:-1]) / step, acceleration[:-1], atol=1e-3 * steepest)


def test_velocities_and_accelerations_are_the_derivatives():
    """A curved joint path q(s) = sin(20 s + k), up to 1 rad/s: derivatives by finite differences."""
    s = np.linspace(0.0, 0.1, 51)
    nodes = np.sin(20.0 * s[:, None] + np.arange(6))
    path = ToolPath(MotionPhase.WELD, np.tile(np.eye(4), (51, 1, 1)), s, s, 0.05)
    timed = time_tool_path(path, nodes, speed_profile(0.1, 0.05, 0.2, from_rest=True), 1e-3)
    inner = slice(3, -3)
    by_difference = np.gradient(timed.positions_rad, timed.times_s, axis=0)
    np.testing.assert_allclose(timed.velocities_rad_s[inner], by_difference[inner], atol=1e-4)
    again = np.gradient(timed.velocities_rad_s, timed.times_s, axis=0)
    np.testing.assert_allclose(timed.accelerations_rad_s2[inner], again[inner], atol=0.05)


def test_joint_move_uses_its_share_of_the_limits_and_no_more(robot, settings):
    goal = robot.home_rad + np.array([0.5, 0.1, 0.0, -0.2, 0.3, 3.0])
    move = time_joint_move(robot.home_rad, goal, robot, settings)
    np.testing.assert_allclose(move.positions_rad[[0, -1]], [robot.home_rad, goal], atol=1e-12)
    np.testing.assert_allclose(move.velocities_rad_s[[0, -1]], 0.0, atol=1e-9)
    speed = np.abs(move.velocities_rad_s).max(axis=0) / robot.velocity_limits_rad_s
    acceleration = np.abs(move.accelerations_rad_s2).max(axis=0) / robot.acceleration_limits_rad_s2
    share = settings.free_motion_share
    assert 0.9 * share < max(speed.max(), acceleration.max()) <= share * (1 + 1e-9)


def test_takeover_starts_at_the_state_and_ends_on_the_path(robot, settings):
    goal = robot.home_rad + 1.0
    move = time_joint_move(robot.home_rad, goal, robot, settings)
    start, speed = robot.home_rad + 0.02, np.full(6, 0.05)
    led = blend_onto(move, start, speed, 0.4)
    np.testing.assert_allclose(led.positions_rad[0], start, atol=1e-12)
    np.testing.assert_allclose(led.velocities_rad_s[0], speed, atol=1e-12)
    later = led.times_s > 0.4 + settings.sample_period_s
    np.testing.assert_array_equal(led.positions_rad[later], move.positions_rad[later])


def test_stop_by_hand(robot, settings):
    """1 rad/s on the first robot joint: 12 rad/s^2, half of it allowed, so 1.5 / 6 s, and half of that in rad."""
    stop = time_stop(np.zeros(6), np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), robot, settings)
    assert stop.times_s[-1] == pytest.approx(0.25)
    assert stop.positions_rad[-1, 0] == pytest.approx(0.125)
    assert np.abs(stop.accelerations_rad_s2).max() <= 6.0 * (1 + 1e-9)


def test_joined_motions_share_no_point(robot, settings):
    one = time_joint_move(robot.home_rad, robot.home_rad + 0.5, robot, settings)
    two = time_joint_move(robot.home_rad + 0.5, robot.home_rad, robot, settings)
    both = joined([one, two])
    assert len(both.times_s) == len(one.times_s) + len(two.times_s) - 1
    assert np.diff(both.times_s).min() > 0.0
