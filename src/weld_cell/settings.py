"""The stations' settings, read offline from the nodes' parameter file."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from weld_cell.config import LocatedDict, Settings, settings_from_mapping
from weld_cell.geometry.work_plane import WorkPlaneSettings
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.parameter_file import load_parameter_file, sections_of
from weld_cell.parts.settings import PartSettings
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.plate_seam.settings import LocateSettings, PlateSeamSettings
from weld_cell.seam.settings import PathSettings, SeamSettings
from weld_cell.spot_weld.find import FindSettings
from weld_cell.spot_weld.settings import SpotWeldSettings
from weld_cell.stripe.settings import StripeSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar('S', bound='DataclassInstance')
Group = TypeVar('Group', bound=Settings)


@dataclass(frozen=True)
class VoteSettings:
    """Settings of the vote on the joint type; the field's name is the prefix of its ROS parameters."""

    stripe: StripeSettings = StripeSettings()
    joint_type: JointTypeSettings = JointTypeSettings()


@dataclass(frozen=True)
class PipelineSettings(VoteSettings):
    """Settings of every stage of the laser chain."""

    seam: SeamSettings = SeamSettings()
    path: PathSettings = PathSettings()


@dataclass(frozen=True)
class PartStationSettings:
    """Settings of the look at the part on the table; the field's name is the prefix of its ROS parameters."""

    parts: PartSettings = PartSettings()
    work_plane: WorkPlaneSettings = WorkPlaneSettings()


@dataclass(frozen=True)
class PlateSeamStationSettings:
    """Settings of the look at clamped plates; the field's name is the prefix of its ROS parameters."""

    plates: PlatesSettings = PlatesSettings()
    locate: LocateSettings = LocateSettings()
    plate_seam: PlateSeamSettings = PlateSeamSettings()
    work_plane: WorkPlaneSettings = WorkPlaneSettings()


@dataclass(frozen=True)
class SpotWeldStationSettings:
    """Settings of the look at spot welds; the field's name is the prefix of its ROS parameters."""

    spot_weld: SpotWeldSettings = SpotWeldSettings()
    spot_weld_find: FindSettings = FindSettings()
    work_plane: WorkPlaneSettings = WorkPlaneSettings()


def load_settings(path: Path) -> PipelineSettings:
    """The settings of the laser chain in a ROS parameter file such as config/cell.yaml.

    Raises:
        ConfigurationError: missing, malformed, an unknown key or a value out of range; names file, line and key.
    """
    return _load(path, 'seam_detector', PipelineSettings())


def load_plate_settings(path: Path) -> PlateSeamStationSettings:
    """The settings of the look at plates in a ROS parameter file; raises as `load_settings`."""
    return _load(path, 'plate_seam_detector', PlateSeamStationSettings())


def load_spot_weld_settings(path: Path) -> SpotWeldStationSettings:
    """The settings of the look at spot welds in a ROS parameter file; raises as `load_settings`."""
    return _load(path, 'spot_weld_inspector', SpotWeldStationSettings())


def load_group(path: Path, node: str, prefix: str, kind: type[Group]) -> Group:
    """Settings of a node in a ROS parameter file whose parameters have this prefix; raises as `load_settings`."""
    group = _stage(sections_of(load_parameter_file(str(path)), node), prefix, kind, path)
    assert isinstance(group, kind), 'asked for'
    return group


def _load(path: Path, node: str, defaults: S) -> S:
    """The settings that a node is given by a file: of the sections that concern it a later one wins."""
    found = sections_of(load_parameter_file(str(path)), node)
    stages = {
        stage.name: _stage(found, stage.name, type(getattr(defaults, stage.name)), path) for stage in fields(defaults)
    }
    return replace(defaults, **stages)


def _stage(sections: list[LocatedDict], name: str, kind: type[Settings], path: Path) -> Settings:
    """The settings of a stage out of sections of which a later one wins."""
    mapping = LocatedDict()
    mapping.lines = {}
    for section in sections:
        for key in section:
            if key.startswith(f'{name}.'):
                field = key.removeprefix(f'{name}.')
                mapping[field], mapping.lines[field] = section[key], section.lines[key]
    return settings_from_mapping(kind, mapping, f'{path}: {name}')
