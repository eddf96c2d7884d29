"""`ros2 run tf2_ros static_transform_publisher`: publish one transform that holds at any time, until Ctrl-C."""

import argparse
import os
import sys
from math import cos, sin

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.utilities import remove_ros_args
from tf2_ros import StaticTransformBroadcaster
from tf2_ros.rigid import Quaternion

from pip_ros.node import executable_node, stopped_by_signals

_NUMBERS = ('x', 'y', 'z', 'qx', 'qy', 'qz', 'qw', 'roll', 'pitch', 'yaw')
_OLD_STYLES = {8: 'x y z yaw pitch roll frame-id child-frame-id', 9: 'x y z qx qy qz qw frame-id child-frame-id'}


def main() -> int:
    """Publish until Ctrl-C; returns the exit code."""
    args = parse(remove_ros_args(sys.argv)[1:])
    message = transform_of(args)
    with executable_node(f'static_transform_publisher_{os.getpid()}') as node:
        _publish(node, message)
    return 0


def parse(words: list[str]) -> argparse.Namespace:
    """The transform that the words ask for; wrong ones end the process with code 1 and the usage, as in ROS 2."""
    parser = argparse.ArgumentParser(
        prog='static_transform_publisher',
        description='Publishes one transform on /tf_static. Rotation by quaternion, or by roll, pitch and yaw.',
        exit_on_error=False,
    )
    for name in _NUMBERS:
        parser.add_argument(f'--{name}', type=float, help='m' if len(name) == 1 else 'rad' if len(name) > 2 else None)
    parser.add_argument('--frame-id', required=True, help='parent')
    parser.add_argument('--child-frame-id', required=True, help='child')
    try:
        args, unknown = parser.parse_known_args(_new_style(words))
        if unknown:
            raise argparse.ArgumentError(None, f'unrecognized arguments: {" ".join(unknown)}')
        if _given(args, 'qx', 'qy', 'qz', 'qw') and _given(args, 'roll', 'pitch', 'yaw'):
            raise argparse.ArgumentError(None, 'roll, pitch and yaw exclude a quaternion')
        if args.frame_id == args.child_frame_id:
            raise argparse.ArgumentError(None, f"cannot publish transform from '{args.frame_id}' to itself")
    except argparse.ArgumentError as error:
        parser.print_usage(sys.stderr)
        parser.exit(1, f'{parser.prog}: error: {error}\n')
    except SystemExit as exit_:  # --help, or what argparse does not raise
        parser.exit(1 if exit_.code else 0)
    return args


def _new_style(words: list[str]) -> list[str]:
    """Words without options are in an order of old."""
    if any(word.startswith('--') for word in words) or len(words) not in _OLD_STYLES:
        return words
    print(
        '[WARN] [static_transform_publisher]: Old-style arguments are deprecated; see --help for new-style arguments',
        file=sys.stderr,
    )
    return [f'--{name}={word}' for name, word in zip(_OLD_STYLES[len(words)].split(), words, strict=True)]


def _given(args: argparse.Namespace, *names: str) -> bool:
    return any(getattr(args, name) is not None for name in names)


def transform_of(args: argparse.Namespace) -> TransformStamped:
    """The message of parsed arguments; stamped by who sends it."""
    message = TransformStamped(child_frame_id=args.child_frame_id)
    message.header.frame_id = args.frame_id
    t, r = message.transform.translation, message.transform.rotation
    t.x, t.y, t.z = args.x or 0.0, args.y or 0.0, args.z or 0.0
    if _given(args, 'qx', 'qy', 'qz', 'qw'):
        r.x, r.y, r.z, r.w = args.qx or 0.0, args.qy or 0.0, args.qz or 0.0, 1.0 if args.qw is None else args.qw
    else:
        r.x, r.y, r.z, r.w = _rotation(args.roll or 0.0, args.pitch or 0.0, args.yaw or 0.0)
    return message


def _rotation(roll: float, pitch: float, yaw: float) -> Quaternion:
    """Of turns about the fixed axes x, y, z in this order, in radians."""
    cr, cp, cy = cos(roll / 2), cos(pitch / 2), cos(yaw / 2)
    sr, sp, sy = sin(roll / 2), sin(pitch / 2), sin(yaw / 2)
    return (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )


def _publish(node: Node, message: TransformStamped) -> None:
    stop = stopped_by_signals()
    message.header.stamp = node.get_clock().now().to_msg()
    broadcaster = StaticTransformBroadcaster(node)
    broadcaster.sendTransform(message)
    t, r = message.transform.translation, message.transform.rotation
    node.get_logger().info(
        f"Spinning until stopped - publishing transform\ntranslation: ('{t.x:.6f}', '{t.y:.6f}', '{t.z:.6f}')\n"
        f"rotation: ('{r.x:.6f}', '{r.y:.6f}', '{r.z:.6f}', '{r.w:.6f}')\n"
        f"from '{message.header.frame_id}' to '{message.child_frame_id}'"
    )
    stop.wait()


if __name__ == '__main__':
    sys.exit(main())
