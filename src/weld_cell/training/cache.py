"""Rendered samples cached on disk: written in parts, read by memory mapping."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from weld_cell.errors import TrainingError
from weld_cell.models.files import write_atomically
from weld_cell.training.samples import Batch, StoredSamples

RECIPE = 'made_from.json'


def kept_samples(folder: Path | None, recipe: dict[str, Any], make: Callable[[], Iterable[Batch]]) -> Batch:
    """As `cached_samples`; without a folder the samples are made now and kept nowhere.

    Raises:
        TrainingError, ValueError: as `cached_samples`.
    """
    if folder is not None:
        return cached_samples(folder, recipe, make).arrays
    parts = list(make())
    if not parts:
        raise ValueError('expected one part of samples at least, got none')
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def cached_samples(folder: Path, recipe: dict[str, Any], make: Callable[[], Iterable[Batch]]) -> StoredSamples:
    """The samples of a folder if they were made by the same recipe, else those that are made now and kept there.

    Args:
        folder: An ``.npy`` file for each array, and the recipe, which is written last.
        recipe: What the samples depend on, as JSON can hold it.
        make: Yields them in parts; all have arrays of the same names, types and shapes.

    Raises:
        TrainingError: the folder holds samples of another recipe, or something that is no array.
        ValueError: not one part is made.
    """
    if not (folder / RECIPE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, make())
        content = json.dumps(recipe, indent=1).encode()
        write_atomically(folder / RECIPE, lambda stream: stream.write(content))
    return _read(folder, recipe)


def _read(folder: Path, recipe: dict[str, Any]) -> StoredSamples:
    remedy = f'Remove the folder {folder}, or name another one.'
    try:
        made_from = json.loads((folder / RECIPE).read_text(encoding='utf-8'))
        arrays = {
            path.stem: np.load(path, mmap_mode='r', allow_pickle=False) for path in sorted(folder.glob('*.npy'))
        }
        stored = StoredSamples(arrays)
    except (OSError, ValueError, EOFError) as error:
        raise TrainingError(f'{folder}: not a cache of samples ({error}).', remedy) from error
    if made_from != json.loads(json.dumps(recipe)):
        raise TrainingError(f'{folder}: made from {made_from}, not from {recipe}.', remedy)
    return stored


def _write(folder: Path, parts: Iterable[Batch]) -> None:
    streams: dict[str, BinaryIO] = {}
    counts: dict[str, int] = {}
    try:
        for part in parts:
            for name, array in part.items():
                if name not in streams:
                    streams[name] = (folder / f'{name}.npy').open('wb')
                    _write_header(streams[name], array, 0)
                streams[name].write(np.ascontiguousarray(array).tobytes())
                counts[name] = counts.get(name, 0) + len(array)
        if not streams:
            raise ValueError('expected one part of samples at least, got none')
        for name, stream in streams.items():
            stream.seek(0)
            _write_header(stream, part[name], counts[name])
    finally:
        for stream in streams.values():
            stream.close()


def _write_header(stream: BinaryIO, array: NDArray[Any], rows: int) -> None:
    """Of an ``.npy`` file; numpy leaves room in it for the number of rows to grow."""
    header = {
        'descr': np.lib.format.dtype_to_descr(array.dtype),
        'fortran_order': False,
        'shape': (rows, *array.shape[1:]),
    }
    np.lib.format.write_array_header_1_0(stream, header)
