"""A welded joint as a body: a cross-section swept along the seam curve, with tack welds, on a table.

Frame workpiece: origin at the seam curve's start, x to its end, z up out of the plates (fillet: the bisector).
A point has the coordinates (s, y, z): arc length along the curve, distance to its left, height.
Beyond the start and the end of the plates the laser falls on the table below, or on nothing where that is deep.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.records import FloatArray, JointType
from weld_cell.sim.joints import PLATE_HALF_WIDTH_M, CrossSection, Material
from weld_cell.sim.seam_curve import SeamCurve

TABLE = len(Material)  # after the joint's own materials
_STEP_M = 0.08e-3  # about half an image row
_MAX_STEPS = 20
_TACK_MARGIN_M = 0.02  # what yaw and pitch make of the sheet's place across the field
_SMALL_STEP_M = 1e-6  # the error left after it is this squared times the curvature: below 1e-11 m
_TACK_HEIGHT_M = {
    JointType.LAP: 2.0e-3,
    JointType.BUTT: 1.2e-3,
    JointType.SPLICE: 2.0e-3,
    JointType.FILLET: 3.0e-3,
    JointType.V: 4.0e-3,
    JointType.FILLER_LAYER: 2.0e-3,
}


@dataclass(frozen=True)
class TackWeld:
    """A short bead that holds the plates before welding.

    Attributes:
        centre_m: Arc length of its middle.
        half_length_m: Along the seam.
        height_m: Over the seam point, at its middle.
        half_width_m: Across the seam, where it has fallen by its height.
    """

    centre_m: float
    half_length_m: float
    height_m: float
    half_width_m: float


@dataclass(frozen=True, eq=False)
class SurfaceSamples:
    """Points of the cross-section, dense and in order, each standing for a short piece of it.

    Attributes:
        y_m: (n,).
        z_m: (n,).
        normal: (n, 2) y, z of the outward unit normal.
        step_m: (n,) length of the piece that the sample stands for; 0 at corners, which only bound the others.
        along_m: (n,) length along the cross-section from its middle, the place on the surface for textures.
        material: (n,) Material, or TABLE.
    """

    y_m: FloatArray
    z_m: FloatArray
    normal: FloatArray
    step_m: FloatArray
    along_m: FloatArray
    material: NDArray[np.intp]

    def between(self, low_m: float, high_m: float) -> 'SurfaceSamples':
        """The samples from the first to the last whose y lies in a range."""
        inside = np.flatnonzero((self.y_m >= low_m) & (self.y_m <= high_m))
        part = slice(inside[0], inside[-1] + 1) if len(inside) else slice(0, 0)
        return SurfaceSamples(
            self.y_m[part],
            self.z_m[part],
            self.normal[part],
            self.step_m[part],
            self.along_m[part],
            self.material[part],
        )


@dataclass(frozen=True, eq=False)
class Workpiece:
    """Plates with a seam, on a table.

    Attributes:
        section: The joint across its seam.
        curve: The seam along its length.
        table_m: Height of the table's top, below 0.
        tacks: Tack welds on the seam.
        samples: The cross-section, sampled.
    """

    section: CrossSection
    curve: SeamCurve
    table_m: float
    tacks: tuple[TackWeld, ...] = ()
    samples: SurfaceSamples = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'samples', sample_section(self.section))

    def opened(self, by_m: float) -> 'Workpiece':
        """The same with its root gap wider by so much, all along; itself where it has none."""
        section, samples = self.section, self.samples
        if by_m == 0.0 or section.gap_m <= 0.0:
            return self
        between = np.abs(samples.y_m) < 0.5 * section.gap_m
        wider = replace(
            samples,
            y_m=section.spread(samples.y_m, by_m),
            step_m=samples.step_m * np.where(between, 1.0 + by_m / section.gap_m, 1.0),
        )
        opened = replace(self, section=section.opened(by_m))
        object.__setattr__(opened, 'samples', wider)  # not sampled anew: the texture goes with the plates
        return opened

    def points(self, s: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
        """(n, 3) of arc lengths, distances to the left and heights, frame workpiece."""
        on_curve, tangents, _ = self.curve.evaluate(s)
        return np.column_stack([on_curve[:, 0] - y * tangents[:, 1], on_curve[:, 1] + y * tangents[:, 0], z])

    def seam_points(self, s: FloatArray) -> FloatArray:
        """(n, 3) seam points at arc lengths (n,), frame workpiece."""
        y, z = self.section.seam_point_m
        return self.points(s, np.full_like(s, y), np.full_like(s, z))

    def arc_lengths_on_plane(
        self, normal: FloatArray, offset: float, y: FloatArray, z: FloatArray, start_m: float | FloatArray
    ) -> FloatArray:
        """Where the lines of constant y and z meet a plane.

        Args:
            normal: (3,) of the plane normal . p = offset, frame workpiece.
            offset: See normal.
            y: (n,) distances to the left of the curve.
            z: (n,) heights.
            start_m: Arc length near the solution; one for all or (n,).

        Returns:
            (n,) arc lengths, exact to a nanometre (Newton; its error falls with the square of the step).
        """
        s = np.broadcast_to(start_m, y.shape).astype(float)
        for _ in range(_MAX_STEPS):
            on_curve, tangents, curvature = self.curve.evaluate(s)
            across = normal[1] * tangents[:, 0] - normal[0] * tangents[:, 1]
            miss = on_curve @ normal[:2] + y * across + normal[2] * z - offset
            slope = tangents @ normal[:2] * (1.0 - curvature * y)
            step = miss / slope
            s -= step
            if self.curve.is_straight or np.abs(step).max(initial=0.0) < _SMALL_STEP_M:
                break
        return s

    def tack_heights(self, s: FloatArray, y: FloatArray) -> FloatArray:
        """(n,) height of the tack welds' surface over z = 0; minus infinity where there is none."""
        seam_y, seam_z = self.section.seam_point_m
        heights = np.full_like(y, -np.inf)
        for tack in self.tacks:
            lift = 1.0 - ((s - tack.centre_m) / tack.half_length_m) ** 2 - ((y - seam_y) / tack.half_width_m) ** 2
            heights = np.maximum(heights, np.where(lift > -3.0, seam_z + tack.height_m * lift, -np.inf))
        return heights

    def tacks_near(self, s: float) -> bool:
        """Whether a tack weld may lie in the field of a sensor at an arc length."""
        return any(abs(s - tack.centre_m) < 2 * tack.half_length_m + _TACK_MARGIN_M for tack in self.tacks)

    def is_tacked(self, s: float) -> bool:
        """Whether a tack weld hides the seam at an arc length: it stands over the seam point.

        A butt joint's seam point hangs over its gap: there it is enough that the gap is filled to half its depth.
        """
        y, z = self.section.seam_point_m
        hidden_from = z - self.section.thickness_m / 2 if self.section.joint_type is JointType.BUTT else z
        return bool(self.tack_heights(np.array([s]), np.array([y]))[0] > hidden_from)


def sample_section(section: CrossSection) -> SurfaceSamples:
    """Sample each piece of a cross-section at its two ends and evenly between them."""
    ends = np.diff(section.vertices_m, axis=0)
    lengths = np.linalg.norm(ends, axis=1)
    fractions = [_fractions(length) for length in lengths]
    piece = np.repeat(np.arange(len(lengths)), [len(f) for f in fractions])
    fraction = np.concatenate(fractions)
    direction = ends / lengths[:, None]
    points = section.vertices_m[piece] + fraction[:, None] * ends[piece]
    begin = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    inner = np.array([len(f) - 2 for f in fractions])
    step = np.where((fraction > 0.0) & (fraction < 1.0), (lengths / inner)[piece], 0.0)
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])[piece]
    along = begin[piece] + fraction * lengths[piece] - PLATE_HALF_WIDTH_M
    return SurfaceSamples(points[:, 0], points[:, 1], normal, step, along, section.materials[piece])


def _fractions(length_m: float) -> FloatArray:
    count = int(np.ceil(length_m / _STEP_M))
    return np.concatenate([[0.0], (np.arange(count) + 0.5) / count, [1.0]])


def random_tacks(rng: Generator, section: CrossSection, length_m: float, dial: float) -> tuple[TackWeld, ...]:
    """Up to three tack welds, more and larger ones at a higher dial (0 to 1), clear of the seam's ends."""
    count = int(np.ceil(3 * dial))
    height = _TACK_HEIGHT_M[section.joint_type]
    margin = 0.015
    return tuple(
        TackWeld(
            rng.uniform(margin, length_m - margin),
            rng.uniform(0.003, 0.003 + 0.004 * dial),
            height * rng.uniform(0.6, 1.2),
            rng.uniform(0.0025, 0.004),
        )
        for _ in range(count)
    )
