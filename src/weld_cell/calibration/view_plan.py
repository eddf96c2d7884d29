"""Planned views of a board: near and far, tilted, rotated, in each corner of the image."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray

TILTS_DEG = (30.0, 20.0, 10.0)
ROLLS_DEG = (0.0, 35.0, -35.0, 15.0, -15.0)
DEPTHS = (1.0, 0.9, 1.1)
"""As shares of the usual distance."""
CORNERS = ((0.0, 0.0), (-1.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0))
_GOLDEN_DEG = 137.508


def planned_views(camera: CameraModel, distance_m: float, off_middle: float = 0.2) -> Iterator[FloatArray]:
    """Places of a board's middle before a camera, endlessly; z into the board.

    Args:
        camera: Roughly known.
        distance_m: Usual, between camera and board.
        off_middle: How far from the image's middle the board goes, as a share of the image.

    Yields:
        T_camera_board (4, 4).
    """
    number = 0
    half = off_middle * np.array(camera.size_px) / camera.matrix[[0, 1], [0, 1]]
    while True:
        azimuth, tilt = np.radians(_GOLDEN_DEG * number), TILTS_DEG[number % len(TILTS_DEG)]
        lean = np.radians(tilt) * np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        roll = Rotation.from_euler('z', ROLLS_DEG[number % len(ROLLS_DEG)], degrees=True)
        depth = distance_m * DEPTHS[(number // 2) % len(DEPTHS)]
        aside = depth * half * CORNERS[(number * 2) % len(CORNERS)]
        yield make_transform(np.array([*aside, depth]), Rotation.from_rotvec(lean) * roll)
        number += 1
