"""Writers and readers by language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from weld_cell.errors import RobotProgramError
from weld_cell.programs.abb_rapid import rapid_files
from weld_cell.programs.fanuc_tp import tp_files
from weld_cell.programs.kuka_krl import krl_files
from weld_cell.programs.readers.abb_rapid import read_rapid
from weld_cell.programs.readers.fanuc_tp import read_tp
from weld_cell.programs.readers.kuka_krl import NOT_DECLARED, read_krl
from weld_cell.programs.readers.text import program_text
from weld_cell.programs.readers.ur_script import read_urscript
from weld_cell.programs.readers.yaskawa_inform import read_inform
from weld_cell.programs.settings import ProgramSettings
from weld_cell.programs.ur_script import urscript_files
from weld_cell.programs.writing import ProgramFile
from weld_cell.programs.yaskawa_inform import inform_files
from weld_cell.records import ProgramLanguage, RobotProgram, TaughtProgram
from weld_cell.trajectory.robot_model import RobotModel

WRITERS: dict[ProgramLanguage, Callable[[RobotProgram, RobotModel, Any, bool], list[ProgramFile]]] = {
    ProgramLanguage.RAPID: rapid_files,
    ProgramLanguage.KRL: krl_files,
    ProgramLanguage.INFORM: inform_files,
    ProgramLanguage.TP: tp_files,
    ProgramLanguage.URSCRIPT: urscript_files,
}
ENDINGS = {
    '.mod': ProgramLanguage.RAPID,
    '.modx': ProgramLanguage.RAPID,
    '.sys': ProgramLanguage.RAPID,
    '.prg': ProgramLanguage.RAPID,
    '.src': ProgramLanguage.KRL,
    '.jbi': ProgramLanguage.INFORM,
    '.ls': ProgramLanguage.TP,
    '.script': ProgramLanguage.URSCRIPT,
}
KNOWN = ', '.join(f'{ending} with its .dat' if ending == '.src' else ending for ending in ENDINGS)
"""What can be read, for people."""


def program_files(
    program: RobotProgram, robot: RobotModel, language: ProgramLanguage, settings: ProgramSettings, armed: bool
) -> list[ProgramFile]:
    """The files of a program in a language.

    Args:
        program: The moves.
        robot: Whose joints they name.
        language: Of the controller.
        settings: Of the controllers.
        armed: With the arc; else a dry run along the same path.

    Raises:
        RobotProgramError: the controller does not take a name, a number or the weave.
    """
    return WRITERS[language](program, robot, getattr(settings, language.value), armed)


def read_text(language: ProgramLanguage, texts: dict[str, str], settings: ProgramSettings) -> TaughtProgram:
    """A program from the text of its files by name, the one with the moves first.

    Raises:
        ProgramSyntaxError: a text is broken.
    """
    (source, text), *others = texts.items()
    if language is ProgramLanguage.KRL:
        data_source, data = others[0] if others else ('', '')
        return read_krl(text, source, data, data_source)
    if language is ProgramLanguage.INFORM:
        return read_inform(text, source, settings.inform.speed_unit)
    readers = {
        ProgramLanguage.RAPID: read_rapid,
        ProgramLanguage.TP: read_tp,
        ProgramLanguage.URSCRIPT: read_urscript,
    }
    return readers[language](text, source)


def read_program(path: Path, settings: ProgramSettings) -> TaughtProgram:
    """A robot program from its file; the language is told by the file's ending, KRL's .dat is found beside it.

    Raises:
        RobotProgramError: no language has this ending, the file cannot be read, or of .src and .dat one is missing.
        ProgramSyntaxError: its text is broken.
    """
    if path.suffix.lower() == '.dat':
        path = _source_of(path)
    language = ENDINGS.get(path.suffix.lower())
    if language is None:
        raise RobotProgramError(
            f'{path}: no robot language is known by the ending "{path.suffix}".', f'Known: {KNOWN}.'
        )
    texts = {path.name: program_text(path)}
    data = _beside(path, '.dat') if language is ProgramLanguage.KRL else None
    if data is not None:
        texts[data.name] = program_text(data)
    taught = read_text(language, texts, settings)
    if language is ProgramLanguage.KRL and data is None and any(NOT_DECLARED in line.text for line in taught.unread):
        raise RobotProgramError(
            f'{path}: its positions stand in {path.stem}.dat, which is not beside it.',
            'Bring both files from the controller into one folder.',
        )
    return taught


def _source_of(data: Path) -> Path:
    """The .src of a .dat.

    Raises:
        RobotProgramError: it is not beside it.
    """
    source = _beside(data, '.src')
    if source is None:
        raise RobotProgramError(
            f'{data}: its moves stand in {data.stem}.src, which is not beside it.',
            'Bring both files from the controller into one folder.',
        )
    return source


def _beside(path: Path, ending: str) -> Path | None:
    """The file of the same name with another ending, in any case of its letters."""
    found = (file for file in sorted(path.parent.glob('*')) if file.stem.lower() == path.stem.lower())
    return next((file for file in found if file.suffix.lower() == ending), None)
