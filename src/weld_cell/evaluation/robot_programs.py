"""Robot programs judged: random welds planned, written, read again, and held against the plan."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from weld_cell.errors import TrajectoryError
from weld_cell.evaluation.program_path import follow, taught_joints
from weld_cell.geometry.transforms import unit
from weld_cell.programs.build import build_program, weld_values
from weld_cell.programs.configuration import (
    inform_configuration,
    krl_configuration,
    rapid_configuration,
    tp_configuration,
)
from weld_cell.programs.languages import program_files, read_text
from weld_cell.programs.settings import AxisSettings, ProgramSettings
from weld_cell.records import (
    FloatArray,
    ProgramLanguage,
    RobotProgram,
    RobotTrajectory,
    SeamPath,
    TaughtMove,
    TaughtProgram,
)
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import WeldProcedure, WeldProcedureName
from weld_cell.trajectory.robot_model import RobotModel
from weld_cell.trajectory.settings import TrajectorySettings

_SPACING_M = 2e-3
_CONFIGURATIONS: dict[ProgramLanguage, Callable[[FloatArray, RobotModel, AxisSettings], tuple[int, ...]]] = {
    ProgramLanguage.RAPID: rapid_configuration,
    ProgramLanguage.KRL: krl_configuration,
    ProgramLanguage.INFORM: inform_configuration,
    ProgramLanguage.TP: tp_configuration,
}
_BOUNDARY_RAD = 2e-4
"""So near to a boundary of the configuration's numbers either side is right."""


@dataclass(frozen=True)
class RoundTrip:
    """What a program that was read again says, against the plan that was written.

    Attributes:
        position_mm: Largest distance of a planned tool position from the path that was read.
        angle_deg: Largest turn of a planned orientation from it.
        joint_deg: Largest difference of robot joints that the targets' configuration and joint targets lead to.
        moves: In the program.
        bytes: Of its files.
    """

    position_mm: float
    angle_deg: float
    joint_deg: float
    moves: int
    bytes: int


def random_seam(rng: Generator) -> SeamPath:
    """A seam somewhere in front of the robot: straight, a circular arc, or a smooth curve in space."""
    length = rng.uniform(0.06, 0.35)
    count = int(length / _SPACING_M) + 2
    along = np.linspace(0.0, length, count)
    shape = rng.choice(['straight', 'arc', 'curve'])
    if shape == 'straight':
        flat = np.column_stack([along, 0.0 * along, 0.0 * along])
    elif shape == 'arc':
        radius = rng.uniform(0.06, 0.6)
        flat = radius * np.column_stack([np.sin(along / radius), 1.0 - np.cos(along / radius), 0.0 * along])
    else:
        knots = np.linspace(0.0, length, 5)
        beside = CubicSpline(knots, rng.uniform(-0.02, 0.02, (5, 2)))
        flat = np.column_stack([along, beside(along)])
    turn = Rotation.from_euler('zyx', [rng.uniform(-np.pi, np.pi), *rng.uniform(-0.3, 0.3, 2)])
    centre = np.array([rng.uniform(0.75, 1.1), rng.uniform(-0.35, 0.35), rng.uniform(0.15, 0.5)])
    points = centre + turn.apply(flat - flat.mean(axis=0))
    tangents = unit(np.gradient(points, axis=0))
    lean = turn.apply(
        np.column_stack([0.0 * along, np.sin(rng.uniform(-0.6, 0.6) * along / length), 1.0 + 0.0 * along])
    )
    normals = unit(lean - np.sum(lean * tangents, axis=1, keepdims=True) * tangents)
    spacing = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    return SeamPath(points, tangents, normals, spacing, spacing * (count - 1), 0)


def random_welds(
    count: int,
    seed: int,
    robot: RobotModel,
    procedures: dict[WeldProcedureName, WeldProcedure],
    T_tool0_tool: FloatArray,
    settings: ProgramSettings,
) -> list[tuple[RobotTrajectory, RobotProgram]]:
    """So many random welds that the robot can do, each with its program."""
    rng = np.random.default_rng(seed)
    found: list[tuple[RobotTrajectory, RobotProgram]] = []
    names = list(procedures)
    while len(found) < count:
        name = names[int(rng.integers(len(names)))]
        start = robot.home_rad + rng.uniform(-0.3, 0.3, 6)
        try:
            trajectory = plan_weld(
                random_seam(rng), procedures[name], robot, T_tool0_tool, start, TrajectorySettings()
            )
        except TrajectoryError:
            continue
        values = weld_values(procedures, str(name), settings.moves)
        program = build_program(trajectory, values, robot, T_tool0_tool, f'weld_{len(found)}', settings.moves)
        found.append((trajectory, program))
    return found


def round_trip(
    trajectory: RobotTrajectory,
    program: RobotProgram,
    language: ProgramLanguage,
    robot: RobotModel,
    settings: ProgramSettings,
) -> RoundTrip:
    """Write the program of a planned weld, read it again, and compare.

    Raises:
        ValueError: moves, speeds or arc events differ, or a configuration leads to no robot joints or to several.
    """
    files = program_files(program, robot, language, settings, armed=True)
    taught = read_text(language, {file.name: file.content.decode('ascii') for file in files}, settings)
    _check_moves(program, taught)
    followed = follow(trajectory, program, taught, robot, settings)
    joints = max(
        _joint_difference(move, planned.target.joints_rad, taught, program, robot, settings)
        for move, planned in zip(taught.moves, program.moves, strict=True)
    )
    size = sum(len(file.content) for file in files)
    worst = 1e3 * float(followed.away_m.max()), float(np.rad2deg(followed.turned_rad.max()))
    return RoundTrip(*worst, float(np.rad2deg(joints)), len(taught.moves), size)


def _check_moves(program: RobotProgram, taught: TaughtProgram) -> None:
    """Kinds, arc events and speeds are those that were written."""
    if len(taught.moves) != len(program.moves):
        raise ValueError(f'{len(program.moves)} moves were written, {len(taught.moves)} read')
    for wrote, read in zip(program.moves, taught.moves, strict=True):
        if (read.kind, read.arc) != (wrote.kind, wrote.arc):
            raise ValueError(f'line {read.line}: {wrote.kind}, arc {wrote.arc} written, {read.kind}, {read.arc} read')
        if wrote.speed_m_s and (read.speed_m_s is None or abs(read.speed_m_s - wrote.speed_m_s) > 1e-4):
            raise ValueError(f'line {read.line}: {wrote.speed_m_s} m/s written, {read.speed_m_s} read')


def _joint_difference(
    move: TaughtMove,
    planned: FloatArray,
    taught: TaughtProgram,
    program: RobotProgram,
    robot: RobotModel,
    settings: ProgramSettings,
) -> float:
    """Radians between the planned robot joints and those that the target leads to; 0 where it names a pose alone."""
    if move.target.joints is not None:
        return float(np.abs(taught_joints(move, taught, robot, settings) - planned).max())
    if taught.language is ProgramLanguage.URSCRIPT or move.target.pose is None:
        return 0.0
    pose = program.T_base_work @ move.target.pose
    fitting = [
        joints
        for joints in _ways(pose, program.T_tool0_tool, robot)
        if _belongs(joints, move.target.configuration, taught.language, robot, settings)
    ]
    if not fitting:
        raise ValueError(f'line {move.line}: no robot joints have the configuration {move.target.configuration}')
    away = [float(np.abs(joints - planned).max()) for joints in fitting]
    if max(away) > min(away) + 0.1:
        raise ValueError(f'line {move.line}: the configuration {move.target.configuration} leaves several ways')
    return min(away)


def _ways(pose: FloatArray, T_tool0_tool: FloatArray, robot: RobotModel) -> list[FloatArray]:
    """Robot joints (6,) that reach a pose, with the whole turns that the limits leave."""
    found = robot.branches(pose[None], T_tool0_tool).joints[0]
    ways = []
    for joints in found[~np.isnan(found).any(axis=1)]:
        for turns in product((-1, 0, 1), repeat=3):
            turned = joints.copy()
            turned[[0, 3, 5]] += 2.0 * np.pi * np.array(turns)
            if np.all((turned >= robot.position_limits_rad[:, 0]) & (turned <= robot.position_limits_rad[:, 1])):
                ways.append(turned)
    return ways


def _belongs(
    joints: FloatArray,
    configuration: tuple[int, ...],
    language: ProgramLanguage,
    robot: RobotModel,
    settings: ProgramSettings,
) -> bool:
    """Whether joints have a configuration; at a boundary both sides count."""
    told = [
        _CONFIGURATIONS[language](joints + side, robot, settings.axes(language))
        for side in (0.0, _BOUNDARY_RAD, -_BOUNDARY_RAD)
    ]
    return len(told[0]) == len(configuration) and all(
        read in sides for read, sides in zip(configuration, zip(*told, strict=True), strict=True)
    )


def summary(trips: list[RoundTrip]) -> dict[str, Any]:
    """The worst of many, and how long the programs are."""
    rows = [asdict(trip) for trip in trips]
    return {
        'seams': len(rows),
        'position_mm_worst': max(row['position_mm'] for row in rows),
        'angle_deg_worst': max(row['angle_deg'] for row in rows),
        'joint_deg_worst': max(row['joint_deg'] for row in rows),
        'moves_median': float(np.median([row['moves'] for row in rows])),
        'moves_most': max(row['moves'] for row in rows),
        'bytes_median': float(np.median([row['bytes'] for row in rows])),
    }
