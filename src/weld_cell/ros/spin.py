"""From main() to the exit code: start, spin and shutdown of every node."""

import faulthandler
import gc
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import rclpy
from rclpy.context import Context
from rclpy.executors import Executor, ExternalShutdownException, ShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from weld_cell.errors import WeldCellError
from weld_cell.ros.memory import keep_large_blocks
from weld_cell.ros.parameter_files import check_parameter_files

SIGNAL_CHECK_S = 0.1
ENDING_S = 8.0
"""So long a node may take to end after SIGINT; `ros2 launch` kills it after ten."""

LAUNCHED = 'WELD_CELL_LAUNCHED'
ENDING = (signal.SIGINT, signal.SIGTERM)


def end_node() -> None:
    """For a node whose work is done: end it as Ctrl-C would."""
    signal.raise_signal(signal.SIGTERM)


def run_node(make_node: Callable[[], Node]) -> int:
    """Make a node, spin it until Ctrl-C or SIGTERM, and clean up.

    A node ends itself by `end_node`. In its destroy_node it can still publish, with `qos.await_delivery` behind it: a
    supervisor that is asked to end has a robot to brake.

    It ends too where `ros2 launch` with one of our launch files started it and is gone.

    A node that hangs in its end, or in that of its process, prints where each of its threads is, and ends with 1.

    Args:
        make_node: The node, made once ROS is up.

    Returns:
        Exit code: 0 after a requested end, 1 if the node could not start for a reason that it names.
    """
    node = executor = None
    is_over = prepare_process()
    try:
        check_parameter_files()
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        node = make_node()
        executor = make_executor()
        executor.add_node(node)
        gc.collect()
        gc.freeze()  # modules and node stay for good: collections that search them all would delay images by 30 ms
        while not is_over():
            executor.spin_once(timeout_sec=SIGNAL_CHECK_S)
    except WeldCellError as error:
        print(f'[FATAL] {error}', file=sys.stderr, flush=True)
        return 1
    except (ExternalShutdownException, ShutdownException):
        pass
    finally:
        if node is not None:
            node.destroy_node()
        if executor is not None:
            executor.shutdown()  # left to the garbage collector, it may go after the context and then complains
        shut_down()
    return 0


def shut_down() -> None:
    """End ROS in this process.

    From Kilted on rclpy then ends each node that is still there: one whose __init__ failed lacks what its end needs.
    """
    gc.collect()
    rclpy.try_shutdown()


def prepare_process() -> Callable[[], bool]:
    """Set up a process for nodes; returns a function: whether it is asked to end, or its launch has ended.

    To be called in the main thread, before anything else.
    """
    keep_large_blocks()
    launch_is_gone = _launch_watch()
    asked_to_end: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        asked_to_end.append(number)
        if number == signal.SIGINT:  # a node that ends itself may have a record to write
            faulthandler.dump_traceback_later(ENDING_S, exit=True)

    # rclpy's own handlers would end the context at once, and with it the node's last words; Python's would raise
    # KeyboardInterrupt at whatever place the program happens to be.
    for number in ENDING:
        signal.signal(number, end)
    # A graph has its parallelism in its processes; threads of OpenCV within them only get in the way. A node that
    # needs no OpenCV does not import it for that: a tenth of a second.
    os.environ['OPENCV_FOR_THREADS_NUM'] = '1'
    if 'cv2' in sys.modules:
        sys.modules['cv2'].setNumThreads(1)
    return lambda: bool(asked_to_end) or launch_is_gone()


def _launch_watch() -> Callable[[], bool]:
    """A function: whether the launch that started this process has ended.

    `ros2 launch` that receives SIGTERM, as from systemd, or is killed, leaves its nodes running; our launch files set
    an environment variable by which a node knows that launch is its parent.
    """
    parent = os.getppid()
    launched = LAUNCHED in os.environ
    return lambda: launched and os.getppid() != parent


def make_executor(context: Context | None = None) -> Executor:
    """The EventsExecutor, where rclpy has one: the older one polls every entity each time."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:  # rclpy before 7.1.5
        return SingleThreadedExecutor(context=context)
    executor: Executor = EventsExecutor(context=context)
    return executor
