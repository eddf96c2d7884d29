"""The other process of test_tf2_processes: broadcasts or listens; ends with its input, or after a minute."""

import sys
import threading
import time

import rclpy
from geometry_msgs.msg import TransformStamped
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.signals import uninstall_signal_handlers
from tf2_ros import Buffer, StaticTransformBroadcaster, TransformBroadcaster, TransformListener

LIFE_S = 60.0
PERIOD_S = 0.01

RCLError = rclpy_implementation.RCLError


def transform(node: Node, parent: str, child: str, x: float) -> TransformStamped:
    message = TransformStamped()
    message.header.stamp = node.get_clock().now().to_msg()
    message.header.frame_id, message.child_frame_id = parent, child
    message.transform.translation.x, message.transform.rotation.w = x, 1.0
    return message


def broadcast(node: Node) -> None:
    """Three fixed frames in three calls (wire twice), and a moving one; nobody holds the static broadcaster."""
    static = StaticTransformBroadcaster(node)
    static.sendTransform(transform(node, 'tool0', 'wire', 9.0))
    static.sendTransform([transform(node, 'tool0', 'camera', 1.0), transform(node, 'tool0', 'laser', 2.0)])
    static.sendTransform(transform(node, 'tool0', 'wire', 3.0))
    del static
    moving = TransformBroadcaster(node)
    print('ready', flush=True)
    input_ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), input_ended.set()), daemon=True).start()
    end = time.monotonic() + LIFE_S
    while not input_ended.wait(PERIOD_S) and time.monotonic() < end:
        moving.sendTransform(transform(node, 'base', 'tool0', 5.0))


def listen(node: Node, spin_thread: bool) -> None:
    """Spin until Ctrl-C, as a node does."""
    TransformListener(Buffer(), node, spin_thread=spin_thread)
    executor = SingleThreadedExecutor()  # made before it says that it is ready: none can be made after Ctrl-C
    try:
        print('ready', flush=True)
        if not spin_thread:
            rclpy.spin(node, executor)
        end = time.monotonic() + LIFE_S
        while time.monotonic() < end:  # one long sleep would go on where another thread gets the signal
            time.sleep(PERIOD_S)
            if not rclpy.ok():
                raise ExternalShutdownException
    except (KeyboardInterrupt, ExternalShutdownException, RCLError):
        print('interrupted', flush=True)
    finally:
        uninstall_signal_handlers()  # waits for rclpy's thread of signals: what it still handles must be there
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()


def main() -> None:
    mode = sys.argv[1]
    rclpy.init()
    node = rclpy.create_node('peer')
    if mode == 'broadcast':
        broadcast(node)
    elif mode == 'return':  # a main that forgets what is ours; of a node, rclpy itself wants the end
        TransformListener(Buffer(), node)
        node.destroy_node()
        rclpy.shutdown()
    else:
        listen(node, spin_thread=mode == 'listen_in_thread')


if __name__ == '__main__':
    main()
