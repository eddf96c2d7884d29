"""Images into a bag and out again, through a real MCAP file."""

import cv2
import numpy as np
import pytest

from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import images_to_bag
from weld_cell.cli import main
from weld_cell.errors import BagError, CalibrationError, ImageError, TransformError
from weld_cell.geometry.camera import CameraModel
from weld_cell.images import image_files

CAMERA = CameraModel(np.array([[900.0, 0, 4], [0, 900.0, 3], [0, 0, 1]]), np.array([0.1, 0, 0, 0, 0]), (8, 6))
TOPIC = 'laser_sensor/image_raw'


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / 'photographs'
    folder.mkdir()
    rng = np.random.default_rng(0)
    shapes = [(6, 8), (6, 8, 3), (5, 7)]
    pixels = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    for number, image in enumerate(pixels):
        cv2.imwrite(str(folder / f'{number}.png'), image)
    return folder, pixels


def write(folder, bag, **changes):
    pose = np.eye(4)
    pose[:3, 3] = (1, 2, 3)
    arguments = {
        'topic': TOPIC,
        'frame': 'sensor',
        'rate_hz': 40.0,
        'camera': CAMERA,
        'still_pose': ('base_link', 'sensor', pose),
    }
    return list(images_to_bag(image_files(folder), bag, **{**arguments, **changes}))


def test_round_trip(photographs, tmp_path):
    folder, pixels = photographs
    write(folder, tmp_path / 'bag')
    assert sorted(path.name for path in (tmp_path / 'bag').iterdir()) == ['bag_0.mcap', 'metadata.yaml']
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.count(TOPIC) == 3
        recorded = list(bag.images(TOPIC))
        frames = bag.frame_tree()
    assert all(np.array_equal(r.image.pixels, p) for r, p in zip(recorded, pixels, strict=True))
    assert [r.image.stamp_ns for r in recorded] == [1_000_000_000, 1_025_000_000, 1_050_000_000]
    assert frames.lookup('base_link', 'sensor', 7)[:3, 3].tolist() == [1, 2, 3]
    assert np.array_equal(recorded[0].camera.matrix, CAMERA.matrix)
    assert recorded[0].camera.size_px == (8, 6)
    assert isinstance(recorded[2].camera, CalibrationError)  # of another size than the camera's


def test_same_images_same_bytes(photographs, tmp_path):
    for folder in ('one', 'two'):
        (tmp_path / folder).mkdir()
        write(photographs[0], tmp_path / folder / 'bag')
    one, two = (next((tmp_path / folder / 'bag').glob('*.mcap')).read_bytes() for folder in ('one', 'two'))
    assert one == two


def test_an_existing_bag_is_kept(photographs, tmp_path):
    write(photographs[0], tmp_path / 'bag')
    with pytest.raises(BagError, match='exists already'):
        write(photographs[0], tmp_path / 'bag')


def test_what_is_no_bag_is_refused(tmp_path):
    with pytest.raises(BagError, match='cannot be read'), open_bag(tmp_path):
        pass


def test_a_missing_topic_names_those_there(photographs, tmp_path):
    write(photographs[0], tmp_path / 'bag')
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(BagError, match='has no topic /mako/image_raw') as refused:
        bag.count('mako/image_raw')
    assert '/laser_sensor/image_raw' in refused.value.remedy


def test_without_a_pose_the_frames_are_not_connected(photographs, tmp_path):
    write(photographs[0], tmp_path / 'bag', still_pose=None)
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(TransformError, match='not connected'):
        bag.frame_tree().lookup('base_link', 'sensor', 7)


@pytest.fixture
def mixed(tmp_path):
    """Photographs of which one is cut, and one has 16 bits."""
    folder = tmp_path / 'photos'
    folder.mkdir()
    cv2.imwrite(str(folder / '1.png'), np.full((24, 32), 7, np.uint8))
    cv2.imwrite(str(folder / '2.png'), np.full((24, 32), 65535, np.uint16))
    (folder / '3.png').write_bytes((folder / '1.png').read_bytes()[:40])
    cv2.imwrite(str(folder / '4.png'), np.full((24, 32), 9, np.uint8))
    return folder


def test_one_damaged_photograph_is_left_out_by_name_and_one_of_16_bits_is_taken(mixed, tmp_path, capfd):
    assert main(['bag', 'from-images', str(mixed), str(tmp_path / 'bag')]) == 0
    assert '3.png' in capfd.readouterr().err
    with open_bag(tmp_path / 'bag') as bag:
        assert [image.image.pixels[0, 0] for image in bag.images('laser_sensor/image_raw')] == [7, 255, 9]


def test_a_bag_half_made_does_not_stand_in_the_way_of_the_next_attempt(mixed, tmp_path):
    files = image_files(mixed)
    make = {'topic': 'a/image_raw', 'frame': 'f', 'rate_hz': 40.0, 'camera': CAMERA}
    with pytest.raises(ImageError, match='3.png'):
        list(images_to_bag(files, tmp_path / 'bag', **make))
    assert not (tmp_path / 'bag').exists()
    begun = images_to_bag(files, tmp_path / 'bag', **make)
    next(begun)
    begun.close()  # as by Ctrl-C
    assert not (tmp_path / 'bag').exists()
    assert len(list(images_to_bag(files[:2], tmp_path / 'bag', **make))) == 2
    with pytest.raises(BagError, match='exists already'):
        list(images_to_bag(files[:2], tmp_path / 'bag', **make))
    assert (tmp_path / 'bag').exists()  # a whole one of before stays


def test_a_folder_without_one_image_leaves_no_bag(tmp_path):
    (tmp_path / 'photos').mkdir()
    (tmp_path / 'photos' / '1.png').write_bytes(b'no image')
    assert main(['bag', 'from-images', str(tmp_path / 'photos'), str(tmp_path / 'bag')]) == 1
    assert not (tmp_path / 'bag').exists()


def test_intrinsics_of_another_tool(mixed, tmp_path):
    kalibr = tmp_path / 'camchain.yaml'
    kalibr.write_text('cam0: {intrinsics: [900.0, 901.0, 16.0, 12.0], resolution: [32, 24]}\n')
    bag = str(tmp_path / 'bag')
    assert main(['bag', 'from-images', str(mixed), bag, '--camera-info', str(kalibr)]) == 0
    with open_bag(tmp_path / 'bag') as opened:
        assert next(opened.images(TOPIC)).camera.matrix[1, 1] == 901.0


@pytest.mark.parametrize(
    ('words', 'size_px'),
    [([], (640, 480)), (['--topic', '/cell_2/mako/image_raw'], (1456, 1088)), (['--camera', 'mako'], (1456, 1088))],
)
def test_the_rigs_camera_that_the_topic_names_took_the_images(tmp_path, words, size_px):
    (tmp_path / 'photos').mkdir()
    cv2.imwrite(str(tmp_path / 'photos' / '1.png'), np.zeros(size_px[::-1], np.uint8))
    assert main(['bag', 'from-images', str(tmp_path / 'photos'), str(tmp_path / 'bag'), *words]) == 0
    topic = words[1] if '--topic' in words else TOPIC
    with open_bag(tmp_path / 'bag') as bag:
        assert next(bag.images(topic)).camera.size_px == size_px
