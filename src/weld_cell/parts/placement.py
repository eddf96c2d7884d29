"""Position and rotation of a template in an image."""

import math
from dataclasses import dataclass

from weld_cell.parts.pixel_loops import Placed


@dataclass(frozen=True)
class Placement:
    """A template's place: a point x of it, from its centre, lies at centre + scale * turned(x).

    Attributes:
        u: Column of the template's centre in the image at full size.
        v: Row as well.
        angle_deg: By how much it is turned from +u towards +v.
        scale: Size in the image over that in the template.
    """

    u: float
    v: float
    angle_deg: float
    scale: float = 1.0

    def at_level(self, factor: int) -> Placed:
        """As `pixel_loops` wants it, in an image that is smaller by a factor: its pixels are means of blocks."""
        angle = math.radians(self.angle_deg)
        a, b = self.scale * math.cos(angle), self.scale * math.sin(angle)
        return (self.u + 0.5) / factor - 0.5, (self.v + 0.5) / factor - 0.5, a, b

    @classmethod
    def from_level(cls, placed: Placed, factor: int) -> 'Placement':
        """The opposite of `at_level`."""
        u, v, a, b = placed
        return cls(
            (u + 0.5) * factor - 0.5, (v + 0.5) * factor - 0.5, math.degrees(math.atan2(b, a)), math.hypot(a, b)
        )

    def distance(self, other: 'Placement') -> float:
        """Between the centres, in pixels."""
        return math.hypot(self.u - other.u, self.v - other.v)


def angle_between(one_deg: float, other_deg: float) -> float:
    """Least turn between two directions, 0 to 180 degrees."""
    return abs(wrapped(one_deg - other_deg))


def wrapped(angle_deg: float) -> float:
    """The same direction within -180 to 180 degrees."""
    return (angle_deg + 180.0) % 360.0 - 180.0
