"""Result of the identification in one image."""

from collections.abc import Sequence
from dataclasses import dataclass

from weld_cell.errors import PartCutError, PartError, PartUnknownError
from weld_cell.records import PartMatch

Pixel = tuple[float, float]
"""u, v in the image."""


@dataclass(frozen=True, eq=False)
class PartFindings:
    """What lies in an image.

    Attributes:
        matches: The parts that are known.
        refusals: Why other things are not told: cut, unknown or ambiguous.
    """

    matches: tuple[PartMatch, ...]
    refusals: tuple[PartError, ...]

    @classmethod
    def of(cls, told: Sequence[PartMatch | PartError]) -> 'PartFindings':
        """Sorted into both."""
        return cls(
            tuple(one for one in told if isinstance(one, PartMatch)),
            tuple(one for one in told if isinstance(one, PartError)),
        )

    def and_(self, other: 'PartFindings') -> 'PartFindings':
        """Both together."""
        return PartFindings(self.matches + other.matches, self.refusals + other.refusals)


def at(at_px: Pixel) -> str:
    """A place, for messages."""
    return f'at ({at_px[0]:.0f}, {at_px[1]:.0f}) px'


def nothing_lies_there() -> PartUnknownError:
    """Why there are no matches."""
    return PartUnknownError(
        'No part of the library lies in the image.', 'Place a part fully in view of the camera, or add light.'
    )


def something_else(at_px: Pixel) -> PartUnknownError:
    """Why matches that touch are not all."""
    return PartUnknownError(
        f'Beside known parts, an unknown object lies {at(at_px)}.',
        'Take it away, or add it by weld_cell parts add.',
        at_px,
    )


def reaches_out(at_px: Pixel) -> PartCutError:
    """Why a part at the image's border is not told."""
    return PartCutError(
        f'The part {at(at_px)} extends beyond the image.',
        'Move it fully into view of the camera.',
        at_px,
    )
