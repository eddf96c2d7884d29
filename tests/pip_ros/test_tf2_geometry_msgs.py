"""Messages in another frame, by hand-checked numbers and by hypothesis."""

import numpy as np
import pytest
import tf2_geometry_msgs
from builtin_interfaces.msg import Time
from geometry_msgs.msg import (
    Point,
    Point32,
    PointStamped,
    PolygonStamped,
    Pose,
    PoseStamped,
    PoseWithCovarianceStamped,
    Quaternion,
    TransformStamped,
    Vector3Stamped,
)
from hypothesis import given
from hypothesis import strategies as st
from rclpy.time import Time as RosTime
from tf2_ros import Buffer, TransformRegistration

HALF = 0.5**0.5
NUMBERS = st.floats(-10.0, 10.0)


def transform(translation=(0.0, 0.0, 0.0), rotation=(0.0, 0.0, 0.0, 1.0), sec=2):
    """T_a_b."""
    message = TransformStamped(child_frame_id='b')
    message.header.frame_id, message.header.stamp.sec = 'a', sec
    t, r = message.transform.translation, message.transform.rotation
    (t.x, t.y, t.z), (r.x, r.y, r.z, r.w) = translation, rotation
    return message


TURN_Z = (0.0, 0.0, HALF, HALF)  # 90 degrees: x becomes y
CASES = [
    ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), (1.0, 2.0, 3.0)),
    ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (2.0, -2.0, -3.0)),
    ((10.0, 20.0, 30.0), TURN_Z, (8.0, 21.0, 33.0)),
    ((10.0, 20.0, 30.0), (0.0, 0.0, 2.0, 2.0), (8.0, 21.0, 33.0)),  # of length 2.8
    ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), (2.0, 2.0, 3.0)),  # not filled in
]


@pytest.mark.parametrize(('translation', 'rotation', 'moved'), CASES)
def test_points_vectors_and_polygons(translation, rotation, moved):
    by = transform(translation, rotation)
    point = tf2_geometry_msgs.do_transform_point(PointStamped(point=Point(x=1.0, y=2.0, z=3.0)), by)
    assert (point.point.x, point.point.y, point.point.z) == pytest.approx(moved)
    assert (point.header.frame_id, point.header.stamp.sec) == ('a', 2)
    vector = Vector3Stamped()
    vector.vector.x, vector.vector.y, vector.vector.z = 1.0, 2.0, 3.0
    turned = tf2_geometry_msgs.do_transform_vector3(vector, by).vector
    assert (turned.x, turned.y, turned.z) == pytest.approx(np.subtract(moved, translation))
    assert by == transform(translation, rotation)  # the real one zeroes its translation
    polygon = PolygonStamped()
    polygon.polygon.points = [Point32(x=1.0, y=2.0, z=3.0), Point32()]
    corners = tf2_geometry_msgs.do_transform_polygon_stamped(polygon, by).polygon.points
    assert [(c.x, c.y, c.z) for c in corners] == [pytest.approx(moved), pytest.approx(translation)]


def test_a_pose_and_its_covariance():
    pose = PoseWithCovarianceStamped()
    pose.pose.pose = Pose(position=Point(x=1.0, y=2.0, z=3.0), orientation=Quaternion(w=HALF, z=HALF))
    pose.pose.covariance = np.diag([1.0, 4.0, 9.0, 0.1, 0.2, 0.3]).ravel()
    moved = tf2_geometry_msgs.do_transform_pose_with_covariance_stamped(pose, transform((10.0, 20.0, 30.0), TURN_Z))
    position, orientation = moved.pose.pose.position, moved.pose.pose.orientation
    assert (position.x, position.y, position.z) == pytest.approx((8.0, 21.0, 33.0))
    assert (orientation.x, orientation.y, orientation.z, orientation.w) == pytest.approx((0.0, 0.0, 1.0, 0.0))
    turned = np.diag([4.0, 1.0, 9.0, 0.2, 0.1, 0.3])  # x and y change places
    assert np.reshape(moved.pose.covariance, (6, 6)) == pytest.approx(turned)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS), st.tuples(NUMBERS, NUMBERS, NUMBERS, st.floats(0.1, 10.0)))
def test_a_pose_goes_back_by_the_inverse(translation, rotation):
    buffer = Buffer()
    buffer.set_transform_static(transform(translation, rotation), 'test')
    pose = PoseStamped(
        pose=Pose(position=Point(x=1.0, y=2.0, z=3.0), orientation=Quaternion(x=0.5, y=0.5, z=0.5, w=0.5))
    )
    pose.header.frame_id = 'b'
    there = buffer.transform(pose, 'a')
    back = buffer.transform(there, 'b').pose
    assert there.header.frame_id == 'a'
    assert (back.position.x, back.position.y, back.position.z) == pytest.approx((1.0, 2.0, 3.0), abs=1e-9)
    o = back.orientation
    assert (o.x, o.y, o.z, o.w) == pytest.approx((0.5, 0.5, 0.5, 0.5), abs=1e-9)


def test_a_buffer_looks_up_at_the_stamp_of_the_message_or_at_another():
    buffer = Buffer()
    for sec, x in ((1, 1.0), (3, 3.0)):
        buffer.set_transform(transform((x, 0.0, 0.0), sec=sec), 'test')
    point = PointStamped()
    point.header.frame_id, point.header.stamp = 'b', Time(sec=2)
    assert buffer.transform(point, 'a', new_type=PointStamped).point.x == 2.0
    later = buffer.transform_full(point, 'b', RosTime(seconds=3), 'a')
    assert (later.point.x, later.header.stamp.sec) == (-1.0, 3)


def test_others_may_add_their_messages():
    TransformRegistration().add(str, lambda text, by: f'{text} in {by.header.frame_id}')
    assert TransformRegistration().get(str)('seam', transform()) == 'seam in a'
