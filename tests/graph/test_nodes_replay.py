"""The graph under a played bag finds what the offline pipeline finds in the same bag."""

import csv
import json

import cv2
import numpy as np
import pytest
from cell_graph import CONFIG, needs_ros2
from geometry_msgs.msg import PointStamped
from nav_msgs.msg import Path
from recorded_cycle import record_cycle
from std_msgs.msg import String

from weld_cell.bags.reading import open_bag
from weld_cell.bags.writing import images_to_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.cli import main
from weld_cell.pipeline import LaserPipeline
from weld_cell.records import JointType
from weld_cell.records.status import Stage
from weld_cell.ros.conversions import ns_from_time
from weld_cell.sim.cell_scene import cell_scene

pytestmark = pytest.mark.graph

DISCOVERY_S = 8  # who missed the player's first announcements on a busy machine hears of it after 3 and 6 s
IMAGES = 30  # fewer than the vote takes: the end of the bag has to be noticed


@pytest.fixture
def bag(tmp_path):
    """A robot that stands still over a lap joint, seen in images whose noise differs."""
    scene, rig = cell_scene(JointType.LAP, 4), load_rig(str(CONFIG / 'rig.yaml'))
    pose, files = scene.seam_pose(0.08), []
    for number in range(IMAGES):
        files.append(tmp_path / f'{number}.png')
        cv2.imwrite(str(files[-1]), scene.image(pose, number / 40))
    path = tmp_path / 'bag'
    list(
        images_to_bag(
            files,
            path,
            topic='laser_sensor/image_raw',
            frame=rig.laser_sensor.frame,
            rate_hz=40.0,
            camera=rig.laser_sensor.camera,
            still_pose=('base_link', 'tool0', pose),
        )
    )
    return path, pose @ rig.laser_sensor.T_parent_sensor, rig.laser_sensor


def offline_points(bag):
    """Joint type and seam points, by stamp, that the offline pipeline finds in the bag."""
    path, T_base_sensor, sensor = bag
    with open_bag(path) as recording:
        offline = LaserPipeline(sensor).replay(recording.images('laser_sensor/image_raw'), lambda _: T_base_sensor)
    expected = {image.point.stamp_ns: image.point.position_m for image in offline.images if image.point}
    assert len(expected) > IMAGES / 2
    return offline.decision.joint_type, expected


def agree(graph, player, joint_type, expected):
    """The graph under the player, which ends, finds these points and no others."""
    points = graph.wait_for('seam/point', len(expected))
    graph.wait(lambda: False, 1.0)
    assert graph.wait(lambda: player.poll() == 0)
    assert graph.wait(lambda: graph.messages['joint_type'][-1].data == joint_type)
    found = {ns_from_time(m.header.stamp): np.array([m.point.x, m.point.y, m.point.z]) for m in points}
    assert found.keys() == expected.keys()
    assert all(np.allclose(found[stamp], expected[stamp], atol=1e-9) for stamp in expected)


@needs_ros2
def test_graph_and_pipeline_agree(graph, bag):
    """Of ros2 bag play, with the node that finds the seam listening to one that votes."""
    joint_type, expected = offline_points(bag)
    graph.listen(PointStamped, 'seam/point')
    graph.listen(String, 'joint_type', latched=True)
    graph.start('hand_eye_tf')
    graph.start('seam_detector', end_after_silence_s=1.0, vote='false')
    graph.start('joint_type', end_after_silence_s=1.0)
    graph.wait_for('joint_type')
    assert graph.wait(lambda: graph.node.count_subscribers('laser_sensor/image_raw') == 2)
    player = graph.ros2('player', 'bag', 'play', bag[0], '--delay', DISCOVERY_S, '--disable-keyboard-controls')
    agree(graph, player, joint_type, expected)


@needs_ros2
def test_a_recording_waits_for_its_listeners_who_then_agree_with_the_pipeline(graph, bag):
    """Of bag_player, with the node that finds the seam voting itself."""
    joint_type, expected = offline_points(bag)
    topics = ['/laser_sensor/image_raw', '/laser_sensor/camera_info', '/tf_static']
    words = ['--delay', DISCOVERY_S, '--disable-keyboard-controls', '--listeners', 'seam_detector']
    player = graph.ros2('player', 'run', 'weld_cell', 'bag_player', bag[0], *words, '--topics', *topics)
    graph.wait_for_output('player', ['waits for seam_detector'])
    assert graph.node.count_publishers('laser_sensor/image_raw') == 0
    graph.listen(PointStamped, 'seam/point')
    graph.listen(String, 'joint_type', latched=True)
    graph.start('hand_eye_tf')
    graph.start('seam_detector', end_after_silence_s=1.0)
    agree(graph, player, joint_type, expected)


@needs_ros2
@pytest.mark.slow
def test_the_graph_finds_the_scan_in_a_recording_from_launch_on(graph, tmp_path):
    bag, out = tmp_path / 'bag', tmp_path / 'out'
    record_cycle(JointType.SPLICE, 2, bag, stop_in=Stage.WELD)
    assert main(['replay', str(bag), '--out', str(out)]) == 0
    told = json.loads((out / 'joint_type.json').read_text())
    path, images = (list(csv.DictReader((out / name).open())) for name in ('seam_path.csv', 'seam_points.csv'))
    rows = {row['stamp_ns']: row for row in images if row['x_m']}

    graph.listen(PointStamped, 'seam/point')
    graph.listen(String, 'joint_type', latched=True)
    graph.listen(Path, 'seam/path', latched=True)
    launched = ('launch', 'weld_cell', 'replay.launch.xml', f'bag:={bag}')
    graph.ros2('replay', *launched)
    graph.wait_for_output('replay', ['in sweep'])
    points = graph.messages['seam/point']
    assert graph.wait(lambda: len(points) >= len(rows)), f'{len(points)} of {len(rows)}: {graph.output("replay")}'
    graph.wait(lambda: False, 1.0)
    found = {
        str(ns_from_time(m.header.stamp)): (m.point.x, m.point.y, m.point.z) for m in graph.messages['seam/point']
    }
    assert found.keys() == rows.keys()
    for stamp, place in found.items():
        assert np.allclose(place, [float(rows[stamp][axis]) for axis in ('x_m', 'y_m', 'z_m')], atol=1e-8)
    assert graph.messages['joint_type'][-1].data == told['joint_type']
    poses = graph.messages['seam/path'][-1].poses
    assert len(poses) == len(path)
    expected = [[float(row[axis]) for axis in ('x_m', 'y_m', 'z_m')] for row in path]
    assert np.allclose(
        [(p.pose.position.x, p.pose.position.y, p.pose.position.z) for p in poses], expected, atol=1e-8
    )
    assert graph.stop('replay')[0] == 0


@needs_ros2
def test_where_there_is_no_such_bag_the_launch_ends_with_an_error(graph, tmp_path):
    for bag in (tmp_path / 'no bag', tmp_path):
        graph.ros2('replay', 'launch', 'weld_cell', 'replay.launch.xml', f'bag:={bag}')
        code, printed = graph.ended('replay')
        assert code == 1 and f'Bag {bag} cannot be read' in printed and 'process started' not in printed
