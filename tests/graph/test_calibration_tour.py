"""The simulated cell calibrates itself: the robot is driven through views of a board whose truth is known."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tf2_ros
import yaml
from cell_graph import CONFIG, needs_ros2
from rclpy.time import Time
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import Image

from weld_cell.calibration.rig import load_rig
from weld_cell.geometry.transforms import invert
from weld_cell.ros.conversions import transform_from_message
from weld_cell.sim.board_scene import as_built

pytestmark = [pytest.mark.graph, needs_ros2]
SEED = 5
FRAME = 'laser_sensor_optical_frame'


def my_rig(tmp_path):
    """A copy of the rig whose intrinsics are calibrated already, and the truth."""
    path = Path(shutil.copy(CONFIG / 'rig.yaml', tmp_path / 'rig.yaml'))
    camera, T_tool0_camera = as_built(load_rig(str(path)).laser_sensor, SEED)
    content = yaml.safe_load(path.read_text())
    content['laser_sensor']['camera'] |= {
        'matrix': camera.matrix.ravel().tolist(),
        'distortion': camera.distortion.tolist(),
    }
    path.write_text(yaml.safe_dump(content))
    return path, T_tool0_camera


def test_the_simulated_cell_finds_where_its_sensor_truly_sits(graph, tmp_path):
    rig, truth = my_rig(tmp_path)
    nominal = load_rig(str(rig)).laser_sensor.T_parent_sensor
    assert 1000 * np.linalg.norm(truth[:3, 3] - nominal[:3, 3]) > 2.0
    buffer = tf2_ros.Buffer()
    listener = tf2_ros.TransformListener(buffer, graph.node)
    for picture in ('overlay', 'coverage'):
        graph.listen(Image, f'calibration/{picture}', latched=True)
    words = [f'rig:={rig}', f'seed:={SEED}', 'tour:=true', 'views:=10', 'kind:=chessboard', 'columns:=8', 'rows:=5']
    graph.ros2('cell', 'launch', 'weld_cell', 'calibration.launch.xml', *words)
    assert graph.wait(lambda: '10 views are captured' in graph.output('cell'), 300.0), graph.output('cell')
    saved = graph.call('calibration/save')
    assert saved.success, saved.message
    assert graph.wait_for('calibration/overlay') and graph.wait_for('calibration/coverage')

    def told():
        return np.allclose(transform_from_message(buffer.lookup_transform('tool0', FRAME, Time())), found, atol=1e-6)

    found = load_rig(str(rig)).laser_sensor.T_parent_sensor
    assert graph.wait(told)
    off = transform_from_message(buffer.lookup_transform(f'true_{FRAME}', FRAME, Time()))
    np.testing.assert_allclose(off, invert(truth) @ found, atol=1e-6)
    assert 1000 * np.linalg.norm(off[:3, 3]) < 0.2, graph.output('cell')
    assert np.degrees(Rotation.from_matrix(off[:3, :3]).magnitude()) < 0.05
    listener.unregister()


def test_it_moves_no_other_robot(graph):
    graph.start('calibration_tour')
    assert graph.wait(lambda: 'calibration_tour' in graph.node.get_node_names())
    code, _ = graph.stop('calibration_tour')
    assert code == 0
