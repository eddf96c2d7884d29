"""Options and helpers that the part-library commands share."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import cv2

from weld_cell.errors import ConfigurationError, WeldCellError
from weld_cell.part_library import PartLibrary, load_library
from weld_cell.paths import config_file
from weld_cell.records import ImageArray


def add_library_argument(parser: argparse.ArgumentParser) -> None:
    """--library, by default the installed one."""
    parser.add_argument(
        '--library', type=Path, metavar='FOLDER', help='the part library (default: the installed config/parts)'
    )


def library_folder(arguments: argparse.Namespace) -> Path:
    """The folder that was named, or the installed one."""
    named: Path | None = arguments.library
    return named or config_file('parts')


def open_library(arguments: argparse.Namespace) -> PartLibrary:
    """The library; what is damaged in it is printed at once, and the command then ends with exit code 1.

    Raises:
        ConfigurationError: there is no part that can be used.
    """
    library = load_library(library_folder(arguments))
    tell(library.faults)
    if not library.parts:
        raise ConfigurationError(f'{library.folder} holds no part that can be used.', 'weld_cell parts add CODE ...')
    return library


def tell(faults: Iterable[WeldCellError]) -> None:
    """Each fault with its remedy, on the error stream."""
    for fault in faults:
        print(f'weld_cell: {fault}', file=sys.stderr)


def write_picture(path: Path, picture: ImageArray) -> None:
    """Write a picture, in the format of the file name's suffix.

    Raises:
        ConfigurationError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = cv2.imwrite(str(path), picture)
    except (OSError, cv2.error):
        written = False
    if not written:
        raise ConfigurationError(
            f'{path}: the picture cannot be written.', 'Name a .png or .jpg in a folder of yours.'
        )
