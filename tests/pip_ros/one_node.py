"""Runs commands of `ros2` in this process and on one node, which saves each of them its start and its discovery."""

import contextlib
import io
import shlex
import signal
import threading
from importlib import import_module
from typing import NamedTuple

import rclpy
from pip_ros.cli import main

MODULES = [
    import_module(f'pip_ros.graph.{name}')
    for name in (
        'action',
        'echo',
        'lifecycle',
        'listing',
        'nodes',
        'param',
        'param_file',
        'publish',
        'rates',
        'service',
        'service_echo',
        'topic',
    )
]
DISCOVERY = import_module('pip_ros.graph.discovery')
PATIENCE_S = 20.0


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class _Watched(io.StringIO):
    """Standard output that sets `stop` as soon as it holds what is waited for."""

    def __init__(self, holds, stop):
        super().__init__()
        self._holds, self._stop = holds, stop

    def write(self, text):
        written = super().write(text)
        if self._holds(self.getvalue()):
            self._stop.set()
        return written


@contextlib.contextmanager
def commands_on_one_node(monkeypatch, find_s=0.3):
    """Gives a function that runs a command line; every command uses one node, which knows the graph already."""
    rclpy.init(args=[])
    node = rclpy.create_node('_commands', enable_rosout=False, start_parameter_services=False)

    @contextlib.contextmanager
    def same_node(*_args, **_options):
        yield node

    stop = threading.Event()
    monkeypatch.setattr(DISCOVERY, 'DEFAULT_SPIN_TIME_S', 0.0)
    monkeypatch.setattr(DISCOVERY, 'FIND_S', find_s)
    for module in MODULES:
        monkeypatch.setattr(module, 'command_node', same_node)
        monkeypatch.setattr(module, 'stopped_by_signals', lambda: stop, raising=False)

    def run(line, holds=lambda _text: False, stdin=''):
        stop.clear()
        out, err = _Watched(holds, stop), io.StringIO()
        patience = threading.Timer(PATIENCE_S, stop.set)
        patience.start()
        with (
            monkeypatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.setattr('sys.stdin', io.StringIO(stdin))
            try:
                code = main(shlex.split(line) if isinstance(line, str) else list(line))
            except SystemExit as exit_:
                code = exit_.code
            finally:
                patience.cancel()
        return Done(code, out.getvalue(), err.getvalue())

    handler = signal.getsignal(signal.SIGINT)
    run.node = node
    try:
        yield run
    finally:
        signal.signal(signal.SIGINT, handler)
        node.destroy_node()
        rclpy.shutdown()
