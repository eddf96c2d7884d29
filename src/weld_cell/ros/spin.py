"""From main() to the exit code: every node starts, spins and ends the same way."""

import signal
import sys
from collections.abc import Callable

import cv2
import rclpy
from rclpy.executors import ExternalShutdownException, ShutdownException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

from weld_cell.errors import WeldCellError

# Ctrl-C and SIGTERM reach a Python node in any of these ways, depending on where it happens to be.
_ENDED = (ExternalShutdownException, ShutdownException, rclpy_implementation.RCLError)


def run_node(make_node: Callable[[], Node]) -> int:
    """Make a node, spin it until Ctrl-C or SIGTERM, and clean up.

    A node ends itself by raising ExternalShutdownException in a callback.

    Returns:
        Exit code: 0 after a requested end, 1 if the node could not start for a reason that it names.
    """
    node = None
    # Ctrl-C is rclpy's: its handler (installed by init) ends the spinning. Python's own would also raise
    # KeyboardInterrupt, at whatever place the program happens to be.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)  # a graph has its parallelism in its processes; threads within them only get in the way
    rclpy.init()
    try:
        node = make_node()
        rclpy.spin(node)
    except WeldCellError as error:
        print(f'[FATAL] {error}', file=sys.stderr, flush=True)
        return 1
    except _ENDED as error:
        if isinstance(error, rclpy_implementation.RCLError) and rclpy.ok():
            raise  # the context lives, so this was no request to end
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
    return 0
