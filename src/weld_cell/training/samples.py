"""Training samples by number, stored or rendered on demand.

A set makes whole batches. What is random in them comes from a generator that the loop seeds by epoch and batch, so
that the same batches come whatever the number of worker processes and wherever a training was interrupted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.training.split import Numbers

Batch = Mapping[str, NDArray[Any]]
"""Arrays by name; the first axis of each is the sample."""


class SampleSet(Protocol):
    """Samples by number; must survive a fork, as worker processes make batches of it."""

    def __len__(self) -> int:
        """How many."""
        ...

    def batch(self, numbers: Numbers, rng: Generator) -> Batch:
        """The samples of numbers (b,), each array with b rows.

        Args:
            numbers: Below the set's length, in any order.
            rng: Draws what is random in these samples.
        """
        ...


@dataclass(frozen=True, eq=False)
class StoredSamples:
    """Samples that lie in memory or in a memory-mapped file.

    Attributes:
        arrays: By name, each with a row for every sample.

    Raises:
        ValueError: no array, or arrays of different length.
    """

    arrays: Batch

    def __post_init__(self) -> None:
        if len({len(array) for array in self.arrays.values()}) != 1:
            lengths = ', '.join(f'{name} {len(array)}' for name, array in self.arrays.items())
            raise ValueError(f'expected arrays of one length, got {lengths or "none"}')

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def batch(self, numbers: Numbers, rng: Generator) -> Batch:
        """Copies of the rows."""
        return {name: array[numbers] for name, array in self.arrays.items()}


@dataclass(frozen=True, eq=False)
class RenderedSamples:
    """Samples that are made when they are asked for, for instance simulated images; each epoch sees others.

    Attributes:
        count: Samples of an epoch.
        render: Makes one from its number and a generator; all have arrays of the same names and shapes.
    """

    count: int
    render: Callable[[int, Generator], Batch]

    def __len__(self) -> int:
        return self.count

    def batch(self, numbers: Numbers, rng: Generator) -> Batch:
        """One rendered after the other."""
        samples = [self.render(int(number), rng) for number in numbers]
        return {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}


@dataclass(frozen=True, eq=False)
class SomeSamples:
    """A part of a set.

    Attributes:
        whole: The set.
        numbers: (n,) those that belong to the part, for instance `Split.train`.
    """

    whole: SampleSet
    numbers: Numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def batch(self, numbers: Numbers, rng: Generator) -> Batch:
        """Of the whole, by the part's numbers."""
        return self.whole.batch(self.numbers[numbers], rng)
