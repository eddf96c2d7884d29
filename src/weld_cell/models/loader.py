"""Model loading: find the file, verify it against its card, open it."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from weld_cell.errors import ModelError
from weld_cell.models.card import ModelCard, TensorSignature, card_path, read_card
from weld_cell.models.files import read_bytes, write_atomically
from weld_cell.paths import model_file


@dataclass(frozen=True)
class ModelKind:
    """What a part of the program can open.

    Attributes:
        name: As cards write it.
        version: Of the format; another one is refused.
        command: Trains a model of this kind; for remedies.
        inputs: What the program will pass to it.
        outputs: What the program expects of it.
    """

    name: str
    version: int
    command: str
    inputs: tuple[TensorSignature, ...]
    outputs: tuple[TensorSignature, ...]

    @property
    def remedy(self) -> str:
        """For a file that cannot be used."""
        return f'Restore the shipped file, or train one: {self.command}.'


@dataclass(frozen=True, eq=False)
class CheckedModel:
    """A weight file that is what its card says.

    Attributes:
        path: The weight file.
        card: Its card.
        content: The bytes that were checked; what is opened is made of them.
    """

    path: Path
    card: ModelCard
    content: bytes


@dataclass(frozen=True, eq=False)
class StoredArrays:
    """What a checked ``.npz`` file holds.

    Attributes:
        card: Its card.
        arrays: By name.
    """

    card: ModelCard
    arrays: dict[str, NDArray[Any]]


def find_model(name: str) -> Path:
    """The weight file of a shipped model's name, of a weight file or of a card.

    Raises:
        ModelError: there is no such model; names those that there are.
    """
    given = Path(name)
    if given.suffix and given.suffix != '.json':
        return given
    card = given if given.suffix else model_file(f'{name}.json')
    if not card.is_file():
        shipped = ', '.join(path.stem for path in cards_in(model_file('')))
        raise ModelError(f'{name}: no such model.', f'Give the path of one, or name a shipped one: {shipped}.')
    return card.parent / read_card(card).weights.file


def cards_in(folder: Path) -> list[Path]:
    """Every card of a folder, by name."""
    return sorted(folder.glob('*.json'))


def check_weights(path: Path, remedy: str = 'Restore the weights with their card.') -> CheckedModel:
    """Read a weight file and its card, and compare.

    Args:
        path: The weight file; its card lies beside it.
        remedy: Of the error.

    Raises:
        ModelError: weights or card are missing, or the weights are not those of the card.
    """
    content = read_bytes(path, remedy)
    card = read_card(card_path(path))
    found = hashlib.sha256(content).hexdigest()
    if (found, len(content)) != (card.weights.sha256, card.weights.bytes):
        raise ModelError(
            f'{path}: damaged: {len(content)} bytes of checksum {found[:12]}, its card says '
            f'{card.weights.bytes} bytes of {card.weights.sha256[:12]} (sha256).',
            remedy,
        )
    return CheckedModel(path, card, content)


def check_model(path: Path, kind: ModelKind) -> CheckedModel:
    """As `check_weights`, and check that the model is of a kind and version that the program can use.

    Args:
        path: The weight file; its card lies beside it.
        kind: What the caller can open.

    Raises:
        ModelError: as `check_weights`; of another kind or version; other inputs or outputs.
    """
    checked = check_weights(path, kind.remedy)
    card = checked.card
    if card.kind != kind.name:
        raise ModelError(f'{path}: a model of kind {card.kind}, expected {kind.name}.', kind.remedy)
    if card.version != kind.version:
        newer = card.version > kind.version
        raise ModelError(
            f'{path}: made by {"a newer" if newer else "an older"} version: format {card.version}, this program '
            f'reads {kind.version}.',
            f'Update weld_cell, or train it again: {kind.command}.' if newer else f'Train it again: {kind.command}.',
        )
    require_signature(kind.inputs, card.inputs, f'{path}: inputs', kind.remedy)
    require_signature(kind.outputs, card.outputs, f'{path}: outputs', kind.remedy)
    return checked


def require_signature(
    expected: Sequence[TensorSignature], found: Sequence[TensorSignature], where: str, remedy: str
) -> None:
    """Refuse arrays that are not those expected.

    Raises:
        ModelError: another number of arrays, or one with another name, type or fixed length.
    """
    fits = len(expected) == len(found) and all(e.admits(f) for e, f in zip(expected, found, strict=True))
    if not fits:
        raise ModelError(
            f'{where} are {"; ".join(map(str, found))}, expected {"; ".join(map(str, expected))}.', remedy
        )


def load_arrays(path: Path, kind: ModelKind) -> StoredArrays:
    """Check a ``.npz`` model and read all its arrays; never unpickles.

    Raises:
        ModelError: as `check_model`, or not such a file.
    """
    checked = check_model(path, kind)
    try:
        with NpzFile(io.BytesIO(checked.content), allow_pickle=False) as stored:
            return StoredArrays(checked.card, {name: stored[name] for name in stored.files})
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f'{path}: not an archive of arrays ({error}).', kind.remedy) from error


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write a ``.npz`` file; its card is written after it.

    Raises:
        ModelError: the file cannot be written.
    """
    write_atomically(path, lambda stream: np.savez_compressed(stream, **arrays))  # type: ignore[arg-type]
