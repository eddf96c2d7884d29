"""ROS 2's tf2_ros where ROS 2 comes from PyPI, which lacks it; the same names, the same wire.

Not here, and named when asked for: BufferClient and BufferServer (need action types), conversions of
Buffer.transform to other types (ConvertRegistration), the service tf2_frames (needs a service type), rclpy's
qos_overrides parameters of /tf.
"""

from typing import NoReturn

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('tf2_ros')

try:
    import cyclonedds  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        'tf2_ros of pip_ros needs cyclonedds, which PyPI has for Python 3.10 to 3.13. Use one of these, or an '
        'apt ROS 2.',
        name='tf2_ros',
    ) from error

from tf2_ros.buffer import Buffer  # noqa: E402
from tf2_ros.buffer_core import BufferCore  # noqa: E402
from tf2_ros.exceptions import (  # noqa: E402
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TimeoutException,
    TransformException,
)
from tf2_ros.registration import TransformRegistration, TypeException  # noqa: E402
from tf2_ros.static_transform_broadcaster import StaticTransformBroadcaster  # noqa: E402
from tf2_ros.transform_broadcaster import TransformBroadcaster  # noqa: E402
from tf2_ros.transform_listener import TransformListener  # noqa: E402

__all__ = [
    'Buffer',
    'BufferCore',
    'ConnectivityException',
    'ExtrapolationException',
    'InvalidArgumentException',
    'LookupException',
    'StaticTransformBroadcaster',
    'TimeoutException',
    'TransformBroadcaster',
    'TransformException',
    'TransformListener',
    'TransformRegistration',
    'TypeException',
]

_NEEDING_ACTIONS = ('BufferClient', 'BufferServer')
_CONVERSIONS = ('ConvertRegistration', 'BufferInterface', 'convert')


def __getattr__(name: str) -> NoReturn:
    if name in _CONVERSIONS:
        raise ImportError(
            f'tf2_ros of pip_ros has no {name}: its Buffer.transform gives messages of the type that it takes. '
            'Convert them yourself, or use an apt ROS 2.',
            name='tf2_ros',
        )
    if name in _NEEDING_ACTIONS:
        raise ImportError(
            f'tf2_ros of pip_ros has no {name}: it needs the action tf2_msgs/action/LookupTransform, which PyPI '
            'lacks. Use tf2_ros.Buffer with a TransformListener in this process, or an apt ROS 2.',
            name='tf2_ros',
        )
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
