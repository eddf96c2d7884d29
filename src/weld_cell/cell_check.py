"""Checks of a cell's configuration before anything moves: rig, robot, procedures, parameters, models."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weld_cell.calibration.rig import load_rig
from weld_cell.config import Settings
from weld_cell.devices.factory import DeviceSettings
from weld_cell.errors import ConfigurationError, PartLibraryError, WeldCellError
from weld_cell.geometry.work_plane import WorkPlaneSettings
from weld_cell.model_openers import open_model
from weld_cell.models.loader import cards_in, find_model
from weld_cell.operator_page.settings import PageSettings
from weld_cell.part_library import load_library
from weld_cell.parts.settings import PartSettings
from weld_cell.paths import model_file
from weld_cell.programs.settings import load_program_settings
from weld_cell.seam.settings import PathSettings
from weld_cell.settings import load_group, load_plate_settings, load_settings, load_spot_weld_settings
from weld_cell.supervisor.approval import ApprovalSettings
from weld_cell.supervisor.look import FixedSeam
from weld_cell.supervisor.reach import require_reach
from weld_cell.supervisor.settings import LookSettings, ScanSettings, StageLimits
from weld_cell.traceability.settings import RecordSettings
from weld_cell.tracking import TrackingSettings
from weld_cell.trajectory.controller import ControllerSettings
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import RobotModel, load_robot
from weld_cell.trajectory.settings import TrajectorySettings

GROUPS: tuple[tuple[str, str, type[Settings]], ...] = (
    ('part_identifier', 'parts', PartSettings),
    ('part_identifier', 'work_plane', WorkPlaneSettings),
    ('trajectory_publisher', 'trajectory', TrajectorySettings),
    ('cell_supervisor', 'look', LookSettings),
    ('cell_supervisor', 'limits', StageLimits),
    ('cell_supervisor', 'records', RecordSettings),
    ('cell_supervisor', 'trajectory', TrajectorySettings),
    ('cell_supervisor', 'tracking', TrackingSettings),
    ('trajectory_publisher', 'tracking', TrackingSettings),
    ('cell_supervisor', 'path', PathSettings),
    ('cell_supervisor', 'controller', ControllerSettings),
    ('cell_supervisor', 'approval', ApprovalSettings),
    ('laser_sensor', 'device', DeviceSettings),
    ('mako_camera', 'device', DeviceSettings),
    ('operator_page', 'page', PageSettings),
)
"""Node, prefix and kind of settings that no station's file is read for."""


@dataclass(frozen=True)
class CellFiles:
    """Where everything stands.

    Attributes:
        rig, procedures, urdf, limits, parameters, programs: Files.
        parts: Folder of the part library.
    """

    rig: Path
    procedures: Path
    urdf: Path
    limits: Path
    parameters: Path
    programs: Path
    parts: Path


def check_cell(files: CellFiles) -> Iterator[tuple[str, WeldCellError | None]]:
    """What was looked at, and what is wrong with it; every part is looked at, whatever is wrong with the others.

    A fault is reported once: what cannot be checked because of it is left out.
    """
    told: set[str] = set()
    looks: tuple[tuple[str, Callable[[], object]], ...] = (
        (f'rig {files.rig}', lambda: load_rig(str(files.rig))),
        (f'weld procedures {files.procedures}', lambda: load_procedures(str(files.procedures))),
        (f'robot {files.urdf}, {files.limits}', lambda: _robot(files)),
        (f'parameters {files.parameters}', lambda: _parameters(files.parameters)),
        (f'robot programs {files.programs}', lambda: load_program_settings(str(files.programs))),
        ('the nominal seam in the reach of the robot', lambda: _reach(files)),
        (f'parts {files.parts}', lambda: _parts(files.parts)),
        *((f'model {card.stem}', lambda card=card: _model(card)) for card in cards_in(model_file(''))),  # type: ignore[misc]
    )
    for name, look in looks:
        try:
            look()
            yield name, None
            continue
        except WeldCellError as error:
            fault = error
        except ValueError as error:
            fault = ConfigurationError(f'{error}.', 'Correct the value in the file.')
        if fault.message not in told:
            told.add(fault.message)
            yield name, fault


def _robot(files: CellFiles) -> RobotModel:
    robot = load_robot(str(files.urdf), str(files.limits))
    low, high = robot.position_limits_rad.T
    outside = (robot.home_rad < low) | (robot.home_rad > high)
    if outside.any():
        name = robot.joint_names[int(np.flatnonzero(outside)[0])]
        raise ConfigurationError(f'{files.limits}: home_rad of {name} is beyond its limits.', 'Correct home_rad.')
    if robot.acceleration_limits_rad_s2.min() <= 0.0 or robot.velocity_limits_rad_s.min() <= 0.0:
        raise ConfigurationError('A robot joint has a speed or acceleration limit of 0 or less.', 'Correct it.')
    return robot


def _parameters(path: Path) -> None:
    load_settings(path)
    load_plate_settings(path)
    for node, prefix, kind in GROUPS:
        load_group(path, node, prefix, kind)
    load_spot_weld_settings(path)
    FixedSeam(_scan(path)).seams()


def _scan(path: Path) -> ScanSettings:
    return load_group(path, 'cell_supervisor', 'scan', ScanSettings)


def _reach(files: CellFiles) -> None:
    scan = _scan(files.parameters)
    trajectory = load_group(files.parameters, 'cell_supervisor', 'trajectory', TrajectorySettings)
    robot, rig = _robot(files), load_rig(str(files.rig))
    for nominal in FixedSeam(scan).seams():
        require_reach(robot, rig, nominal, scan, trajectory)


def _parts(folder: Path) -> None:
    library = load_library(folder)
    if library.faults:
        raise library.faults[0]
    if not library.parts:
        raise PartLibraryError(
            f'{folder} has no parts.', 'Name the library, or add a first part to it: weld_cell parts add.'
        )


def _model(card: Path) -> None:
    open_model(find_model(str(card)))
