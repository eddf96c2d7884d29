"""What all readers share: the text of a file, its numbers, and poses from the forms of the languages."""

import math
import re
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import ProgramSyntaxError, RobotProgramError
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray

NUMBER = r'[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?'
LARGEST_BYTES = 20_000_000
REMEDY = 'Restore the file from the controller, or mend the line.'


def program_text(path: Path) -> str:
    """Text of a program; controllers write Latin-1 where they are older than UTF-8.

    Raises:
        RobotProgramError: it cannot be read, or is no text.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise RobotProgramError(f'{path}: larger than {LARGEST_BYTES} bytes.', 'Give a program of text.')
        content = path.read_bytes()
    except OSError as error:
        raise RobotProgramError(f'{path}: cannot be read ({error.strerror}).', 'Check the path.') from error
    if content.startswith((b'\xff\xfe', b'\xfe\xff')):
        return content.decode('utf-16', errors='replace')
    if b'\0' in content:
        raise RobotProgramError(f'{path}: is no text.', 'Save the program as text (ASCII) at the controller.')
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError:
        return content.decode('latin-1')


def broken(source: str, line: int, what: str) -> ProgramSyntaxError:
    """The error of a broken text."""
    return ProgramSyntaxError(f'{source}: line {line}: {what}.', REMEDY)


def number(text: str, source: str, line: int) -> float:
    """A number that a text gives.

    Raises:
        ProgramSyntaxError: it is none, or not finite.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise broken(source, line, f'expected a number, got "{text.strip()}"')
    return value


def numbers(text: str, source: str, line: int) -> list[float]:
    """Numbers with commas between.

    Raises:
        ProgramSyntaxError: one is none.
    """
    return [number(word, source, line) for word in text.split(',')]


def pose_wxyz(xyz_mm: list[float], wxyz: list[float]) -> FloatArray:
    """(4, 4) pose in metres from millimetres and a quaternion, scalar first, of nearly unit length.

    Raises:
        ValueError: the quaternion is no rotation.
    """
    w, x, y, z = wxyz
    if not 0.9 < math.hypot(w, x, y, z) < 1.1:
        raise ValueError(f'the quaternion {wxyz} is no rotation')
    return make_transform(1e-3 * np.array(xyz_mm), Rotation.from_quat([x, y, z, w]))


def pose_fixed_xyz(xyz_mm: list[float], turns_deg: list[float]) -> FloatArray:
    """(4, 4) pose in metres from millimetres and turns in degrees about the fixed x, then y, then z."""
    return make_transform(1e-3 * np.array(xyz_mm), Rotation.from_euler('xyz', turns_deg, degrees=True))


def split_top(text: str, separator: str = ',') -> list[str]:
    """Parts of a text at a separator that stands in no brackets and no quotes."""
    parts, depth, quoted, begun = [], 0, '', 0
    for at, character in enumerate(text):
        if quoted:
            quoted = '' if character == quoted else quoted
        elif character == '"':
            quoted = character
        elif character in '([{':
            depth += 1
        elif character in ')]}':
            depth = max(0, depth - 1)
        elif character == separator and depth == 0:
            parts.append(text[begun:at])
            begun = at + 1
    return [part.strip() for part in [*parts, text[begun:]]]


def without_comment(line: str, mark: str) -> str:
    """A line up to the mark of a comment that stands in no quotes."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == mark and not quoted:
            return line[:at]
    return line


def is_number(text: str) -> bool:
    """Whether a text is one number."""
    return re.fullmatch(NUMBER, text.strip()) is not None
