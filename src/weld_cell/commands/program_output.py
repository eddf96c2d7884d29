"""Handling of existing program files: an armed program and its dry run have the same file names."""

from pathlib import Path

from weld_cell.errors import RobotProgramError, WeldCellError
from weld_cell.programs.languages import read_text
from weld_cell.programs.readers.text import program_text
from weld_cell.programs.settings import ProgramSettings
from weld_cell.programs.writing import ProgramFile
from weld_cell.records import ArcEvent, ProgramLanguage

UNKNOWN = 'file that is no program which can be read'


def arming(armed: bool) -> str:
    """What a program with or without the arc is called."""
    return 'armed program' if armed else 'dry run'


def lying_there(folder: Path, files: list[ProgramFile], language: ProgramLanguage, settings: ProgramSettings) -> str:
    """What a folder has under the names of a program's files: an armed program, a dry run, `UNKNOWN`; '' for nothing.

    Args:
        folder: Where the program shall be written.
        files: Of the program, the one with the moves first.
        language: Of the program.
        settings: Of the controllers.
    """
    there = [folder / file.name for file in files if (folder / file.name).exists()]
    if not there:
        return ''
    if there[0].name != files[0].name:
        return UNKNOWN
    try:
        taught = read_text(language, {path.name: program_text(path) for path in there}, settings)
    except WeldCellError:
        return UNKNOWN
    return arming(any(move.arc is not ArcEvent.OFF for move in taught.moves))


def check_replaced(before: str, armed: bool, file: Path) -> None:
    """A program replaces only one of its own arming.

    Args:
        before: From `lying_there`.
        armed: Whether the program to be written has the arc.
        file: That would be replaced.

    Raises:
        RobotProgramError: it would replace something else.
    """
    if before and before != arming(armed):
        raise RobotProgramError(
            f'{file}: the {arming(armed)} would replace the {before} that is there.',
            'Write into another folder (-o) or under another --name; --force replaces it.',
        )
