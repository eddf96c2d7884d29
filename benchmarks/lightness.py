"""How light the cell is, side by side with another checkout of it: memory, processor time, waiting; JSON out.

    python benchmarks/lightness.py --peer ../d9c9724 [--rounds 5] [--json FILE]
    python benchmarks/lightness.py --peer ../d9c9724 --only import scan run

Both checkouts must be set up (`./bootstrap run`) and have run once. They are measured in turn, here and peer, round
after round, and medians stand beside each other with their ratio: a machine that others load slows both alike.

    import  processor time of importing the seam detector's node
    scan    `ros2 launch weld_cell cell.launch.xml`: wall and processor time from its start to the first motion,
            and, while the cell tracks the seam, memory (sum of PSS over its processes) and processor time a second
    run     wall and processor time of `weld_cell run --joint fillet --seed 1`, and its exit code: it may be 1 where
            the machine is too busy for the simulated robot

Only where it is named:

    stations  memory of the cell here with area camera, part, plate seam and spot weld stations, each of which has
              looked once, beside that of the other checkout's cell without them, while both scan
    set_up    wall and processor time of `./bootstrap run` in a fresh clone: it loads from the package index
    docs      wall and processor time of the documentation
    tests     wall and processor time of the test files that both checkouts have (after `./bootstrap test` in both)
    lines     lines of src/weld_cell: all, and of the files that both checkouts have
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import rclpy
from lightness_once import measure_docs, measure_lines, measure_set_up, measure_tests
from lightness_spent import HERE, Figures, environment, spent
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger

from weld_cell.domain import claim_domain
from weld_cell.ros.qos import LATCHED, STATE
from weld_cell.ros.spin import make_executor

IMPORT = 'import weld_cell.nodes.seam_detector'
LAUNCH = 'ros2 launch weld_cell cell.launch.xml source:=sim joint:=fillet seed:=1 auto_start:=true'
RUN = 'weld_cell run --joint fillet --seed 1 --out'
STATIONS = 'part_identifier', 'plate_seam_detector', 'spot_weld_inspector'
LOOKS = 'part/identify', 'plate_seam/detect', 'spot_weld/inspect'
PATIENCE_S, SAMPLE_S = 600.0, 0.5
MOVED_RAD = 1e-4


def measure_import(checkout: Path, _peer: Path) -> Figures:
    return {'cpu_s': spent([str(checkout / '.venv/bin/python'), '-c', IMPORT], checkout)['cpu_s']}


def measure_run(checkout: Path, _peer: Path) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        return spent([str(checkout / '.venv/bin/weld_cell'), *RUN.split()[1:], folder], checkout)


class Watched:
    """A launch, and what is heard of its cell.

    Attributes:
        stage: Of the supervisor.
        moving: Whether the robot has moved.
        node: What hears it.
        started: The processes that were started; with their children they are the cell.
    """

    def __init__(self, launch: 'subprocess.Popen[bytes]', node: Node) -> None:
        self.stage, self.moving, self.node = '', False, node
        self.started, self._start = [psutil.Process(launch.pid)], None
        node.create_subscription(String, 'cell/stage', self._on_stage, LATCHED)
        node.create_subscription(JointState, 'joint_states', self._on_joint_states, STATE)

    def _on_stage(self, message: String) -> None:
        self.stage = message.data

    def _on_joint_states(self, message: JointState) -> None:
        self._start = self._start or message.position
        self.moving |= max(abs(a - b) for a, b in zip(message.position, self._start, strict=True)) > MOVED_RAD

    def processes(self) -> list[psutil.Process]:
        return [each for process in self.started for each in (process, *process.children(recursive=True))]

    def cpu_s(self) -> float:
        """Processor time of all its processes that live; those that ended are in their parents' account."""
        times = [process.cpu_times() for process in self.processes()]
        return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))

    def pss_mb(self) -> float:
        return float(sum(process.memory_full_info().pss for process in self.processes()) / 1e6)


Spin = Callable[[Callable[[], bool], str], None]


@contextmanager
def launched(checkout: Path, *arguments: str) -> Iterator[tuple[Watched, Spin]]:
    """A cell that runs, and a function that spins until a condition holds."""
    domain, claim = claim_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    context = rclpy.Context()
    rclpy.init(context=context)
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*LAUNCH.split(), *arguments],
            cwd=folder,
            env=environment(checkout, domain),
            executable=str(checkout / '.venv/bin/ros2'),
            pass_fds=[claim],
            start_new_session=True,
            stdout=sys.stderr,
        )
        node = rclpy.create_node('lightness', context=context)
        executor = make_executor(context)
        executor.add_node(node)
        watched = Watched(process, node)

        def spin(until: Callable[[], bool], what: str) -> None:
            end_s = time.monotonic() + PATIENCE_S
            while not until():
                if time.monotonic() > end_s or process.poll() is not None or watched.stage == 'fault':
                    raise TimeoutError(f'{checkout}: waited in vain for {what}; stage {watched.stage}')
                executor.spin_once(timeout_sec=0.02)

        try:
            yield watched, spin
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60.0)
            executor.shutdown()
            node.destroy_node()
            rclpy.shutdown(context=context)
            os.close(claim)


def measure_scan(checkout: Path, _peer: Path) -> Figures:
    began_s = time.monotonic()
    with launched(checkout) as (cell, spin):
        spin(lambda: cell.moving, 'the first motion')
        figures = {'first_motion_s': time.monotonic() - began_s, 'first_motion_cpu_s': cell.cpu_s()}
        return figures | while_it_tracks(cell, spin)


def while_it_tracks(cell: Watched, spin: Spin) -> Figures:
    """Memory and processor time a second."""
    spin(lambda: cell.stage == 'track', 'the scan')
    memory_mb, from_s, from_cpu_s = [], time.monotonic(), cell.cpu_s()
    while cell.stage == 'track':
        memory_mb.append(cell.pss_mb())
        tracked_s, tracked_cpu_s = time.monotonic() - from_s, cell.cpu_s() - from_cpu_s
        next_s = time.monotonic() + SAMPLE_S
        spin(lambda: time.monotonic() > next_s or cell.stage != 'track', 'the end of the scan')  # noqa: B023
    figures = {'pss_mb': statistics.median(memory_mb), 'processes': len(cell.processes())}
    return figures | {'scan_cpu': tracked_cpu_s / tracked_s}


def measure_stations(checkout: Path, _peer: Path) -> Figures:
    if checkout != HERE:
        with launched(checkout) as (cell, spin):
            return while_it_tracks(cell, spin)
    with launched(checkout, 'mako:=true', 'auto_start:=false') as (cell, spin), stations(cell, checkout):
        for service in LOOKS:
            call(cell.node, spin, 'mako/trigger')
            call(cell.node, spin, service)
        call(cell.node, spin, 'cell/start')
        return while_it_tracks(cell, spin)


@contextmanager
def stations(cell: Watched, checkout: Path) -> Iterator[None]:
    """The area camera's stations in a process of their own, which belongs to the cell."""
    files = [word for name in ('cell.yaml', 'sim.yaml') for word in ('--params-file', f'{checkout}/config/{name}')]
    process = subprocess.Popen(
        [str(checkout / '.venv/bin/cell_container'), *STATIONS, '--ros-args', *files],
        env=environment(checkout, int(os.environ['ROS_DOMAIN_ID'])),
        stdout=sys.stderr,
    )
    cell.started.append(psutil.Process(process.pid))
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60.0)


def call(node: Node, spin: Spin, service: str) -> None:
    """Call a Trigger service; what a station answers does not matter, it has looked."""
    client = node.create_client(Trigger, service)
    spin(client.service_is_ready, service)
    spin(client.call_async(Trigger.Request()).done, f'the answer of {service}')


MEASUREMENTS: dict[str, Callable[[Path, Path], Figures]] = {
    'import': measure_import,
    'scan': measure_scan,
    'run': measure_run,
    'stations': measure_stations,
    'set_up': measure_set_up,
    'docs': measure_docs,
    'tests': measure_tests,
    'lines': measure_lines,
}


def compared(peer: Path, names: list[str], rounds: int) -> dict[str, object]:
    """Medians of here and peer, and here / peer, by measurement and figure."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        for name in names:
            for side, checkout in (('here', HERE), ('peer', peer)):
                for figure, value in MEASUREMENTS[name](checkout, peer).items():
                    found[f'{name}.{figure}'][side].append(value)
                    print(f'round {number + 1}: {name}.{figure} {side} {value:.2f}', file=sys.stderr)
    medians = {figure: {side: statistics.median(v) for side, v in sides.items()} for figure, sides in found.items()}
    return {
        figure: {
            **{side: round(v, 3) for side, v in sides.items()},
            'ratio': round(sides['here'] / sides['peer'], 3) if sides.get('peer') else None,
        }
        for figure, sides in medians.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--peer', type=Path, required=True, help='folder of the other checkout')
    parser.add_argument('--rounds', type=int, default=3, help='(default: %(default)s)')
    parser.add_argument('--only', nargs='+', default=['import', 'scan', 'run'], choices=list(MEASUREMENTS))
    parser.add_argument('--json', type=Path, help='file to write besides')
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    figures = compared(arguments.peer.resolve(), arguments.only, arguments.rounds)
    text = json.dumps({'rounds': arguments.rounds, 'load_at_start': round(load, 1), **figures}, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
