"""Images and calibrations like the last one are read as the general decoder would; what differs is decoded anew."""

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.serde import SerdeError
from rosbags.typesys import Stores, get_typestore

from weld_cell.bags.image_messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, CameraInfoDecoder, ImageDecoder
from weld_cell.bags.reading import open_bag
from weld_cell.cli import main
from weld_cell.errors import CalibrationError

TYPES = get_typestore(Stores.ROS2_JAZZY)


def header(seconds, frame, nanoseconds=7):
    stamp = TYPES.types['builtin_interfaces/msg/Time'](sec=seconds, nanosec=nanoseconds)
    return TYPES.types['std_msgs/msg/Header'](stamp=stamp, frame_id=frame)


def image(seconds, pixels, frame='sensor', encoding='mono8', big_endian=False, is_bigendian=0):
    height, width = pixels.shape
    message = TYPES.types[IMAGE](
        header=header(seconds, frame),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=is_bigendian,
        step=width,
        data=pixels.ravel(),
    )
    return bytes(TYPES.serialize_cdr(message, IMAGE, little_endian=not big_endian))


def camera_info(seconds, focal_px, stamp_ns=7, width=32, lens='plumb_bob', d=(0.0,) * 5, rectified_px=0, binning=0):
    roi = TYPES.types['sensor_msgs/msg/RegionOfInterest'](x_offset=0, y_offset=0, height=0, width=0, do_rectify=False)
    K = np.array([focal_px, 0, 4, 0, focal_px, 3, 0, 0, 1], float)
    message = TYPES.types[CAMERA_INFO](
        header=header(seconds, 'sensor', stamp_ns),
        height=24,
        width=width,
        distortion_model=lens,
        d=np.array(d),
        k=K,
        r=np.eye(3).ravel(),
        p=np.array([rectified_px, 0, 4, 0, 0, rectified_px, 3, 0, 0, 0, float(rectified_px > 0), 0]),
        binning_x=binning,
        binning_y=binning,
        roi=roi,
    )
    return bytes(TYPES.serialize_cdr(message, CAMERA_INFO))


@pytest.mark.parametrize(
    'changes',
    [
        [{'pixels': np.zeros((0, 0), np.uint8)}] * 3,
        [{}, {}, {}],
        [{}, {'frame': 'length'}, {}],
        [{}, {'frame': 'another'}],
        [{}, {'encoding': '8UC1'}],
        [{}, {'is_bigendian': 1}, {}],
        [{}, {'pixels': np.ones((3, 4), np.uint8)}],  # as many pixels, another shape
        [{}, {'pixels': np.ones((8, 8), np.uint8)}],
        [{'big_endian': True}, {}, {'big_endian': True}],
    ],
)
def test_every_image_is_read_whole(changes):
    decoder, rng = ImageDecoder(), np.random.default_rng(1)
    for seconds, change in enumerate(changes):
        sent = {'pixels': rng.integers(0, 256, (4, 3), dtype=np.uint8), **change}
        read = decoder.read(image(seconds, **sent))
        assert read.stamp_ns == seconds * 10**9 + 7
        assert (read.height, read.width, read.step) == (*sent['pixels'].shape, sent['pixels'].shape[1])
        assert (read.frame, read.encoding) == (sent.get('frame', 'sensor'), sent.get('encoding', 'mono8'))
        assert read.is_bigendian == bool(sent.get('is_bigendian'))
        assert read.data.tolist() == sent['pixels'].ravel().tolist()


def test_a_cut_image_is_refused_also_after_a_whole_one():
    raw, decoder = image(1, np.zeros((4, 3), np.uint8)), ImageDecoder()
    decoder.read(raw)
    for size in range(len(raw)):
        with pytest.raises(SerdeError):
            decoder.read(raw[:size])


def test_every_calibration_is_read():
    decoder = CameraInfoDecoder()
    read = [decoder.read(camera_info(seconds, focal_px)) for seconds, focal_px in enumerate((900, 900, 950, 0, 0))]
    assert [stamp_ns for stamp_ns, _ in read] == [seconds * 10**9 + 7 for seconds in range(5)]
    assert [cameras[32, 24].matrix[0, 0] for _, cameras in read[:3]] == [900, 900, 950]
    assert all(isinstance(cameras[32, 24], CalibrationError) for _, cameras in read[3:])


def test_compressed_images_of_a_bag_are_read_with_the_calibration_beside_the_raw_topic(tmp_path):
    pixels = np.tile(np.arange(32, dtype=np.uint8), (24, 1))
    data = cv2.imencode('.png', pixels)[1].ravel()
    topic = '/laser_sensor/image_raw/compressed'
    with Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        images = writer.add_connection(topic, COMPRESSED_IMAGE, typestore=TYPES)
        infos = writer.add_connection('/laser_sensor/camera_info', CAMERA_INFO, typestore=TYPES)
        writer.write(infos, 1, camera_info(1, 900))
        for content in (data, data[:-30]):
            message = TYPES.types[COMPRESSED_IMAGE](header=header(2, 'sensor'), format='png', data=content)
            writer.write(images, 2, TYPES.serialize_cdr(message, COMPRESSED_IMAGE))
    with open_bag(tmp_path / 'bag') as bag:
        (recorded,) = bag.images(topic)
        assert np.array_equal(recorded.image.pixels, pixels) and recorded.camera.matrix[0, 0] == 900
        assert len(bag.problems) == 1 and 'is cut' in bag.problems[0]
    assert main(['replay', str(tmp_path / 'bag'), '--out', str(tmp_path / 'out')]) == 3  # found, and no stripe in it
