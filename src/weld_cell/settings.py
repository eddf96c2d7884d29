"""The settings of the whole laser chain, read offline from the same parameter file that the nodes get."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from weld_cell.config import LocatedDict, settings_from_mapping
from weld_cell.geometry.work_plane import WorkPlaneSettings
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.parameter_file import load_parameter_file
from weld_cell.parts.settings import PartSettings
from weld_cell.seam.settings import PathSettings, SeamSettings
from weld_cell.stripe.settings import StripeSettings

SECTIONS = ('/**', '/**/seam_detector', 'seam_detector')
"""Sections of the parameter file that concern the laser chain; a later one wins."""


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


def load_settings(path: Path) -> PipelineSettings:
    """Read a ROS parameter file such as config/cell.yaml.

    Raises:
        ConfigurationError: missing, malformed, an unknown key or a value out of range; names file, line and key.
    """
    sections = load_parameter_file(str(path))
    found = [sections[name] for section in SECTIONS for name in (section, f'/{section}') if name in sections]
    stages = {stage.name: _stage(found, stage.name, path) for stage in fields(PipelineSettings)}
    return PipelineSettings(**stages)


def _stage(sections: list[LocatedDict], name: str, path: Path) -> Any:
    """The settings of a stage out of sections of which a later one wins."""
    mapping = LocatedDict()
    mapping.lines = {}
    for section in sections:
        for key in section:
            if key.startswith(f'{name}.'):
                field = key.removeprefix(f'{name}.')
                mapping[field], mapping.lines[field] = section[key], section.lines[key]
    return settings_from_mapping(type(getattr(PipelineSettings, name)), mapping, f'{path}: {name}')
