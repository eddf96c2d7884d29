"""Types of option values, with messages that argparse prints."""

import argparse
from pathlib import Path
from typing import Any


def _number(text: str, kind: type, name: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{text} is not the valid type ({name})') from error


def positive_float(text: str) -> float:
    """A number above 0."""
    value = float(_number(text, float, 'float'))
    if not value > 0.0:
        raise argparse.ArgumentTypeError(f'{text} is not in the valid range (> 0.0)')
    return value


def not_negative_float(text: str) -> float:
    """A number that is not below 0."""
    value = float(_number(text, float, 'float'))
    if not value >= 0.0:
        raise argparse.ArgumentTypeError(f'Value {text} is less than zero.')
    return value


def positive_int(text: str) -> int:
    """A whole number above 0."""
    value = int(_number(text, int, 'int'))
    if value <= 0:
        raise argparse.ArgumentTypeError('value must be a positive integer')
    return value


def not_negative_int(text: str) -> int:
    """A whole number that is not below 0."""
    value = int(_number(text, int, 'int'))
    if value < 0:
        raise argparse.ArgumentTypeError(f'Value {text} is less than zero.')
    return value


def readable_file(text: str) -> Path:
    """A file that can be opened."""
    path = Path(text)
    try:
        path.open('rb').close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"can't open '{text}': {error}") from error
    return path


def existing_bag(text: str) -> Path:
    """A path that exists."""
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"Bag path '{text}' does not exist!")
    return path
