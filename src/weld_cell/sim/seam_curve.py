"""The seam as a curve in the workpiece's plane: straight pieces and circular arcs, joined without a corner.

Coordinates are those of frame workpiece: the curve starts at the origin and ends on the x axis. Beyond both
ends it goes on straight, so that every point near the workpiece has a place along it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray

MIN_RADIUS_M = 0.150
_MAX_STEPS = 20
_MAX_SAGITTA_M = 0.008  # a straight scan must keep the whole seam in the sensor's field of +-36 mm


@dataclass(frozen=True, eq=False)
class SeamCurve:
    """A curve by arc length.

    Attributes:
        knots_m: (n,) arc length at which each piece begins; the first piece is the straight run-up (begins at
            0 too but is used for negative arc lengths), the last one the straight run-out from the seam's end.
        curvatures: (n,) curvature of each piece in 1/m, positive to the left.
        headings_rad: (n,) direction at the beginning of each piece.
        points_m: (n, 2) x, y at the beginning of each piece.
    """

    knots_m: FloatArray
    curvatures: FloatArray
    headings_rad: FloatArray
    points_m: FloatArray

    @classmethod
    def from_pieces(cls, lengths_m: list[float], curvatures: list[float]) -> 'SeamCurve':
        """A curve of pieces with constant curvature, turned so that its chord is the x axis.

        Raises:
            ValueError: no piece, a piece without length, or a radius below 150 mm.
        """
        if not lengths_m or min(lengths_m) <= 0 or len(lengths_m) != len(curvatures):
            raise ValueError(f'expected pieces with a length and a curvature each, got {lengths_m}, {curvatures}')
        if max(abs(c) for c in curvatures) > 1.0 / MIN_RADIUS_M + 1e-9:
            raise ValueError(f'expected radii of at least {MIN_RADIUS_M} m, got curvatures {curvatures}')
        kappa = np.array([0.0, *curvatures, 0.0])
        knots = np.concatenate([[0.0, 0.0], np.cumsum(lengths_m)])
        headings = np.concatenate([[0.0, 0.0], np.cumsum(np.array(lengths_m) * curvatures)])
        points = [np.zeros(2), np.zeros(2)]
        for length, curvature, heading in zip(lengths_m, curvatures, headings[1:], strict=False):
            points.append(points[-1] + _chord(np.array(length), np.array(curvature), np.array(heading)))
        turn = np.arctan2(points[-1][1], points[-1][0])
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        return cls(knots, kappa, headings - turn, np.array(points) @ rotation)

    @property
    def length_m(self) -> float:
        """Arc length from start to end."""
        return float(self.knots_m[-1])

    @property
    def chord_m(self) -> float:
        """Distance from start to end."""
        return float(self.points_m[-1, 0])

    @cached_property
    def is_straight(self) -> bool:
        """Whether no piece is bent."""
        return not np.any(self.curvatures)

    def evaluate(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Points (n, 2), unit tangents (n, 2) and curvatures (n,) at arc lengths (n,)."""
        if self.is_straight:
            return _straight(s)
        piece = np.searchsorted(self.knots_m[1:], s, side='right')
        along, curvature, heading = s - self.knots_m[piece], self.curvatures[piece], self.headings_rad[piece]
        points = self.points_m[piece] + _chord(along, curvature, heading)
        direction = heading + curvature * along
        return points, _unit(direction), curvature

    def locate(self, xy: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Arc length (n,) and signed distance to the left (n,) of points (n, 2) near the curve."""
        s = xy[:, 0].copy()
        for _ in range(0 if self.is_straight else _MAX_STEPS):  # Newton on (p - c(s)) . t(s) = 0
            points, tangents, curvature = self.evaluate(s)
            offset = np.sum((xy - points) * _left(tangents), axis=1)
            step = np.sum((xy - points) * tangents, axis=1) / np.maximum(1.0 - curvature * offset, 0.1)
            s += step
            if np.abs(step).max(initial=0.0) < 1e-9:
                break
        points, tangents, _ = self.evaluate(s)
        return s, np.sum((xy - points) * _left(tangents), axis=1)


def straight_seam(length_m: float) -> SeamCurve:
    """A straight seam."""
    return SeamCurve.from_pieces([length_m], [0.0])


def random_seam(rng: Generator, curved: bool, length_m: float | None = None) -> SeamCurve:
    """A seam: straight, or an arc or an s-curve whose radius is at least 150 mm.

    Args:
        rng: Source of what is random.
        curved: Whether it is bent.
        length_m: Arc length; 120 to 250 mm where left out.
    """
    length = rng.uniform(0.120, 0.250) if length_m is None else length_m
    if not curved:
        return straight_seam(length)
    turns = [1.0] if rng.random() < 0.5 else [1.0, -1.0]
    piece = length / len(turns)
    tightest = min(1.0 / MIN_RADIUS_M, 8.0 * _MAX_SAGITTA_M / piece**2)  # sagitta = length^2 curvature / 8
    curvature = rng.uniform(0.4, 1.0) * tightest * rng.choice([-1.0, 1.0])
    return SeamCurve.from_pieces([piece] * len(turns), [curvature * turn for turn in turns])


def _straight(s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    points = np.zeros((*s.shape, 2))
    points[..., 0] = s
    tangents = np.zeros_like(points)
    tangents[..., 0] = 1.0
    return points, tangents, np.zeros_like(s)


def _chord(along: FloatArray, curvature: FloatArray, heading: FloatArray) -> FloatArray:
    """Vector from the beginning of an arc to its point at an arc length; well behaved without curvature."""
    half_turn = curvature * along / 2
    length = along * np.sinc(half_turn / np.pi)
    chord: FloatArray = length[..., None] * _unit(heading + half_turn)
    return chord


def _unit(direction: FloatArray) -> FloatArray:
    vectors = np.empty((*direction.shape, 2))
    np.cos(direction, out=vectors[..., 0])
    np.sin(direction, out=vectors[..., 1])
    return vectors


def _left(tangents: FloatArray) -> FloatArray:
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)
