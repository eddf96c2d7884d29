"""The settings of the whole laser chain, read offline from the same parameter file that the nodes get."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from weld_cell.config import LocatedDict, load_yaml, settings_from_mapping
from weld_cell.errors import ConfigurationError
from weld_cell.joint_type.settings import JointTypeSettings
from weld_cell.seam.settings import PathSettings, SeamSettings
from weld_cell.stripe.settings import StripeSettings

SECTIONS = ('/**', '/**/joint_type', 'joint_type', '/**/seam_detector', 'seam_detector')
"""Sections of the parameter file that concern the laser chain; a later one wins."""


@dataclass(frozen=True)
class PipelineSettings:
    """Settings of every stage of the laser chain; the field's name is the prefix of its ROS parameters."""

    stripe: StripeSettings = StripeSettings()
    joint_type: JointTypeSettings = JointTypeSettings()
    seam: SeamSettings = SeamSettings()
    path: PathSettings = PathSettings()


def load_settings(path: Path) -> PipelineSettings:
    """Read a ROS parameter file such as config/cell.yaml.

    Raises:
        ConfigurationError: missing, malformed, an unknown key or a value out of range; names file and key.
    """
    values: dict[str, Any] = {}
    content = load_yaml(str(path))
    for section in SECTIONS:
        values.update(_flat(_parameters(content, section, path)))
    stages: dict[str, Any] = {}
    for stage in fields(PipelineSettings):
        prefix = f'{stage.name}.'
        mapping = {key[len(prefix):]: value for key, value in values.items() if key.startswith(prefix)}
        kind = type(getattr(PipelineSettings, stage.name))
        stages[stage.name] = settings_from_mapping(kind, mapping, f'{path}: {stage.name}')
    return PipelineSettings(**stages)


def _parameters(content: LocatedDict, section: str, path: Path) -> LocatedDict:
    found = content.get(section, content.get(f'/{section}'))
    if found is None:
        return LocatedDict()
    parameters = found.get('ros__parameters') if isinstance(found, LocatedDict) else None
    if not isinstance(parameters, LocatedDict):
        raise ConfigurationError(
            f'{path}: section "{section}" has no mapping ros__parameters.', 'See the file shipped in config/.')
    return parameters


def _flat(mapping: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    """{'a': {'b': 1}, 'c.d': 2} -> {'a.b': 1, 'c.d': 2}, as ROS names parameters."""
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f'{prefix}{key}.'))
        else:
            flat[f'{prefix}{key}'] = value
    return flat
