"""The calibration of a recorded image: of its size the newest one, however the driver stamps and sends it."""

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from test_bag_image_messages import camera_info, image

from weld_cell.bags.image_messages import CAMERA_INFO, IMAGE
from weld_cell.bags.reading import open_bag
from weld_cell.errors import CalibrationError

TYPES = get_typestore(Stores.ROS2_JAZZY)
TOPIC, INFO = '/laser_sensor/image_raw', '/laser_sensor/camera_info'
RECTIFIED = '/laser_sensor/image_rect'
PIXELS = np.zeros((24, 32), np.uint8)


def recorded(folder, messages, images=TOPIC):
    """Focal lengths, or the errors, of the images of a bag of messages (topic, raw) in this order."""
    with Writer(folder / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        kinds = {TOPIC: IMAGE, RECTIFIED: IMAGE, INFO: CAMERA_INFO}
        topics = {name: writer.add_connection(name, kind, typestore=TYPES) for name, kind in kinds.items()}
        for time_ns, (topic, raw) in enumerate(messages, 1):
            writer.write(topics[topic], time_ns, raw)
    with open_bag(folder / 'bag') as bag:
        cameras = [each.camera for each in bag.images(images)]
    return [camera if isinstance(camera, CalibrationError) else camera.matrix[0, 0] for camera in cameras]


IMAGES = [(TOPIC, image(seconds, PIXELS)) for seconds in range(1, 5)]


def info(seconds, focal_px=900, **changes):
    return INFO, camera_info(seconds, focal_px, **changes)


@pytest.mark.parametrize(
    ('messages', 'focal_px'),
    [
        ([info(0), *IMAGES], [900] * 4),  # sent once, before
        ([*IMAGES, info(9)], [900] * 4),  # or behind: latched, and recorded late
        ([each for k in range(4) for each in (IMAGES[k], info(k + 1, stamp_ns=3_000_000))], [900] * 4),  # 3 ms later
        ([info(1), *IMAGES[:2], info(3, 950), *IMAGES[2:]], [900, 900, 950, 950]),  # calibrated meanwhile
        ([info(1), info(1, 700, width=64), *IMAGES], [900] * 4),  # of another size too
    ],
)
def test_the_newest_of_its_size_is_taken(tmp_path, messages, focal_px):
    assert recorded(tmp_path, messages) == focal_px


def test_raw_and_rectified_images_of_one_camera_have_cameras_of_their_own(tmp_path):
    messages = [info(0, rectified_px=850), *IMAGES, *[(RECTIFIED, raw) for _, raw in IMAGES]]
    assert recorded(tmp_path, messages) == [900] * 4
    assert recorded(tmp_path / 'again', messages, RECTIFIED) == [850] * 4


def test_a_binned_image_is_calibrated_by_the_sensor(tmp_path):
    assert recorded(tmp_path, [info(0, width=64, binning=1), *IMAGES])[0].message.count('64 x 24')
    halved = [(TOPIC, image(seconds, np.zeros((12, 16), np.uint8))) for seconds in range(1, 5)]
    assert recorded(tmp_path / 'again', [info(0, binning=2), *halved]) == [450] * 4


@pytest.mark.parametrize(
    ('messages', 'told'),
    [
        (IMAGES, 'No camera_info'),
        ([info(1, width=64), *IMAGES], '64 x 24'),
        ([info(1, 0), *IMAGES], 'no focal length'),
        ([info(1, lens='equidistant', d=[0.0] * 4), *IMAGES], 'equidistant'),
        ([info(1, lens='rational_polynomial', d=[0.1, 0, 0, 0, 0, 0.2, 0, 0]), *IMAGES], 'rational_polynomial'),
    ],
)
def test_without_one_it_is_said_why(tmp_path, messages, told):
    errors = recorded(tmp_path, messages)
    assert all(isinstance(error, CalibrationError) and told in error.message for error in errors)
