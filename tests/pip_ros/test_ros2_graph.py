"""`ros2 topic | service | param | node | lifecycle` against a small real node in a process of its own."""

import signal
import subprocess
import sys
import time
from typing import NamedTuple

import pytest
import yaml
from geometry_msgs.msg import Point, PoseStamped
from pip_ros.cli import main
from pip_ros.errors import Ros2Error
from pip_ros.graph.plain import fill, to_plain, to_yaml
from pip_ros.graph.topic import Rate
from ros2_commands import ENVIRONMENT, Running
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Empty, String
from std_srvs.srv import SetBool

pytestmark = pytest.mark.graph

NODE = """
import rclpy
from geometry_msgs.msg import TransformStamped
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import SetBool
from tf2_ros import StaticTransformBroadcaster

rclpy.init()
node = LifecycleNode('demo', namespace='/cell')
node.declare_parameter('gain', 0.5)
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


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def ros2(capsys, monkeypatch):
    """Runs a command in this process, which saves its start; signal handlers are put back."""
    for name in ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
        monkeypatch.setenv(name, ENVIRONMENT[name])
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*words: str) -> Done:
        try:
            code = main(list(words))
        except SystemExit as exit_:
            code = exit_.code
        return Done(code, *capsys.readouterr())

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


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
        (['topic', 'echo', '--once', '/cell/joint_states', '--field', 'position'], ['- 1.5', '---']),
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
        (['topic', 'echo', '/no_such', '--once'], "Unknown topic '/no_such'"),
        (['topic', 'echo', '/cell/latched', '--once', '--field', 'colour'], "Invalid field 'colour'"),
        (['topic', 'pub', '/a'], 'invalid choice'),
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
        (['action', 'list'], 'ros2 action is not supported by pip_ros; use the real'),
    ],
)
def test_what_cannot_be_done_is_told(ros2, words, message):
    done = ros2(*words)
    assert done.returncode != 0
    assert message in done.stderr
    assert 'Traceback' not in done.stderr


def test_a_parameter_is_set(ros2):
    assert ros2('param', 'set', '/cell/demo', 'gain', '0.7').stdout == 'Set parameter successful\n'
    assert ros2('param', 'get', '/cell/demo', 'gain').stdout == 'Double value is: 0.7\n'
    assert 'Setting parameter failed' in ros2('param', 'set', '/cell/demo', 'gain', 'much').stderr
    ros2('param', 'set', '/cell/demo', 'gain', '0.5')


def test_a_lifecycle_node_is_configured_and_cleaned_up(ros2):
    assert ros2('lifecycle', 'set', '/cell/demo', 'configure').stdout == 'Transitioning successful\n'
    assert ros2('lifecycle', 'get', '/cell/demo').stdout == 'inactive [2]\n'
    assert ros2('lifecycle', 'set', '/cell/demo', 'cleanup').stdout == 'Transitioning successful\n'
    assert ros2('lifecycle', 'get', '/cell/demo').stdout == 'unconfigured [1]\n'


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
    shown = to_plain(message, 128)
    shown.pop('structure_needs_at_least_one_member', None)  # of empty messages
    assert shown == plain


def test_long_values_are_cut():
    assert to_plain(Image(data=bytes(5)), 3)['data'] == [0, 0, 0, '...']
    assert to_plain(String(data='abcdef'), 3) == {'data': 'abc...'}
    assert to_plain(String(data='abcdef'), None) == {'data': 'abcdef'}
    assert to_yaml('text', 3) == 'tex...\n'


def test_messages_are_filled_from_nested_values():
    pose = PoseStamped()
    fill(pose, {'header': {'frame_id': 'base_link'}, 'pose': {'position': {'x': 1, 'y': 2.5}}})
    assert (pose.header.frame_id, pose.pose.position) == ('base_link', Point(x=1.0, y=2.5))
    request = SetBool.Request()
    fill(request, {})
    assert request.data is False
    for wrong in ([], {'pose': 3}, {'header': {'frame_id': 3}}, {'pose': {'position': {'x': 'far'}}}):
        with pytest.raises(Ros2Error, match='Failed to populate'):
            fill(pose, wrong)


def test_rate_of_messages(capsys):
    rate = Rate(window=3)
    rate.report()
    for now_s in (100.0, 103.0, 103.1, 103.3, 103.6):
        rate.arrived(now_s)
    rate.report()
    rate.report()
    assert capsys.readouterr().out == ('average rate: 5.000\n\tmin: 0.100s max: 0.300s std dev: 0.08165s window: 3\n')
