"""tf2_msgs/msg/TFMessage for code that handles transforms in bulk."""

from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped
from rosidl_parser.definition import NamespacedType, UnboundedSequence

__all__ = ['TFMessage']


class _WithoutTypeSupport(type):
    """Makes rclpy's look for the C type support end in an explanation."""

    _TYPE_SUPPORT = None

    @classmethod
    def __import_type_support__(mcs) -> None:
        raise NotImplementedError(
            'tf2_msgs/msg/TFMessage from PyPI has no rclpy type support, so it has no rclpy publisher or '
            'subscription. Use tf2_ros.TransformListener, TransformBroadcaster or StaticTransformBroadcaster, '
            'or an apt ROS 2.'
        )


class TFMessage(metaclass=_WithoutTypeSupport):
    """A row of transforms, as on /tf and /tf_static.

    Not an rclpy message: PyPI's ROS 2 can build no message types. rclpy cannot publish it, subscribe to it or
    serialize it; tf2_ros puts it on the wire by itself.
    """

    __slots__ = ('transforms',)
    SLOT_TYPES = (UnboundedSequence(NamespacedType(['geometry_msgs', 'msg'], 'TransformStamped')),)

    def __init__(self, *, transforms: Iterable[TransformStamped] = ()) -> None:
        self.transforms = list(transforms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TFMessage) and self.transforms == other.transforms

    def __repr__(self) -> str:
        return f'tf2_msgs.msg.TFMessage(transforms={self.transforms!r})'

    @classmethod
    def get_fields_and_field_types(cls) -> dict[str, str]:
        """Field names and their ROS types."""
        return {'transforms': 'sequence<geometry_msgs/TransformStamped>'}
