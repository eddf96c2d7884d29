"""What a look at an image gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from weld_cell.errors import PartError, PartUnknownError
from weld_cell.records import PartMatch


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


def nothing_lies_there() -> PartUnknownError:
    """Why there are no matches."""
    return PartUnknownError('No part of the library lies in the image.', 'Lay a part under the camera, or add light.')


def something_else(where: str) -> PartUnknownError:
    """Why matches that touch are not all."""
    return PartUnknownError(
        f'Beside known parts something else lies {where}.', 'Take it away, or add it by weld_cell parts add.'
    )
