"""Weld procedures for each joint type and for seams between plates, from config/weld_procedures.yaml."""

from dataclasses import dataclass, fields
from typing import Literal

from weld_cell.config import LocatedDict, Settings, bounded, load_yaml, require_key, settings_from_mapping
from weld_cell.errors import ConfigurationError
from weld_cell.records import JointType
from weld_cell.trajectory.adaptive_fill import FILL_KEY, fill_table

PLATE: Literal['plate'] = 'plate'
"""Name of the procedure for a seam that the area camera found between clamped plates: no joint type is voted on."""

WeldProcedureName = JointType | Literal['plate']

PROCEDURE_NAMES: tuple[WeldProcedureName, ...] = (*JointType, PLATE)


@dataclass(frozen=True)
class WeldProcedure(Settings):
    """How one kind of seam is welded. The weave is off: the tool follows the seam.

    Angles at zero put the tool on the bisector of the plates, perpendicular to the travel. Wire feed, current
    and voltage are handed on to the robot program.
    """

    work_angle_deg: float = bounded(
        0.0, -60.0, 60.0, 'deg', 'Turn of the tool about the tangent of the seam, right-hand rule.'
    )
    travel_angle_deg: float = bounded(
        0.0, -45.0, 45.0, 'deg', 'Lean of the tool in the plane of travel; positive: push, wire points ahead.'
    )
    stick_out_mm: float = bounded(12.0, 5.0, 40.0, 'mm', 'Contact tip to workpiece.')
    travel_speed_mm_s: float = bounded(8.0, 1.0, 50.0, 'mm/s', 'Speed of the tool along the seam.')
    approach_distance_mm: float = bounded(50.0, 5.0, 300.0, 'mm', 'Straight move before the start of the seam.')
    approach_speed_mm_s: float = bounded(50.0, 1.0, 500.0, 'mm/s', 'Speed of that move.')
    departure_distance_mm: float = bounded(50.0, 5.0, 300.0, 'mm', 'Straight move after the end of the seam.')
    departure_speed_mm_s: float = bounded(50.0, 1.0, 500.0, 'mm/s', 'Speed of that move.')
    wire_feed_m_min: float = bounded(6.0, 1.0, 25.0, 'm/min', 'Wire feed.')
    current_a: float = bounded(140.0, 20.0, 500.0, 'A', 'Welding current.')
    voltage_v: float = bounded(19.0, 10.0, 45.0, 'V', 'Arc voltage.')


def load_procedures(path: str) -> dict[WeldProcedureName, WeldProcedure]:
    """Read all weld procedures.

    Args:
        path: YAML file: joint type or "plate" -> every field of `WeldProcedure`, and optionally a table for
            `adaptive_fill.load_fill_tables`, which is checked.

    Raises:
        ConfigurationError: unreadable, a procedure or key is missing, unknown or out of range; names file, line, key.
    """
    content = load_yaml(path)
    for name in content:
        if name not in PROCEDURE_NAMES:
            raise ConfigurationError(
                f'{path}: line {content.lines[name]}: unknown weld procedure "{name}".',
                f'Use one of: {", ".join(PROCEDURE_NAMES)}.',
            )
    return {name: _procedure(content, name, path) for name in PROCEDURE_NAMES}


def _procedure(content: LocatedDict, name: WeldProcedureName, path: str) -> WeldProcedure:
    section = require_key(content, name, path)
    where = f'{path}: line {content.lines[name]}: {name}'
    if not isinstance(section, LocatedDict):
        raise ConfigurationError(f'{where}: expected a mapping, got {section!r}.', 'See the file shipped in config/.')
    if FILL_KEY in section:
        fill_table(section, name, path)
    procedure = settings_from_mapping(WeldProcedure, _without_fill(section), f'{path}: {name}')
    for field in fields(WeldProcedure):  # none keeps a default: a weld is qualified with all its numbers
        require_key(section, field.name, where)
    return procedure


def _without_fill(section: LocatedDict) -> LocatedDict:
    rest = LocatedDict({key: value for key, value in section.items() if key != FILL_KEY})
    rest.lines = section.lines
    return rest
