"""Atomic file writing."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from weld_cell.errors import ModelError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """As `replace_file`.

    Raises:
        ModelError: the file cannot be written.
    """
    try:
        replace_file(path, write)
    except OSError as error:
        raise ModelError(
            f'{path}: cannot be written ({error.strerror}).', 'Check the path, its permissions and the free space.'
        ) from error


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place and move it there when it is complete: a reader sees the old or the new one.

    Args:
        path: The folder is made where it is missing.
        write: Called with the open file.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
    try:
        with os.fdopen(descriptor, 'wb') as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).chmod(_permissions())
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _permissions() -> int:
    """Those of a file that `open` makes; `mkstemp` lets only its owner read."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def read_bytes(path: Path, remedy: str) -> bytes:
    """The content of a file.

    Args:
        path: The file.
        remedy: Of the error.

    Raises:
        ModelError: missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f'{path}: cannot be read ({error.strerror}).', remedy) from error
