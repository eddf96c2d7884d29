"""The few lines of rigid algebra in tf2_ros, judged by SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

rigid = pytest.importorskip('tf2_ros.rigid', reason='src/pip_ros is not installed; the real tf2_ros is C++')

coordinates = st.floats(-1e3, 1e3)
vectors = st.tuples(coordinates, coordinates, coordinates)
quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1).map(rigid.normalised)
transforms = st.builds(rigid.Rigid, vectors, quaternions)


def matrix(transform):
    full = np.eye(4)
    full[:3, :3] = Rotation.from_quat(transform.rotation).as_matrix()
    full[:3, 3] = transform.translation
    return full


def test_identity_changes_nothing():
    some = rigid.Rigid((1.0, 2.0, 3.0), (0.0, 0.6, 0.0, 0.8))
    assert rigid.compose(rigid.IDENTITY, some) == some
    assert rigid.compose(some, rigid.IDENTITY) == some


def test_golden_quarter_turn():
    """A quarter turn about z takes x to y; the child's origin lies at (1, 0, 0)."""
    turn = rigid.Rigid((1.0, 0.0, 0.0), (0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)))
    there = rigid.compose(turn, rigid.Rigid((2.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)))
    np.testing.assert_allclose(there.translation, (1.0, 2.0, 0.0), atol=1e-15)
    back = rigid.invert(turn)
    np.testing.assert_allclose(back.translation, (0.0, 1.0, 0.0), atol=1e-15)


@given(transforms, transforms)
def test_compose_as_matrices(a, b):
    np.testing.assert_allclose(matrix(rigid.compose(a, b)), matrix(a) @ matrix(b), atol=1e-9)


@given(transforms)
def test_inverse_cancels(a):
    np.testing.assert_allclose(matrix(rigid.compose(a, rigid.invert(a))), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(matrix(rigid.invert(a)), np.linalg.inv(matrix(a)), atol=1e-9)


@given(quaternions, quaternions, st.floats(0, 1))
def test_slerp_as_scipy(a, b, fraction):
    between = Rotation.from_quat(rigid.slerp(a, b, fraction))
    arc = (Rotation.from_quat(a).inv() * Rotation.from_quat(b)).magnitude()
    if arc > np.pi - 1e-6:  # both ways round are equally short
        return
    wanted = Slerp([0, 1], Rotation.from_quat([a, b]))(fraction)
    assert (between.inv() * wanted).magnitude() < 1e-6


@given(quaternions, st.floats(0, 1))
def test_slerp_takes_the_shorter_way(q, fraction):
    """q and -q are the same rotation: nothing turns in between."""
    negative = tuple(-c for c in q)
    between = Rotation.from_quat(rigid.slerp(q, negative, fraction))
    assert (between.inv() * Rotation.from_quat(q)).magnitude() < 1e-6
