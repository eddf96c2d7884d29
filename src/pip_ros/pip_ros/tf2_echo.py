"""`ros2 run tf2_ros tf2_echo`: print the transform between two frames, again and again."""

import sys
from math import asin, atan2, copysign, degrees, pi

import rclpy
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.time import Time
from rclpy.utilities import remove_ros_args
from tf2_ros import Buffer, TransformException, TransformListener
from tf2_ros.rigid import Quaternion, rotate

from pip_ros.node import executable_node, stopped_by_signals

SPIN_END_S = 2.0
WAITING_S = 1.0
USAGE = """Usage: tf2_echo source_frame target_frame [echo_rate]

Prints the pose of target_frame in source_frame, which takes coordinates in target_frame into source_frame,
echo_rate times a second (1 if not given).
"""


def main() -> int:
    """Echo until Ctrl-C; returns the exit code."""
    words = remove_ros_args(sys.argv)[1:]
    if len(words) not in (2, 3):
        print(USAGE, end='')
        return 1
    rate = words[2] if len(words) == 3 else '1'
    try:
        period_s = 1.0 / float(rate)
    except (ValueError, ZeroDivisionError):
        print(f"Failed to convert rate argument '{rate}' to a floating-point number", file=sys.stderr)
        return 2
    with executable_node('tf2_echo') as node:
        _echo(node, words[0], words[1], period_s)
    return 0


def _echo(node: Node, source: str, target: str, period_s: float) -> None:
    buffer, stop = Buffer(node=node), stopped_by_signals()
    listener = TransformListener(buffer, node, spin_thread=True)
    come = False
    while not stop.is_set():
        try:
            print(describe(buffer.lookup_transform(source, target, Time())), flush=True)
            come = True
        except TransformException as error:
            if come:
                print(_failure(node, buffer, error), flush=True)
            else:
                text = f'Waiting for transform {source} ->  {target}: {error}'
                node.get_logger().info(text, throttle_duration_sec=WAITING_S)
        stop.wait(period_s)
    listener.unregister()
    rclpy.try_shutdown()
    listener.dedicated_listener_thread.join(SPIN_END_S)  # Python may not go away under a thread within rclpy


def _failure(node: Node, buffer: Buffer, error: TransformException) -> str:
    """What tf2_echo prints where a transform that has come is no longer there."""
    now_s = node.get_clock().now().nanoseconds / 1e9
    frames = f'The current list of frames is:\n{buffer.all_frames_as_string()}'
    return f'Failure at {now_s:.3f}\nException thrown:{error}\n{frames}'


def describe(message: TransformStamped) -> str:
    """A transform as the text that tf2_echo prints."""
    stamp, t, r = message.header.stamp, message.transform.translation, message.transform.rotation
    rotation = (r.x, r.y, r.z, r.w)
    columns = [rotate(rotation, axis) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
    rows = [*zip(*columns, (t.x, t.y, t.z), strict=True), (0.0, 0.0, 0.0, 1.0)]
    angles = _roll_pitch_yaw(rotation)
    return '\n'.join(
        [
            f'At time {stamp.sec}.{stamp.nanosec}',
            f'- Translation: {_row(t.x, t.y, t.z)}',
            f'- Rotation: in Quaternion {_row(*rotation)}',
            f'- Rotation: in RPY (radian) {_row(*angles)}',
            f'- Rotation: in RPY (degree) {_row(*map(degrees, angles))}',
            '- Matrix:',
            *(''.join(f' {value:6.3f}' for value in row) for row in rows),
        ]
    )


def _row(*values: float) -> str:
    return f'[{", ".join(f"{value:.3f}" for value in values)}]'


def _roll_pitch_yaw(rotation: Quaternion) -> tuple[float, float, float]:
    """Turns about the fixed axes x, y, z in this order, in radians; at a pitch of 90 degrees the yaw is 0."""
    x, y, z, w = rotation
    sine = 2 * (w * y - z * x)
    if abs(sine) >= 1.0 - 1e-12:
        up = copysign(1.0, sine)
        return atan2(up * (x * y - w * z), up * (x * z + w * y)), up * pi / 2, 0.0
    roll = atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    return roll, asin(sine), atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


if __name__ == '__main__':
    sys.exit(main())
