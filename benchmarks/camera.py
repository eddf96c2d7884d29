"""From a GigE Vision camera's socket to `mako/image_raw` in another process: latency and loss; JSON out.

    python benchmarks/camera.py [--images 2000] [--rounds 2] [--json out.json]
    python benchmarks/camera.py --disconnects 1000 [--json out.json]

The camera is Aravis's simulated one (Debian aravis-tools) on 127.0.0.1. Its sensor is 2048 pixels wide: Width and
Height are set to those of a Mako G-158, 1456x1088. The node mako_camera streams it, a listener in another process
takes the images as our stations do. Three ways take turns, each with the same node, camera and listener:

    plain    rclpy as it comes, as with `ros2 run`: default profile of Fast DDS, memory as glibc handles it
    profile  config/fastdds.xml, as our launch files set it
    kept     that, and freed blocks stay with each process (weld_cell.ros.memory), as our nodes do

path_ms runs from the moment in which the last packet of an image is in, in the camera's node, to the listener's
callback. from_stamp_ms runs from the image's stamp, and holds the time in which the camera sends its packets as well:
receive_ms, measured by the back end alone. lost_on_link are images of which a packet was missing, lost_in_ros those
that were published and not heard.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from sensor_msgs.msg import Image
from tqdm import tqdm

from weld_cell.devices.factory import DeviceSettings, make_camera, make_reconnecting
from weld_cell.domain import claim_domain, loopback_environment
from weld_cell.errors import DeviceError
from weld_cell.ros.conversions import ns_from_time
from weld_cell.ros.memory import keep_large_blocks
from weld_cell.ros.qos import IMAGE_INPUT, STATE
from weld_cell.ros.spin import make_executor
from weld_cell.ros.statuses import status_values

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'devices'))
from gige_peer import ADDRESS, fake_camera  # noqa: E402

ROOT = Path(__file__).parents[1]
WAYS = ('plain', 'profile', 'kept')
SIZE_PX = (1456, 1088)
RATE_HZ = 20.0
FEATURES = {'Width': SIZE_PX[0], 'Height': SIZE_PX[1], 'GevSCPSPacketSize': 8000}
PROFILES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
"""Of Jazzy and older distributions, and of later ones."""
PATIENCE_S = 60.0
WARM_UP = 20
AS_GLIBC_DOES = 'import weld_cell.ros.spin as spin; spin.keep_large_blocks = lambda: False'
NODE = """
import json, sys, time
from weld_cell.nodes.mako_camera import MakoCamera, main
whole, take = {}, MakoCamera.take
def timed(node, image):
    whole[image.stamp_ns] = time.time_ns()
    take(node, image)
MakoCamera.take = timed
code = main()
json.dump(whole, open(sys.argv[1], 'w'))
sys.exit(code)
"""


class Listener:
    """A node that takes the images of `mako_camera` and steers its life cycle.

    Attributes:
        heard: Stamp of each image in ns, and when it was heard.
        status: What the camera's node says on /diagnostics.
    """

    def __init__(self) -> None:
        rclpy.init()
        self.heard: dict[int, int] = {}
        self.status: dict[str, str] = {}
        node = rclpy.create_node('camera_benchmark')
        self._images = node.create_subscription(Image, 'mako/image_raw', self._on_image, IMAGE_INPUT)
        node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, STATE)
        self._client = node.create_client(ChangeState, 'mako_camera/change_state')
        self._executor = make_executor()
        self._executor.add_node(node)

    def spin(self, until: Callable[[], Any], limit_s: float) -> None:
        end = time.monotonic() + limit_s
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f'{len(self.heard)} images came; {self.status}')
            self._executor.spin_once(timeout_sec=0.1)

    def change(self, transition: int) -> None:
        self.spin(self._client.service_is_ready, PATIENCE_S)
        future = self._client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        self.spin(future.done, PATIENCE_S)

    def is_connected(self) -> bool:
        return bool(self._images.get_publisher_count())

    def _on_image(self, message: Image) -> None:
        self.heard[ns_from_time(message.header.stamp)] = time.time_ns()

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for one in message.status:
            self.status.update(status_values(one))


def listen(way: str, images: int, out: Path) -> dict[str, Any]:
    """Start the node, take so many images from it, and stop it; times in ms and counts."""
    if way == 'kept':
        keep_large_blocks()
    listener, times = Listener(), out.with_suffix('.times')
    node = start_node(way, times)
    try:
        listener.change(Transition.TRANSITION_CONFIGURE)
        listener.spin(listener.is_connected, PATIENCE_S)
        listener.change(Transition.TRANSITION_ACTIVATE)
        wanted = images + WARM_UP
        listener.spin(lambda: len(listener.heard) >= wanted, PATIENCE_S + 3 * wanted / RATE_HZ)
        listener.change(Transition.TRANSITION_DEACTIVATE)
        rest = time.monotonic() + 2.5  # diagnostics come once a second
        listener.spin(lambda: time.monotonic() > rest, PATIENCE_S)
    finally:
        node.terminate()
        node.wait(PATIENCE_S)
    whole = {int(stamp): at for stamp, at in json.loads(times.read_text(encoding='utf-8')).items()}
    measured = list(listener.heard.items())[WARM_UP:]
    return {
        'path_ms': [(at - whole[stamp]) / 1e6 for stamp, at in measured],
        'from_stamp_ms': [(at - stamp) / 1e6 for stamp, at in measured],
        'images': len(listener.heard),
        'lost_on_link': int(listener.status['images_incomplete']) + int(listener.status['images_skipped']),
        'lost_in_ros': len(whole) - len(listener.heard),
        'socket_drops': int(listener.status.get('socket_drops', 0)),
    }


def start_node(way: str, times: Path) -> 'subprocess.Popen[bytes]':
    """The node mako_camera; at its end it writes when each image was whole."""
    settings = {'device.source': ADDRESS, 'device.rate_hz': RATE_HZ, 'free_running': True, 'autostart': False}
    settings |= {f'features.{name}': value for name, value in FEATURES.items()}
    arguments = [word for name, value in settings.items() for word in ('-p', f'{name}:={str(value).lower()}')]
    program = NODE if way == 'kept' else AS_GLIBC_DOES + NODE
    return subprocess.Popen([sys.executable, '-c', program, str(times), '--ros-args', *arguments], stdout=sys.stderr)


def receive_ms(images: int) -> list[float]:
    """From the stamp of each image to its last packet, by the back end alone."""
    settings = DeviceSettings(backend='gige_vision', source=ADDRESS, rate_hz=RATE_HZ)
    camera = make_camera(settings, time.time_ns, FEATURES)
    camera.open()
    with contextlib.closing(camera):
        taken = [(camera.grab(PATIENCE_S).stamp_ns, time.time_ns()) for _ in range(images + WARM_UP)]
    return [(now - stamp) / 1e6 for stamp, now in taken[WARM_UP:]]


def take_turns(images: int, rounds: int) -> dict[str, Any]:
    """Each way in turn, for so many rounds."""
    domain, claim = claim_domain()
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    with fake_camera() as peer, tempfile.TemporaryDirectory() as folder:
        peer.start()
        received = receive_ms(100)
        for way in tqdm([way for _ in range(rounds) for way in WAYS], unit='turn', file=sys.stderr):
            environment = loopback_environment(domain)
            for name in PROFILES:
                environment.pop(name, None)
                if way != 'plain':
                    environment[name] = str(ROOT / 'config' / 'fastdds.xml')
            out = Path(folder) / 'turn.json'
            command = [
                sys.executable,
                __file__,
                '--way',
                way,
                '--images',
                str(-(-images // rounds)),
                '--json',
                str(out),
            ]
            subprocess.run(command, env=environment, pass_fds=[claim], check=True)
            found[way].append(json.loads(out.read_text(encoding='utf-8')))
    ways = {way: summary(turns) for way, turns in found.items()}
    medians = {way: ways[way]['path_ms']['p50'] for way in WAYS}
    return {
        'image': f'{SIZE_PX[0]}x{SIZE_PX[1]} Mono8',
        'rate_hz': RATE_HZ,
        'packet_size_bytes': FEATURES['GevSCPSPacketSize'],
        'load_average': round(os.getloadavg()[0], 1),
        'receive_ms': percentiles(received),
        'ways': ways,
        'kept_over_plain': round(medians['kept'] / medians['plain'], 3),
        'kept_over_profile': round(medians['kept'] / medians['profile'], 3),
    }


def summary(turns: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {
        key: sum(turn[key] for turn in turns) for key in ('images', 'lost_on_link', 'lost_in_ros', 'socket_drops')
    }
    times = {key: percentiles([ms for turn in turns for ms in turn[key]]) for key in ('path_ms', 'from_stamp_ms')}
    return {**times, **counts}


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    return {f'p{q}': round(float(np.percentile(milliseconds, q)), 2) for q in (5, 50, 90, 99, 100)}


def disconnect(times: int) -> dict[str, Any]:
    """Kill the camera and start it again, so often; each time an image must come."""
    settings = DeviceSettings(backend='gige_vision', source=ADDRESS, rate_hz=RATE_HZ)
    back_s, reasons = [], set()
    with fake_camera() as peer:
        peer.start()
        camera = make_reconnecting(make_camera(settings, time.time_ns, {'GevSCPSPacketSize': 8000}), settings)
        camera.open()
        last = camera.grab(PATIENCE_S).sequence
        for _ in tqdm(range(times), unit='disconnect', file=sys.stderr):
            peer.kill()
            try:
                while True:
                    last = camera.grab(0.2).sequence
            except DeviceError as error:
                reasons.add(error.message.partition(': ')[2])
            peer.start()
            began = time.monotonic()
            image = camera.grab(PATIENCE_S)
            back_s.append(time.monotonic() - began)
            assert image.sequence == last + 1, 'the count goes on'
            last = image.sequence
        losses = camera.state.losses
        camera.close()
    survived = {'disconnects': times, 'losses_counted': losses, 'reasons': sorted(reasons)}
    return {**survived, 'back_after_ms': percentiles([1e3 * seconds for seconds in back_s])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=2000, help='of each way (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=2, help='turns of each way (default: %(default)s)')
    parser.add_argument('--disconnects', type=int, default=0, metavar='N', help='lose the camera N times instead')
    parser.add_argument('--way', choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    arguments = parser.parse_args()
    if arguments.way:
        result = listen(arguments.way, arguments.images, Path(arguments.json))
    elif arguments.disconnects:
        result = disconnect(arguments.disconnects)
    else:
        result = take_turns(arguments.images, arguments.rounds)
    text = json.dumps(result, indent=1)
    if arguments.json == '-':
        print(text)
    else:
        Path(arguments.json).write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
