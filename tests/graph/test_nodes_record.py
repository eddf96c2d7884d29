"""The README's way from a running cell to a replay: record its sensor and frames, then replay what was recorded."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from cell_graph import needs_ros2
from sensor_msgs.msg import JointState
from sim_scan import Scan, distances_mm

from weld_cell.records import JointType
from weld_cell.ros.qos import STATE
from weld_cell.sim.cell_scene import cell_scene

pytestmark = [pytest.mark.graph, pytest.mark.slow, needs_ros2]

JOINT_TYPE, SEED = JointType.LAP, 5
SCANNED_M = np.arange(0.04, 0.10, 0.002)  # along the seam, clear of its ends
TOPICS = ('/laser_sensor/image_raw', '/laser_sensor/camera_info', '/tf', '/tf_static')
POINT_MM, PATH_MM = 1.0, 0.3


def test_a_recorded_scan_is_replayed(graph, tmp_path):
    scene = cell_scene(JOINT_TYPE, SEED)
    graph.listen(JointState, 'joint_states', STATE)
    graph.start('laser_sensor', sim__joint_type=JOINT_TYPE, sim__seed=SEED)
    graph.start('hand_eye_tf')
    graph.start('robot_sim')
    graph.wait_for('joint_states')
    scan = Scan(graph, scene, SCANNED_M)
    scan.run()
    graph.ros2('recorder', 'bag', 'record', '-o', tmp_path / 'my_bag', *TOPICS)
    graph.wait_for_output('recorder', [f"Subscribed to topic '{topic}'" for topic in TOPICS])
    scan.run(forward=False)
    code, output = graph.stop('recorder')
    assert code == 0, output

    command = [sys.executable, '-m', 'weld_cell.cli', 'replay', tmp_path / 'my_bag', '--out', tmp_path / 'out']
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and 'warning' not in done.stderr, done.stderr
    assert json.loads((tmp_path / 'out' / 'joint_type.json').read_text())['joint_type'] == JOINT_TYPE
    rows = list(csv.DictReader((tmp_path / 'out' / 'seam_points.csv').read_text().splitlines()))
    # A busy recorder hears /tf a second after the images.
    heard = next(k for k, row in enumerate(rows) if row['error'] != 'TransformError')
    points = np.array([[row['x_m'], row['y_m'], row['z_m']] for row in rows if row['x_m']], dtype=float)
    # The edge's foot lies in the shadow of a tack in eleven images: these are refused.
    assert len(points) > 0.85 * (len(rows) - heard) and len(points) > 50
    assert np.percentile(distances_mm(points, scene), 95) < POINT_MM
    path = np.loadtxt(tmp_path / 'out' / 'seam_path.csv', delimiter=',', skiprows=1, usecols=(0, 1, 2))
    assert distances_mm(path, scene).max() < PATH_MM
    assert np.linalg.norm(path[-1] - path[0]) == pytest.approx(np.linalg.norm(points[-1] - points[0]), abs=3e-3)
