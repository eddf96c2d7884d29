"""The six joints as a judge draws them: chains of straight pieces across the seam, lengths in mm.

Places are (s, h): s across the seam, h up towards the sensor.
"""

from dataclasses import dataclass

import numpy as np

OPEN, PLATE, WALL, BACKING, TABLE = 0.0, 1.0, 0.8, 0.6, 0.7
_HALF = 400.0  # of the chain: beyond every field of view


@dataclass(frozen=True, eq=False)
class Joint:
    """A cross-section.

    Attributes:
        name: The joint type.
        chain: (n, 2) corners from negative to positive s.
        bright: (n - 1,) reflectance of each piece; 0 where there is nothing.
        seam: (2,) the seam point.
        mirrors: Numbers of two pieces that face each other; empty where none do.
    """

    name: str
    chain: np.ndarray
    bright: np.ndarray
    seam: np.ndarray
    mirrors: tuple[int, ...] = ()

    def mirrored(self):
        """Left and right exchanged."""
        flip, last = np.array([-1.0, 1.0]), len(self.bright) - 1
        others = tuple(last - k for k in self.mirrors[::-1])
        return Joint(self.name, self.chain[::-1] * flip, self.bright[::-1].copy(), self.seam * flip, others)


def _joint(name, corners, bright, seam, mirrors=()):
    return Joint(name, np.array(corners, float), np.array(bright, float), np.array(seam, float), mirrors)


def lap(d):
    """The upper plate's edge stands square, or leans by d.lean_deg; its foot is the seam."""
    foot = d.thickness * np.tan(np.radians(d.lean_deg))
    corners = [(-_HALF, d.thickness), (-foot, d.thickness), (0.0, 0.0), (_HALF, 0.0)]
    return _joint('lap', corners, [PLATE, WALL, PLATE], (0.0, 0.0))


def butt(d):
    """Square edges with a gap between them, over a backing or over nothing."""
    half, low = 0.5 * d.gap, min(d.mismatch, 0.0) - d.thickness
    corners = [(-_HALF, 0.0), (-half, 0.0), (-half, low), (half, low), (half, d.mismatch), (_HALF, d.mismatch)]
    floor = BACKING if d.backing else OPEN
    return _joint('butt', corners, [PLATE, WALL, floor, WALL, PLATE], (0.0, 0.5 * d.mismatch))


def splice(d):
    """Two bevels, each at its own angle to the plates' normal, that meet without a gap; plates are flush."""
    left, right = (d.bevel_depth * np.tan(np.radians(angle)) for angle in d.bevels_deg)
    corners = [(-_HALF, 0.0), (-left, 0.0), (0.0, -d.bevel_depth), (right, 0.0), (_HALF, 0.0)]
    return _joint('splice', corners, [PLATE, WALL, WALL, PLATE], (0.0, -d.bevel_depth), (1, 2))


def fillet(d):
    """Two plates that enclose d.corner_deg; h is their bisector."""
    half = np.radians(0.5 * d.corner_deg)
    y, z = _HALF * np.sin(half), _HALF * np.cos(half)
    return _joint('fillet', [(-y, z), (0.0, 0.0), (y, z)], [PLATE, PLATE], (0.0, 0.0), (0, 1))


def _groove(d):
    depth = d.groove_depth
    wide = 0.5 * d.root_gap + depth * np.tan(np.radians(0.5 * d.groove_deg))
    return depth, wide


def v(d):
    """Two bevelled plates with a root gap and root faces, over a backing or over nothing."""
    (depth, wide), half = _groove(d), 0.5 * d.root_gap
    step = d.mismatch
    low = min(step, 0.0) - depth - d.root_face
    corners = [(-_HALF, 0.0), (-wide, 0.0), (-half, -depth), (-half, low),
               (half, low), (half, step - depth), (wide, step), (_HALF, step)]  # fmt: skip
    bright = [PLATE, WALL, WALL, BACKING if d.backing else OPEN, WALL, WALL, PLATE]
    return _joint('v', corners, bright, (0.0, 0.5 * step - depth), (1, 5))


def filler_layer(d):
    """The same groove with a layer in it, flat or a little hollow or crowned."""
    depth, wide = _groove(d)
    level = -depth * (1.0 - d.fill)
    edge = 0.5 * d.root_gap + d.fill * depth * np.tan(np.radians(0.5 * d.groove_deg))
    place = np.linspace(-1.0, 1.0, 17)
    bead = np.column_stack([edge * place, level + d.crown * 2.0 * edge * (1.0 - place**2)])
    corners = [(-_HALF, 0.0), (-wide, 0.0), *bead, (wide, 0.0), (_HALF, 0.0)]
    bright = [PLATE, WALL, *[WALL] * (len(bead) - 1), WALL, PLATE]
    return _joint('filler_layer', corners, bright, bead[8], (1, len(corners) - 3))


DRAW = {joint.__name__: joint for joint in (lap, butt, splice, fillet, v, filler_layer)}
