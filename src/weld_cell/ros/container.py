"""Several nodes in one process: less memory and a quicker start than a process for each.

Each node has a thread and an executor of its own, so that a long callback of one keeps none of the others waiting for
more than the interpreter's lock.
"""

import contextlib
import gc
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import rclpy
import yaml
from rclpy.executors import ExternalShutdownException, ShutdownException
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from weld_cell.errors import WeldCellError
from weld_cell.parameter_file import load_parameter_file, sections_of
from weld_cell.ros.parameter_files import check_parameter_files, parameter_files
from weld_cell.ros.spin import SIGNAL_CHECK_S, make_executor, prepare_process, shut_down

RESPAWN_S = 1.0
"""A node that failed is made again after so long, as launch starts the process of one again."""

_MAKING = threading.Lock()
"""Nodes are made and destroyed one after the other: the DDS implementations do not promise more."""

SWITCH_S = 0.0005
"""So long a thread may keep the interpreter's lock from another one that waits; Python's own 5 ms delay images."""


def run_nodes(makers: Mapping[str, Callable[[], Node]]) -> int:
    """Make nodes, spin them until Ctrl-C or SIGTERM, and clean up, in the order reverse to theirs.

    A node that cannot start, or that fails, says why, and is made again until it can; the others run on. What the
    parameter files say of all nodes and of one of them is given to each as to a process of its own.

    Args:
        makers: Name -> what makes the node.

    Returns:
        Exit code: 0 after a requested end, 1 if a parameter file is wrong.
    """
    is_over = prepare_process()
    sys.setswitchinterval(SWITCH_S)
    try:
        check_parameter_files()
    except WeldCellError as error:
        print(f'[FATAL] {error}', file=sys.stderr, flush=True)
        return 1
    with _own_parameters(list(makers)) as file:
        rclpy.init(
            args=[*sys.argv, '--ros-args', '--params-file', str(file)], signal_handler_options=SignalHandlerOptions.NO
        )
    members = [_Member(name, make) for name, make in makers.items()]
    for member in members:
        member.start()
    while not is_over():
        time.sleep(SIGNAL_CHECK_S)
    for member in reversed(members):
        member.end()
    shut_down()
    return 0


class _Member(threading.Thread):
    """A node of the process, in its thread."""

    def __init__(self, name: str, make: Callable[[], Node]) -> None:
        super().__init__(name=name, daemon=True)
        self._make = make
        self._ending = threading.Event()

    def end(self) -> None:
        """End the node, and wait for that."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Until it is asked to end: the node, made again each time that it fails."""
        while not self._ending.is_set():
            try:
                self._run_node()
            except WeldCellError as error:
                print(f'[FATAL] {self.name}: {error}', file=sys.stderr, flush=True)
            except (ExternalShutdownException, ShutdownException):
                return
            except Exception:  # a process of its own would end by it, and launch would start it again
                traceback.print_exc()
            self._ending.wait(RESPAWN_S)

    def _run_node(self) -> None:
        with _MAKING:
            node = self._make()
        executor = make_executor()
        try:
            executor.add_node(node)
            gc.collect()
            gc.freeze()  # as in run_node
            while not self._ending.is_set():
                executor.spin_once(timeout_sec=SIGNAL_CHECK_S)
        finally:
            with _MAKING:
                node.destroy_node()
            executor.shutdown()


@contextlib.contextmanager
def _own_parameters(names: Sequence[str]) -> Iterator[Path]:
    """A parameter file with a section for each node: what the files of the command line say of it, a later one wins.

    Within the process what launch gives to all its nodes (section /**) would otherwise weigh less than what a file
    says of one of them.
    """
    files = [load_parameter_file(path) for path in parameter_files()]
    own = {
        name: {key: value for file in files for section in sections_of(file, name) for key, value in section.items()}
        for name in names
    }
    handle, path = tempfile.mkstemp(prefix='weld_cell_', suffix='.yaml')
    with os.fdopen(handle, 'w', encoding='utf-8') as stream:
        for name, values in own.items():
            if values:  # each for itself: ROS refuses the aliases that YAML has for what stands twice
                yaml.safe_dump({f'/**/{name}': {'ros__parameters': values}}, stream)
    try:
        yield Path(path)
    finally:
        Path(path).unlink()
