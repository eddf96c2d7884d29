"""The shipped robot, its procedures, and planned welds that the tests of programs share."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import load_rig
from weld_cell.evaluation import robot_programs
from weld_cell.geometry.transforms import invert, transform_from_xyz_rpy_deg
from weld_cell.programs.build import build_program, weld_values
from weld_cell.programs.languages import program_files
from weld_cell.programs.settings import MoveSettings, load_program_settings
from weld_cell.records import (
    ArcEvent,
    MoveKind,
    ProgramLanguage,
    ProgramMove,
    ProgramTarget,
    RobotProgram,
    SeamPath,
)
from weld_cell.trajectory.plan import plan_weld
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

CONFIG = Path(__file__).parents[2] / 'config'
GOLDEN = Path(__file__).parent / 'golden'
GOLDEN_WORK = transform_from_xyz_rpy_deg(np.array([0.95, -0.1, 0.25]), np.array([0.0, 0.0, 90.0]))
SETTINGS = load_program_settings(str(CONFIG / 'robot_programs.yaml'))

GOLDEN_SETTINGS = replace(
    SETTINGS,
    inform=replace(SETTINGS.inform, user_frame=1, pulses_per_degree=(1000.0, 1100.0, 900.0, 500.0, 480.0, 250.0)),
    tp=replace(SETTINGS.tp, frame_number=1),
)


@cache
def robot():
    return load_robot(str(CONFIG / 'robot' / 'arc_robot.urdf'), str(CONFIG / 'robot' / 'limits.yaml'))


@cache
def procedures():
    return load_procedures(str(CONFIG / 'weld_procedures.yaml'))


@cache
def welding_tool():
    return load_rig(str(CONFIG / 'rig.yaml')).T_tool0_tool


@cache
def random_welds(count):
    return robot_programs.random_welds(count, 11, robot(), procedures(), welding_tool(), SETTINGS)


def bent_seam():
    """60 mm straight along y, then a quarter of a circle of 80 mm, on a table at 0.2 m; normals up."""
    straight = np.arange(0.0, 60.0, 2.0)
    angle = np.arange(0.0, 90.01, 1.5)
    x = np.concatenate([0.0 * straight, 80.0 * np.cos(np.deg2rad(angle)) - 80.0])
    y = np.concatenate([straight, 60.0 + 80.0 * np.sin(np.deg2rad(angle))])
    points = np.column_stack([1.0 + 1e-3 * x, -0.1 + 1e-3 * y, 0.2 + 0.0 * x])
    heading = np.deg2rad(np.concatenate([0.0 * straight, angle]))
    tangents = np.column_stack([-np.sin(heading), np.cos(heading), 0.0 * heading])
    return SeamPath(points, tangents, np.tile([0.0, 0.0, 1.0], (len(x), 1)), 2e-3, 0.1857, 0)


@cache
def bent_weld(name='lap'):
    """The trajectory along the bent seam."""
    procedure = {str(key): value for key, value in procedures().items()}[name]
    settings = TrajectorySettings(turn_range_deg=0.0)
    return plan_weld(bent_seam(), procedure, robot(), welding_tool(), robot().home_rad, settings)


@cache
def bent_program(name='seam_1', **moves):
    settings = MoveSettings(**moves)
    values = weld_values(procedures(), 'lap', settings)
    return build_program(bent_weld(), values, robot(), welding_tool(), name, settings)


def _target(x, y, z, lean):
    """A place in the work frame, the tool down and leaning, with the robot joints nearest to those at home."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler('xyz', [170.0, lean, 30.0], degrees=True).as_matrix()
    pose[:3, 3] = 1e-3 * np.array([x, y, z])
    ways = robot().branches((GOLDEN_WORK @ pose)[None], welding_tool()).joints[0]
    return ProgramTarget(
        pose, min(ways[~np.isnan(ways).any(axis=1)], key=lambda way: np.abs(way - robot().home_rad).max())
    )


def golden_program():
    """Home, approach, a line and a quarter of a circle of 40 mm, departure; in a work frame turned by 90 degrees."""
    above, start, corner = _target(0, 0, 60, 15), _target(0, 0, 0, 15), _target(80, 0, 0, 15)
    half, end = _target(80 + 40 * np.sqrt(0.5), 40 - 40 * np.sqrt(0.5), 0, 15), _target(120, 40, 0, 15)
    home = ProgramTarget(invert(GOLDEN_WORK) @ robot().forward(robot().home_rad, welding_tool()), robot().home_rad)
    moves = (
        ProgramMove(MoveKind.JOINT, home, 0.0, 0.0),
        ProgramMove(MoveKind.JOINT, above, 0.0, 0.0),
        ProgramMove(MoveKind.LINEAR, start, 0.05, 0.0, ArcEvent.START),
        ProgramMove(MoveKind.LINEAR, corner, 0.008, 1.0, ArcEvent.WELD),
        ProgramMove(MoveKind.CIRCULAR, end, 0.008, 0.0, ArcEvent.END, half),
        ProgramMove(MoveKind.LINEAR, _target(120, 40, 60, 15), 0.05, 0.0),
    )
    values = weld_values(procedures(), 'fillet', MoveSettings())
    made = datetime(2026, 11, 29, 12, 0)
    return RobotProgram('rib_2', welding_tool(), GOLDEN_WORK, 20.0, values, moves, made)


def golden_files():
    """Name and content of each golden file: armed in every language."""
    files = (
        file
        for language in ProgramLanguage
        for file in program_files(golden_program(), robot(), language, GOLDEN_SETTINGS, armed=True)
    )
    return {file.name: file.content for file in files}


if __name__ == '__main__':
    for name, content in golden_files().items():
        (GOLDEN / name).write_bytes(content)
