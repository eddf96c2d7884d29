"""Aravis's simulated GigE Vision camera in a process of its own, as tests start it."""

import contextlib
import fcntl
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from weld_cell.devices import gvcp

PROGRAM = shutil.which('arv-fake-gv-camera-0.8')
ADDRESS = '127.0.0.1'
START_S = 10.0
needs_peer = pytest.mark.skipif(
    PROGRAM is None, reason='arv-fake-gv-camera-0.8 is not installed (Debian: apt install aravis-tools)'
)


class FakeCamera:
    """The process; `start` again after `kill` is a camera whose cable was pulled out and put in again."""

    def __init__(self):
        self._process = None

    def start(self, serial='WELD1', lost_per_thousand=0, genicam=None):
        command = [PROGRAM, '-i', ADDRESS, '-s', serial, '-r', str(lost_per_thousand)]
        command += ['-g', str(genicam)] if genicam else []
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                gvcp.read_register(ADDRESS, gvcp.CONTROL_PRIVILEGE, 0.1)
                return
            time.sleep(0.005)
        raise AssertionError(f'{PROGRAM} does not answer on {ADDRESS}')

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None


@pytest.fixture
def peer(monkeypatch):
    """A `FakeCamera`, and a computer whose only network is the loopback: nothing else is asked for cameras."""
    loopback = {name: interface for name, interface in gvcp.networks().items() if interface.is_loopback}
    monkeypatch.setattr(gvcp, 'networks', lambda: loopback)
    with fake_camera() as camera:
        yield camera


@contextlib.contextmanager
def fake_camera():
    """One `FakeCamera`, not yet started; tests of other processes wait, as an address has one port for cameras."""
    network = Path('/proc/self/ns/net').stat().st_ino
    with (Path(tempfile.gettempdir()) / f'weld_cell_gige_port_{network}').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        camera = FakeCamera()
        try:
            yield camera
        finally:
            camera.kill()
