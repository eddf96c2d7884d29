"""Dials: what makes images hard, one number from 0 (absent) to 1 (as bad as it gets) for each effect."""

from dataclasses import dataclass, fields
from typing import Self

from numpy.random import Generator

from weld_cell.config import Settings, bounded


def dial(doc: str) -> float:
    """A field of a class of dials."""
    setting: float = bounded(0.0, 0.0, 1.0, '', doc)
    return setting


@dataclass(frozen=True)
class Dials(Settings):
    """Base of every class of dials; each of its fields is made by `dial`."""

    @classmethod
    def none(cls) -> Self:
        """An ideal image."""
        return cls()

    @classmethod
    def at_random(cls, rng: Generator, hardness: float) -> Self:
        """All effects at once, each at random from 0 to a hardness (0 to 1).

        Raises:
            ValueError: the hardness lies outside 0 to 1.
        """
        if not 0.0 <= hardness <= 1.0:
            raise ValueError(f'hardness: expected 0 to 1, got {hardness!r}')
        names = [f.name for f in fields(cls)]
        return cls(**dict(zip(names, rng.uniform(0.0, hardness, len(names)).tolist(), strict=True)))
