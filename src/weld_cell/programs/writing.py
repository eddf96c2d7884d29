"""Helpers of the writers: file encoding and number formats."""

from dataclasses import dataclass

import numpy as np

from weld_cell.errors import ProgramWeldError, RobotProgramError
from weld_cell.records import FloatArray, RobotProgram, Weave, WeavePattern


@dataclass(frozen=True)
class ProgramFile:
    """One file for the controller.

    Attributes:
        name: With its ending.
        content: With the line ends and in the character set of the controller.
    """

    name: str
    content: bytes


def fixed(value: float, digits: int) -> str:
    """A number with so many digits after the point, never "-0".

    Raises:
        RobotProgramError: it is not finite.
    """
    if not abs(value) < float('inf'):
        raise RobotProgramError(f'The number {value} cannot stand in a program.', 'Plan the weld again.')
    return f'{round(float(value), digits) + 0.0:.{digits}f}'


def row(values: FloatArray, digits: int, separator: str = ',') -> str:
    """Numbers side by side."""
    return separator.join(fixed(value, digits) for value in values)


def ascii_file(name: str, lines: list[str], line_end: str) -> ProgramFile:
    """A file in ASCII.

    Raises:
        RobotProgramError: a line has a character that the controller does not know.
    """
    text = line_end.join([*lines, ''])
    try:
        return ProgramFile(name, text.encode('ascii'))
    except UnicodeEncodeError as error:
        raise RobotProgramError(
            f'{name}: the character "{text[error.start]}" is not in the controller\'s character set.',
            'Use plain letters in names and settings.',
        ) from error


def check_work_frame(program: RobotProgram, number: int, setting: str) -> None:
    """A work frame needs a number at the controller: frame 0 is the robot's own.

    Raises:
        RobotProgramError: the program has a work frame, and its number is 0.
    """
    if number == 0 and not np.allclose(program.T_base_work, np.eye(4), atol=1e-9):
        raise RobotProgramError(
            "The targets are given in a work frame, and frame 0 is the robot's own.",
            f'Set {setting} to the frame that the controller has calibrated, or moves.work_frame_* to 0.',
        )


def pattern_code(weave: Weave, codes: dict[WeavePattern, str], language: str) -> str:
    """What a language calls the pattern of a weave.

    Raises:
        ProgramWeldError: it has none of that kind.
    """
    if weave.pattern not in codes:
        raise ProgramWeldError(
            f'{language} has no weave of the pattern "{weave.pattern}".',
            f'Set moves.weave_pattern to one of: none, {", ".join(codes)}.',
        )
    return codes[weave.pattern]
