"""ROS 2's cv_bridge where ROS 2 comes from PyPI, which lacks it: sensor_msgs/Image and CompressedImage."""

from typing import NoReturn

from pip_ros_guard import refuse_beside_real_ros

refuse_beside_real_ros('cv_bridge')

from cv_bridge.core import CvBridge, CvBridgeError  # noqa: E402
from cv_bridge.encodings import getCvType  # noqa: E402

__all__ = ['CvBridge', 'CvBridgeError', 'getCvType']


def __getattr__(name: str) -> NoReturn:
    if name == 'cvtColorForDisplay':
        raise ImportError(
            'cv_bridge of pip_ros has no cvtColorForDisplay. Use cv2.normalize and cv2.applyColorMap, or an apt '
            'ROS 2.',
            name='cv_bridge',
        )
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
