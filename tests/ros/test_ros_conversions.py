"""Messages <-> records: hand-checked values, round trips, and what is refused."""

import array

import cv2
import numpy as np
import pytest
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Pose
from hypothesis import given
from hypothesis import strategies as st
from nav_msgs.msg import Path
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from weld_cell.errors import CalibrationError, ImageError, SeamPathError, TrajectoryRejectedError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.camera_info import camera_from_info
from weld_cell.geometry.transforms import make_transform
from weld_cell.images import ENCODINGS, Encoding, pixels_from_fields
from weld_cell.records import MotionPhase, RobotTrajectory, SeamPath
from weld_cell.ros import conversions as c

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
BGR = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
STAMP_NS = 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ('sec', 'nanosec', 'ns'), [(0, 0, 0), (1, 5, 1_000_000_005), (1_700_000_000, 123_456_789, STAMP_NS)]
)
def test_time(sec, nanosec, ns):
    stamp = Time(sec=sec, nanosec=nanosec)
    assert c.ns_from_time(stamp) == ns and c.time_from_ns(ns) == stamp


@pytest.mark.parametrize('pixels', [GREY, BGR], ids=['grey', 'bgr'])
def test_image_round_trip(pixels):
    message = c.image_to_message(pixels, STAMP_NS, 'optical')
    assert (message.height, message.width, message.step) == (3, 4, pixels.nbytes // 3)
    image = c.image_from_message(message, 7)
    assert np.array_equal(image.pixels, pixels) and image.stamp_ns == STAMP_NS and image.sequence == 7


@pytest.mark.parametrize(('pixels', 'encoding'), [(GREY, 'mono8'), (GREY, '8UC1'), (BGR, 'bgr8')])
def test_pixels_are_a_view_of_the_message(pixels, encoding):
    message = c.image_to_message(pixels, STAMP_NS, 'optical')
    message.encoding = encoding
    assert np.shares_memory(c.pixels_from_message(message), np.frombuffer(message.data, np.uint8))


def test_a_message_is_filled_again_in_place():
    message = c.image_to_message(GREY, STAMP_NS, 'optical')
    buffer = np.frombuffer(message.data, np.uint8)
    c.refill_image(message, GREY[::-1], STAMP_NS + 1)
    assert np.shares_memory(np.frombuffer(message.data, np.uint8), buffer)
    image = c.image_from_message(message, 0)
    assert np.array_equal(image.pixels, GREY[::-1]) and image.stamp_ns == STAMP_NS + 1


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('padding', [0, 1, 12])
@pytest.mark.parametrize('is_bigendian', [0, 1])
def test_messages_and_bags_give_the_same_pixels(encoding, padding, is_bigendian):
    """Through cv_bridge, and without ROS."""
    step = 6 * ENCODINGS[encoding].pixel_bytes + padding
    data = np.random.default_rng(1).integers(0, 256, 4 * step, dtype=np.uint8)
    message = Image(
        height=4,
        width=6,
        encoding=encoding,
        is_bigendian=is_bigendian,
        step=step,
        data=array.array('B', data.tobytes()),
    )
    expected = pixels_from_fields(4, 6, encoding, step, data, is_bigendian=bool(is_bigendian))
    pixels = c.pixels_from_message(message)
    assert pixels.dtype == np.uint8 and np.array_equal(pixels, expected)


def test_what_cv_bridge_does_not_take_is_named(monkeypatch):
    monkeypatch.setitem(ENCODINGS, 'nv21', Encoding('nv21', 1, 8, 'mono8', 0))
    with pytest.raises(ImageError, match='cv_bridge does not support .* "nv21"') as caught:
        c.pixels_from_message(bad_image(encoding='nv21'))
    assert caught.value.remedy


def test_a_slice_of_an_image_is_sent_without_its_surroundings():
    message = c.image_to_message(GREY[:, 1:3], STAMP_NS, 'optical')
    assert message.step == 2 and list(message.data) == [1, 2, 5, 6, 9, 10]


def bad_image(**fields):
    message = c.image_to_message(GREY, STAMP_NS, 'optical')
    for name, value in fields.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    'message',
    [
        Image(),
        bad_image(encoding='mono16'),
        bad_image(encoding='32FC1'),
        bad_image(encoding=''),
        bad_image(width=0),
        bad_image(step=3),
        bad_image(height=4),
        bad_image(data=array.array('B', b'123')),
        bad_image(encoding='bgr8'),
    ],
)
def test_a_wrong_image_is_refused(message):
    with pytest.raises(ImageError) as caught:
        c.pixels_from_message(message)
    assert caught.value.remedy


def test_an_image_without_stamp_is_refused():
    message = c.image_to_message(GREY, 0, 'optical')
    with pytest.raises(ImageError, match='no stamp'):
        c.image_from_message(message, 0)


def test_empty_pixels_are_refused():
    with pytest.raises(ImageError):
        c.image_to_message(np.zeros((4, 3, 2), np.uint8), STAMP_NS, 'optical')


def camera():
    return CameraModel(
        np.array([[2000.0, 0, 320], [0, 1990, 240], [0, 0, 1]]),
        np.array([-0.08, 0.05, 0.001, 0.002, 0.003]),
        (640, 480),
    )


def test_camera_info_round_trip():
    message = c.camera_info_from_model(camera(), STAMP_NS, 'optical')
    assert message.p[:4].tolist() == [2000.0, 0.0, 320.0, 0.0]
    model = camera_from_info(message)
    assert np.array_equal(model.matrix, camera().matrix) and np.array_equal(model.distortion, camera().distortion)
    assert model.size_px == (640, 480)


@pytest.mark.parametrize('message', [CameraInfo(), c.uncalibrated_camera_info((640, 480), STAMP_NS, 'optical')])
def test_an_uncalibrated_camera_is_refused(message):
    with pytest.raises(CalibrationError, match='not calibrated'):
        camera_from_info(message)


vectors = st.tuples(*[st.floats(-3.0, 3.0)] * 3)


@given(vectors, vectors)
def test_pose_and_transform_round_trips(xyz, rotvec):
    transform = make_transform(xyz, Rotation.from_rotvec(rotvec))
    assert np.allclose(c.transform_from_pose(c.pose_from_transform(transform)), transform, atol=1e-12)
    (message,) = c.transforms_to_messages([('base', 'tool', transform)], STAMP_NS)
    assert (message.header.frame_id, message.child_frame_id) == ('base', 'tool')
    assert np.allclose(c.transform_from_message(message), transform, atol=1e-12)


def test_a_quarter_turn_about_z():
    pose = c.pose_from_transform(make_transform((1.0, 2.0, 3.0), Rotation.from_euler('z', 90, degrees=True)))
    assert (pose.position.x, pose.position.y, pose.position.z) == (1.0, 2.0, 3.0)
    assert pose.orientation.z == pytest.approx(np.sqrt(0.5)) and pose.orientation.w == pytest.approx(np.sqrt(0.5))


def seam_path():
    positions = np.column_stack([np.linspace(0, 0.01, 6), np.zeros(6), np.zeros(6)])
    return SeamPath(positions, np.tile([1.0, 0, 0], (6, 1)), np.tile([0, 0.6, 0.8], (6, 1)), 0.002, 0.01, 0)


def test_seam_path_round_trip():
    path = c.seam_path_from_message(c.seam_path_to_message(seam_path(), STAMP_NS, 'base_link'))
    assert np.allclose(path.positions_m, seam_path().positions_m)
    assert np.allclose(path.tangents, seam_path().tangents) and np.allclose(path.normals, seam_path().normals)
    assert path.spacing_m == pytest.approx(0.002) and path.length_m == pytest.approx(0.01)


def without_orientation():
    message = c.seam_path_to_message(seam_path(), STAMP_NS, 'base_link')
    message.poses[2].pose = Pose()
    message.poses[2].pose.orientation.w = 0.0
    return message


def one_pose():
    message = c.seam_path_to_message(seam_path(), STAMP_NS, 'base_link')
    message.poses = message.poses[:1]
    return message


@pytest.mark.parametrize('message', [Path(), one_pose(), without_orientation()])
def test_a_wrong_path_is_refused(message):
    with pytest.raises(SeamPathError):
        c.seam_path_from_message(message)


def test_trajectory_round_trip():
    times = np.array([0.0, 0.5, 1.25])
    rows = np.arange(18.0).reshape(3, 6)
    trajectory = RobotTrajectory(
        tuple(f'joint_{i}' for i in range(6)),
        times,
        rows,
        rows + 1,
        rows + 2,
        np.tile(np.eye(4), (3, 1, 1)),
        (MotionPhase.WELD,) * 3,
    )
    message = c.trajectory_to_message(trajectory)
    assert message.points[2].time_from_start.sec == 1 and message.points[2].time_from_start.nanosec == 250_000_000
    back_times, positions, velocities = c.trajectory_arrays(message)
    assert np.array_equal(back_times, times)
    assert np.array_equal(positions, rows) and np.array_equal(velocities, rows + 1)


@pytest.mark.parametrize(
    'points',
    [[], [JointTrajectoryPoint(positions=[1.0])], [JointTrajectoryPoint(positions=[1.0, 2.0], velocities=[1.0])]],
)
def test_a_wrong_trajectory_is_refused(points):
    with pytest.raises(TrajectoryRejectedError):
        c.trajectory_arrays(JointTrajectory(joint_names=['a', 'b'], points=points))


@pytest.mark.parametrize('points', [np.empty((0, 3)), np.array([[0.1, -0.2, 0.3], [1.0, 2.0, 3.0]])])
def test_point_cloud_round_trip(points):
    message = c.point_cloud(points, STAMP_NS, 'optical')
    assert message.width == len(points) and message.is_dense
    assert np.allclose(c.points_from_cloud(message), points, atol=1e-7)


def test_an_empty_cloud_message_holds_no_points():
    assert len(c.points_from_cloud(c.point_cloud(np.empty((0, 3)), STAMP_NS, 'f'))) == 0
    assert PointCloud2().width == 0


@pytest.mark.parametrize('encoding', ['mono16', '16UC1'])
def test_a_sensor_of_12_bits_is_as_bright_in_the_graph_as_in_a_bag(encoding):
    row = np.array([0, 2048, 4095], '<u2')
    message = Image(height=1, width=3, encoding=encoding, step=6, data=row.tobytes())
    assert c.pixels_from_message(message).tolist() == [[0, 128, 255]]


def test_a_compressed_image_is_decoded_and_a_cut_one_refused():
    pixels = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (30, 1))
    data = cv2.imencode('.png', pixels)[1].tobytes()
    message = CompressedImage(format='mono8; png compressed', data=data)
    message.header.stamp = c.time_from_ns(STAMP_NS)
    image = c.image_from_compressed(message, 3)
    assert (image.stamp_ns, image.sequence) == (STAMP_NS, 3) and np.array_equal(image.pixels, pixels)
    message.data = data[:-20]
    with pytest.raises(ImageError, match='cut'):
        c.image_from_compressed(message, 3)
