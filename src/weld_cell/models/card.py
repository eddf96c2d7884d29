"""The model card: one schema for all models, stored as JSON beside the weights."""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from weld_cell.errors import ModelError
from weld_cell.models.files import read_bytes
from weld_cell.models.plain import from_plain

CARD_VERSION = 1
_REMEDY = 'Restore the card with its weights, or train the model again.'


@dataclass(frozen=True)
class TensorSignature:
    """An array that a model takes or gives.

    Attributes:
        name: By which it is passed.
        shape: A number where the length is fixed, a name where it is free.
        dtype: As numpy names it.
        meaning: What it holds, with unit and range.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: str
    meaning: str = ''

    def admits(self, other: 'TensorSignature') -> bool:
        """Whether an array that is declared as the other may stand here: fixed lengths are equal."""
        return ((self.name, self.dtype, len(self.shape)) == (other.name, other.dtype, len(other.shape))) and all(
            ours == theirs for ours, theirs in zip(self.shape, other.shape, strict=True) if isinstance(ours, int)
        )

    def __str__(self) -> str:
        return f'{self.name} {self.dtype} ({", ".join(map(str, self.shape))})'


@dataclass(frozen=True)
class Score:
    """A figure that was measured when the model was made.

    Attributes:
        measure: What was measured, for instance 'told rightly' or 'mAP50'.
        on: On which samples.
        value: In the unit.
        unit: '%', 'mm', 'ms', or '' for a plain number.
        samples: How many; None where they were not counted.
    """

    measure: str
    on: str
    value: float
    unit: str
    samples: int | None = None

    def __str__(self) -> str:
        return f'{self.value:.4g} {self.unit}'.rstrip()


@dataclass(frozen=True)
class Confusion:
    """Samples of known class against what was said of them.

    Attributes:
        on: On which samples.
        classes: The c classes.
        counts: (c, c) samples; rows are the true classes.
    """

    on: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class WeightFile:
    """The file that a card belongs to.

    Attributes:
        file: Its name.
        bytes: Its size.
        sha256: Of its content, as 64 hexadecimal digits.
    """

    file: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> 'WeightFile':
        """Of a file that is there.

        Raises:
            ModelError: missing or unreadable.
        """
        content = read_bytes(path, 'Write the weights before their card.')
        return cls(path.name, len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class ModelCard:
    """What a person and a loader must know of a model.

    Attributes:
        name: Short, as in file names.
        title: For people.
        summary: What it is and what it is for.
        kind: What can open it; see `weld_cell.models.loader.ModelKind`.
        version: Of the kind's format.
        date: On which it was made, ISO 8601.
        data: What it was trained on.
        seeds: Of everything random in data and training.
        split: How training, held-out and test samples were kept apart.
        method: How it was trained, a sentence each.
        training_s: How long; None where it was not recorded.
        command: Makes it again.
        scores: Figures; the first is the one that it is judged by.
        confusions: Tables of classes, where the model tells classes.
        limits: What it has never seen, and what it must not be used for.
        weights: Its file.
        inputs: What it takes.
        outputs: What it gives.
        schema: Of the card itself.

    Raises:
        ValueError: something is empty, not finite, or does not fit the rest; names it.
    """

    name: str
    title: str
    summary: str
    kind: str
    version: int
    date: str
    data: str
    seeds: tuple[int, ...]
    split: str
    method: tuple[str, ...]
    training_s: float | None
    command: str
    scores: tuple[Score, ...]
    confusions: tuple[Confusion, ...]
    limits: tuple[str, ...]
    weights: WeightFile
    inputs: tuple[TensorSignature, ...]
    outputs: tuple[TensorSignature, ...]
    schema: int = CARD_VERSION

    def __post_init__(self) -> None:
        may_be_empty = {'confusions', 'training_s'}
        for field in fields(self):
            if field.name not in may_be_empty and getattr(self, field.name) in ('', ()):
                raise ValueError(f'{field.name}: expected something, got nothing')
        date.fromisoformat(self.date)
        if not re.fullmatch('[0-9a-f]{64}', self.weights.sha256):
            raise ValueError(f'weights.sha256: expected 64 hexadecimal digits, got {self.weights.sha256!r}')
        for score in self.scores:
            if not math.isfinite(score.value):
                raise ValueError(f'scores: {score.measure} on {score.on}: expected a finite value, got {score.value}')
        for table in self.confusions:
            if {len(table.classes)} != {len(table.counts), *map(len, table.counts)}:
                raise ValueError(f'confusions: {table.on}: expected a row and a column for each of the classes')

    @property
    def main_score(self) -> Score:
        """The figure that the model is judged by."""
        return self.scores[0]


def card_json(card: ModelCard) -> str:
    """A card as text for machines."""
    return json.dumps(asdict(card), indent=1, allow_nan=False, ensure_ascii=False) + '\n'


def card_path(weights: Path) -> Path:
    """Where the card of a weight file lies."""
    return weights.with_suffix('.json')


def read_card(path: Path) -> ModelCard:
    """Read the card of a model.

    Args:
        path: The JSON file.

    Raises:
        ModelError: missing, damaged, or of a newer version.
    """
    text = read_bytes(path, 'Copy the card (.json) that came with the weights beside them, or train the model again.')
    try:
        plain = json.loads(text)
        schema = plain['schema']
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f'{path}: not a model card ({error!r}).', _REMEDY) from error
    if isinstance(schema, int) and schema > CARD_VERSION:
        raise ModelError(
            f'{path}: a card of version {schema}; this program reads up to {CARD_VERSION}.', 'Update weld_cell.'
        )
    try:
        return from_plain(ModelCard, plain)
    except ValueError as error:
        raise ModelError(f'{path}: a damaged model card ({error}).', _REMEDY) from error
