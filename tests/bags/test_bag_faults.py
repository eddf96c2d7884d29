"""Bags that hold other things than the pipeline wants: told, left out, and the rest is used."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import open_image_bag
from weld_cell.cli import main
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import quaternion_xyzw, transform_from_xyz_rpy_deg

CAMERA = CameraModel(np.array([[900.0, 0, 4], [0, 900.0, 3], [0, 0, 1]]), np.zeros(5), (32, 24))
TOPIC = '/laser_sensor/image_raw'
BLACK = np.zeros((24, 32), np.uint8)
POSE = np.eye(4)


@pytest.fixture
def bag(tmp_path):
    """Three black images and a frame that moves."""
    with open_image_bag(tmp_path / 'bag', TOPIC, 'sensor', CAMERA) as writer:
        for number in range(3):
            writer.transforms(10**9 + number, [('base_link', 'tool0', POSE)])
            writer.image(10**9 + number, BLACK)
    return tmp_path / 'bag'


@pytest.mark.parametrize(
    ('topic', 'told'),
    [
        ('laser_sensor/camera_info', 'carries sensor_msgs/msg/CameraInfo'),
        ('/mako/image_raw', 'has no topic'),
        ('/tf', 'carries tf2_msgs/msg/TFMessage'),
    ],
)
def test_a_topic_that_has_no_images_is_refused(bag, tmp_path, capsys, topic, told):
    assert main(['replay', str(bag), '--topic', topic, '--out', str(tmp_path / 'out')]) == 1
    shown = capsys.readouterr().err
    assert told in shown and 'Remedy:' in shown


def test_a_bag_without_one_image_leaves_everything_open(tmp_path, capsys):
    with open_image_bag(tmp_path / 'bag', TOPIC, 'sensor', CAMERA):
        pass
    assert main(['replay', str(tmp_path / 'bag'), '--out', str(tmp_path / 'out')]) == 3
    shown = capsys.readouterr().out
    assert '0 images' in shown and 'No image voted' in shown


def test_frames_that_are_no_rotation_are_left_out_and_told(tmp_path):
    with open_image_bag(tmp_path / 'bag', TOPIC, 'sensor', CAMERA) as writer:
        writer.transforms(10**9, [('base_link', 'tool0', POSE)])
        writer.transforms(10**9 + 5, [('base_link', 'tool0', POSE)])
    file = next((tmp_path / 'bag').glob('*.mcap'))
    content = file.read_bytes()
    one = np.float64(1.0).tobytes()
    last = content.rindex(one, 0, content.index(b'serialized_metadata'))  # w of the last quaternion
    file.write_bytes(content[:last] + bytes(8) + content[last + 8 :])
    with open_bag(tmp_path / 'bag') as bag:
        tree = bag.frame_tree()
        assert np.array_equal(tree.lookup('base_link', 'tool0', 10**9), POSE)
        assert bag.problems == ['a transform from tool0 to base_link whose quaternion is no rotation is left out']


@pytest.mark.parametrize('longer', [0.7, 1.01, 1.5])
def test_a_quaternion_of_another_length_is_its_rotation(tmp_path, longer):
    """As in the graph: only zero and what is not finite is no rotation."""
    turned = transform_from_xyz_rpy_deg(np.array([0.1, 0.2, 0.3]), np.array([10.0, 20.0, 30.0]))
    with open_image_bag(tmp_path / 'bag', TOPIC, 'sensor', CAMERA) as writer:
        writer.transforms(10**9, [('base_link', 'tool0', turned)])
        writer.transforms(2 * 10**9, [('base_link', 'tool0', POSE)])
    file = next((tmp_path / 'bag').glob('*.mcap'))
    content, quaternion = file.read_bytes(), quaternion_xyzw(turned)
    assert content.count(quaternion.tobytes()) == 1
    file.write_bytes(content.replace(quaternion.tobytes(), (longer * quaternion).tobytes()))
    with open_bag(tmp_path / 'bag') as bag:
        tree = bag.frame_tree()
        np.testing.assert_allclose(tree.lookup('base_link', 'tool0', 10**9), turned, atol=1e-12)
        between = tree.lookup('base_link', 'tool0', 1_500_000_000)
        expected = pose_between_by_scipy(turned, POSE)
        np.testing.assert_allclose(between[:3, :3], expected, atol=1e-9)
        assert bag.problems == []


def pose_between_by_scipy(first, second):
    """(3, 3) rotation halfway."""
    turns = Rotation.from_matrix(np.stack([first[:3, :3], second[:3, :3]]))
    return Slerp([0.0, 1.0], turns)(0.5).as_matrix()


def test_a_calibration_of_another_size_is_none(tmp_path):
    """camera_info of 32 x 24 px beside an image of 16 x 24: half the sensor was read out, or the bag was edited."""
    with open_image_bag(tmp_path / 'small', TOPIC, 'sensor', CAMERA) as writer:
        writer.image(10**9, BLACK)
    file = next((tmp_path / 'small').glob('*.mcap'))
    content = file.read_bytes()
    fields = np.array([24, 32], '<u4').tobytes()  # height, width: first of the camera_info, then of the image
    first = content.index(fields)
    image = content.index(fields, first + 8)
    halved = np.array([48, 16], '<u4').tobytes()
    changed = content[:image] + halved + content[image + 8 :]
    step = changed.index(np.uint32(32).tobytes(), image + 8)
    file.write_bytes(changed[:step] + np.uint32(16).tobytes() + changed[step + 4 :])
    with open_bag(file) as bag:
        recorded = next(bag.images(TOPIC))
    assert recorded.image.pixels.shape == (48, 16)
    assert isinstance(recorded.camera, CalibrationError) and '32 x 24' in recorded.camera.message


def test_each_image_that_cannot_be_decoded_has_a_row_that_says_why(bag, tmp_path, capsys):
    file = next(bag.glob('*.mcap'))
    file.write_bytes(file.read_bytes().replace(b'mono8', b'mono9'))
    out = tmp_path / 'out'
    assert main(['replay', str(bag), '--out', str(out), '--overlays']) == 3
    rows = (out / 'seam_points.csv').read_text().splitlines()[1:]
    assert len(rows) == 3 and all('ImageError' in row and 'mono9' in row for row in rows)
    assert 'ImageError: 3 images' in capsys.readouterr().out
    assert 'ImageError: 3' in (out / 'index.html').read_text()
