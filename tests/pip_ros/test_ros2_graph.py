"""`ros2 topic | service | param | node | lifecycle` against a small real node in a process of its own."""

import argparse
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from action_msgs.msg import GoalInfo
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from geometry_msgs.msg import Point, PoseStamped, TransformStamped
from nav_msgs.msg import Path as Path_
from one_node import commands_on_one_node
from pip_ros.distribution import ros_distribution
from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import node_names, spin_until
from pip_ros.graph.plain import Style, fill, to_csv, to_plain, to_yaml
from pip_ros.graph.qos_options import add_qos_options, chosen_qos, fitting_qos, is_qos_chosen
from pip_ros.graph.rates import Bandwidth, Delay, Rate
from pip_ros.packages import package_prefix
from pip_ros.static_transform_publisher import parse, transform_of
from pip_ros.tf2_echo import describe
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.serialization import serialize_message
from rclpy.topic_endpoint_info import TopicEndpointInfo
from ros2_commands import ENVIRONMENT, PATIENCE_S, Running
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Empty, String
from std_srvs.srv import SetBool

pytestmark = pytest.mark.graph

NODE = """
import rclpy
from geometry_msgs.msg import TransformStamped
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool
from tf2_ros import StaticTransformBroadcaster

rclpy.init()
node = LifecycleNode('demo', namespace='/cell')
gain = ParameterDescriptor(
    description='of the loop', floating_point_range=[FloatingPointRange(from_value=0.0, to_value=2.0, step=0.1)]
)
node.declare_parameter('gain', 0.5, gain)
node.declare_parameter('vote.images', 40, ParameterDescriptor(read_only=True))
node.declare_parameter('names', ['a', 'b'])

def set_laser(request, response):
    response.success, response.message = request.data, 'laser'
    return response

node.create_service(SetBool, 'set_laser', set_laser)
latched = node.create_publisher(String, 'latched', QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
latched.publish(String(data='lap'))
states = node.create_publisher(JointState, 'joint_states', 10)
node.create_timer(0.02, lambda: states.publish(JointState(name=['a'], position=[1.5])))
transform = TransformStamped(child_frame_id='tool0')
transform.header.frame_id = 'base_link'
broadcaster = StaticTransformBroadcaster(node)
broadcaster.sendTransform(transform)
print('ready', flush=True)
rclpy.spin(node)
"""

HALF = 0.5**0.5


@pytest.fixture(scope='module')
def ros2(demo_node):
    """Runs a command in this process and on one node, which saves its start and its discovery."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
            patch.setenv(name, ENVIRONMENT[name])
        with commands_on_one_node(patch) as run:
            node = run.node
            assert spin_until(node, lambda: '/cell/demo/get_state' in dict(node.get_service_names_and_types()), 30)
            assert spin_until(node, lambda: '/cell/demo' in node_names(node), 30)
            assert spin_until(node, lambda: '/tf_static' in dict(node.get_topic_names_and_types()), 30)
            yield lambda *words: run(words)


@pytest.fixture(scope='module', autouse=True)
def demo_node():
    process = subprocess.Popen([sys.executable, '-c', NODE], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == 'ready\n'
    yield
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ('words', 'lines'),
    [
        (['node', 'list'], ['/cell/demo']),
        (['topic', 'list', '-t'], ['/cell/latched [std_msgs/msg/String]', '/tf_static [tf2_msgs/msg/TFMessage]']),
        (['service', 'list', '-t'], ['/cell/set_laser [std_srvs/srv/SetBool]']),
        (
            ['topic', 'info', '-v', '/cell/latched'],
            ['Type: std_msgs/msg/String', 'Publisher count: 1', 'Node name: demo', '  Durability: TRANSIENT_LOCAL'],
        ),
        (
            [
                'topic',
                'echo',
                '/cell/latched',
                '--once',
                '--qos-durability',
                'transient_local',
                '--qos-reliability',
                'reliable',
            ],
            ['data: lap', '---'],
        ),
        (['topic', 'echo', '--once', '/cell/latched'], ['data: lap', '---']),
        (['topic', 'echo', '--once', '/cell/joint_states', '--field', 'position'], ["array('d', [1.5])", '---']),
        (['topic', 'echo', '--once', '/tf_static', '--full-length'], ['transforms:', '  child_frame_id: tool0']),
        (
            ['service', 'call', '/cell/set_laser', 'std_srvs/srv/SetBool', '{data: true}'],
            [
                'requester: making request: std_srvs.srv.SetBool_Request(data=True)',
                'response:',
                "std_srvs.srv.SetBool_Response(success=True, message='laser')",
            ],
        ),
        (['param', 'list'], ['/cell/demo:', '  gain', '  names']),
        (['param', 'get', '/cell/demo', 'gain'], ['Double value is: 0.5']),
        (['param', 'get', 'cell/demo', 'names', '--hide-type'], ["['a', 'b']"]),
        (
            ['param', 'describe', '/cell/demo', 'gain', 'vote.images'],
            [
                'Parameter name: gain',
                '  Type: double',
                '  Description: of the loop',
                '    Min value: 0.0',
                '    Max value: 2.0',
                '    Step: 0.1',
                'Parameter name: vote.images',
                '    Read only: true',
            ],
        ),
        (
            ['node', 'info', '/cell/demo'],
            [
                '/cell/demo',
                '  Subscribers:',
                '  Publishers:',
                '    /cell/latched: std_msgs/msg/String',
                '  Service Servers:',
                '    /cell/set_laser: std_srvs/srv/SetBool',
                '  Service Clients:',
                '  Action Servers:',
                '  Action Clients:',
            ],
        ),
        (['lifecycle', 'list', '/cell/demo'], ['- configure [1]', '\tStart: unconfigured', '\tGoal: configuring']),
        (['lifecycle', 'list', '/cell/demo', '-a'], ['- activate [3]', '- transition_success [40]']),
        (['lifecycle', 'nodes'], ['/cell/demo']),
        (['lifecycle', 'get'], ['/cell/demo: unconfigured [1]']),
    ],
)
def test_what_commands_print(ros2, words, lines):
    done = ros2(*words)
    assert done.stderr == ''
    assert done.returncode == 0
    assert [line for line in lines if line not in done.stdout.splitlines()] == []


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['topic', 'echo', '/no_such', '--once'], 'Could not determine the type for the passed topic'),
        (['topic', 'info', '/no_such'], "Unknown topic '/no_such'"),
        (
            ['topic', 'echo', '/cell/latched', '--once', '--field', 'colour'],
            "Invalid field 'colour': 'String' object",
        ),
        (['topic', 'pub', '/a'], 'required: message_type'),
        (['topic', 'pub', '/a', 'std_msgs/msg/NoSuch'], "'std_msgs/msg/NoSuch' is not installed"),
        (['topic', 'pub', '/a', 'std_msgs/msg/String', 'lap'], 'needs to be a dictionary in YAML format'),
        (['topic', 'pub', '/a', 'std_msgs/msg/String', '{colour: 1}'], "'colour' is none of the fields"),
        (['topic', 'pub', '/a', 'tf2_msgs/msg/TFMessage'], 'has no rclpy type support'),
        (['topic', 'pub', '-1', '/a', 'std_msgs/msg/Empty', '--max-wait-time-secs', '0.2'], 'Expected 1 subscribers'),
        (['node', 'info', '/no_such'], "Unable to find node '/no_such'"),
        (['param', 'describe', '/cell/demo', 'no_such'], 'Not declared by /cell/demo: no_such'),
        (['param', 'load', '/cell/demo', '/no/such.yaml'], '/no/such.yaml: '),
        (['pkg', 'prefix', 'no_such'], 'Package not found'),
        (['pkg', 'executables', 'no_such'], "Package 'no_such' not found"),
        (['interface', 'show', 'String'], "Invalid name 'String'. Expected three parts separated by '/'"),
        (['interface', 'show', 'no_such/msg/String'], "Unknown package 'no_such'"),
        (['interface', 'show', 'std_msgs/msg/NoSuch'], 'Could not find the interface'),
        (
            ['run', 'robot_state_publisher', 'robot_state_publisher'],
            'not in this Python environment, and pip_ros has not all packages of ROS 2. An apt ROS 2 has its own as '
            f'ros-{ros_distribution()}-robot-state-publisher.',
        ),
        (['service', 'call', '/cell/set_laser', 'std_srvs/srv/NoSuch'], "'std_srvs/srv/NoSuch' is not installed"),
        (
            ['service', 'call', '/cell/set_laser', 'std_srvs/srv/SetBool', '{colour: 1}'],
            "'colour' is none of the fiel",
        ),
        (
            ['service', 'call', '/cell/set_laser', 'std_srvs/srv/SetBool', '{data: red}'],
            "Failed to populate field 'data",
        ),
        (['param', 'get', '/cell/demo', 'no_such'], 'Parameter not set'),
        (['param', 'get', '/no_such', 'gain'], 'Node not found'),
        (
            ['lifecycle', 'set', '/cell/demo', 'fly'],
            'Unknown transition requested, available ones are:\n- configure [1]',
        ),
        (['doctor'], 'ros2 doctor is not supported by pip_ros; use the real'),
    ],
)
def test_what_cannot_be_done_is_told(ros2, words, message):
    done = ros2(*words)
    assert done.returncode != 0
    assert message in done.stderr
    assert 'Traceback' not in done.stderr


def test_of_a_known_and_an_unknown_parameter_the_known_one_is_described(ros2):
    done = ros2('param', 'describe', '/cell/demo', 'no_such', 'gain')
    assert done.stdout.splitlines()[:2] == ['Parameter name: gain', '  Type: double']
    assert done.returncode == 1 and done.stderr.strip().endswith('Not declared by /cell/demo: no_such')


def test_a_parameter_is_set(ros2):
    assert ros2('param', 'set', '/cell/demo', 'gain', '0.7').stdout == 'Set parameter successful\n'
    assert ros2('param', 'get', '/cell/demo', 'gain').stdout == 'Double value is: 0.7\n'
    assert 'Setting parameter failed' in ros2('param', 'set', '/cell/demo', 'gain', 'much').stderr
    assert 'Setting parameter failed' in (refused := ros2('param', 'set', '/cell/demo', 'no_such', '1').stderr)
    assert 'no_such' in refused
    ros2('param', 'set', '/cell/demo', 'gain', '0.5')


def test_parameters_are_dumped_and_loaded(ros2, tmp_path):
    dumped = ros2('param', 'dump', '/cell/demo').stdout
    parameters = yaml.safe_load(dumped)['/cell/demo']['ros__parameters']
    assert (parameters['gain'], parameters['names'], parameters['vote']) == (0.5, ['a', 'b'], {'images': 40})
    (tmp_path / 'demo.yaml').write_text('/cell/demo: {ros__parameters: {gain: 0.7, vote: {images: 3}, colour: red}}')
    done = ros2('param', 'load', '/cell/demo', str(tmp_path / 'demo.yaml'))
    assert done.stdout == 'Set parameter gain successful\n'
    assert 'Set parameter vote.images failed: ' in done.stderr and 'Set parameter colour failed: ' in done.stderr
    (again := tmp_path / 'dumped.yaml').write_text(dumped)
    assert 'Set parameter gain successful' in ros2('param', 'load', '/cell/demo', str(again)).stdout
    assert ros2('param', 'get', '/cell/demo', 'gain').stdout == 'Double value is: 0.5\n'


def test_messages_are_published(ros2):
    """To `topic echo`, a process of its own; it may match after the publisher has, and hears no first messages."""
    with Running('topic', 'echo', '/heard', 'std_msgs/msg/String') as listener:
        done = ros2(
            'topic',
            'pub',
            '--times',
            '60',
            '-r',
            '20',
            '--keep-alive',
            '1',
            '/heard',
            'std_msgs/String',
            '{data: lap}',
        )
        assert done.returncode == 0
        assert "publishing #2: std_msgs.msg.String(data='lap')\n" in done.stdout
        listener.read_until('---\n')
    assert listener.output.startswith('data: lap\n---\n')


def test_a_transform_is_echoed_until_ctrl_c():
    with Running('run', 'tf2_ros', 'tf2_echo', 'base_link', 'tool0', '20') as command:
        command.read_until('  0.000  0.000  0.000  1.000')
        assert command.interrupt() == 0
    assert '- Rotation: in Quaternion [0.000, 0.000, 0.000, 1.000]' in command.output


@pytest.mark.parametrize(
    ('rotation', 'radians', 'degrees', 'row'),
    [
        ((0.0, 0.0, 0.0, 1.0), '[0.000, -0.000, 0.000]', '[0.000, -0.000, 0.000]', '  1.000  0.000  0.000  1.000'),
        ((0.0, 0.0, 0.6, 0.8), '[0.000, -0.000, 1.287]', '[0.000, -0.000, 73.740]', '  0.280 -0.960  0.000  1.000'),
        ((0.6, 0.0, 0.0, 0.8), '[1.287, 0.000, 0.000]', '[73.740, 0.000, 0.000]', '  1.000  0.000  0.000  1.000'),
        # A roll of 73.74 degrees, then a pitch of plus and minus 90 degrees.
        ((0.6 * HALF, 0.8 * HALF, -0.6 * HALF, 0.8 * HALF), '[1.287, 1.571, 0.000]', None, None),
        ((0.6 * HALF, -0.8 * HALF, 0.6 * HALF, 0.8 * HALF), '[1.287, -1.571, 0.000]', None, None),
    ],
)
def test_a_transform_in_words(rotation, radians, degrees, row):
    message = TransformStamped()
    message.header.stamp.sec, message.header.stamp.nanosec = 5, 7
    q = message.transform.rotation
    message.transform.translation.x = 1.0
    q.x, q.y, q.z, q.w = rotation
    lines = describe(message).replace('-0.000', '0.000').splitlines()
    assert lines[:2] == ['At time 5.7', '- Translation: [1.000, 0.000, 0.000]']
    assert f'- Rotation: in RPY (radian) {radians}'.replace('-0.000', '0.000') in lines
    assert degrees is None or f'- Rotation: in RPY (degree) {degrees}'.replace('-0.000', '0.000') in lines
    assert row is None or lines[6] == row
    assert lines[-1] == '  0.000  0.000  0.000  1.000'


def test_a_wrong_use_of_tf2_echo(ros2):
    done = subprocess.run(
        [sys.executable, '-m', 'pip_ros.tf2_echo', 'a'], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith('Usage: tf2_echo source_frame target_frame [echo_rate]')


@pytest.mark.parametrize(
    ('words', 'translation', 'rotation'),
    [
        ('--frame-id a --child-frame-id b', (0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)),
        ('--x 1 --z -3 --yaw 1.5707963 --frame-id a --child-frame-id b', (1.0, 0.0, -3.0), (0.0, 0.0, HALF, HALF)),
        ('--roll 1.5707963 --frame-id a --child-frame-id b', (0.0, 0.0, 0.0), (HALF, 0.0, 0.0, HALF)),
        ('--qx 0.6 --qw 0.8 --frame-id a --child-frame-id b', (0.0, 0.0, 0.0), (0.6, 0.0, 0.0, 0.8)),
        ('1 2 3 1.5707963 0 0 a b', (1.0, 2.0, 3.0), (0.0, 0.0, HALF, HALF)),
        ('1 2 -3 0 0.6 0 0.8 a b', (1.0, 2.0, -3.0), (0.0, 0.6, 0.0, 0.8)),
    ],
)
def test_a_static_transform_from_words(words, translation, rotation):
    message = transform_of(parse(words.split()))
    t, r = message.transform.translation, message.transform.rotation
    assert (message.header.frame_id, message.child_frame_id) == ('a', 'b')
    assert (t.x, t.y, t.z) == translation
    assert (r.x, r.y, r.z, r.w) == pytest.approx(rotation, abs=1e-7)


@pytest.mark.parametrize(
    'words',
    [
        '',
        '/a/parameter',
        '1 2 3 a b',
        '--frame-id a --child-frame-id a',
        '--x far --frame-id a --child-frame-id b',
        '--frame-id a --child-frame-id b --colour red',
        '--qx 1 --yaw 1 --frame-id a --child-frame-id b',
    ],
)
def test_wrong_words_for_a_static_transform(words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(words.split())
    assert ended.value.code == 1
    assert 'usage: static_transform_publisher' in capsys.readouterr().err


def test_a_static_transform_is_published_until_ctrl_c():
    options = ('--y', '2.5', '--frame-id', 'tool0', '--child-frame-id', 'camera')
    with Running('run', 'tf2_ros', 'static_transform_publisher', *options) as publisher:
        publisher.read_until("from 'tool0' to 'camera'")
        with Running('run', 'tf2_ros', 'tf2_echo', 'tool0', 'camera', '20') as echo:
            echo.read_until('- Translation: [0.000, 2.500, 0.000]')
        assert publisher.interrupt() == 0, publisher.output


def test_packages_and_their_executables(ros2):
    assert {'std_msgs', 'weld_cell'} <= set(ros2('pkg', 'list').stdout.split())
    assert ros2('pkg', 'prefix', 'std_msgs').stdout == f'{package_prefix("std_msgs")}\n'
    assert ros2('pkg', 'prefix', '--share', 'std_msgs').stdout == f'{package_prefix("std_msgs")}/share/std_msgs\n'
    shown = ros2('pkg', 'executables', 'weld_cell').stdout.splitlines()
    assert 'weld_cell joint_type' in shown and shown == sorted(shown)
    paths = ros2('pkg', 'executables', 'weld_cell', '--full-path').stdout.splitlines()
    assert all(Path(path).is_file() for path in paths) and len(paths) == len(shown)
    assert ros2('pkg', 'executables', 'std_msgs').stdout == ''


def test_interfaces_are_listed(ros2):
    everything = ros2('interface', 'list').stdout.splitlines()
    assert [line for line in everything if not line.startswith(' ')] == ['Messages:', 'Services:', 'Actions:']
    services = ros2('interface', 'list', '-s').stdout.splitlines()
    assert services[0] == 'Services:' and '    std_srvs/srv/Trigger' in services
    assert not any('/msg/' in line for line in services)


POSE_STAMPED = """
std_msgs/Header header
	builtin_interfaces/Time stamp
		int32 sec
		uint32 nanosec
	string frame_id
Pose pose
	Point position
		float64 x
		float64 y
		float64 z
	Quaternion orientation
		float64 x 0
		float64 y 0
		float64 z 0
		float64 w 1
"""


def test_interfaces_are_shown(ros2):
    assert ros2('interface', 'show', 'geometry_msgs/msg/PoseStamped', '--no-comments').stdout == POSE_STAMPED[1:]
    with_comments = ros2('interface', 'show', 'geometry_msgs/msg/PoseStamped').stdout
    assert with_comments.startswith('# A Pose with reference') and '\t#' not in with_comments
    assert '\t#' in ros2('interface', 'show', 'geometry_msgs/msg/PoseStamped', '--all-comments').stdout
    assert ros2('interface', 'show', 'std_srvs/srv/SetBool', '--no-comments').stdout == (
        'bool data\n---\nbool success\nstring message\n'
    )


def test_a_lifecycle_node_is_configured_and_cleaned_up(ros2):
    for transition, state in (('configure', 'inactive [2]'), ('cleanup', 'unconfigured [1]')):
        done = ros2('lifecycle', 'set', '/cell/demo', transition)
        assert (done.stdout, done.stderr) == ('Transitioning successful\n', '')
        assert ros2('lifecycle', 'get', '/cell/demo').stdout == f'{state}\n'


def test_hz_reports_until_ctrl_c():
    with Running('topic', 'hz', '/cell/joint_states') as command:
        command.read_until('std dev')
        assert command.interrupt() == 0
    assert 'average rate: ' in command.output


def test_echo_runs_until_ctrl_c():
    with Running('topic', 'echo', '/cell/joint_states') as command:
        command.read_until('---')
        time.sleep(0.2)
        assert command.interrupt() == 0
    first = yaml.safe_load(command.output.split('---')[0])
    assert (first['name'], first['position'], first['velocity']) == (['a'], [1.5], [])


@pytest.mark.parametrize(
    ('message', 'plain'),
    [
        (Empty(), {}),
        (String(data='lap'), {'data': 'lap'}),
        (
            JointState(name=['a'], position=[1.0]),
            {
                'header': {'stamp': {'sec': 0, 'nanosec': 0}, 'frame_id': ''},
                'name': ['a'],
                'position': [1.0],
                'velocity': [],
                'effort': [],
            },
        ),
    ],
)
def test_messages_as_plain_values(message, plain):
    shown = to_plain(message, Style(length=128))
    shown.pop('structure_needs_at_least_one_member', None)  # of empty messages
    assert shown == plain


def test_long_values_are_cut():
    short = Style(length=3)
    assert to_plain(Image(data=bytes(5)), short)['data'] == [0, 0, 0, '...']
    assert to_plain(String(data='abcdef'), short) == {'data': 'abc...'}
    assert to_plain(String(data='abcdef')) == {'data': 'abcdef'}
    assert to_csv(Image(data=bytes(5)), short) == '0,0,,0,0,,0,0,0,0,0,...'


def test_fields_that_are_no_messages_are_printed_as_python_prints_them():
    assert to_yaml('text', Style(length=3)) == 'text\n'
    assert to_yaml(JointState(position=[1.5]).position) == "array('d', [1.5])\n"
    assert to_yaml(['a']) == "['a']\n"


def test_a_byte_is_text():
    """As ROS 2 prints the level of a diagnostic."""
    assert to_yaml(DiagnosticStatus(level=DiagnosticStatus.ERROR)).startswith('level: "\\x02"\n')
    assert to_csv(DiagnosticStatus(level=DiagnosticStatus.ERROR, name='a')) == "b'\\x02',a,,,"
    assert to_csv(KeyValue(value='b')) == 'b'  # not ',b': so it is in ROS 2


def test_messages_are_filled_from_nested_values():
    pose = PoseStamped()
    fill(pose, {'header': {'frame_id': 'base_link'}, 'pose': {'position': {'x': 1, 'y': 2.5}}})
    assert (pose.header.frame_id, pose.pose.position) == ('base_link', Point(x=1.0, y=2.5))
    path = Path_()
    fill(path, {'poses': [{'header': {'frame_id': 'a'}}, {'pose': {'position': {'z': 3}}}]})
    assert [(p.header.frame_id, p.pose.position.z) for p in path.poses] == [('a', 0.0), ('', 3.0)]
    fill(text := String(), {'data': 42})
    assert text.data == '42'
    request = SetBool.Request()
    fill(request, {})
    assert request.data is False
    for wrong in (
        [],
        {'pose': 3},
        {'header': 'auto'},
        {'header': {'frame_id': []}},
        {'pose': {'position': {'x': 'far'}}},
    ):
        with pytest.raises(Ros2Error, match='Failed to populate'):
            fill(pose, wrong)


def test_what_is_said_to_be_the_time_of_sending_is_told():
    pose, stamps = PoseStamped(), []
    fill(pose, {'header': 'auto'}, stamps)
    fill(goal := GoalInfo(), {'stamp': 'now'}, stamps)
    for set_stamp in stamps:
        set_stamp(Time(sec=5))
    assert (pose.header.stamp.sec, goal.stamp.sec) == (5, 5)


def test_rate_of_messages():
    rate = Rate(window=3)
    assert rate.report(0) == ''
    for now_s in (0.0, 100.0, 103.0, 103.1, 103.3, 103.6):
        rate.arrived(b'', round(now_s * 1e9))
    assert rate.report(0) == 'average rate: 5.000\n\tmin: 0.100s max: 0.300s std dev: 0.08165s window: 3'
    assert rate.report(0) == ''
    rate.arrived(b'', 0)  # simulated time that has not begun
    rate.arrived(b'', 10**9)  # it jumped back
    rate.arrived(b'', 3 * 10**9)
    assert rate.report(0) == 'average rate: 0.500\n\tmin: 2.000s max: 2.000s std dev: 0.00000s window: 1'


def test_ctrl_c_ends_the_wait_for_what_is_not_there():
    with Running('topic', 'echo', '/nobody', '--spin-time', 3600) as command:
        deadline = time.monotonic() + PATIENCE_S
        while not is_caught(command.process.pid, signal.SIGTERM):  # SIGINT is so from the start
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert command.interrupt() == int(signal.SIGINT)
    assert 'Traceback' not in command.output


def is_caught(pid, number):
    """Whether a process has a handler of its own for a signal."""
    status = Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'SigCgt:\t(\w+)', status)[1], 16) >> (number - 1) & 1


@pytest.mark.parametrize(
    ('sizes', 'text'),
    [
        ((), ''),
        ((100,), ''),
        ((100, 200), '150 B/s from 2 messages\n\tMessage size mean: 150 B min: 100 B max: 200 B'),
        ((10**6, 3 * 10**6), '2.00 MB/s from 2 messages\n\tMessage size mean: 2.00 MB min: 1.00 MB max: 3.00 MB'),
    ],
)
def test_bytes_a_second(sizes, text):
    bandwidth = Bandwidth(window=2)
    for number, size in enumerate(sizes):
        bandwidth.arrived(bytes(size), number * 10**9)
    assert bandwidth.report(2 * 10**9) == text


def test_the_age_of_messages():
    age = Delay(window=5, type_name='geometry_msgs/msg/PoseStamped')
    assert age.report(0) == ''
    for seconds in (1, 2):
        pose = PoseStamped()
        pose.header.stamp.sec = 10 - seconds
        age.arrived(serialize_message(pose), 10 * 10**9)
    assert age.report(0) == 'average delay: 1.500\n\tmin: 1.000s max: 2.000s std dev: 0.50000s window: 2'
    assert age.report(0) == 'no new messages'
    with pytest.raises(Ros2Error, match='msg does not have header'):
        Delay(5, 'std_msgs/msg/String').arrived(serialize_message(String()), 0)


LATE = """
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String

rclpy.init()
node = rclpy.create_node('late', namespace='/cell')
node.create_subscription(String, 'late', print, 1)
print('ready', flush=True)
input()
publisher = node.create_publisher(String, 'late', QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
publisher.publish(String(data='v'))
rclpy.spin(node)
"""


def test_echo_takes_how_a_topic_is_sent_from_its_publisher_not_from_who_listens(ros2):
    command, pipe = [sys.executable, '-c', LATE], subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout.readline() == 'ready\n'
        threading.Timer(1.0, lambda: print(file=process.stdin, flush=True)).start()
        said = ros2('topic', 'echo', '--once', '--spin-time', '60', '--timeout', '10', '/cell/late')
        process.kill()
    assert 'data: v' in said.stdout


def test_options_change_no_preset():
    parser = argparse.ArgumentParser()
    add_qos_options(parser, 'sensor_data')
    args = parser.parse_args(
        ['--qos-reliability', 'reliable', '--qos-depth', '77', '--qos-durability', 'transient_local']
    )
    profile = chosen_qos(args)
    assert (profile.reliability, profile.depth) == (ReliabilityPolicy.RELIABLE, 77)
    assert is_qos_chosen(args) and not is_qos_chosen(parser.parse_args([]))
    assert qos_profile_sensor_data.reliability == ReliabilityPolicy.BEST_EFFORT
    assert qos_profile_sensor_data.depth == 5


def test_of_publishers_that_disagree_all_are_heard(capsys):
    parser = argparse.ArgumentParser()
    add_qos_options(parser, 'sensor_data')
    reliable = TopicEndpointInfo(qos_profile=QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    other = TopicEndpointInfo(qos_profile=QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT))
    for offers, reliability, durability in (
        ([], ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE),
        ([reliable], ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL),
        ([reliable, other], ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE),
    ):
        profile = fitting_qos(parser.parse_args([]), offers)
        assert (profile.reliability, profile.durability) == (reliability, durability)
    assert capsys.readouterr().out.count('Some, but not all, publishers are offering') == 2
