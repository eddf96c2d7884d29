"""Source of a robot program's weld: the folder of a run, or a file with a seam path."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weld_cell.errors import ConfigurationError, ProgramWeldError
from weld_cell.geometry.transforms import unit
from weld_cell.programs.readers.text import is_number
from weld_cell.records import FloatArray, MotionPhase, RobotTrajectory, SeamPath, SeamSource
from weld_cell.report.run_record import RunRecord, load_record
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import WeldProcedure, WeldProcedureName
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

ROUNDED_S = 2e-3
"""Times in a status have six digits; points of a trajectory are further apart."""

FARTHEST_M = 20.0
"""No arm reaches so far from its base: larger positions are millimetres."""

COLUMNS = ('x_m', 'y_m', 'z_m', 'nx', 'ny', 'nz')


@dataclass(frozen=True, eq=False)
class PlannedWeld:
    """A trajectory and the name of the procedure that it was planned by."""

    procedure: str
    trajectory: RobotTrajectory


def planned_weld(
    source: Path,
    procedure: str,
    robot: RobotModel,
    T_tool0_tool: FloatArray,
    procedures: dict[WeldProcedureName, WeldProcedure],
) -> PlannedWeld:
    """The weld that a run has planned, or one that is planned along the path of a file.

    Args:
        source: Folder that `weld_cell run` or the node run_recorder wrote, or a CSV file with `COLUMNS`.
        procedure: Name of the weld procedure; empty: that of the run, which a weld that the run has planned keeps.
        robot: The robot.
        T_tool0_tool: (4, 4) the tool in the flange.
        procedures: All weld procedures.

    Raises:
        ConfigurationError: the folder holds no record, or the file no path.
        ProgramWeldError: there is no procedure, the run has planned nothing, or has planned it by another procedure.
        TrajectoryError: the path cannot be welded.
    """
    if source.is_dir() or not (source.exists() or source.suffix):
        record = load_record(source)
        if len(record.trajectory):
            name = _kept_procedure(record, procedure, source)
            return PlannedWeld(name, _recorded(record, robot, T_tool0_tool))
        name = procedure or _procedure_of(record)
        if not len(record.path):
            raise ProgramWeldError(f'{source}: the run has found no seam.', 'Run it to its end, or give a seam path.')
        path = _seam_path(record.path[:, :3], record.path[:, 6:9])
    else:
        name, path = procedure, read_seam_path(source)
    known = {str(key): value for key, value in procedures.items()}
    if name not in known:
        told = f'The weld procedure "{name}" does not exist' if name else f'{source} names no weld procedure'
        raise ProgramWeldError(f'{told}.', f'Give --procedure, one of: {", ".join(known)}.')
    trajectory = plan_weld(path, known[name], robot, T_tool0_tool, robot.home_rad, TrajectorySettings())
    return PlannedWeld(name, trajectory)


def _procedure_of(record: RunRecord) -> str:
    return 'plate' if record.facts.seam_source == SeamSource.PLATE else record.facts.joint_type


def _kept_procedure(record: RunRecord, asked: str, source: Path) -> str:
    """The procedure that a run's trajectory was planned by: its angles and stick-out are in the tool poses.

    Raises:
        ProgramWeldError: another one is asked for, or the run does not name it.
    """
    planned = _procedure_of(record)
    if not planned:
        raise ProgramWeldError(
            f'{source}: the run does not say by which procedure its weld was planned.',
            'Weld it again, or give the seam as a file with --procedure.',
        )
    if asked and asked != planned:
        raise ProgramWeldError(
            f'{source}: this run was planned by {planned}, not by {asked}; its tool path has angles, stick-out and '
            f'speed of {planned}.',
            f'Leave --procedure out, weld it again as {asked}, or give the seam as a file with --procedure {asked}.',
        )
    return planned


def _recorded(record: RunRecord, robot: RobotModel, T_tool0_tool: FloatArray) -> RobotTrajectory:
    """The weld trajectory as it was sent; its phases by the times of the weld."""
    times, positions, velocities = np.split(record.trajectory, [1, 7], axis=1)
    times_s = times[:, 0]
    start_s, end_s = (
        time + side for time, side in zip(record.facts.weld_window_s, (-ROUNDED_S, ROUNDED_S), strict=True)
    )
    phases = tuple(
        MotionPhase.APPROACH if time < start_s else MotionPhase.WELD if time <= end_s else MotionPhase.DEPARTURE
        for time in times_s
    )
    return RobotTrajectory(
        robot.joint_names,
        times_s,
        positions,
        velocities,
        np.gradient(velocities, times_s, axis=0),
        robot.forward(positions, T_tool0_tool),
        phases,
    )


def read_seam_path(file: Path) -> SeamPath:
    """A seam from a CSV file: positions in base_link and directions out of the joint, from start to end.

    Raises:
        ConfigurationError: it cannot be read, is in millimetres, or a line is malformed; names the line.
    """
    rows = [_row(cells, f'{file}: line {line}') for line, cells in _lines(file)]
    if len(rows) < 2:
        raise ConfigurationError(f'{file}: a seam has at least 2 points, got {len(rows)}.', _remedy())
    values = np.array(rows)
    farthest = float(np.abs(values[:, :3]).max())
    if farthest > FARTHEST_M:
        raise ConfigurationError(
            f'{file}: a position has the value {farthest:g} in metres; this looks like millimetres.',
            f'Divide the positions by 1000: {",".join(COLUMNS[:3])} are metres in base_link.',
        )
    if np.linalg.norm(np.diff(values[:, :3], axis=0), axis=1).min() < 1e-6:
        raise ConfigurationError(f'{file}: two points that follow each other lie at one position.', _remedy())
    try:
        return _seam_path(values[:, :3], values[:, 3:])
    except ValueError as error:
        raise ConfigurationError(f'{file}: {error}.', _remedy()) from error


def _lines(file: Path) -> list[tuple[int, list[str]]]:
    """Cells of a CSV file with the numbers of their lines, without its header and empty lines.

    Raises:
        ConfigurationError: it cannot be read, or its header names other columns.
    """
    try:
        with file.open(newline='', encoding='utf-8-sig') as stream:
            lines = [(line, cells) for line, cells in enumerate(csv.reader(stream), start=1) if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else 'it is no CSV text'
        raise ConfigurationError(f'{file}: cannot be read ({reason}).', 'Give a run folder or a CSV file.') from error
    if lines and not any(is_number(cell) for cell in lines[0][1]):
        line, header = lines.pop(0)
        if tuple(cell.strip() for cell in header) != COLUMNS:
            raise ConfigurationError(
                f'{file}: line {line} names the columns {",".join(header)[:80]!r}, expected {",".join(COLUMNS)!r}.',
                _remedy(),
            )
    return lines


def _row(cells: list[str], where: str) -> list[float]:
    try:
        row = [float(cell) for cell in cells]
    except ValueError:
        row = []
    if len(row) != len(COLUMNS) or not np.isfinite(row).all():
        raise ConfigurationError(f'{where}: expected 6 numbers, got {",".join(cells)[:60]!r}.', _remedy())
    return row


def _remedy() -> str:
    return f'Each line: {",".join(COLUMNS)}; positions and directions out of the joint in base_link.'


def _seam_path(positions_m: FloatArray, normals: FloatArray) -> SeamPath:
    """Tangents from the neighbours; normals made perpendicular to them.

    Raises:
        ValueError: a normal lies along the seam.
    """
    tangents = unit(np.gradient(positions_m, axis=0, edge_order=2 if len(positions_m) > 2 else 1))
    upright = unit(normals - np.sum(normals * tangents, axis=1, keepdims=True) * tangents)
    steps = np.linalg.norm(np.diff(positions_m, axis=0), axis=1)
    return SeamPath(positions_m, tangents, upright, float(steps.mean()), float(steps.sum()), 0)
