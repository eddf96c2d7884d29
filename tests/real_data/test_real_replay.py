"""Photographs of real joints as bags: the offline pipeline and the node graph say the same of them.

Nobody knows their seams in metres: they come from cameras of another geometry than the rig's, and no robot took
them. So it is not asserted what is said of them, but that both ways say the same, and the same twice. Whether the
curve lies on the real stripe is judged in test_real_stripe.py, by positions read off by eye; the overlays of this
replay were looked at as well (on the workpiece in 30 of 30).
"""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from cell_graph import needs_ros2
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped
from scipy.io import loadmat
from std_msgs.msg import String

from weld_cell.bags.reading import open_bag
from weld_cell.cli import main
from weld_cell.errors import CalibrationError
from weld_cell.ros.conversions import ns_from_time

FOLDER = Path(__file__).parents[3] / 'shared' / 'data' / 'laser_stripe'
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f'no real images: {FOLDER} is absent'),
]
TOPIC = 'laser_sensor/image_raw'
OBJECTS_SIZE_PX = (480, 360)


def objects_camera():
    """K (3, 3) and distortion (5,) from cameraParams.mat, an object of MATLAB's calibrator.

    SciPy hands out such an object's content as bytes: a MAT file without its header of 128 bytes, and with
    something behind it. MATLAB keeps K transposed, and counts pixels from 1.
    """
    path = FOLDER / 'objects' / 'cameraParams.mat'
    content = loadmat(path)['__function_workspace__'].tobytes()[8:]
    end = 8 + int.from_bytes(content[4:8], 'little')
    cells = loadmat(io.BytesIO(path.read_bytes()[:128] + content[:end]))['__function_workspace__']['MCOS'][0, 0]
    parameters = cells['arr'][0][2, 0][0, 0]
    K = parameters['IntrinsicMatrix'].T.copy()
    K[:2, 2] -= 1
    return K, [*parameters['RadialDistortion'].ravel(), *parameters['TangentialDistortion'].ravel(), 0.0]


@pytest.fixture
def objects_camera_info(tmp_path):
    """The objects' camera as a camera_info YAML."""
    K, distortion = objects_camera()
    width, height = OBJECTS_SIZE_PX
    path = tmp_path / 'camera_info.yaml'
    path.write_text(
        yaml.safe_dump(
            {
                'image_width': width,
                'image_height': height,
                'distortion_model': 'plumb_bob',
                'camera_matrix': {'rows': 3, 'cols': 3, 'data': K.ravel().tolist()},
                'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [float(k) for k in distortion]},
            }
        )
    )
    return path


@pytest.fixture(params=['weld_pieces', 'objects'])
def bag(request, tmp_path, objects_camera_info):
    """A bag of each folder, made as the README says."""
    path = tmp_path / request.param
    camera = ['--camera-info', str(objects_camera_info)] if request.param == 'objects' else []
    assert main(['bag', 'from-images', str(FOLDER / request.param), str(path), *camera]) == 0
    return path


def replay(bag, out):
    """Result files of an offline replay by name: their bytes."""
    assert main(['replay', str(bag), '--out', str(out), '--overlays']) in (
        3,
        4,
    )  # photographs without a robot: no path
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob('*')) if path.is_file()}


def test_the_objects_camera(objects_camera_info, tmp_path):
    K, _ = objects_camera()
    assert np.allclose(K, np.triu(K)) and K[2, 2] == 1
    assert np.allclose(K[:2, 2], np.array(OBJECTS_SIZE_PX) / 2, atol=40)
    path = tmp_path / 'bag'
    main(['bag', 'from-images', str(FOLDER / 'objects'), str(path), '--camera-info', str(objects_camera_info)])
    with open_bag(path) as recording:
        cameras = [recorded.camera for recorded in recording.images(TOPIC)]
    assert len(cameras) == 4 and all(np.allclose(camera.matrix, K) for camera in cameras)


def test_the_photograph_of_another_size_has_no_calibration(tmp_path):
    main(['bag', 'from-images', str(FOLDER / 'weld_pieces'), str(tmp_path / 'bag')])
    with open_bag(tmp_path / 'bag') as recording:
        cameras = [recorded.camera for recorded in recording.images(TOPIC)]
    assert [isinstance(camera, CalibrationError) for camera in cameras] == [True] + 29 * [False]


def test_offline_twice_gives_the_same_bytes(bag, tmp_path):
    first, second = (replay(bag, tmp_path / name) for name in ('first', 'second'))
    images = len(first['seam_points.csv'].decode().splitlines()) - 1
    assert images == {'weld_pieces': 30, 'objects': 4}[bag.name]
    assert sum(name.startswith('overlays/') for name in first) == images
    assert first == second


@pytest.mark.graph
@pytest.mark.slow
@needs_ros2
def test_the_graph_says_what_the_pipeline_says(bag, tmp_path, graph):
    offline = replay(bag, tmp_path / 'offline')
    decision = json.loads(offline['joint_type.json'])
    images = list(csv.DictReader(io.StringIO(offline['seam_points.csv'].decode())))
    rows = [row for row in images if row['x_m']]
    if bag.name == 'objects' and not rows:  # four photographs of another sensor: a wrong type may win, without a seam
        assert images and ('error' in decision or all(row['error'] for row in images))
    else:
        assert rows or decision['error']  # no type may win clearly

    graph.listen(PointStamped, 'seam/point')
    graph.listen(DiagnosticStatus, 'joint_type/status')
    graph.listen(String, 'joint_type', latched=True)
    graph.ros2('replay', 'launch', 'weld_cell', 'replay.launch.xml', f'bag:={bag}')
    assert graph.wait(lambda: told(graph) is not None), 'the vote came to no end'
    points = graph.wait_for('seam/point', len(rows))
    graph.wait(lambda: False, 1.0)  # for points too many
    assert told(graph) == (decision['joint_type'], decision.get('error', ''))
    found = {str(ns_from_time(m.header.stamp)): (m.point.x, m.point.y, m.point.z) for m in points}
    assert found.keys() == {row['stamp_ns'] for row in rows}
    for row in rows:
        assert np.allclose(found[row['stamp_ns']], [float(row[axis]) for axis in ('x_m', 'y_m', 'z_m')], atol=1e-9)
    code, output = graph.stop('replay')
    assert code == 0 and 'Traceback' not in output


def told(graph):
    """(joint type, error) once the vote is over, else None."""
    errors = [m.message for m in graph.messages['joint_type/status'] if m.level == DiagnosticStatus.ERROR]
    types = [m.data for m in graph.messages['joint_type'] if m.data]
    return ((types or [''])[-1], (errors or [''])[-1]) if types or errors else None
