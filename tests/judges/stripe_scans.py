"""Scans as a judge draws them: images along a straight or a bent seam, with the sensor's poses; lengths in mm.

Each image is drawn as of a joint that is drawn out along the seam's tangent where the laser plane meets the seam.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from stripe_joints import DRAW
from stripe_looks import dialled
from stripe_render import Dials, placed, render_placed

SHAPES = ('straight', 'arc', 'wave')
STEP, RUN_UP = 1.0, 10.0
FINE = 0.05
_BEYOND = 40.0  # so far the seam's line is prolonged
_DRIFT = 3.0  # by which the seam lies skew to the scan
_LENGTHS = (80.0, 160.0)


@dataclass(frozen=True, eq=False)
class JudgedScan:
    """A scan and its truth.

    Attributes:
        dials: Its look and sizes.
        mirrored: Whether left and right of the joint are exchanged.
        line: (m, 3) the seam in base coordinates, up is z, FINE apart, prolonged at both ends; frames (m, 3, 3) are
            its tangent, across and up.
        long: Of the seam.
        poses: (n, 4, 4) T_base_sensor of each image, in mm.
        table: Height of the table in the cross-section; None: out of view.
        seed: Of the images.
    """

    name: str
    dials: Dials
    mirrored: bool
    line: np.ndarray
    frames: np.ndarray
    long: float
    poses: np.ndarray
    table: float | None
    seed: int

    @property
    def seam(self):
        """(m, 3) the true seam, from its start to its end."""
        first = round(_BEYOND / FINE)
        return self.line[first : first + round(self.long / FINE) + 1]

    def pixels(self, number):
        """The image of a number."""
        sensor = self.poses[number]
        seen = (self.line - sensor[:3, 3]) @ sensor[:3, :3]
        met = int(np.argmin(np.abs(seen @ self.dials.rig.plane_per_mm - 1.0)))
        axes, along = sensor[:3, :3].T @ self.frames[met], met * FINE - _BEYOND
        joint = joint_of(self.name, self.dials, self.mirrored)
        ends = (-along, self.long - along, self.table)
        rng = np.random.default_rng([self.seed, number])
        return render_placed(joint, self.dials, axes, seen[met] - axes[:, 1:] @ joint.seam, rng, ends).pixels


def joint_of(name, dials, mirrored):
    """A joint, or its mirror image."""
    joint = DRAW[name](dials)
    return joint.mirrored() if mirrored else joint


def drawn_scan(name, look, shape, seed):
    """One judged scan of a joint type, a look and a shape of the seam."""
    rng = np.random.default_rng([zlib.crc32(f'{name}/{look}/{shape}/scan'.encode()), seed])
    dials, mirrored, long = dialled(name, look, rng), bool(rng.random() < 0.5), float(rng.uniform(*_LENGTHS))
    line, frames = _line(shape, long, rng)
    joint = joint_of(name, dials, mirrored)
    axes, origin = placed(dials, rng)
    drift, table = rng.uniform(-_DRIFT, _DRIFT), rng.random() < 0.5
    poses = []
    for at in np.arange(-RUN_UP, long + RUN_UP, STEP):
        k = round((at + _BEYOND) / FINE)
        pose = np.eye(4)
        pose[:3, :3] = frames[k] @ axes.T
        seam = origin + axes[:, 1:] @ joint.seam + dials.rig.axes[:, 1] * drift * (at / long - 0.5)
        pose[:3, 3] = line[k] - pose[:3, :3] @ seam
        poses.append(pose)
    low = float(joint.chain[np.abs(joint.chain[:, 0]) < 50.0, 1].min()) - dials.thickness
    return JudgedScan(name, dials, mirrored, line, frames, long, np.array(poses), low if table else None, seed)


def _line(shape, long, rng):
    """A seam (m, 3) in the plane z = 0, prolonged, and its frames (m, 3, 3): tangent, across, up."""
    at = np.arange(-_BEYOND, long + _BEYOND, FINE)
    turn = rng.uniform(0, 2 * np.pi) + np.zeros(len(at))
    if shape == 'arc':
        turn += at * rng.choice([-1, 1]) / rng.uniform(120.0, 600.0)
    elif shape == 'wave':
        turn += rng.uniform(0.05, 0.25) * np.sin(2 * np.pi * (at / rng.uniform(80.0, 160.0) + rng.random()))
    tangents = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(len(at))])
    across = np.column_stack([-np.sin(turn), np.cos(turn), np.zeros(len(at))])
    up = np.broadcast_to([0.0, 0.0, 1.0], tangents.shape)
    line = np.cumsum(tangents * FINE, axis=0) + rng.uniform(-300, 300, 3)
    return line, np.stack([tangents, across, up], axis=2)
