"""A camera over a table that shares no code with the house: its lens by cv2.projectPoints alone."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.interpolate import RectBivariateSpline
from scipy.spatial.transform import Rotation

_LATTICE_PX = 16
_ROUNDS = 25


@dataclass(frozen=True, eq=False)
class JudgeCamera:
    """Intrinsics by OpenCV's words and the pose in the base; lengths in mm.

    Attributes:
        matrix: (3, 3) K.
        distortion: (5,) k1, k2, p1, p2, k3.
        size_px: (width, height).
        rotation: (3, 3) optical frame into the base.
        place_mm: (3,) of the camera in the base.
    """

    matrix: np.ndarray
    distortion: np.ndarray
    size_px: tuple[int, int]
    rotation: np.ndarray
    place_mm: np.ndarray

    @classmethod
    def at_random(cls, rng):
        """A camera some 1.3 m over the base's origin, looking down within 5 degrees."""
        focal = rng.uniform(2200.0, 2450.0)
        matrix = np.array(
            [[focal, 0.0, 727.5 + rng.normal(0, 6)], [0.0, focal * rng.uniform(0.999, 1.001), 543.5], [0, 0, 1.0]]
        )
        distortion = np.array([rng.uniform(-0.18, 0.05), rng.uniform(-0.1, 0.12), *rng.normal(0, 4e-4, 2), 0.0])
        down = Rotation.from_euler(
            'xyz', [180.0 + rng.uniform(-5, 5), rng.uniform(-5, 5), rng.uniform(-180, 180)], True
        )
        eye = np.array([0.0, 0.0, rng.uniform(1250.0, 1400.0)])
        axis = down.as_matrix()[:, 2]
        eye[:2] = -axis[:2] / axis[2] * -eye[2]
        return cls(matrix, distortion, (1456, 1088), down.as_matrix(), eye)

    @property
    def T_base_camera_m(self):
        """(4, 4) in metres, as the house has it."""
        T = np.eye(4)
        T[:3, :3], T[:3, 3] = self.rotation, 1e-3 * self.place_mm
        return T

    def project(self, points_mm):
        """Pixels (n, 2) of points (n, 3) of the base."""
        seen = (np.asarray(points_mm, float) - self.place_mm) @ self.rotation
        return cv2.projectPoints(seen, np.zeros(3), np.zeros(3), self.matrix, self.distortion)[0][:, 0]

    @cached_property
    def rays(self):
        """(h, w, 3) viewing rays in the base, scaled to go down by 1."""
        width, height = self.size_px
        u, v = (
            np.arange(-_LATTICE_PX, width + 2 * _LATTICE_PX, _LATTICE_PX),
            np.arange(-_LATTICE_PX, height + 2 * _LATTICE_PX, _LATTICE_PX),
        )
        pixels = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2).astype(float)
        focal, middle = np.diag(self.matrix)[:2], self.matrix[:2, 2]
        flat = (pixels - middle) / focal
        for _ in range(_ROUNDS):
            there = np.column_stack([flat, np.ones(len(flat))])
            seen = cv2.projectPoints(there, np.zeros(3), np.zeros(3), self.matrix, self.distortion)[0][:, 0]
            flat += (pixels - seen) / focal
        lattice = np.column_stack([flat, np.ones(len(flat))]) @ self.rotation.T
        lattice = (lattice / -lattice[:, 2:]).reshape(len(v), len(u), 3)
        dense = [RectBivariateSpline(v, u, lattice[..., k])(np.arange(height), np.arange(width)) for k in range(2)]
        return np.stack([*dense, np.full((height, width), -1.0)], axis=-1)

    def meets(self, height_mm):
        """(h, w, 2) where the pixels' rays meet a level plane of the base."""
        return self.place_mm[:2] + (self.place_mm[2] - height_mm) * self.rays[..., :2]
