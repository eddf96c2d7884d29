"""Exact cross-sections of the six joints, drawn as stripes through OpenCV's own projection.

Shared by the tests of the seam stage. Independent of the code under test: the laser plane's frame and the pixels
come from hand-written numbers of the rig and from cv2.projectPoints.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.geometry.camera import CameraModel
from weld_cell.records import JointType, StripeProfile

CAMERA = CameraModel(
    np.array([[2000.0, 0.0, 320.0], [0.0, 2000.0, 240.0], [0.0, 0.0, 1.0]]),
    np.array([-0.08, 0.05, 0.0, 0.0, 0.0]),
    (640, 480),
)
LASER_PLANE = np.array([-5.7735027, 0.0, 3.3333333])
ORIGIN = np.array([0.0, 0.0, 0.3])
ACROSS = np.array([0.0, 1.0, 0.0])
UP = np.array([-0.5, 0.0, -0.8660254])


@dataclass(frozen=True, eq=False)
class Section:
    """A joint's cross-section in millimetres with its truth."""

    joint_type: JointType
    pieces: tuple[np.ndarray, ...]
    seam: np.ndarray
    normal: np.ndarray
    gap: float = 0.0
    mismatch: float = 0.0

    def moved(self, roll_deg: float, y: float, z: float) -> 'Section':
        """The section turned about its seam and shifted, in mm."""
        c, s = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
        turn, shift = np.array([[c, s], [-s, c]]), np.array([y, z])
        return Section(
            self.joint_type,
            tuple(p @ turn + shift for p in self.pieces),
            self.seam @ turn + shift,
            self.normal @ turn,
            self.gap,
            self.mismatch,
        )

    def seam_m(self) -> np.ndarray:
        return ORIGIN + 1e-3 * (self.seam[0] * ACROSS + self.seam[1] * UP)

    def normal_optical(self) -> np.ndarray:
        return self.normal[0] * ACROSS + self.normal[1] * UP


def _section(joint_type, pieces, seam, normal=(0.0, 1.0), gap=0.0, mismatch=0.0):
    return Section(
        joint_type,
        tuple(np.array(p, dtype=float) for p in pieces),
        np.array(seam, dtype=float),
        np.array(normal, dtype=float),
        gap,
        mismatch,
    )


def lap(thickness=3.0):
    return _section(
        JointType.LAP, [[(-60, thickness), (0, thickness)], [(0, 0), (60, 0)]], (0, 0), mismatch=-thickness
    )


def lap_over_table(lower=10.0, table=-22.0, thickness=3.0):
    """A lap joint of which so much of the lower plate is seen: at a slanting end there is the table beside it."""
    pieces = [[(-60, thickness), (0, thickness)], [(0, 0), (lower, 0)], [(lower, table), (60, table)]]
    return _section(JointType.LAP, pieces, (0, 0), mismatch=-thickness)


def butt(gap=1.2, mismatch=0.4):
    return _section(
        JointType.BUTT,
        [[(-60, 0), (-gap / 2, 0)], [(gap / 2, mismatch), (60, mismatch)]],
        (0, mismatch / 2),
        gap=gap,
        mismatch=mismatch,
    )


def butt_with_backing(gap=1.2, mismatch=0.4, depth=3.0):
    open_butt = butt(gap, mismatch)
    backing = np.array([(-gap / 2, -depth), (gap / 2, -depth)])
    return Section(JointType.BUTT, (*open_butt.pieces, backing), open_butt.seam, open_butt.normal, gap, mismatch)


def splice(chamfer=1.2):
    return _section(
        JointType.SPLICE, [[(-60, 0), (-chamfer, 0), (0, -chamfer), (chamfer, 0), (60, 0)]], (0, -chamfer)
    )


def fillet(angle_deg=90.0):
    half = np.radians(angle_deg / 2)
    left, right = np.array([-np.sin(half), np.cos(half)]), np.array([np.sin(half), np.cos(half)])
    return _section(JointType.FILLET, [[45 * left, (0, 0), 45 * right]], (0, 0))


def groove(angle_deg=60.0, thickness=20.0, gap=1.0, root_face=1.0):
    half = np.tan(np.radians(angle_deg / 2))
    top = gap / 2 + (thickness - root_face) * half
    return _section(
        JointType.V,
        [
            [(-60, thickness), (-top, thickness), (-gap / 2, root_face)],
            [(gap / 2, root_face), (top, thickness), (60, thickness)],
        ],
        (0, root_face),
        gap=gap,
    )


def filler_layer(angle_deg=60.0, thickness=20.0, fill=0.45, bulge=0.5):
    """A groove filled to a share of its depth; bulge in mm, convex when positive."""
    half = np.tan(np.radians(angle_deg / 2))
    level = fill * thickness
    toe, top = level * half, thickness * half
    y = np.linspace(-toe, toe, 41)
    bead = np.column_stack([y, level + bulge * (1 - (y / toe) ** 2)])
    path = np.vstack([[(-60, thickness), (-top, thickness)], bead, [(top, thickness), (60, thickness)]])
    return _section(JointType.FILLER_LAYER, [path], (0, level + bulge))


def draw_stripe(section, noise_px=0.0, rng=None, drop=()):
    """The stripe that a section draws: in each row the median column of what is projected there.

    Args:
        section: The cross-section.
        noise_px: Standard deviation of the centres.
        rng: Draws the noise.
        drop: Rows that are not seen.
    """
    points = np.vstack([_densely(piece) for piece in section.pieces]) * 1e-3
    optical = ORIGIN + points[:, :1] * ACROSS + points[:, 1:] * UP
    pixels = cv2.projectPoints(optical, np.zeros(3), np.zeros(3), CAMERA.matrix, CAMERA.distortion)[0].reshape(-1, 2)
    rows = np.rint(pixels[:, 1])
    keep = (pixels > -0.5).all(axis=1) & (pixels[:, 0] < 639.5) & (pixels[:, 1] < 479.5) & ~np.isin(rows, drop)
    seen = np.unique(rows[keep])
    order = np.lexsort((pixels[keep, 0], rows[keep]))
    per_row = np.split(pixels[keep, 0][order], np.cumsum(np.unique(rows[keep], return_counts=True)[1])[:-1])
    columns = np.array([sorted_columns[len(sorted_columns) // 2] for sorted_columns in per_row])
    if noise_px:
        columns = columns + rng.normal(0.0, noise_px, len(columns))
    return StripeProfile(seen, columns, np.full(len(seen), 200.0), np.zeros(len(seen), dtype=bool), (640, 480))


def _densely(piece, step=0.02):
    lengths = np.linalg.norm(np.diff(piece, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.arange(step / 2, along[-1], step)
    return np.column_stack([np.interp(at, along, piece[:, 0]), np.interp(at, along, piece[:, 1])])
