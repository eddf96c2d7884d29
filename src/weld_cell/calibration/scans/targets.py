"""Scan targets: a plane, a step between two parallel planes with a straight edge, a sphere.

A target is an implicit surface in base_link whose few numbers are found together with the sensor's. Each stripe point
belongs to one of its parts; `values` gives how far points are from their parts, and how that changes.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Protocol, TypeVar

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import unit
from weld_cell.records import FloatArray, IntArray


class Part(IntEnum):
    """To which part of the target a stripe point belongs."""

    SURFACE = 0
    """Of the plate or the sphere; of the step the upper side."""
    LOWER = 1
    """The lower side of a step."""
    EDGE = 2
    """The end of the stripe on the upper side of a step."""


T = TypeVar('T', bound='Target')


class Target(Protocol):
    """An implicit surface with a few numbers of its own."""

    @property
    def unknowns(self) -> int:
        """How many numbers `moved` takes."""
        ...

    def values(self, points: FloatArray, parts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Signed distances of points from their parts.

        Args:
            points: (..., 3) in base_link.
            parts: (...) `Part` of each.

        Returns:
            Distances (...) in metres, their gradients (..., 3) by the point, and (..., k) by the target's unknowns.
        """
        ...

    def moved(self: T, step: FloatArray) -> T:
        """The target after a change (k,) of its unknowns."""
        ...

    def information(self) -> FloatArray:
        """(k, k) what is known of the unknowns beforehand, as the inverse of a covariance."""
        ...

    def pull(self) -> FloatArray:
        """(k,) information times the deviation from what is known beforehand."""
        ...

    def unlikeliness(self) -> float:
        """Half of the squared deviation, in standard deviations, from what is known beforehand."""
        ...


@dataclass(frozen=True, eq=False)
class Step:
    """Two parallel planes with a straight edge between them; a plate is one without the lower plane and the edge.

    Attributes:
        frame: (3, 3) columns in base_link: x along the edge, y across it towards the upper side, z out of the planes.
        pivot_m: (3,) a place near the points, in base_link, about which the frame turns.
        level_m: Height of the upper plane over the pivot, along z.
        edge_m: Where the edge lies across the pivot, along y.
        height_m: Of the step.
        has_edge: Whether the direction and the place of the edge are unknowns.
    """

    frame: FloatArray
    pivot_m: FloatArray
    level_m: float = 0.0
    edge_m: float = 0.0
    height_m: float = 0.0
    has_edge: bool = False

    @property
    def unknowns(self) -> int:
        """Two turns and the level of a plate; the turn about z and the edge's place besides."""
        return 5 if self.has_edge else 3

    def values(self, points: FloatArray, parts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """See `Target.values`."""
        local = (points - self.pivot_m) @ self.frame
        x, y, z = local[..., 0], local[..., 1], local[..., 2]
        on_edge, zero = parts == Part.EDGE, np.zeros_like(x)
        below = np.where(parts == Part.LOWER, self.height_m, 0.0)
        distances = np.where(on_edge, y - self.edge_m, z - self.level_m + below)
        gradients = np.where(on_edge[..., None], self.frame[:, 1], self.frame[:, 2])
        rows = [np.where(on_edge, z, -y), np.where(on_edge, zero, x), np.where(on_edge, zero, -1.0)]
        if self.has_edge:
            rows += [np.where(on_edge, -x, zero), np.where(on_edge, -1.0, zero)]
        return distances, gradients, np.stack(rows, axis=-1)

    def moved(self, step: FloatArray) -> 'Step':
        """See `Target.moved`."""
        turn = [step[0], step[1], step[3] if self.has_edge else 0.0]
        frame = self.frame @ Rotation.from_rotvec(turn).as_matrix()
        edge = self.edge_m + (step[4] if self.has_edge else 0.0)
        return replace(self, frame=frame, level_m=self.level_m + step[2], edge_m=edge)

    def information(self) -> FloatArray:
        """Nothing is known of where it lies."""
        return np.zeros((self.unknowns, self.unknowns))

    def pull(self) -> FloatArray:
        """See `Target.pull`."""
        return np.zeros(self.unknowns)

    def unlikeliness(self) -> float:
        """See `Target.unlikeliness`."""
        return 0.0


@dataclass(frozen=True, eq=False)
class Sphere:
    """A ball of a radius that is known up to a tolerance.

    Attributes:
        centre_m: (3,) in base_link.
        radius_m: As estimated.
        nominal_m: As measured with a caliper or specified by its maker.
        tolerance_m: Standard deviation of that.
    """

    centre_m: FloatArray
    radius_m: float
    nominal_m: float
    tolerance_m: float = 10e-6

    @property
    def unknowns(self) -> int:
        """Centre and radius."""
        return 4

    def values(self, points: FloatArray, parts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """See `Target.values`; all points are of the surface."""
        out = points - self.centre_m
        gradients = unit(out)
        distances = np.einsum('...i,...i->...', out, gradients) - self.radius_m
        return distances, gradients, np.concatenate([-gradients, -np.ones_like(gradients[..., :1])], axis=-1)

    def moved(self, step: FloatArray) -> 'Sphere':
        """See `Target.moved`."""
        return replace(self, centre_m=self.centre_m + step[:3], radius_m=self.radius_m + step[3])

    def information(self) -> FloatArray:
        """Of the radius."""
        return np.diag([0.0, 0.0, 0.0, self.tolerance_m**-2])

    def pull(self) -> FloatArray:
        """See `Target.pull`."""
        return np.array([0.0, 0.0, 0.0, (self.radius_m - self.nominal_m) / self.tolerance_m**2])

    def unlikeliness(self) -> float:
        """See `Target.unlikeliness`."""
        return 0.5 * ((self.radius_m - self.nominal_m) / self.tolerance_m) ** 2
