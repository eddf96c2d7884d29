"""The six joints as exact cross-sections, with their feature points and their seam point.

Cross-section coordinates are (y, z) in metres: y across the seam, z up towards the sensor; z = 0 is the upper
surface of the plates (lap: of the lower plate; fillet: the corner). The surface is one chain of straight pieces
from negative to positive y. Arcs (weld beads) are chains of pieces so short that they differ from the arc by less
than a tenth of a micrometre.

The seam point follows the definitions that the seam stage measures by: lap: root corner; butt: middle of the
gap at the mean level of both surfaces; splice: intersection of the two chamfer lines; fillet: intersection of
the plates; v: middle between the lower ends of the walls; filler_layer: middle of the layer's surface.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray, JointType

PLATE_HALF_WIDTH_M = 0.075
_ARC_PIECE_M = 0.1e-3


class Material(IntEnum):
    """What a piece of the cross-section is made of, as the laser sees it."""

    PLATE = 0
    WALL = 1
    BEAD = 2
    BACKING = 3
    OPEN = 4


@dataclass(frozen=True, eq=False)
class CrossSection:
    """A joint across its seam.

    Attributes:
        joint_type: Which joint.
        vertices_m: (n, 2) y, z of the surface chain.
        materials: (n - 1,) Material of each piece.
        feature_points_m: (k, 2) y, z of the corners that a person would point at, by ascending y.
        seam_point_m: (2,) y, z of the seam.
        mirrors_m: (m, 2, 2) straight walls that face another one, so that each shows the other's stripe again.
        thickness_m: Plate thickness.
        gap_m: Root gap; 0 where the plates touch. Nothing is lit at the seam point of a gap.
    """

    joint_type: JointType
    vertices_m: FloatArray
    materials: NDArray[np.intp]
    feature_points_m: FloatArray
    seam_point_m: FloatArray
    mirrors_m: FloatArray
    thickness_m: float
    gap_m: float

    def mirrored(self) -> 'CrossSection':
        """The same joint with left and right exchanged."""
        flip = np.array([-1.0, 1.0])
        return replace(
            self,
            vertices_m=self.vertices_m[::-1] * flip,
            materials=self.materials[::-1].copy(),
            feature_points_m=self.feature_points_m[::-1] * flip,
            seam_point_m=self.seam_point_m * flip,
            mirrors_m=self.mirrors_m[:, ::-1] * flip,
        )

    def spread(self, y_m: FloatArray, by_m: float) -> FloatArray:
        """(n,) where points across the seam (n,) lie once the root gap has become wider by so much.

        Each plate moves away from the seam by half of it; what lies between them is stretched.
        """
        return np.asarray(y_m + 0.5 * by_m * np.clip(y_m / (0.5 * self.gap_m), -1.0, 1.0))

    def opened(self, by_m: float) -> 'CrossSection':
        """The same joint with its root gap wider by so much; its seam point stays.

        Raises:
            ValueError: it has no root gap.
        """
        if self.gap_m <= 0.0:
            raise ValueError(f'a joint with a root gap was expected, got {self.joint_type} without one')
        vertices, features, mirrors = (
            np.concatenate([self.spread(points[..., :1], by_m), points[..., 1:]], axis=-1)
            for points in (self.vertices_m, self.feature_points_m, self.mirrors_m)
        )
        return replace(
            self, vertices_m=vertices, feature_points_m=features, mirrors_m=mirrors, gap_m=self.gap_m + by_m
        )


def lap(thickness_m: float, wall_angle_deg: float = 90.0) -> CrossSection:
    """A plate on a plate, the upper one at negative y.

    Args:
        thickness_m: Of the upper plate, the height of the step.
        wall_angle_deg: Of the upper plate's edge against the lower plate; below 90 its foot stands out.
    """
    edge = (-thickness_m / np.tan(np.radians(wall_angle_deg)), thickness_m)
    chain = [(-PLATE_HALF_WIDTH_M, thickness_m), edge, (0.0, 0.0), (PLATE_HALF_WIDTH_M, 0.0)]
    materials = [Material.PLATE, Material.WALL, Material.PLATE]
    return _section(JointType.LAP, chain, materials, [edge, (0.0, 0.0)], (0.0, 0.0), thickness_m)


def butt(thickness_m: float, gap_m: float, mismatch_m: float = 0.0, backing: bool = True) -> CrossSection:
    """Two plates with square edges and an open root gap.

    Args:
        thickness_m: Of both plates.
        gap_m: Root gap.
        mismatch_m: Height of the plate at positive y over the other one.
        backing: Whether a backing bar closes the gap below.
    """
    left, right = (-gap_m / 2, 0.0), (gap_m / 2, mismatch_m)
    bottom = min(mismatch_m, 0.0) - thickness_m
    chain = [
        (-PLATE_HALF_WIDTH_M, 0.0),
        left,
        (-gap_m / 2, bottom),
        (gap_m / 2, bottom),
        right,
        (PLATE_HALF_WIDTH_M, mismatch_m),
    ]
    materials = [
        Material.PLATE,
        Material.WALL,
        Material.BACKING if backing else Material.OPEN,
        Material.WALL,
        Material.PLATE,
    ]
    return _section(JointType.BUTT, chain, materials, [left, right], (0.0, mismatch_m / 2), thickness_m, gap_m=gap_m)


def splice(
    thickness_m: float,
    chamfers_m: tuple[float, float],
    mismatch_m: float = 0.0,
    bevels_deg: tuple[float, float] = (45.0, 45.0),
) -> CrossSection:
    """Two plates edge to edge without a gap, upper edges chamfered.

    Args:
        thickness_m: Of both plates.
        chamfers_m: Width of the chamfer at negative and at positive y.
        mismatch_m: Height of the plate at positive y over the other one.
        bevels_deg: Angle of each chamfer to the plate's normal.
    """
    c_left, c_right = chamfers_m
    t_left, t_right = (float(np.tan(np.radians(angle))) for angle in bevels_deg)
    left, right = (-c_left, 0.0), (c_right, mismatch_m)
    chain = [
        (-PLATE_HALF_WIDTH_M, 0.0),
        left,
        (0.0, -c_left / t_left),
        (0.0, mismatch_m - c_right / t_right),
        right,
        (PLATE_HALF_WIDTH_M, mismatch_m),
    ]
    seam_y = (c_right * t_left - c_left * t_right - mismatch_m * t_left * t_right) / (t_left + t_right)
    seam = (seam_y, -(c_left + seam_y) / t_left)
    materials = [Material.PLATE, Material.WALL, Material.WALL, Material.WALL, Material.PLATE]
    return _section(JointType.SPLICE, chain, materials, [left, seam, right], seam, thickness_m)


def fillet(thickness_m: float, angle_deg: float = 90.0) -> CrossSection:
    """Two plates that stand on one another; z is their bisector.

    Args:
        thickness_m: Of both plates.
        angle_deg: Between them.
    """
    half = np.radians(angle_deg) / 2
    y, z = PLATE_HALF_WIDTH_M * np.sin(half), PLATE_HALF_WIDTH_M * np.cos(half)
    chain = [(-y, z), (0.0, 0.0), (y, z)]
    return _section(
        JointType.FILLET,
        chain,
        [Material.PLATE, Material.PLATE],
        [(0.0, 0.0)],
        (0.0, 0.0),
        thickness_m,
        mirrors=[chain[0:2], chain[1:3]],
    )


def v_groove(
    thickness_m: float,
    groove_angle_deg: float,
    root_gap_m: float,
    root_face_m: float,
    mismatch_m: float = 0.0,
    backing: bool = True,
) -> CrossSection:
    """Two thick plates with a V between them.

    Args:
        thickness_m: Of both plates.
        groove_angle_deg: Between the walls.
        root_gap_m: Between the root faces.
        root_face_m: Height of the upright part below the walls.
        mismatch_m: Height of the plate at positive y over the other one.
        backing: Whether a backing bar closes the root gap below.
    """
    depth = thickness_m - root_face_m
    half_top = root_gap_m / 2 + depth * np.tan(np.radians(groove_angle_deg) / 2)
    edges = [(-half_top, 0.0), (half_top, mismatch_m)]
    roots = [(-root_gap_m / 2, -depth), (root_gap_m / 2, mismatch_m - depth)]
    bottom_z = min(mismatch_m, 0.0) - thickness_m
    below = [(-root_gap_m / 2, bottom_z), (root_gap_m / 2, bottom_z)]
    chain = [
        (-PLATE_HALF_WIDTH_M, 0.0),
        edges[0],
        roots[0],
        *below,
        roots[1],
        edges[1],
        (PLATE_HALF_WIDTH_M, mismatch_m),
    ]
    bottom = Material.BACKING if backing else Material.OPEN
    materials = [Material.PLATE, Material.WALL, Material.WALL, bottom, Material.WALL, Material.WALL, Material.PLATE]
    return _section(
        JointType.V,
        chain,
        materials,
        [edges[0], *roots, edges[1]],
        (0.0, mismatch_m / 2 - depth),
        thickness_m,
        mirrors=[[edges[0], roots[0]], [roots[1], edges[1]]],
        gap_m=root_gap_m,
    )


def filler_layer(
    thickness_m: float,
    groove_angle_deg: float,
    root_gap_m: float,
    root_face_m: float,
    fill: float,
    crown_m: float,
    mismatch_m: float = 0.0,
) -> CrossSection:
    """A V groove with one layer welded in.

    Args:
        thickness_m: Of both plates.
        groove_angle_deg: Between the walls.
        root_gap_m: Between the root faces.
        root_face_m: Height of the upright part below the walls.
        fill: Height of the layer at the walls as a part of the groove's depth.
        crown_m: How far the layer's middle stands above its sides; negative for a hollow layer.
        mismatch_m: Height of the plate at positive y over the other one.
    """
    depth = thickness_m - root_face_m
    slope = np.tan(np.radians(groove_angle_deg) / 2)
    half_top = root_gap_m / 2 + depth * slope
    level = (fill - 1.0) * depth
    toes = [
        (-root_gap_m / 2 - fill * depth * slope, level),
        (root_gap_m / 2 + (fill * depth - mismatch_m) * slope, level),
    ]
    edges = [(-half_top, 0.0), (half_top, mismatch_m)]
    bead = _arc(toes[0], toes[1], crown_m)
    chain = [(-PLATE_HALF_WIDTH_M, 0.0), edges[0], *bead, edges[1], (PLATE_HALF_WIDTH_M, mismatch_m)]
    materials = [Material.PLATE, Material.WALL, *[Material.BEAD] * (len(bead) - 1), Material.WALL, Material.PLATE]
    seam = ((toes[0][0] + toes[1][0]) / 2, level + crown_m)
    return _section(
        JointType.FILLER_LAYER,
        chain,
        materials,
        [edges[0], *toes, edges[1]],
        seam,
        thickness_m,
        mirrors=[[edges[0], toes[0]], [toes[1], edges[1]]],
    )


def _arc(start: tuple[float, float], end: tuple[float, float], crown_m: float) -> list[tuple[float, float]]:
    """Points of the circular arc over a level chord; the crown is its sagitta."""
    half = (end[0] - start[0]) / 2
    y = np.linspace(-half, half, 2 * int(np.ceil(half / _ARC_PIECE_M)) + 1)
    if abs(crown_m) < 1e-7:
        z = np.zeros_like(y)
    else:
        radius = (half * half + crown_m * crown_m) / (2 * crown_m)
        z = crown_m - radius + np.sign(radius) * np.sqrt(radius * radius - y * y)
    return [(float(a), float(b)) for a, b in zip(y + (start[0] + end[0]) / 2, z + start[1], strict=True)]


def _section(
    joint_type: JointType,
    chain: list[tuple[float, float]],
    materials: list[Material],
    features: list[tuple[float, float]],
    seam: tuple[float, float],
    thickness_m: float,
    mirrors: list[list[tuple[float, float]]] | None = None,
    gap_m: float = 0.0,
) -> CrossSection:
    vertices, kinds = np.array(chain, dtype=float), np.array(materials, dtype=np.intp)
    real = np.linalg.norm(np.diff(vertices, axis=0), axis=1) > 1e-9
    return CrossSection(
        joint_type,
        np.vstack([vertices[:1], vertices[1:][real]]),
        kinds[real],
        np.array(features, dtype=float),
        np.array(seam, dtype=float),
        np.array(mirrors or np.empty((0, 2, 2)), dtype=float),
        thickness_m,
        gap_m,
    )
