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
    set_up  wall time of `./bootstrap run` in a fresh clone (not by default: it loads from the package index)
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
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from weld_cell.domain import claim_domain, loopback_environment
from weld_cell.ros.qos import LATCHED, STATE
from weld_cell.ros.spin import make_executor

HERE = Path(__file__).parents[1]
IMPORT = 'import weld_cell.nodes.seam_detector'
LAUNCH = 'ros2 launch weld_cell cell.launch.xml source:=sim joint:=fillet seed:=1 auto_start:=true'
RUN = 'weld_cell run --joint fillet --seed 1 --out'
PATIENCE_S, SAMPLE_S = 600.0, 0.5
MOVED_RAD = 1e-4

Figures = dict[str, float]


def environment(checkout: Path, domain: int) -> dict[str, str]:
    """As `make` sets it."""
    prefix = checkout / '.venv'
    loopback = loopback_environment(domain)
    return {
        **loopback,
        'PATH': f'{prefix / "bin"}:{loopback["PATH"]}',
        'AMENT_PREFIX_PATH': str(prefix),
        'PYTHONUNBUFFERED': '1',
        'PYTHONDONTWRITEBYTECODE': '',
    }


def spent(command: list[str], checkout: Path) -> Figures:
    """Wall and processor time of a command with all its children, and its exit code."""
    domain, claim = claim_domain()
    began_s = time.monotonic()
    process = subprocess.Popen(
        command, cwd=checkout, env=environment(checkout, domain), pass_fds=[claim], stdout=sys.stderr
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.monotonic() - began_s
    os.close(claim)
    return {'wall_s': wall_s, 'cpu_s': used.ru_utime + used.ru_stime, 'exit_code': process.returncode}


def measure_import(checkout: Path) -> Figures:
    return {'cpu_s': spent([str(checkout / '.venv/bin/python'), '-c', IMPORT], checkout)['cpu_s']}


def measure_run(checkout: Path) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        return spent([str(checkout / '.venv/bin/weld_cell'), *RUN.split()[1:], folder], checkout)


def measure_set_up(checkout: Path) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['git', 'clone', '--quiet', '--shared', str(checkout), folder], check=True)
        return spent(['./bootstrap', 'run'], Path(folder))


class Watched:
    """A launch, and what is heard of its cell.

    Attributes:
        stage: Of the supervisor.
        moving: Whether the robot has moved.
    """

    def __init__(self, launch: 'subprocess.Popen[bytes]', node: Node) -> None:
        self.stage, self.moving = '', False
        self._launch, self._start = psutil.Process(launch.pid), None
        node.create_subscription(String, 'cell/stage', self._on_stage, LATCHED)
        node.create_subscription(JointState, 'joint_states', self._on_joint_states, STATE)

    def _on_stage(self, message: String) -> None:
        self.stage = message.data

    def _on_joint_states(self, message: JointState) -> None:
        self._start = self._start or message.position
        self.moving |= max(abs(a - b) for a, b in zip(message.position, self._start, strict=True)) > MOVED_RAD

    def processes(self) -> list[psutil.Process]:
        return [self._launch, *self._launch.children(recursive=True)]

    def cpu_s(self) -> float:
        """Processor time of all its processes that live; those that ended are in their parents' account."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(t.user + t.system + t.children_user + t.children_system for t in times)

    def pss_mb(self) -> float:
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6


@contextmanager
def launched(checkout: Path) -> Iterator[tuple[Watched, Callable[[Callable[[], bool], str], None]]]:
    """A cell that runs, and a function that spins until a condition holds."""
    domain, claim = claim_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    context = rclpy.Context()
    rclpy.init(context=context)
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            LAUNCH.split(),
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


def measure_scan(checkout: Path) -> Figures:
    began_s = time.monotonic()
    with launched(checkout) as (cell, spin):
        spin(lambda: cell.moving, 'the first motion')
        figures = {'first_motion_s': time.monotonic() - began_s, 'first_motion_cpu_s': cell.cpu_s()}
        spin(lambda: cell.stage == 'track', 'the scan')
        memory_mb, from_s, from_cpu_s = [], time.monotonic(), cell.cpu_s()
        while cell.stage == 'track':
            memory_mb.append(cell.pss_mb())
            tracked_s, tracked_cpu_s = time.monotonic() - from_s, cell.cpu_s() - from_cpu_s
            next_s = time.monotonic() + SAMPLE_S
            spin(lambda: time.monotonic() > next_s or cell.stage != 'track', 'the end of the scan')  # noqa: B023
        figures |= {'pss_mb': statistics.median(memory_mb), 'processes': len(cell.processes())}
        return figures | {'scan_cpu': tracked_cpu_s / tracked_s}


MEASUREMENTS: dict[str, Callable[[Path], Figures]] = {
    'import': measure_import,
    'scan': measure_scan,
    'run': measure_run,
    'set_up': measure_set_up,
}


def compared(peer: Path, names: list[str], rounds: int) -> dict[str, object]:
    """Medians of here and peer, and here / peer, by measurement and figure."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        for name in names:
            for side, checkout in (('here', HERE), ('peer', peer)):
                for figure, value in MEASUREMENTS[name](checkout).items():
                    found[f'{name}.{figure}'][side].append(value)
                    print(f'round {number + 1}: {name}.{figure} {side} {value:.2f}', file=sys.stderr)
    medians = {figure: {side: statistics.median(v) for side, v in sides.items()} for figure, sides in found.items()}
    return {
        figure: {
            **{side: round(v, 3) for side, v in sides.items()},
            'ratio': round(sides['here'] / sides['peer'], 3) if sides['peer'] else None,
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
