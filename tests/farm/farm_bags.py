"""Small recordings for a farm, and a server of files that can be made to stall or to lose one."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from weld_cell.bags.writing import open_image_bag
from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.records import JointType
from weld_cell.sim.cell_scene import cell_scene

TOPIC = '/laser_sensor/image_raw'
STEP_NS = 10**9


def record_scan(bag, joint_type, images=20):
    """A scan along the seam of a simulated joint."""
    scene, sensor = cell_scene(JointType(joint_type), 1), load_rig(str(config_file('rig.yaml'))).laser_sensor
    with open_image_bag(bag, TOPIC, sensor.frame, sensor.camera) as writer:
        for number, along_m in enumerate(np.linspace(0.01, scene.truth.length_m - 0.01, images)):
            stamp_ns = STEP_NS * (1 + number)
            writer.transforms(stamp_ns, [('base_link', 'tool0', scene.seam_pose(along_m))])
            writer.image(stamp_ns, scene.image(scene.seam_pose(along_m), float(number)))


def record_darkness(bag):
    """A recording that shows no stripe."""
    sensor = load_rig(str(config_file('rig.yaml'))).laser_sensor
    with open_image_bag(bag, TOPIC, sensor.frame, sensor.camera) as writer:
        for number in range(3):
            writer.transforms(STEP_NS * (1 + number), [('base_link', 'tool0', np.eye(4))])
            writer.image(STEP_NS * (1 + number), np.zeros((480, 640), np.uint8))


def write_damaged(file):
    """What is named as a bag, and none."""
    file.write_bytes(b'\x89MCAP0\r\n' + bytes(range(256)) * 20)


def content(folder):
    """Name and bytes of each file of a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob('*') if file.is_file()}


class FileServer:
    """Files of a folder at http://127.0.0.1.

    Attributes:
        address: URL of the folder.
        gone: Names that are told of, but not given.
        stalled: Names whose requests wait until `release`.
        waiting: Set while a request waits.
    """

    def __init__(self, folder):
        self.gone, self.stalled = set(), set()
        self.waiting, self.release = threading.Event(), threading.Event()
        handler = partial(_Handler, server_of_files=self, directory=str(folder))
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self._server.daemon_threads = True
        self.address = f'http://127.0.0.1:{self._server.server_port}'

    @contextmanager
    def running(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *words, server_of_files, **named):
        self._files = server_of_files
        super().__init__(*words, **named)

    def do_GET(self):  # noqa: N802 - as the library names it
        name = self.path.rpartition('/')[2]
        if name in self._files.stalled:
            self._files.waiting.set()
            self._files.release.wait()
        if name in self._files.gone:
            self.send_error(404)
            return
        super().do_GET()

    def log_message(self, *words):
        """Nothing."""
