"""Types of command-line options: what cannot be is refused where the words are parsed, before any work."""

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path

MOST_JOBS = 256


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number of at least, and at most, so much."""
    up_to = '' if most is None else f' to {most}'

    def parse(text: str) -> int:
        value = int(text) if text.isascii() and text.removeprefix('-').isdecimal() else None
        if value is None or value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f'expected a whole number from {least}{up_to}, got {text}')
        return value

    return parse


def number(least: float, most: float = math.inf, unit: str = '') -> Callable[[str], float]:
    """A finite number of at least, and at most, so much; the unit is for people."""
    bounds = f'{least:g} or more' if math.isinf(most) else f'{least:g} to {most:g}'
    return _finite(lambda value: least <= value <= most, f'{bounds} {unit}'.rstrip())


def above_zero(unit: str = '') -> Callable[[str], float]:
    """A finite number of more than 0; the unit is for people."""
    return _finite(lambda value: value > 0.0, f'more than 0 {unit}'.rstrip())


def _finite(is_right: Callable[[float], bool], expected: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and is_right(value)):
            raise argparse.ArgumentTypeError(f'expected {expected}, got {text}')
        return value

    return parse


def jobs(text: str) -> int:
    """A number of processes."""
    return whole_number(1, MOST_JOBS)(text)


def file_to_write(text: str) -> Path:
    """A file that can be written, as far as is known before it is: what takes an hour is not lost at its end."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f'expected a file, {text} is a folder')
    if path.exists() and not os.access(path, os.W_OK):
        raise argparse.ArgumentTypeError(f'{text} cannot be written')
    folder_to_write(str(path.parent))
    return path


def folder_to_write(text: str) -> Path:
    """A folder that is there and can be written, or can be made."""
    path = Path(text)
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f'expected a folder, {there} is a file')
    if not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f'{there} cannot be written')
    return path


def existing_folder(text: str) -> Path:
    """A folder that is there."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f'{text} is a file' if path.exists() else f'there is no folder {text}')
    return path


def existing_file(text: str) -> Path:
    """A file that is there."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f'{text} is a folder' if path.is_dir() else f'there is no file {text}')
    return path
