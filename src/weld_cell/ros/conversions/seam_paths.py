"""The path of a seam."""

import numpy as np
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path

from weld_cell.errors import SeamPathError
from weld_cell.records import SeamPath
from weld_cell.ros.conversions.frames import pose_from_transform, transform_from_pose
from weld_cell.ros.conversions.stamps import BASE_FRAME, make_header
from weld_cell.wording import counted


def seam_path_to_message(path: SeamPath, stamp_ns: int, frame: str) -> Path:
    """The seam as Path: x of each pose along the seam, z out of the joint."""
    header = make_header(stamp_ns, frame)
    frames = np.tile(np.eye(4), (len(path.positions_m), 1, 1))
    frames[:, :3, 0], frames[:, :3, 2] = path.tangents, path.normals
    frames[:, :3, 1] = np.cross(path.normals, path.tangents)
    frames[:, :3, 3] = path.positions_m
    return Path(header=header, poses=[PoseStamped(header=header, pose=pose_from_transform(T)) for T in frames])


def seam_path_from_message(message: Path) -> SeamPath:
    """The seam out of a Path as `seam_path_to_message` writes it.

    Raises:
        SeamPathError: fewer than two poses, a pose without orientation, not finite, all at one place, or not in
            base_link.
    """
    if message.header.frame_id != BASE_FRAME:
        raise SeamPathError(
            f'The path is in frame "{message.header.frame_id}", expected "{BASE_FRAME}".', 'Who else publishes it?'
        )
    if len(message.poses) < 2:
        raise SeamPathError(
            f'The path has {counted(len(message.poses), "pose")}; a seam has at least 2.', 'Scan the seam again.'
        )
    try:
        frames = np.stack([transform_from_pose(stamped.pose) for stamped in message.poses])
    except ValueError as error:
        raise SeamPathError(f'A pose of the path has no orientation ({error}).', 'Scan the seam again.') from error
    steps = np.linalg.norm(np.diff(frames[:, :3, 3], axis=0), axis=1)
    if not np.isfinite(frames).all() or not steps.min() > 0.0:
        raise SeamPathError('Poses of the path are not finite, or not apart.', 'Scan the seam again.')
    return SeamPath(
        positions_m=frames[:, :3, 3],
        tangents=frames[:, :3, 0],
        normals=frames[:, :3, 2],
        spacing_m=float(np.median(steps)),
        length_m=float(steps.sum()),
        rejected=0,
    )
