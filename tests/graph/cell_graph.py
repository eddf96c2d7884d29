"""Real nodes in real processes, and a node that listens to them: what the tests of the graph are written with."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from std_srvs.srv import Trigger

from weld_cell.domain import remove_dead_ports
from weld_cell.ros.qos import BURST, LATCHED_INPUT
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import Wanted
from weld_cell.traceability.verify import verify

CONFIG = Path(__file__).parents[2] / 'config'
PATIENCE_S = 120.0  # limits of waits for a condition; ten nodes start in half a minute where others work too
STOP_S = 60.0
CYCLE_S = 300.0
AGAIN_S = 20.0  # longer than any service works
MUTUAL_S = 0.2  # until a server that a client sees sees the client: rmw_fastrtps drops an answer before that
ROS2 = shutil.which('ros2', path=str(Path(sys.executable).parent)) or shutil.which('ros2')
needs_ros2 = pytest.mark.skipif(ROS2 is None, reason='the command ros2 is not installed')


def records_of(folder):
    """The records of a folder that is whole."""
    assert verify(folder).findings == ()
    records = RecordFolder(folder)
    return [records.entry(row).record for row in records.find(Wanted())]


def prefix_with_faster_welds(folder):
    """A prefix with the package as the source tree has it, but that it welds some three times as fast."""
    share = folder / 'prefix' / 'share' / 'weld_cell'
    share.mkdir(parents=True)
    for name in ('package.xml', 'launch'):
        (share / name).symlink_to(CONFIG.parent / name)
    procedures = shutil.copytree(CONFIG, share / 'config') / 'weld_procedures.yaml'
    text = re.sub(r'(?m)^( *travel_speed_mm_s): .*', r'\1: 30.0', procedures.read_text())
    faster = re.sub(r'(?<=, travel_speed_mm_s: )[\d.]+', lambda row: f'{3.0 * float(row[0])}', text)
    procedures.write_text(faster)
    return folder / 'prefix'


def weld_cell_run(folder, *words):
    """`weld_cell run` with these words to its good end, in which it welds faster; what it wrote is in folder/out."""
    command = [sys.executable, '-m', 'weld_cell.cli', 'run', *words, '--out', str(folder / 'out')]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv('AMENT_PREFIX_PATH', str(prefix_with_faster_welds(folder)), prepend=':')
        environment.setenv('PATH', str(Path(sys.executable).parent), prepend=':')
        done = subprocess.run(command, capture_output=True, text=True, timeout=CYCLE_S, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return folder / 'out'


@contextlib.contextmanager
def running_graph(folder):
    """A `Graph` over the package as the source tree has it, whether or not it is installed."""
    prefix = folder / 'prefix' / 'share'
    prefix.mkdir(parents=True)
    (prefix / 'weld_cell').symlink_to(CONFIG.parent)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv('AMENT_PREFIX_PATH', str(prefix.parent), prepend=':')
        environment.setenv('WELD_CELL_RECORDS', str(folder / 'records'))
        environment.setenv('PATH', str(Path(sys.executable).parent), prepend=':')
        remove_dead_ports(int(os.environ['ROS_DOMAIN_ID']))  # some tests kill nodes
        graph = Graph()
        try:
            yield graph
        finally:
            graph.close()


@pytest.fixture
def graph(tmp_path):
    """A graph for one test."""
    with running_graph(tmp_path) as graph:
        yield graph


class Graph:
    """Starts nodes, listens, calls services; everything ends with `close`."""

    def __init__(self):
        rclpy.init()
        self.node = rclpy.create_node('test_listener')
        self.messages = defaultdict(list)
        self.processes = {}
        self._outputs, self._clients = {}, {}
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)

    def start(self, name, namespace='', params_file=None, **parameters):
        """Start the node of that name; `a__b` is the parameter a.b."""
        program = f'import sys; from weld_cell.nodes.entry import {name} as main; sys.exit(main())'
        command = [sys.executable, '-c', program]
        if name == 'cell_supervisor':
            parameters.setdefault('records__folder', os.environ['WELD_CELL_RECORDS'])
        arguments = ['--ros-args', *(['-r', f'__ns:={namespace}'] if namespace else [])]
        if params_file is not None:
            arguments += ['--params-file', str(params_file)]
        for key, value in parameters.items():
            arguments += ['-p', f'{key.replace("__", ".")}:={value}']
        return self.run(name, [*command, *arguments])

    def ros2(self, name, *arguments):
        """Start `ros2` with these arguments; `name` is what `stop` calls it."""
        return self.run(name, [ROS2, *map(str, arguments)])

    def run(self, name, command):
        """Start a command, in a process group of its own."""
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, 'PYTHONFAULTHANDLER': '1'},
        )
        self.processes[name], lines = process, []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, '')), daemon=True)
        reader.start()  # else a node that says much stands still once the pipe is full
        self._outputs[name] = lines, reader
        return process

    def output(self, name):
        """What a process has printed so far."""
        return ''.join(self._outputs[name][0])

    def stop(self, name, number=signal.SIGINT):
        """End a node; its exit code and what it printed."""
        self.processes[name].send_signal(number)
        return self.ended(name, STOP_S)

    def ended(self, name, timeout_s=PATIENCE_S):
        """Wait for the end of a process; its exit code and what it printed."""
        process = self.processes.pop(name)
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler, which `run` enables, prints where every thread is
            process.wait()
            self._outputs[name][1].join(STOP_S)
            raise AssertionError(f'{name} has not ended within {timeout_s} s: {self.output(name)}') from None
        self._outputs[name][1].join(STOP_S)
        return code, self.output(name)

    def listen(self, kind, topic, profile: QoSProfile = BURST, latched=False):
        """Collect a topic's messages in `messages[topic]`."""
        self.node.create_subscription(kind, topic, self.messages[topic].append, LATCHED_INPUT if latched else profile)

    def has_listener(self, topic, name):
        """Whether the node of that name listens to a topic."""
        return any(info.node_name == name for info in self.node.get_subscriptions_info_by_topic(topic))

    def wait(self, condition, timeout_s=PATIENCE_S):
        """Spin until the condition holds; whether it came to hold."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if condition():
                return True
            self._executor.spin_once(timeout_sec=0.05)
        return bool(condition())

    def wait_for(self, topic, count=1, timeout_s=PATIENCE_S):
        """Messages of a topic, once there are that many."""
        assert self.wait(lambda: len(self.messages[topic]) >= count, timeout_s), (
            f'{len(self.messages[topic])} of {count} messages on {topic} within {timeout_s} s'
        )
        return self.messages[topic]

    def wait_for_output(self, name, words):
        """Wait until each of these words has been printed by a process."""

        def missing():
            printed = self.output(name)
            return [word for word in words if word not in printed]

        assert self.wait(lambda: not missing()), f'{name} has not said {missing()}, but: {self.output(name)}'

    def call(self, name, kind=Trigger, request=None, timeout_s=PATIENCE_S):
        """Call a service and return its answer."""
        if name not in self._clients:
            client = self._clients[name] = self.node.create_client(kind, name)
            assert self.wait(client.service_is_ready, timeout_s), f'no service {name}'
            self.wait(lambda: False, MUTUAL_S)
        client = self._clients[name]
        assert self.wait(client.service_is_ready, timeout_s), f'no service {name}'
        sent, end = [], time.monotonic() + timeout_s
        while not any(future.done() for future in sent):  # an answer to a client not yet discovered is lost
            assert time.monotonic() < end, f'{name} does not answer'
            sent.append(client.call_async(request or kind.Request()))
            self.wait(lambda: any(future.done() for future in sent), min(AGAIN_S, timeout_s))
        return next(future.result() for future in sent if future.done())

    def close(self):
        """End every process, the stubborn ones by force."""
        for name in list(self.processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop(name)
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown()
