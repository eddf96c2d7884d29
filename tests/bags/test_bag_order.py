"""Images, calibrations and frames in any order: each image has its calibration, and no pass is made in vain."""

from contextlib import closing

import numpy as np
import pytest

from weld_cell.bags.reading import BagReader
from weld_cell.bags.storage import BagStorage
from weld_cell.bags.writing import open_image_bag
from weld_cell.errors import TimeJumpError
from weld_cell.geometry.camera import CameraModel

CAMERA = CameraModel(np.array([[900.0, 0, 4], [0, 900.0, 3], [0, 0, 1]]), np.zeros(5), (32, 24))
IMAGE, INFO = '/laser_sensor/image_raw', '/laser_sensor/camera_info'
IMAGES = 4


class HeldMessages:
    """In the place of a bag's storage; counts how often it is read."""

    def __init__(self, topics, messages):
        self._topics, self._messages, self.passes = topics, messages, 0

    def topics(self):
        return self._topics

    def messages(self, topics):
        self.passes += 1
        return ((topic, raw) for topic, raw in self._messages if topic in topics)

    def tell(self, problem):
        raise AssertionError(problem)


@pytest.fixture
def recorded(tmp_path):
    """Topics and messages of a bag: frames, then a calibration and an image, and so on."""
    with open_image_bag(tmp_path / 'bag', IMAGE, 'sensor', CAMERA) as writer:
        for number in range(IMAGES):
            writer.transforms(10**9 + number, [('base_link', 'tool0', np.eye(4))])
            writer.image(10**9 + number, np.full((24, 32), number, np.uint8))
    with closing(BagStorage(tmp_path / 'bag')) as storage:
        return storage.topics(), list(storage.messages(storage.topics()))


@pytest.mark.parametrize(
    'rank',
    [
        {'/tf': 0, INFO: 0, IMAGE: 0},  # as recorded
        {'/tf': 2, INFO: 0, IMAGE: 1},
        {'/tf': 0, INFO: 2, IMAGE: 1},
    ],
)
def test_any_order(recorded, rank):
    topics, messages = recorded
    storage = HeldMessages(topics, sorted(messages, key=lambda message: rank[message[0]]))
    bag = BagReader(storage, 'bag')
    images = list(bag.images(IMAGE))
    assert [image.image.pixels[0, 0] for image in images] == list(range(IMAGES))
    assert [image.image.sequence for image in images] == list(range(IMAGES))
    assert all(np.array_equal(image.camera.matrix, CAMERA.matrix) for image in images)
    assert np.array_equal(bag.frame_tree().lookup('base_link', 'tool0', 10**9 + IMAGES - 1), np.eye(4))
    assert storage.passes == 2  # what is beside the images, then the images


def test_a_calibration_that_is_missing_in_the_middle(recorded):
    topics, messages = recorded
    infos = [k for k, (topic, _) in enumerate(messages) if topic == INFO]
    del messages[infos[2]]
    images = list(BagReader(HeldMessages(topics, messages), 'bag').images(IMAGE))
    assert [image.image.pixels[0, 0] for image in images] == list(range(IMAGES))
    assert all(np.array_equal(image.camera.matrix, CAMERA.matrix) for image in images)  # the one before holds


@pytest.mark.parametrize(
    ('topics', 'source'), [({'/tf', INFO, IMAGE}, 'transform from tool0 to base_link'), ({INFO, IMAGE}, IMAGE)]
)
def test_a_recording_whose_time_jumps_back_is_refused(tmp_path, topics, source):
    with open_image_bag(tmp_path / 'bag', IMAGE, 'sensor', CAMERA) as writer:
        for number in range(3):
            writer.transforms(10**9 * (1 + number), [('base_link', 'tool0', np.eye(4))])
            writer.image(10**9 * (1 + number), np.full((24, 32), number, np.uint8))
    with closing(BagStorage(tmp_path / 'bag')) as storage:
        kinds = {topic: kind for topic, kind in storage.topics().items() if topic in topics}
        messages = list(storage.messages(kinds))
    with pytest.raises(TimeJumpError, match=f'jumps back, on .*{source} from 3.000 s to 1.000 s') as refused:
        list(BagReader(HeldMessages(kinds, messages + messages), 'looped').images(IMAGE))
    assert 'bag of its own' in refused.value.remedy
