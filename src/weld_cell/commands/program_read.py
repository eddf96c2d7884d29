"""`weld_cell program read`: convert a taught robot program to the nominal seam of a scan."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import RobotProgramError
from weld_cell.evaluation.program_path import target_pose
from weld_cell.geometry.transforms import transform_from_xyz_rpy_deg, unit
from weld_cell.option_types import whole_number
from weld_cell.paths import config_file
from weld_cell.programs.languages import KNOWN, read_program
from weld_cell.programs.settings import ProgramSettings, load_program_settings
from weld_cell.records import ArcEvent, FloatArray, TaughtMove, TaughtProgram
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.wording import counted

EXAMPLES = f"""Examples:
  weld_cell program read taught.mod
  weld_cell program read RIB_2.src --seam 2
  weld_cell program read dry_run.ls --from-line 9 --to-line 14

Prints the parameters scan.start_m, scan.end_m and scan.normal, to be pasted into the section of /** in the parameter
file (config/cell.yaml): from where the arc is struck to where it is put out. A program without an arc needs the lines
of the moves that end at the start and at the end of the seam. What is not understood is reported with its line.

Known endings: {KNOWN}; the .dat is found beside the .src.
Work frames that the program only names by number are taken from moves.work_frame_* of the settings."""
WIDE_MM = 20.0
"""The true seam may lie so far beside the nominal line."""
_TOLD_LINES, _TOLD_MOVES = 12, 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('file', type=Path, help='a robot program')
    parser.add_argument('--seam', type=whole_number(1), metavar='N', help='of several seams (default: the first)')
    parser.add_argument(
        '--from-line', type=whole_number(1), metavar='LINE', help='line of the move that ends at the start'
    )
    parser.add_argument(
        '--to-line',
        type=whole_number(1),
        metavar='LINE',
        help='line of the move that ends at the end; may stand before',
    )
    parser.add_argument(
        '--settings', type=Path, metavar='FILE', help='the controller (default: the installed robot_programs.yaml)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Read, say what was found, and print the parameters."""
    if arguments.seam is not None and (arguments.from_line is not None or arguments.to_line is not None):
        raise ValueError('--seam and --from-line, --to-line name a seam in two ways: give one')
    settings = load_program_settings(str(arguments.settings or config_file('robot_programs.yaml')))
    taught = read_program(arguments.file, settings)
    print(_summary(taught), file=sys.stderr)
    seam = _chosen(taught, arguments)
    poses = _poses(seam, taught, settings)
    start, end = poses[0][:3, 3], poses[-1][:3, 3]
    if np.linalg.norm(end - start) < 1e-3:
        raise RobotProgramError(
            f'{arguments.file}: the seam starts and ends at one place.', 'A scan goes along a line; divide the seam.'
        )
    normal = _normal(poses, start, end)
    beside_mm = 1e3 * _beside(poses, start, end)
    if beside_mm > WIDE_MM:
        print(f'warning: the seam leaves its chord by {beside_mm:.0f} mm; scan it in pieces.', file=sys.stderr)
    print('    scan:')
    for key, values, digits in (('start_m', start, 5), ('end_m', end, 5), ('normal', normal, 4)):
        print(f'      {key}: {json.dumps([round(float(value), digits) + 0.0 for value in values])}')
    return 0


def _summary(taught: TaughtProgram) -> str:
    arcs = Counter(move.arc for move in taught.moves)
    lines = [
        f'{taught.language} program {taught.name}: {counted(len(taught.moves), "move")}, '
        f'{counted(arcs[ArcEvent.START], "seam")}, {counted(len(taught.unread), "line")} not understood'
    ]
    lines += [f'  line {unread.line}: {unread.text}' for unread in taught.unread[:_TOLD_LINES]]
    if len(taught.unread) > _TOLD_LINES:
        lines.append(f'  and {len(taught.unread) - _TOLD_LINES} more')
    return '\n'.join(lines)


def _chosen(taught: TaughtProgram, arguments: argparse.Namespace) -> list[TaughtMove]:
    """Moves of a seam, from the one that ends at its start to that which ends at its end.

    Raises:
        RobotProgramError: there is no such seam, no move, or none in a line that was named.
    """
    if not taught.moves:
        raise RobotProgramError(
            f'{arguments.file}: has no moves that can be read.', 'Give the program in which the seam is taught.'
        )
    if arguments.from_line is not None or arguments.to_line is not None:
        return _between_lines(taught, arguments)
    seams = _seams(taught)
    if not seams:
        raise RobotProgramError(
            f'{arguments.file}: no arc is struck in this program.',
            f'Name its first and last move by --from-line and --to-line: {_lines(taught)}.',
        )
    number = 1 if arguments.seam is None else arguments.seam
    if not 1 <= number <= len(seams):
        raise RobotProgramError(
            f'{arguments.file}: seam {number} was asked for; seams in this program: {len(seams)}.',
            f'Choose --seam from 1 to {len(seams)}, or name the moves by --from-line and --to-line.',
        )
    _require_whole(seams[number - 1], taught, arguments.file)
    return seams[number - 1]


def _require_whole(seam: list[TaughtMove], taught: TaughtProgram, file: Path) -> None:
    """Refuse a seam one of whose moves could not be read: it would begin or end elsewhere.

    Raises:
        RobotProgramError: names the line.
    """
    moves = [unread for unread in taught.unread if unread.is_move]
    first, last = seam[0].line, seam[-1].line
    missing = [unread for unread in moves if first <= unread.line <= last]
    if seam[0].arc is not ArcEvent.START:
        missing += [unread for unread in moves if unread.line < first][-1:]
    if seam[-1].arc is not ArcEvent.END:
        missing += [unread for unread in moves if unread.line > last][:1]
    if missing:
        raise RobotProgramError(
            f'{file}: line {missing[0].line}: where this move of the seam ends cannot be read: {missing[0].text}.',
            f'Name moves whose places are known by --from-line and --to-line: {_lines(taught)}.',
        )


def _between_lines(taught: TaughtProgram, arguments: argparse.Namespace) -> list[TaughtMove]:
    """Moves in the order in which their lines were named, which may be against that of the program.

    Raises:
        RobotProgramError: a line is not named, or has no move.
    """
    for given, missing in (('from', 'to'), ('to', 'from')):
        if getattr(arguments, f'{missing}_line') is None:
            raise RobotProgramError(
                f'--{given}-line needs --{missing}-line.',
                f'Name the moves that end at the start and at the end of the seam: {_lines(taught)}.',
            )
    lines = [move.line for move in taught.moves]
    for line in (arguments.from_line, arguments.to_line):
        if line not in lines:
            raise RobotProgramError(f'{arguments.file}: line {line} has no move.', f'Name others: {_lines(taught)}.')
    first, last = lines.index(arguments.from_line), lines.index(arguments.to_line)
    if first <= last:
        return list(taught.moves[first : last + 1])
    return list(reversed(taught.moves[last : first + 1]))


def _lines(taught: TaughtProgram) -> str:
    """Where the moves are."""
    lines = [str(move.line) for move in taught.moves]
    more = ' and more' if len(lines) > _TOLD_MOVES else ''
    return f'moves are in the lines {", ".join(lines[:_TOLD_MOVES])}{more}'


def _seams(taught: TaughtProgram) -> list[list[TaughtMove]]:
    """From where the arc is struck to where it is put out; the moves of each, also where one of them is missing."""
    seams: list[list[TaughtMove]] = []
    is_open = False
    for move in taught.moves:
        if move.arc is ArcEvent.START or (move.arc is not ArcEvent.OFF and not is_open):
            seams.append([move])
        elif move.arc is not ArcEvent.OFF:
            seams[-1].append(move)
        is_open = move.arc in (ArcEvent.START, ArcEvent.WELD)
    lacks_moves = any(unread.is_move for unread in taught.unread)
    return [seam for seam in seams if len(seam) > 1 or lacks_moves]


def _poses(seam: list[TaughtMove], taught: TaughtProgram, settings: ProgramSettings) -> list[FloatArray]:
    """Tool poses (4, 4) in base_link where the moves end."""
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    tool = taught.T_tool0_tool
    if tool is None:
        tool = load_rig(str(config_file('rig.yaml'))).T_tool0_tool
    works = _works(seam, taught, settings)
    return [target_pose(move, taught, robot, settings, tool, works[move.work]) for move in seam]


def _works(seam: list[TaughtMove], taught: TaughtProgram, settings: ProgramSettings) -> dict[str, FloatArray]:
    """(4, 4) T_base_work of the work frames that the moves of a seam name; one may be that of the settings.

    Raises:
        RobotProgramError: several of them are not defined in the program.
    """
    unknown = sorted({move.work for move in seam if move.target.pose is not None} - taught.works.keys())
    if len(unknown) > 1:
        raise RobotProgramError(
            f'The moves of the seam are in the work frames {", ".join(unknown)}, which the program does not define.',
            'Name moves of one frame by --from-line and --to-line, and that frame in the file of --settings.',
        )
    frame = settings.moves
    of_settings = transform_from_xyz_rpy_deg(
        1e-3 * np.array(frame.work_frame_xyz_mm), np.array(frame.work_frame_rpy_deg)
    )
    if unknown:
        name = f'work frame {unknown[0]}' if unknown[0] else 'work frame'
        print(
            f'note: the program does not define its {name}: moves.work_frame_* of the settings was taken, '
            f'at {[round(float(mm), 2) for mm in frame.work_frame_xyz_mm]} mm.',
            file=sys.stderr,
        )
    return {move.work: taught.works.get(move.work, of_settings) for move in seam}


def _normal(poses: list[FloatArray], start: FloatArray, end: FloatArray) -> FloatArray:
    """(3,) out of the joint: against the tool's mean axis, perpendicular to the line.

    Raises:
        RobotProgramError: the tool points along the seam.
    """
    along = unit(end - start)
    back = -np.mean([pose[:3, 2] for pose in poses], axis=0)
    across = back - (back @ along) * along
    if np.linalg.norm(across) < 0.1:
        raise RobotProgramError('The tool points along the seam.', 'Check the tool frame of the program.')
    return unit(across)


def _beside(poses: list[FloatArray], start: FloatArray, end: FloatArray) -> float:
    """Largest distance in metres of the moves' ends from the line."""
    along = unit(end - start)
    return max(float(np.linalg.norm(np.cross(pose[:3, 3] - start, along))) for pose in poses)
