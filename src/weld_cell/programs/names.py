"""Program names that each controller accepts, and conversion of any text to one."""

import re

from weld_cell.errors import ProgramNameError
from weld_cell.programs.reserved_words import DEVICES, RESERVED

_FORM = re.compile(r'[A-Za-z][A-Za-z0-9_]*')


def check_name(name: str, longest: int, language: str) -> str:
    """The name, if the controller takes it.

    Raises:
        ProgramNameError: empty, too long, beginning with a digit, with a character other than letters, digits, _, or
            a word that the language or a file system keeps to itself.
    """
    trouble = _trouble(name, longest)
    if not trouble and name.upper() in DEVICES | RESERVED.get(language, frozenset()):
        raise ProgramNameError(
            f'The program name "{name}" is a reserved word of {language} or of its file system.',
            f'Choose another one, such as "{suitable_name(f"weld_{name}", longest)}".',
        )
    if trouble:
        raise ProgramNameError(
            f'The program name "{name}" {trouble}.',
            f'{language} takes letters, digits and _, a letter first, {longest} at most: '
            f'"{suitable_name(name, longest)}".',
        )
    return name


def _trouble(name: str, longest: int) -> str:
    if not name:
        return 'is empty'
    if name[0].isdigit():
        return 'begins with a digit'
    if not _FORM.fullmatch(name):
        odd = next((character for character in name if not re.fullmatch('[A-Za-z0-9_]', character)), name[0])
        return f'has the character "{odd}"'
    return f'is {len(name)} characters long' if len(name) > longest else ''


def suitable_name(text: str, longest: int) -> str:
    """A name that a controller takes, made from any text."""
    kept = re.sub('[^A-Za-z0-9_]+', '_', text).strip('_')
    kept = kept if kept[:1].isalpha() else f'w{kept}'
    return kept[:longest]
