"""Rigid transforms: hand-checked numbers, and laws that hold for any transform."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from weld_cell.geometry import transforms as tf
from weld_cell.geometry.pose_interpolation import pose_between

coordinates = st.floats(-10.0, 10.0)
vectors = st.tuples(coordinates, coordinates, coordinates).map(np.array)
angles = st.tuples(*[st.floats(-180.0, 180.0)] * 3).map(np.array)
poses = st.builds(tf.transform_from_xyz_rpy_deg, vectors, angles)

QUARTER_TURN = np.array([[0.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 3.0], [0.0, 0.0, 0.0, 1.0]])


def test_a_quarter_turn_about_z_takes_x_to_y():
    quarter = tf.transform_from_xyz_rpy_deg(np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 90.0]))
    np.testing.assert_allclose(quarter, QUARTER_TURN, atol=1e-15)


def test_roll_pitch_yaw_are_about_fixed_axes_in_this_order():
    # z -> (roll 90) -> -y -> (pitch 90 about y) -> -y -> (yaw 90) -> x
    turned = tf.transform_from_xyz_rpy_deg(np.zeros(3), np.array([90.0, 90.0, 90.0]))
    np.testing.assert_allclose(turned[:3, 2], [1.0, 0.0, 0.0], atol=1e-15)


@pytest.mark.parametrize(
    ('points', 'expected'),
    [
        (np.empty((0, 3)), np.empty((0, 3))),
        (np.array([1.0, 0.0, 0.0]), np.array([1.0, 3.0, 3.0])),
        (np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), np.array([[1.0, 2.0, 3.0], [0.0, 2.0, 4.0]])),
    ],
)
def test_points_are_turned_and_moved(points, expected):
    np.testing.assert_allclose(tf.transform_points(QUARTER_TURN, points), expected, atol=1e-15)


def test_vectors_are_turned_only():
    np.testing.assert_allclose(tf.rotate_vectors(QUARTER_TURN, np.array([1.0, 0.0, 0.0])), [0.0, 1.0, 0.0])


HALF_TURNS = [np.pi * axis for axis in np.vstack([np.eye(3), [[0.6, -0.8, 0.0]]])]


@pytest.mark.parametrize('vector', [np.zeros(3), np.full(3, 1e-12), *HALF_TURNS, np.array([1.0, -2.0, 2.0])])
def test_rotations_are_those_of_scipy(vector):
    rotation = Rotation.from_rotvec(vector)
    matrix = tf.rotation_matrix(vector)
    np.testing.assert_allclose(matrix, rotation.as_matrix(), atol=1e-15)
    np.testing.assert_allclose(tf.rotation_matrix(tf.rotation_vector(matrix)), matrix, atol=1e-15)
    quaternion, expected = tf.quaternion_xyzw(matrix), rotation.as_quat(canonical=True)
    np.testing.assert_allclose(quaternion * np.sign(quaternion @ expected), expected, atol=1e-15)
    assert quaternion[3] >= 0.0


@given(angles)
def test_angles_are_those_of_scipy(rpy_deg):
    turn = tf.transform_from_xyz_rpy_deg(np.zeros(3), rpy_deg)[:3, :3]
    np.testing.assert_allclose(turn, Rotation.from_euler('xyz', rpy_deg, degrees=True).as_matrix(), atol=1e-14)
    np.testing.assert_allclose(tf.rotation_vector(turn), Rotation.from_matrix(turn).as_rotvec(), atol=1e-7)


def test_a_stack_of_rotations_has_the_quaternions_of_its_members():
    stack = np.stack([tf.rotation_matrix(vector) for vector in HALF_TURNS])
    np.testing.assert_array_equal(tf.quaternion_xyzw(stack), [tf.quaternion_xyzw(member) for member in stack])


@given(poses)
def test_inverse_undoes(pose):
    np.testing.assert_allclose(tf.invert(pose) @ pose, np.eye(4), atol=1e-9)
    np.testing.assert_allclose(tf.invert(tf.invert(pose)), pose, atol=1e-9)


@given(poses, poses, vectors)
def test_composition_is_one_after_the_other(first, second, point):
    at_once = tf.transform_points(first @ second, point)
    np.testing.assert_allclose(at_once, tf.transform_points(first, tf.transform_points(second, point)), atol=1e-9)


@given(poses)
def test_a_stack_is_inverted_like_its_members(pose):
    stack = np.stack([pose, np.eye(4), QUARTER_TURN])
    expected = [tf.invert(member) for member in stack]
    np.testing.assert_allclose(tf.invert(stack), expected, atol=1e-12)


@given(poses)
def test_quaternion_round_trip(pose):
    quaternion = tf.quaternion_xyzw(pose)
    assert quaternion[3] >= 0
    np.testing.assert_allclose(tf.transform_from_xyz_quaternion(pose[:3, 3], quaternion), pose, atol=1e-9)


@given(st.tuples(*[coordinates] * 4).map(np.array).filter(lambda quaternion: np.linalg.norm(quaternion) > 1e-3))
def test_a_quaternion_of_any_length_turns_as_scipy_has_it(quaternion):
    transform = tf.transform_from_xyz_quaternion(np.arange(3.0), quaternion)
    expected = tf.make_transform((0.0, 1.0, 2.0), Rotation.from_quat(quaternion))
    np.testing.assert_allclose(transform, expected, atol=1e-12)


@pytest.mark.parametrize('quaternion', [(0, 0, 0, 0), (np.nan, 0, 0, 1), (0, np.inf, 0, 1)])
def test_what_is_no_rotation_is_refused(quaternion):
    with pytest.raises(ValueError, match='no rotation'):
        tf.transform_from_xyz_quaternion(np.zeros(3), np.array(quaternion, dtype=float))


def test_quaternion_of_a_quarter_turn_in_the_order_of_ros():
    np.testing.assert_allclose(tf.quaternion_xyzw(QUARTER_TURN), [0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])


@pytest.mark.parametrize(('fraction', 'angle_deg', 'x'), [(0.0, 0.0, 0.0), (0.5, 45.0, 0.5), (1.0, 90.0, 1.0)])
def test_interpolation_turns_evenly(fraction, angle_deg, x):
    between = tf.interpolate_transform(np.eye(4), QUARTER_TURN, fraction)
    np.testing.assert_allclose(between[:3, 3], [x, 2 * x, 3 * x], atol=1e-12)
    np.testing.assert_allclose(Rotation.from_matrix(between[:3, :3]).magnitude(), np.radians(angle_deg), atol=1e-9)


@given(poses, poses, st.floats(0.0, 1.0), st.sampled_from([1.0, -1.0]))
def test_plain_floats_interpolate_as_rotations_do(first, second, fraction, sign):
    ends = [(*pose[:3, 3], *tf.quaternion_xyzw(pose)) for pose in (first, second)]
    turned = Rotation.from_matrix(first[:3, :3]).inv() * Rotation.from_matrix(second[:3, :3])
    if turned.magnitude() > np.pi - 1e-3:
        return  # half a turn has no shorter way
    between = pose_between(ends[0], (*ends[1][:3], *(sign * np.array(ends[1][3:]))), fraction)
    np.testing.assert_allclose(between, tf.interpolate_transform(first, second, fraction), atol=1e-7)


def test_unit_refuses_a_vector_without_length():
    with pytest.raises(ValueError, match='no unit vector'):
        tf.unit(np.zeros(3))
    np.testing.assert_allclose(tf.unit(np.array([[3.0, 4.0], [0.0, 2.0]])), [[0.6, 0.8], [0.0, 1.0]])


def test_frame_from_z_and_x_makes_x_perpendicular():
    frame = tf.frame_from_z_and_x(np.array([1.0, 1.0, 1.0]), np.array([0.0, 0.0, 2.0]), np.array([1.0, 0.0, 5.0]))
    np.testing.assert_allclose(frame, [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]], atol=1e-15)


def test_frame_from_parallel_axes_is_refused():
    with pytest.raises(ValueError, match='no unit vector'):
        tf.frame_from_z_and_x(np.zeros(3), np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, -3.0]))
