"""ROS messages <-> the core's records. Nothing else knows both sides."""

from weld_cell.ros.conversions.frames import (
    pose_array,
    pose_from_transform,
    transform_from_message,
    transform_from_pose,
    transforms_to_messages,
)
from weld_cell.ros.conversions.images import (
    camera_info_from_model,
    image_from_compressed,
    image_from_message,
    image_to_message,
    map_to_message,
    pixels_from_message,
    refill_image,
    uncalibrated_camera_info,
)
from weld_cell.ros.conversions.points import point_cloud, point_from_message, points_from_cloud
from weld_cell.ros.conversions.seam_paths import seam_path_from_message, seam_path_to_message
from weld_cell.ros.conversions.stamps import BASE_FRAME, make_header, ns_from_time, time_from_ns
from weld_cell.ros.conversions.trajectories import trajectory_arrays, trajectory_from_message, trajectory_to_message

__all__ = [
    'BASE_FRAME',
    'camera_info_from_model',
    'image_from_compressed',
    'image_from_message',
    'image_to_message',
    'make_header',
    'map_to_message',
    'ns_from_time',
    'pixels_from_message',
    'point_cloud',
    'point_from_message',
    'points_from_cloud',
    'pose_array',
    'pose_from_transform',
    'refill_image',
    'seam_path_from_message',
    'seam_path_to_message',
    'time_from_ns',
    'trajectory_arrays',
    'trajectory_from_message',
    'trajectory_to_message',
    'transform_from_message',
    'transform_from_pose',
    'transforms_to_messages',
    'uncalibrated_camera_info',
]
