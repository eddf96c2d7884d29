"""The running cell, measured: latency, lost images, memory and CPU of every process over many cycles; JSON out.

Starts `ros2 launch weld_cell cell.launch.xml source:=sim` as a user would and asks the supervisor for one cycle after
the other. Latency is taken where the seam point arrives, in this process: from the stamp of its image.

    python benchmarks/graph.py --images 2000 --scan-only [--json out.json]
    python benchmarks/graph.py --minutes 20 --scan-only --plot soak.png [--json out.json]

Latencies are those of this machine. What it did to them stands beside them: stolen_pct, what the host of a virtual
machine gave to others; processor, how much of the time it ran at less than a third of its speed (processor_speed.py);
at_full_speed, of those images alone from whose rendering to whose seam point it did not.
Memory is looked at between the scans, as a look stops its process for a while, and compared between the ends of
cycles, where every node is in the same state; the first cycle warms up.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
import psutil
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped
from processor_speed import PERIOD_S, SpeedProbe
from rclpy.utilities import remove_ros_args
from sensor_msgs.msg import CameraInfo
from std_srvs.srv import Trigger
from tqdm import tqdm

from weld_cell.domain import claim_domain, loopback_environment
from weld_cell.records.status import SeamStatus
from weld_cell.ros.conversions import ns_from_time
from weld_cell.ros.qos import IMAGE, LATCHED, RESULT
from weld_cell.ros.spin import make_executor
from weld_cell.ros.statuses import status_from_message, status_values

PATIENCE_S = 60.0
SAMPLE_S = 5.0
CONTAINER = 'cell_container'
FORERUN_S = 0.025  # what delayed an image may have been a period before it: it was rendered then


class CellUnderTest:
    """A running cell.launch.xml and a node that listens to it.

    Args:
        joint: Its joint type.
        seed: Draws the workpiece.
        words: Further arguments of the launch.

    Attributes:
        latencies_ms: Of each seam point while the supervisor tracks.
        arrivals_s: When it came, in seconds since the epoch.
        stages: (seconds, stage, note) as they came.
        memory: Names of a process's nodes -> list of (seconds, unique set size in MB, CPU seconds).
        at_rest_mb: The same -> its size at the end of each cycle.
        images: Of the laser sensor while the supervisor tracks.
        images_lost: Of them those that the seam stage gave no account of.
    """

    def __init__(self, joint: str, seed: int, *words: str) -> None:
        self.latencies_ms: list[float] = []
        self.arrivals_s: list[float] = []
        self.stages: list[tuple[float, str, str]] = []
        self.memory: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        self.at_rest_mb: dict[str, list[float]] = defaultdict(list)
        self.images = self.images_lost = 0
        self._images: set[int] = set()
        self._dealt_with: set[int] = set()
        self._stage = ''
        self._began_s = time.monotonic()
        self._processors = psutil.cpu_times()
        domain, claim = claim_domain()
        os.environ.update(loopback_environment(domain))
        os.environ.setdefault('WELD_CELL_RECORDS', tempfile.mkdtemp(prefix='weld_cell_records_'))
        command = [
            'ros2',
            'launch',
            'weld_cell',
            'cell.launch.xml',
            'source:=sim',
            f'joint:={joint}',
            f'seed:={seed}',
            *words,
        ]
        self._launch = subprocess.Popen(command, pass_fds=[claim], start_new_session=True, stdout=sys.stderr)
        rclpy.init()
        self._node = rclpy.create_node('graph_benchmark')
        self._node.create_subscription(PointStamped, 'seam/point', self._on_point, RESULT)
        self._node.create_subscription(DiagnosticStatus, 'cell/status', self._on_status, LATCHED)
        self._node.create_subscription(CameraInfo, 'laser_sensor/camera_info', self._on_camera_info, IMAGE)
        self._node.create_subscription(DiagnosticStatus, 'seam/status', self._on_seam_status, RESULT)
        self._executor = make_executor()
        self._executor.add_node(self._node)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began_s

    @property
    def stage(self) -> str:
        return self._stage

    @property
    def stolen_pct(self) -> float:
        """How much of the processors' time the host of a virtual machine has given to others since the start."""
        now = psutil.cpu_times()._asdict()
        spent = {name: now[name] - before for name, before in self._processors._asdict().items()}
        return 100.0 * spent.get('steal', 0.0) / sum(spent.values())

    def _on_point(self, message: PointStamped) -> None:
        if self._stage == 'track':
            now_ns = self._node.get_clock().now().nanoseconds
            self.latencies_ms.append((now_ns - ns_from_time(message.header.stamp)) / 1e6)
            self.arrivals_s.append(now_ns / 1e9)

    def _on_status(self, message: DiagnosticStatus) -> None:
        stage = status_values(message)['stage']
        if stage != self._stage:
            self.stages.append((self.seconds, stage, message.message))
        self._stage = stage

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._stage == 'track':
            self._images.add(ns_from_time(message.header.stamp))

    def _on_seam_status(self, message: DiagnosticStatus) -> None:
        stamp_ns = status_from_message(SeamStatus, message).stamp_ns
        if stamp_ns is not None:
            self._dealt_with.add(stamp_ns)

    def count_images(self) -> None:
        """At the end of a cycle: its images, and those that the seam stage gave no account of before its last one."""
        last = max(self._dealt_with, default=0)
        self.images += len(self._images)
        self.images_lost += len({stamp for stamp in self._images if stamp <= last} - self._dealt_with)
        self._images.clear()
        self._dealt_with.clear()

    def spin(self, until: Callable[[], bool], limit_s: float, what: str) -> None:
        """Spin until the condition holds.

        Raises:
            TimeoutError: it has not come to hold within the limit.
        """
        end = time.monotonic() + limit_s
        while not until():
            if time.monotonic() > end or self._launch.poll() is not None:
                raise TimeoutError(f'Waited in vain for {what}; stage {self._stage}.')
            self._executor.spin_once(timeout_sec=0.1)

    def call(self, kind: type, name: str, request: Any) -> Any:
        client = self._node.create_client(kind, name)
        self.spin(client.service_is_ready, PATIENCE_S, f'the service {name}')
        future = client.call_async(request)
        self.spin(future.done, PATIENCE_S, f'an answer of {name}')
        self._node.destroy_client(client)
        return future.result()

    def cycle(self, watch: Callable[[], None], weld: bool) -> None:
        """One cycle from start to done, or without the dry weld at its end.

        Raises:
            RuntimeError: no cycle began, or it ended in a fault.
        """
        last = 'done' if weld else 'weld'
        self._stage = ''
        answer = self.call(Trigger, 'cell/start', Trigger.Request())
        if not answer.success:
            raise RuntimeError(f'No cycle began: {answer.message}')
        self.spin(lambda: watch() or self._stage in (last, 'fault'), 600.0, 'the end of the cycle')
        if self._stage == 'fault':
            raise RuntimeError(f'The cycle failed {self.stages[-1][2]}')
        if not weld:
            self.call(Trigger, 'cell/stop', Trigger.Request())
            self.spin(lambda: self._stage == 'fault', PATIENCE_S, 'the stop')

    def sample(self, at_rest: bool = False) -> None:
        """Memory and CPU of every node's process; at rest: between two cycles."""
        for process in psutil.Process(self._launch.pid).children(recursive=True):
            try:
                name = _node_name(process.cmdline())
                times, size_mb = process.cpu_times(), process.memory_full_info().uss / 1e6
                self.memory[name].append((self.seconds, size_mb, times.user + times.system))
                if at_rest:
                    self.at_rest_mb[name].append(size_mb)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue

    def close(self) -> None:
        """End the launch as Ctrl-C would."""
        self._launch.send_signal(signal.SIGINT)
        self._launch.wait(30.0)
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown()


def _node_name(command: list[str]) -> str:
    """Of the node in a process; 'a+b' where it has two."""
    if any(Path(word).name == CONTAINER for word in command[:2]):
        return '+'.join(' '.join(remove_ros_args(command)).partition(f'/{CONTAINER} ')[2].split())
    named = [word.removeprefix('__node:=') for word in command if word.startswith('__node:=')]
    return named[0] if named else Path(command[0]).name


def run(cell: CellUnderTest, cycles: int, images: int, minutes: float, weld: bool) -> int:
    """Cycles until all three are reached; how many there were."""
    done, next_sample, began = 0, 0.0, cell.seconds
    bar = tqdm(total=images or None, unit='image', file=sys.stderr)

    def watch() -> None:
        nonlocal next_sample
        bar.update(len(cell.latencies_ms) - bar.n)
        if cell.seconds >= next_sample and cell.stage != 'track':  # a look at a process's memory stops it for a while
            cell.sample()
            next_sample = cell.seconds + SAMPLE_S

    while done < cycles or len(cell.latencies_ms) < images or cell.seconds - began < 60 * minutes:
        cell.cycle(watch, weld)
        done += 1
        cell.count_images()
        cell.sample(at_rest=True)
    bar.close()
    return done


def growth_pct(sizes_mb: list[float]) -> float:
    """Memory at the ends of cycles: the median of the last tenth against that of the first tenth."""
    part = max(len(sizes_mb) // 10, 1)
    return float(100.0 * (np.median(sizes_mb[-part:]) / np.median(sizes_mb[:part]) - 1.0))


def at_full_speed(cell: CellUnderTest, slow_times_s: np.ndarray) -> np.ndarray:
    """(n,) of each seam point whether the processor was never seen slow from before its image until after it came."""
    arrivals_s = np.array(cell.arrivals_s)
    begins_s = arrivals_s - np.array(cell.latencies_ms) / 1e3 - FORERUN_S
    ends_s = arrivals_s + PERIOD_S  # by then somebody has looked again
    return np.searchsorted(slow_times_s, begins_s) == np.searchsorted(slow_times_s, ends_s)


def percentiles(latencies_ms: np.ndarray) -> dict[str, float]:
    return {f'p{q}': round(float(np.percentile(latencies_ms, q)), 2) for q in (5, 50, 90, 99, 100)}


def summarise(cell: CellUnderTest, cycles: int, probe: SpeedProbe) -> dict[str, object]:
    latencies = np.array(cell.latencies_ms)
    undisturbed = at_full_speed(cell, probe.slow_times_s())
    nodes = {
        name: {
            'memory_mb': round(rows[-1][1], 1),
            'growth_pct': round(growth_pct(cell.at_rest_mb[name]), 2),
            'cpu_pct': round(100 * (rows[-1][2] - rows[0][2]) / max(rows[-1][0] - rows[0][0], 1e-9), 1),
        }
        for name, rows in cell.memory.items()
    }
    return {
        'cycles': cycles,
        'seconds': round(cell.seconds, 1),
        'stolen_pct': round(cell.stolen_pct, 2),
        'processor': probe.summary(),
        'seam_points': len(latencies),
        'latency_ms': percentiles(latencies),
        'at_full_speed': {'seam_points': int(undisturbed.sum()), 'latency_ms': percentiles(latencies[undisturbed])},
        'images': cell.images,
        'images_lost': {'seam_detector': cell.images_lost},
        'nodes': nodes,
    }


def plot(cell: CellUnderTest, path: Path) -> None:
    """Memory of every node over time, each in parts of its own size after the first cycle."""
    figure, axes = plt.subplots(figsize=(9, 4.5), layout='constrained')
    for name, rows in sorted(cell.memory.items()):
        seconds, size, _ = np.array(rows).T
        axes.plot(seconds / 60, size, label=f'{name} ({size[-1]:.0f} MB)')
    axes.set(xlabel='time [min]', ylabel='unique memory [MB]', ylim=(0, None), title='Memory of every process')
    axes.grid(alpha=0.3)
    axes.legend(loc='center left', bbox_to_anchor=(1.0, 0.5), fontsize='small')
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--cycles', type=int, default=1, help='at least so many cycles (default: %(default)s)')
    parser.add_argument('--images', type=int, default=0, help='at least so many seam points while tracking')
    parser.add_argument('--minutes', type=float, default=0.0, help='at least so long')
    parser.add_argument('--scan-only', action='store_true', help='stop each cycle where its weld would begin')
    parser.add_argument('--joint', default='fillet')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--separate', action='store_true', help='a process for each node')
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    parser.add_argument('--plot', type=Path, help='picture of the memory')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the cell must not outlive this
    composed = str(not arguments.separate).lower()
    cell = CellUnderTest(arguments.joint, arguments.seed, f'composed:={composed}')
    probe = SpeedProbe()
    try:
        cycles = run(cell, arguments.cycles, arguments.images, arguments.minutes, not arguments.scan_only)
    finally:
        probe.close()
        cell.close()
    text = json.dumps(summarise(cell, cycles, probe), indent=1)
    if arguments.plot:
        plot(cell, arguments.plot)
    if arguments.json == '-':
        print(text)
    else:
        Path(arguments.json).write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
