"""2,000 mutated messages at every node's door: only named errors, and afterwards the node does its work.

Real nodes in real processes, over DDS. That a node has dealt with all of its messages is told by its own counts on
/diagnostics; an error without a name ends it with a traceback.
"""

import json
import math

import numpy as np
import pytest
from cell_graph import CONFIG
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Point, PointStamped, PoseArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from mutation import mutated
from nav_msgs.msg import Path
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image, JointState, PointCloud2
from sim_scan import distances_mm
from std_msgs.msg import String
from tf2_ros import StaticTransformBroadcaster, TransformBroadcaster
from trajectory_msgs.msg import JointTrajectory

from weld_cell.calibration.rig import load_rig
from weld_cell.records import JointType, SeamPath, SeamSource
from weld_cell.records.status import CellStatus, NodeStatus, SeamStatus, Stage, WeldStatus
from weld_cell.ros.conversions import (
    camera_info_from_model,
    image_to_message,
    make_header,
    point_cloud,
    pose_array,
    seam_path_to_message,
    trajectory_to_message,
    transforms_to_messages,
)
from weld_cell.ros.qos import IMAGE, LATCHED, STATE, publisher
from weld_cell.ros.statuses import status_to_message, status_values
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.trajectory.plan import plan_joint_move
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

pytestmark = [pytest.mark.graph, pytest.mark.slow]

SEED = 20261121
COUNT = 2000
DEPTH = 3000  # of the nodes' inputs and of our outputs: none may be overwritten before it is looked at
NODES = (
    'hand_eye_tf',
    'joint_type',
    'seam_detector',
    'trajectory_publisher',
    'cell_supervisor',
    'robot_sim',
    'run_recorder',
)
CAMERAS = {'laser_sensor': 'elsewhere/laser_sensor', 'mako_camera': 'elsewhere/mako_camera'}
INPUTS = (
    'laser_sensor/image_raw',
    'laser_sensor/camera_info',
    'joint_type',
    'seam/profile',
    'seam/status',
    'seam/point',
    'seam/path',
    'plate_seam/path',
    'robot_description',
    'joint_states',
    'cell/status',
    'weld/status',
    'weld/tool_path',
    'joint_trajectory_controller/joint_trajectory',
)
JOINT_TYPE = JointType.FILLET
BATCH = 8  # calls at once: a service keeps ten


class Bench:
    """The running nodes and one good message of each kind."""

    def __init__(self, graph, folder):
        self.graph, self.rng = graph, np.random.default_rng(SEED)
        self.scene, self.rig = cell_scene(JOINT_TYPE, 2), load_rig(str(CONFIG / 'rig.yaml'))
        self.robot = load_robot(str(CONFIG / 'robot/arc_robot.urdf'), str(CONFIG / 'robot/limits.yaml'))
        self.record = folder / 'record'
        self._due, self._floods = {}, []
        graph.listen(DiagnosticArray, '/diagnostics', QoSProfile(depth=200, reliability=ReliabilityPolicy.RELIABLE))
        deep = {f'qos_overrides./{topic}.subscription.depth': DEPTH for topic in INPUTS}
        for name in NODES:
            own = {'run_recorder': {'folder': self.record}, 'seam_detector': {'vote': 'false'}}.get(name, {})
            graph.start(name, **own, **(deep if name != 'hand_eye_tf' else {}))
        for name, full in CAMERAS.items():
            graph.start(name, namespace=f'/{full.partition("/")[0]}', device__backend='files', device__source=folder)
        assert graph.wait(lambda: all(self.total(name) is not None for name in (*NODES, *CAMERAS.values())))

    def now_ns(self):
        return self.graph.node.get_clock().now().nanoseconds

    def total(self, name):
        """What a node says that it has dealt with."""
        for array in reversed(self.graph.messages['/diagnostics']):
            for status in array.status:
                values = status_values(status)
                if status.name == name and 'successes' in values:
                    return int(values['successes']) + int(values['failures'])
        return None

    def flood(self, kind, topic, good, count, nodes, latched=False):
        """Publish mutated messages; that each of the nodes has dealt with all of them is waited for by `settle`."""
        durability = (LATCHED if latched else IMAGE).durability
        out = publisher(
            self.graph.node,
            kind,
            topic,
            QoSProfile(depth=DEPTH, reliability=ReliabilityPolicy.RELIABLE, durability=durability),
        )
        assert self.graph.wait(lambda: all(self.graph.has_listener(f'/{topic}', name) for name in nodes))
        self.graph.wait(lambda: out.get_subscription_count() >= len(nodes))
        for name in nodes:
            self._due[name] = self._due.get(name, self.total(name)) + count
        for _ in range(count):
            out.publish(mutated(good, self.rng))
        self._floods.append(out)

    def settle(self):
        """Wait until the nodes have dealt with every flood so far; each tells once a second how many it has."""
        for name, due in self._due.items():
            assert self.graph.wait(lambda name=name, due=due: self.total(name) >= due), self.story(name)
        for out in self._floods:
            self.graph.node.destroy_publisher(out)
        self._due, self._floods = {}, []

    def plan(self):
        """Ask for a plan along whatever has come by now; one that succeeds counts as well."""
        self._due['trajectory_publisher'] += self.graph.call('weld/plan').success

    def story(self, name):
        process = self.graph.processes[name]
        return f'{name}: exit {process.poll()}, {self.graph.output(name)[-2000:]}'

    def call_mutated(self, kind, service, good, count):
        """Call a service with mutated requests; each is answered."""
        client = self.graph.node.create_client(kind, service)
        assert self.graph.wait(client.service_is_ready), service
        for _ in range(0, count, BATCH):
            futures = [client.call_async(known_types(mutated(good, self.rng))) for _ in range(BATCH)]
            assert self.graph.wait(lambda futures=futures: all(f.done() for f in futures)), service
        self.graph.node.destroy_client(client)

    def end(self, name):
        """The node lived, and never met an error without a name."""
        code, output = self.graph.stop(name)
        assert code == 0 and 'Traceback' not in output and 'FATAL' not in output, f'{name}: {output[-3000:]}'
        return output


@pytest.fixture
def bench(graph, tmp_path):
    return Bench(graph, tmp_path)


def test_mutated_messages_at_every_door(bench):
    flood_images(bench)
    flood_frames(bench)
    flood_planning(bench)
    flood_motion(bench)
    bench.settle()
    flood_services(bench)
    check_robot(bench)
    check_planning(bench)
    check_sight(bench)
    check_cameras(bench)
    for name in ('joint_type', 'seam_detector', 'trajectory_publisher', 'hand_eye_tf', 'cell_supervisor'):
        bench.end(name)
    bench.end('run_recorder')
    assert json.loads((bench.record / 'run.json').read_text())['stages']


def flood_images(bench):
    frame, stamp_ns = bench.rig.laser_sensor.frame, bench.now_ns()
    pixels = bench.scene.image(bench.scene.seam_pose(0.08), 0.0)
    small = np.ascontiguousarray(pixels[200:320, 240:400])
    info = camera_info_from_model(bench.rig.laser_sensor.camera, stamp_ns, frame)
    bench.flood(
        CameraInfo, 'laser_sensor/camera_info', info, COUNT // 2, ['seam_detector', 'cell_supervisor', 'run_recorder']
    )
    bench.flood(
        Image,
        'laser_sensor/image_raw',
        image_to_message(small, stamp_ns, frame),
        COUNT,
        ['joint_type', 'seam_detector'],
    )
    bench.settle()
    bench.flood(
        String,
        'joint_type',
        String(data='fillet'),
        COUNT // 4,
        ['seam_detector', 'trajectory_publisher', 'cell_supervisor', 'run_recorder'],
        latched=True,
    )
    bench.settle()
    bench.flood(
        Image, 'laser_sensor/image_raw', image_to_message(small, stamp_ns, frame), COUNT // 4, ['seam_detector']
    )  # once more, now that the type is some type


def flood_frames(bench):
    """Wrong numbers in the robot's own frames, and frames of all sorts of names."""
    T = bench.scene.seam_pose(0.08)
    for kind in (TransformBroadcaster, StaticTransformBroadcaster):
        broadcaster = kind(bench.graph.node)
        (good,) = transforms_to_messages([('base_link', 'tool0', T)], bench.now_ns())
        for _ in range(COUNT // 2):
            broadcaster.sendTransform(mutated(good, bench.rng))
        bench.graph.wait(lambda: False, 0.2)
    assert bench.graph.call('hand_eye_tf/reload').success


def flood_planning(bench):
    nodes = ['trajectory_publisher']
    path, stamp_ns = seam_message(bench), bench.now_ns()
    bench.flood(Path, 'plate_seam/path', path, COUNT // 4, nodes, latched=True)
    for _ in range(10):
        bench.flood(Path, 'seam/path', path, COUNT // 40, [*nodes, 'run_recorder'], latched=True)
        bench.plan()
    description = String(data=(CONFIG / 'robot/arc_robot.urdf').read_text())
    bench.flood(String, 'robot_description', description, COUNT // 4, nodes, latched=True)
    tool_path = pose_array(np.tile(np.eye(4), (5, 1, 1)), stamp_ns, 'base_link')
    bench.flood(PoseArray, 'weld/tool_path', tool_path, COUNT // 10, ['run_recorder'], latched=True)
    weld = WeldStatus('planned', 'dry run', SeamSource.LASER, 'fillet', 9, 3.0, 1.0, 2.0, 8.0, 1)
    planned = status_to_message('weld', weld)
    bench.flood(DiagnosticStatus, 'weld/status', planned, COUNT // 10, ['run_recorder'])
    for stage in (Stage.TRACK, Stage.WELD):  # in which it listens to seam points, and to the weld's trajectory
        status = status_to_message('cell_supervisor', CellStatus(stage))
        bench.flood(DiagnosticStatus, 'cell/status', status, COUNT // 10, ['run_recorder'], latched=True)
    bench.settle()


def flood_motion(bench):
    """What the supervisor follows a scan by, and what moves the robot."""
    frame, stamp_ns, both = bench.rig.laser_sensor.frame, bench.now_ns(), ['cell_supervisor', 'run_recorder']
    bench.flood(PointCloud2, 'seam/profile', point_cloud(np.ones((20, 3)), stamp_ns, frame), COUNT // 4, both)
    seen = status_to_message(
        'seam',
        SeamStatus(
            stamp_ns=stamp_ns,
            seam_px=np.array([[1.0, 2.0]]),
            break_points_px=np.array([[1.0, 2.0], [3.0, 4.0]]),
        ),
    )
    bench.flood(DiagnosticStatus, 'seam/status', seen, COUNT // 4, both)
    point = PointStamped(header=make_header(stamp_ns, 'base_link'), point=Point(x=1.0, y=0.0, z=0.2))
    bench.flood(PointStamped, 'seam/point', point, COUNT // 4, both)
    home = bench.robot.home_rad
    state = JointState(
        header=make_header(stamp_ns, ''), name=bench.robot.joint_names, position=home.tolist(), velocity=[0.0] * 6
    )
    bench.flood(JointState, 'joint_states', state, COUNT // 4, ['run_recorder'])
    motion = trajectory_to_message(plan_joint_move(home, home + 0.01, bench.robot, TrajectorySettings()))
    bench.flood(JointTrajectory, 'joint_trajectory_controller/joint_trajectory', motion, COUNT, ['robot_sim', *both])
    bench.flood(
        DiagnosticArray,
        '/diagnostics',
        DiagnosticArray(status=[status_to_message('seam_detector', NodeStatus(1, 0, 0))]),
        COUNT // 4,
        [],
    )


def flood_services(bench):
    """Parameters that there are not, or of no right value; state transitions that are not allowed."""
    wrong = ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=math.nan)
    for name in ('joint_type', 'seam_detector', 'hand_eye_tf', 'elsewhere/laser_sensor', 'elsewhere/mako_camera'):
        request = SetParameters.Request(parameters=[Parameter(name='stripe.method', value=wrong)])
        bench.call_mutated(SetParameters, f'{name}/set_parameters', request, COUNT // 4)
    for name in CAMERAS.values():
        request = ChangeState.Request(transition=Transition(id=200, label='nowhere'))
        client = bench.graph.node.create_client(ChangeState, f'{name}/change_state')
        assert bench.graph.wait(client.service_is_ready)
        future = client.call_async(request)
        assert bench.graph.wait(future.done) and not future.result().success


def known_types(request):
    """rclpy itself ends any node over a parameter type that it does not know (Jazzy, parameter_service.py)."""
    for parameter in request.parameters:
        parameter.value.type %= ParameterType.PARAMETER_STRING_ARRAY + 1
    return request


def seam_message(bench):
    """A stretch of the scene's true seam as a path."""
    truth = bench.scene.truth.positions_m
    positions = truth[np.linspace(0.3 * len(truth), 0.7 * len(truth), 26).astype(int)]
    tangents = np.gradient(positions, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1)[:, None]
    normals = np.array([0.0, 0.0, 1.0]) - tangents[:, 2:] * tangents
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return seam_path_to_message(SeamPath(positions, tangents, normals, 0.002, 0.05, 0), bench.now_ns(), 'base_link')


def check_robot(bench):
    """It takes a good trajectory from where it stands."""
    graph = bench.graph
    graph.listen(JointState, 'joint_states', STATE)
    here = np.array(graph.wait_for('joint_states')[-1].position)
    goal = here + 0.1
    out = publisher(graph.node, JointTrajectory, 'joint_trajectory_controller/joint_trajectory', STATE)
    assert graph.wait(lambda: graph.has_listener('/joint_trajectory_controller/joint_trajectory', 'robot_sim'))
    out.publish(trajectory_to_message(plan_joint_move(here, goal, bench.robot, TrajectorySettings())))
    assert graph.wait(lambda: np.allclose(graph.messages['joint_states'][-1].position, goal, atol=1e-6))


def check_planning(bench):
    """A weld along a good path is planned."""
    graph = bench.graph
    for kind, topic, message in (
        (String, 'robot_description', String(data=(CONFIG / 'robot/arc_robot.urdf').read_text())),
        (String, 'joint_type', String(data='fillet')),
        (Path, 'seam/path', seam_message(bench)),
    ):
        out = publisher(graph.node, kind, topic, LATCHED)
        assert graph.wait(lambda topic=topic: graph.has_listener(f'/{topic}', 'trajectory_publisher'))
        out.publish(message)
    answers = []
    assert graph.wait(lambda: answers.append(graph.call('weld/plan')) or answers[-1].success), answers[-1].message


def check_sight(bench):
    """Type and seam point of a joint before a robot that stands still."""
    graph = bench.graph
    bench.end('robot_sim')
    assert graph.call('hand_eye_tf/reload').success
    assert graph.call('joint_type/reset').success and graph.call('seam/reset').success
    graph.listen(String, 'joint_type', latched=True)
    graph.listen(PointStamped, 'seam/point')
    pose, camera = bench.scene.seam_pose(0.08), bench.rig.laser_sensor
    images, infos = (
        publisher(graph.node, kind, f'laser_sensor/{topic}', IMAGE)
        for kind, topic in ((Image, 'image_raw'), (CameraInfo, 'camera_info'))
    )
    frames = TransformBroadcaster(graph.node)
    graph.wait(lambda: images.get_subscription_count() >= 2)
    pictures = [bench.scene.image(pose, number / 40) for number in range(5)]

    def found():
        stamp_ns = bench.now_ns()
        frames.sendTransform(transforms_to_messages([('base_link', 'tool0', pose)], stamp_ns))
        infos.publish(camera_info_from_model(camera.camera, stamp_ns, camera.frame))
        images.publish(image_to_message(pictures[stamp_ns % 5], stamp_ns, camera.frame))
        types, points = graph.messages['joint_type'], graph.messages['seam/point']
        return types and types[-1].data == JOINT_TYPE and points and points[-1].header.frame_id == 'base_link'

    assert graph.wait(found)
    point = graph.messages['seam/point'][-1].point
    assert distances_mm([(point.x, point.y, point.z)], bench.scene).max() < 1.0


def check_cameras(bench):
    """They still answer, and end as they should."""
    for name, full in CAMERAS.items():
        request = SetParameters.Request(parameters=[])
        assert not bench.graph.call(f'{full}/set_parameters', SetParameters, request).results
        bench.end(name)
