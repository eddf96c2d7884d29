"""Settings of the controllers for each language: config/robot_programs.yaml."""

from dataclasses import dataclass

from weld_cell.config import (
    LocatedDict,
    Settings,
    bounded,
    choice,
    load_yaml,
    numbers,
    settings_from_mapping,
    switch,
    text,
)
from weld_cell.errors import ConfigurationError
from weld_cell.records import ProgramLanguage, WeavePattern


@dataclass(frozen=True)
class MoveSettings(Settings):
    """How a planned weld becomes moves, in every language."""

    tolerance_mm: float = bounded(
        0.05, 0.005, 2.0, 'mm', 'Largest distance of a planned tool position from the path of the program.'
    )
    tolerance_deg: float = bounded(
        0.05, 0.005, 5.0, 'deg', 'Largest turn between a planned tool orientation and that of the program.'
    )
    largest_zone_mm: float = bounded(
        1.0, 0.0, 20.0, 'mm', 'Largest blending zone between moves of the weld; smaller where the path bends.'
    )
    joint_speed_pct: float = bounded(20.0, 1.0, 100.0, '%', 'Share of the joint speeds for moves in joint space.')
    work_frame_xyz_mm: tuple[float, ...] = numbers((0.0, 0.0, 0.0), 'mm', 'Origin of the work frame in base_link.')
    work_frame_rpy_deg: tuple[float, ...] = numbers(
        (0.0, 0.0, 0.0), 'deg', 'Fixed-axis roll, pitch, yaw of the work frame in base_link.'
    )
    weave_pattern: str = choice('none', tuple(WeavePattern), 'How the tool moves across the seam while it welds.')
    weave_width_mm: float = bounded(3.0, 0.2, 20.0, 'mm', 'Width of the weave from side to side.')
    weave_length_mm: float = bounded(3.0, 0.5, 20.0, 'mm', 'Travel of one period of the weave.')
    weave_dwell_s: float = bounded(0.0, 0.0, 2.0, 's', 'Stop of the weave at either side.')
    joint_width_mm: float = bounded(
        0.0, 0.0, 60.0, 'mm', 'Width of the joint at its top, which no weave exceeds; 0: not known, and no weave.'
    )


@dataclass(frozen=True)
class AxisSettings(Settings):
    """How the controller counts its axes, against those of the OPW arm (upright at 0, right-hand rule).

    The defaults are those of each maker's usual arm, whose flange frame is tool0 of the URDF.
    """

    axis_signs: tuple[float, ...] = numbers((1.0,) * 6, '', 'Sense of each axis, 1 or -1.')
    axis_zero_deg: tuple[float, ...] = numbers(
        (0.0, 0.0, 90.0, 0.0, 0.0, 0.0), 'deg', 'Angle of the OPW arm at which the controller shows 0.'
    )
    axis_3_follows_2: bool = switch(False, 'Axis 3 is counted from the horizon: axis 2 is taken off what it shows.')

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(abs(sign) != 1.0 for sign in self.axis_signs):
            raise ValueError(f'axis_signs: expected 1 or -1 each, got {self.axis_signs}')


@dataclass(frozen=True)
class RapidSettings(AxisSettings):
    """ABB RAPID."""

    tool_name: str = text('tWeldCell', 'Name of the tooldata that the module declares.')
    work_object: str = text('wobjWeldCell', 'Name of the wobjdata that the module declares.')
    tool_mass_kg: float = bounded(4.0, 0.1, 100.0, 'kg', 'Mass of the welding tool, for its tooldata.')
    wire_feed_unit: str = choice(
        'mm_s', ('mm_s', 'm_min'), 'Unit of the wire feed in welddata (system parameter Units).'
    )
    gas_preflow_s: float = bounded(0.5, 0.0, 10.0, 's', 'Gas before the arc is struck.')
    gas_postflow_s: float = bounded(1.0, 0.0, 20.0, 's', 'Gas after the arc is put out.')


@dataclass(frozen=True)
class KrlSettings(AxisSettings):
    """KUKA KRL with ArcTech Basic."""

    axis_signs: tuple[float, ...] = numbers((-1.0, 1.0, 1.0, -1.0, 1.0, -1.0), '', 'Sense of each axis, 1 or -1.')
    axis_zero_deg: tuple[float, ...] = numbers(
        (0.0, 90.0, 0.0, 0.0, 0.0, 0.0), 'deg', 'Angle of the OPW arm at which the controller shows 0.'
    )
    tool_number: int = bounded(1, 1, 128, '', 'Number of the tool, calibrated at the controller.')
    base_number: int = bounded(1, 1, 128, '', 'Number of the base, calibrated at the controller.')
    job_mode: str = text('Job mode', 'JobModeId of the weld data sets, as the power source is set up in ArcTech.')
    gas_preflow_s: float = bounded(0.5, 0.0, 10.0, 's', 'Gas before the arc is struck.')
    gas_postflow_s: float = bounded(1.0, 0.0, 20.0, 's', 'Gas after the arc is put out.')


@dataclass(frozen=True)
class InformSettings(AxisSettings):
    """Yaskawa INFORM."""

    axis_signs: tuple[float, ...] = numbers((1.0, 1.0, -1.0, -1.0, -1.0, -1.0), '', 'Sense of each axis, 1 or -1.')
    axis_zero_deg: tuple[float, ...] = numbers(
        (0.0, 0.0, 90.0, 0.0, 0.0, 180.0), 'deg', 'Angle of the OPW arm at which the controller shows 0.'
    )
    tool_number: int = bounded(0, 0, 63, '', 'Number of the tool file.')
    user_frame: int = bounded(0, 0, 63, '', 'Number of the user frame; 0: positions in the robot frame.')
    rconf_fields: str = choice(
        '24', ('6', '8', '24'), 'Fields of ///RCONF: 6 on NX100, 24 on DX100, 8 in later jobs.'
    )
    speed_unit: str = choice('mm_s', ('mm_s', 'cm_min'), 'Unit of V= (controller parameter).')
    pulses_per_degree: tuple[float, ...] = numbers(
        (0.0,) * 6,
        'pulse/deg',
        'Of each axis, from the controller (ALL.PRM); all 0: not known, positions RECTAN only.',
    )
    name_length: int = bounded(32, 8, 32, '', 'Longest job name: 8 on NX100.')


@dataclass(frozen=True)
class TpSettings(AxisSettings):
    """FANUC TP."""

    axis_signs: tuple[float, ...] = numbers((1.0, 1.0, -1.0, -1.0, -1.0, -1.0), '', 'Sense of each axis, 1 or -1.')
    axis_zero_deg: tuple[float, ...] = numbers(
        (0.0, 0.0, 90.0, 0.0, 0.0, 180.0), 'deg', 'Angle of the OPW arm at which the controller shows 0.'
    )
    axis_3_follows_2: bool = switch(True, 'Axis 3 is counted from the horizon: axis 2 is taken off what it shows.')
    tool_number: int = bounded(1, 1, 29, '', 'UTOOL, calibrated at the controller.')
    frame_number: int = bounded(0, 0, 61, '', 'UFRAME, calibrated at the controller; 0: the world frame.')
    arc_form: str = choice(
        'weld', ('weld', 'arc'), 'Weld Start[..]/Weld End[..], or the older Arc Start[..]/Arc End[..].'
    )
    weld_procedure: int = bounded(1, 1, 99, '', 'Number of the weld procedure at the controller.')
    weld_schedule: int = bounded(1, 1, 99, '', 'Number of the weld schedule that holds the values.')
    weave_schedule: int = bounded(1, 1, 99, '', 'Number of the weave schedule.')
    name_length: int = bounded(36, 8, 36, '', 'Longest program name: 8 on controllers before R-30iB.')


@dataclass(frozen=True)
class UrScriptSettings(Settings):
    """Universal Robots URScript; the robot joints are those of the URDF."""

    arc_output: int = bounded(0, 0, 7, '', 'Standard digital output that switches the arc.')
    gas_preflow_s: float = bounded(0.5, 0.0, 10.0, 's', 'Time from the output to the travel.')
    acceleration_m_s2: float = bounded(0.5, 0.01, 10.0, 'm/s^2', 'Acceleration of the tool.')
    joint_speed_rad_s: float = bounded(3.14, 0.1, 6.3, 'rad/s', 'Joint speed of which joint moves use a share.')
    joint_acceleration_rad_s2: float = bounded(1.4, 0.1, 40.0, 'rad/s^2', 'Acceleration of joint moves.')


@dataclass(frozen=True)
class ProgramSettings:
    """All sections of config/robot_programs.yaml; the field's name is the section's."""

    moves: MoveSettings = MoveSettings()
    rapid: RapidSettings = RapidSettings()
    krl: KrlSettings = KrlSettings()
    inform: InformSettings = InformSettings()
    tp: TpSettings = TpSettings()
    urscript: UrScriptSettings = UrScriptSettings()

    def axes(self, language: ProgramLanguage) -> AxisSettings:
        """How the controllers of a language count their axes.

        Raises:
            ValueError: its robot joints are those of the URDF.
        """
        section = getattr(self, language.value)
        if not isinstance(section, AxisSettings):
            raise ValueError(f'{language} has no axes of its own')
        return section


def load_program_settings(path: str) -> ProgramSettings:
    """Read the file; a section or key that it does not name keeps its default.

    Raises:
        ConfigurationError: unreadable, or a section or key is unknown, or a value out of range.
    """
    content, default = load_yaml(path), ProgramSettings()
    for name in content:
        if name not in vars(default):
            raise ConfigurationError(
                f'{path}: line {content.lines[name]}: unknown section "{name}".',
                f'Use one of: {", ".join(vars(default))}.',
            )
    sections = {name: _section(content, name, type(value), path) for name, value in vars(default).items()}
    return ProgramSettings(**sections)  # type: ignore[arg-type]


def _section(content: LocatedDict, name: str, kind: type[Settings], path: str) -> Settings:
    mapping = content.get(name, {})
    if not isinstance(mapping, dict):
        raise ConfigurationError(
            f'{path}: line {content.lines[name]}: {name}: expected a mapping, got {mapping!r}.',
            'See the file shipped in config/.',
        )
    try:
        return settings_from_mapping(kind, mapping, f'{path}: {name}')
    except ValueError as error:
        raise ConfigurationError(f'{path}: {name}: {error}.', 'Correct the value in the file.') from error
