"""Plates, what joins them and what lies on them, as reflectances in the plates' own frame; lengths in mm.

The plates' frame lies in the side on which the seams are seen; its x axis runs along the seams.
"""

from dataclasses import dataclass

import numpy as np


def soft_step(x):
    """0 below -1, 1 over 1, smooth between."""
    t = np.clip(0.5 * (x + 1.0), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@dataclass(frozen=True, eq=False)
class Seam:
    """Where two plates meet: y = polynomial(x).

    Attributes:
        start, end: x of its ends.
        bend: Coefficients of y, lowest first, of x / 100.
        gap: Width at both ends, linear between; 0 for a lap.
        chamfer: Width of the bevel at both plates' edges.
        shine: Brightness of the bevels over that of the plates.
    """

    start: float
    end: float
    bend: tuple[float, ...]
    gap: tuple[float, float]
    chamfer: float = 0.0
    shine: float = 1.0

    def y(self, x):
        return np.polynomial.polynomial.polyval(0.01 * x, self.bend)

    def away(self, x, y):
        """Distance to the left of the seam, exact to first order."""
        if not any(self.bend[1:]):
            return y - self.bend[0]
        slope = 0.01 * np.polynomial.polynomial.polyval(0.01 * x, np.polynomial.polynomial.polyder(self.bend))
        return (y - self.y(x)) / np.sqrt(1.0 + slope * slope)

    def width(self, x):
        return np.interp(x, [self.start, self.end], self.gap)


@dataclass(frozen=True, eq=False)
class Block:
    """A clamp: a rectangle with a bolt's head.

    Attributes:
        middle: x, y.
        turn: Radians.
        half: Half its sides.
        bright: Reflectance of the block and of the head.
    """

    middle: tuple[float, float]
    turn: float
    half: tuple[float, float]
    bright: tuple[float, float]

    def local(self, x, y):
        c, s = np.cos(self.turn), np.sin(self.turn)
        dx, dy = x - self.middle[0], y - self.middle[1]
        return c * dx + s * dy, c * dy - s * dx

    def outside(self, x, y):
        """Distance to the outline, negative within."""
        u, v = self.local(x, y)
        return np.maximum(np.abs(u) - self.half[0], np.abs(v) - self.half[1])


@dataclass(frozen=True, eq=False)
class Drop:
    """A tack weld: an ellipse over the gap."""

    middle: tuple[float, float]
    half: tuple[float, float]
    bright: float


@dataclass(frozen=True, eq=False)
class Workpiece:
    """All that lies on the table.

    Attributes:
        seams: From the lowest y to the highest.
        ends: x of both ends of each plate, one plate more than seams.
        outer: y of the lowest and the highest plate's outer edge; a lap's upper plate is the highest.
        bright: Reflectance of each plate.
        table: Reflectance of the table.
        thickness: Of each plate.
        lap: Whether the highest plate lies on the one below it.
        backing: Reflectance of what lies under the gaps.
        wall: Reflectance of the plates' sides.
        lamp: x, y by which a shadow is thrown for each mm of height.
        shade: Share of the light that a shadow takes.
        penumbra: Half width of a shadow's soft edge for each mm of its length.
    """

    seams: tuple[Seam, ...]
    ends: tuple[tuple[float, float], ...]
    outer: tuple[float, float]
    bright: tuple[float, ...]
    table: float
    thickness: float = 2.0
    lap: bool = False
    backing: float = 0.1
    wall: float = 0.15
    lamp: tuple[float, float] = (0.3, 0.5)
    shade: float = 0.6
    penumbra: float = 0.15
    blocks: tuple[Block, ...] = ()
    drops: tuple[Drop, ...] = ()

    def plate_outside(self, number, x, y):
        """Distance out of a plate, negative within; gaps count to the plate."""
        low = self.seams[number - 1].away(x, y) if number else y - self.outer[0]
        high = -self.seams[number].away(x, y) if number < len(self.seams) else self.outer[1] - y
        start, end = self.ends[number]
        return np.maximum(np.maximum(start - x, x - end), np.maximum(-low, -high))

    def edge_near(self, x, y, reach):
        """Whether an outline is nearer than reach."""
        near = np.zeros(x.shape, bool)
        for number in range(len(self.bright)):
            near |= np.abs(self.plate_outside(number, x, y)) < reach + 2.0 * self.lap
        for seam in self.seams:
            near |= np.abs(seam.away(x, y)) < reach + 0.5 * max(seam.gap) + seam.chamfer + 2.0 * self.lap
        for block in self.blocks:
            u, v = block.local(x, y)
            near |= (np.abs(block.outside(x, y)) < reach) | (np.abs(np.hypot(u, v) - 5.0) < 2.0 + reach)
        for drop in self.drops:
            near |= np.hypot((x - drop.middle[0]), (y - drop.middle[1])) < max(drop.half) + reach
        return near

    def reflect(self, x, y, tilt_x, tilt_y, plate_look, table_look):
        """Reflectance at places of the seams' plane.

        Args:
            x: Places, any shape.
            y: The same.
            tilt_x: How far a viewing ray goes along x for each mm down, of a shape that broadcasts.
            tilt_y: Along y.
            plate_look: Texture of the plates, as a factor.
            table_look: Texture of the table, as a factor.
        """
        depth = self.thickness * (2.0 if self.lap else 1.0)
        out = self._table(x + depth * tilt_x, y + depth * tilt_y, depth) * table_look
        for number, bright in enumerate(self.bright):
            out = self._with_plate(out, number, bright * plate_look, x, y, tilt_x, tilt_y)
        for seam in self.seams:
            out = self._with_gap(out, seam, x, y, tilt_y, plate_look)
        for drop in self.drops:
            near = (np.abs(x - drop.middle[0]) < drop.half[0]) & (np.abs(y - drop.middle[1]) < drop.half[1])
            u, v = (x[near] - drop.middle[0]) / drop.half[0], (y[near] - drop.middle[1]) / drop.half[1]
            r = np.hypot(u, v)
            out[near] = np.where(r < 1.0, drop.bright * (1.15 - 0.6 * r * r), out[near])
        for block in self.blocks:
            out = self._with_block(out, block, x, y)
        return out

    def _table(self, x, y, depth):
        if not self.bright:
            return self.table * np.ones_like(x)
        sx, sy = self.lamp[0] * depth, self.lamp[1] * depth
        soft = max(self.penumbra * np.hypot(sx, sy), 0.05)
        out = np.full(np.shape(x), np.inf)
        for number in range(len(self.bright)):
            out = np.minimum(out, self.plate_outside(number, x - sx, y - sy))
        shadow = soft_step(-out / soft)
        return self.table * (1.0 - self.shade * shadow)

    def _with_plate(self, out, number, bright, x, y, tilt_x, tilt_y):
        below_upper = self.lap and number < len(self.bright) - 1
        if not below_upper:
            outside = self.plate_outside(number, x, y)
            return np.where(outside < 0.0, bright, out)
        h, seam = self.thickness, self.seams[-1]
        lx, ly = x + h * tilt_x, y + h * tilt_y
        start, end = self.ends[number]
        on_lower = (lx > start) & (lx < end) & (ly > self.outer[0]) & (ly < seam.y(lx) + 30.0)
        sx, sy = self.lamp[0] * h, self.lamp[1] * h
        upper = self.ends[-1]
        from_lamp = np.maximum(-seam.away(lx - sx, ly - sy), np.maximum(upper[0] - lx + sx, lx - sx - upper[1]))
        soft = max(self.penumbra * np.hypot(sx, sy), 0.05)
        lit = bright * (1.0 - self.shade * soft_step(-from_lamp / soft))
        faced = (seam.away(lx, ly) > 0.0) & (lx > upper[0]) & (lx < upper[1])
        return np.where(on_lower, np.where(faced, self.wall * np.ones_like(lit), lit), out)

    def _with_gap(self, out, seam, x, y, tilt_y, plate_look):
        near = np.abs(seam.away(x, y)) < 0.5 * max(seam.gap) + seam.chamfer
        picked = [np.broadcast_to(value, x.shape)[near] for value in (tilt_y, plate_look)]
        out[near] = self._at_gap(out[near], seam, x[near], y[near], *picked)
        return out

    def _at_gap(self, out, seam, x, y, tilt_y, plate_look):
        away, within = seam.away(x, y), (x > seam.start) & (x < seam.end)
        number = self.seams.index(seam)
        half = 0.5 * seam.width(x)
        plate = np.where(away > 0.0, self.bright[number + 1], self.bright[number]) * plate_look
        on_bevel = within & (np.abs(away) >= half) & (np.abs(away) < half + seam.chamfer)
        if self.lap and seam is self.seams[-1]:
            on_bevel = within & (away >= 0.0) & (away < seam.chamfer)
            return np.where(on_bevel, plate * seam.shine, out)
        out = np.where(on_bevel, plate * seam.shine, out)
        return np.where(within & (np.abs(away) < half), self._inside(away, half, tilt_y, x), out)

    def _inside(self, away, half, tilt_y, x):
        """The ray meets a plate's side or what lies below; both get the light that the slit lets in."""
        tilt = np.broadcast_to(tilt_y, x.shape)
        to_wall = np.where(tilt > 0.0, half - away, half + away)
        down = np.minimum(to_wall / np.maximum(np.abs(tilt), 1e-6), self.thickness)
        open_to_light = 2.0 * half / (2.0 * half + 2.0 * down)
        return np.where(down < self.thickness, self.wall, self.backing) * open_to_light

    def _with_block(self, out, block, x, y):
        reach = max(block.half) * 1.5 + 6.0
        near = (np.abs(x - block.middle[0]) < reach) & (np.abs(y - block.middle[1]) < reach)
        out[near] = self._under_block(out[near], block, x[near], y[near])
        return out

    def _under_block(self, out, block, x, y):
        shadow = soft_step(-block.outside(x - 5.0 * self.lamp[0], y - 5.0 * self.lamp[1]) / 0.8)
        out = out * (1.0 - self.shade * shadow)
        out = np.where(block.outside(x, y) < 0.0, block.bright[0], out)
        u, v = block.local(x, y)
        r = np.hypot(u, v)
        out = np.where(r < 7.0, block.bright[1] * (1.2 - 0.03 * r), out)
        return np.where(r < 3.0, 0.05, out)


@dataclass(frozen=True, eq=False)
class Wear:
    """How much of what lies on plates and table, 0 to 1 each."""

    brushed: float = 0.3
    rust: float = 0.1
    scratches: float = 0.15
    spatter: float = 0.1
    table: float = 0.3
