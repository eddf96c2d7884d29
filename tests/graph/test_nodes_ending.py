"""How a node ends: with its last words said, whichever way it was asked to."""

import signal
import sys

import pytest
from std_msgs.msg import String

from weld_cell.ros.follow_trajectory import FollowJointTrajectory
from weld_cell.ros.qos import RESULT

pytestmark = pytest.mark.graph

NODE = """
import sys
from rclpy.node import Node
from std_msgs.msg import String
from weld_cell.ros.qos import RESULT, await_delivery, publisher
from weld_cell.ros.spin import run_node

class Talker(Node):
    def __init__(self):
        super().__init__('talker')
        self.out = publisher(self, String, 'talk', RESULT)
        self.create_timer(0.1, lambda: self.out.publish(String(data='on')))

    def destroy_node(self):
        self.out.publish(String(data='goodbye'))
        await_delivery(self.out, 1.0)
        super().destroy_node()

sys.exit(run_node(Talker))
"""


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_node_can_still_speak_when_it_is_asked_to_end(graph, number):
    """As the supervisor must: it brakes the robot."""
    graph.listen(String, 'talk', RESULT)
    graph.run('talker', [sys.executable, '-c', NODE])
    graph.wait_for('talk')
    code, output = graph.stop('talker', number)
    assert code == 0 and output == ''
    assert graph.wait(lambda: graph.messages['talk'][-1].data == 'goodbye')


PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, '-c', {NODE!r}]).wait()
"""


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGKILL])
def test_a_node_ends_when_its_launch_is_gone_and_only_then(graph, number, monkeypatch):
    """A ros2 launch of Jazzy that gets SIGTERM, as from systemd, leaves its nodes behind."""
    monkeypatch.setenv('WELD_CELL_LAUNCHED', '1')
    graph.listen(String, 'talk', RESULT)
    launch = graph.run('launch', [sys.executable, '-c', PARENT])
    graph.wait_for('talk', 5)
    assert graph.messages['talk'][-1].data == 'on'
    launch.send_signal(number)
    assert graph.wait(lambda: graph.messages['talk'][-1].data == 'goodbye')


HANGING_NODE = """
import sys, threading
from rclpy.node import Node
from weld_cell.ros import spin

class Hanging(Node):
    def destroy_node(self):
        threading.Event().wait()

spin.ENDING_S = 0.5
sys.exit(spin.run_node(lambda: Hanging('hanging')))
"""


def test_a_node_that_hangs_in_its_end_tells_where_and_ends(graph):
    graph.run('hanging', [sys.executable, '-c', HANGING_NODE])
    assert graph.wait(lambda: 'hanging' in graph.node.get_node_names())
    code, output = graph.stop('hanging')
    assert code == 1 and 'in destroy_node' in output, output


DESTROYED_NODES = """
import contextlib
import sys
from pathlib import Path
import rclpy
from weld_cell.nodes.cell_supervisor import CellSupervisorNode
from weld_cell.nodes.laser_sensor import LaserSensor
from weld_cell.nodes.mako_camera import MakoCamera
from weld_cell.nodes.robot_sim import RobotSim
from weld_cell.nodes.trajectory_publisher import TrajectoryPublisher

def receiving():
    names = []
    for thread in Path('/proc/self/task').iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile
            names.append((thread / 'comm').read_text())
    return [name for name in names if name.startswith('dds.udp')]

rclpy.init(args=['--ros-args', '-p', f'controller.interface:={sys.argv[1]}', '-p', 'autostart:=false'])
nodes = [make() for make in (RobotSim, TrajectoryPublisher, CellSupervisorNode, LaserSensor, MakoCamera)]
assert receiving()
for node in nodes:
    node.destroy_node()
print(receiving())
rclpy.shutdown()
"""


def test_destroyed_nodes_leave_no_thread_of_dds(graph):
    """One that runs while Python takes the process down crashes it now and then; actions and lifecycles keep it."""
    interface = 'topic' if FollowJointTrajectory is None else 'action'
    graph.run('destroyed', [sys.executable, '-c', DESTROYED_NODES, interface])
    code, output = graph.ended('destroyed')
    assert code == 0 and output.endswith('[]\n'), output
