"""One pose in JSON, YAML or a table: a matrix, or position and rotation, under many key names.

What is said without doubt is read: a matrix, a quaternion whose four parts have names, angles whose unit is named. Of
bare numbers `--turns` and `--unit` say what they mean.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from weld_cell.calibration.poses import (
    KUKA_DEG,
    MATRIX,
    QUATERNION_WXYZ,
    QUATERNION_XYZW,
    ROTVEC_DEG,
    ROTVEC_RAD,
    RPY_DEG,
    RPY_RAD,
)
from weld_cell.errors import ConfigurationError

TURN_COLUMNS = {
    ('qx', 'qy', 'qz', 'qw'): QUATERNION_XYZW,
    ('rx_deg', 'ry_deg', 'rz_deg'): RPY_DEG,
    ('roll_deg', 'pitch_deg', 'yaw_deg'): RPY_DEG,
    ('rx_rad', 'ry_rad', 'rz_rad'): RPY_RAD,
    ('roll_rad', 'pitch_rad', 'yaw_rad'): RPY_RAD,
    ('w_deg', 'p_deg', 'r_deg'): RPY_DEG,
    ('a_deg', 'b_deg', 'c_deg'): KUKA_DEG,
    ('vx_rad', 'vy_rad', 'vz_rad'): ROTVEC_RAD,
    ('vx_deg', 'vy_deg', 'vz_deg'): ROTVEC_DEG,
}
TURN_KEYS = {
    'quaternion_xyzw': QUATERNION_XYZW,
    'quaternion_wxyz': QUATERNION_WXYZ,
    'rpy_deg': RPY_DEG,
    'rpy_rad': RPY_RAD,
    'abc_deg': KUKA_DEG,
    'rotation_vector_rad': ROTVEC_RAD,
    'rotation_vector_deg': ROTVEC_DEG,
}
UNITS = {'m': 1.0, 'mm': 0.001}
IMAGE_KEYS = (
    'image', 'images', 'filename', 'file_name', 'file', 'file_path', 'image_file', 'image_name', 'image_path', 'img',
    'name', 'path', 'frame', 'frame_id', 'id', 'index', 'number', 'timestamp', 'stamp', 'time', 't', 'header',
)  # fmt: skip
_WRAPPERS = (
    'pose', 'transform', 'robot_pose', 'robot', 'tcp_pose', 'tcp', 'ee_pose', 'end_effector', 'effector', 'hand',
    'gripper', 'gripper2base', 'effector_wrt_world', 'transform_matrix', 'matrix', 'T', 'T_base_tool0', 'T_base_hand',
    'T_base_tool', 'T_base_ee', 'T_gripper2base', 'base_T_tool', 'base_to_tool', 'base2gripper',
)  # fmt: skip
_POSITIONS = ('xyz_m', 'xyz_mm', 'position', 'translation', 'xyz', 'pos', 'trans', 'tvec', 'p', 't')
_TURNS = ('orientation', 'rotation', 'quaternion', 'quat', 'rot', 'rotation_matrix', 'R', 'q', 'rpy', 'euler', 'rvec')
_PREFIXES = (
    '',
    't',
    'p',
    'pos',
    'position',
    'trans',
    'translation',
    'tcp',
    'tool',
    'pose',
    'p_rs_r',
    'pose.position',
)
_QUATERNIONS = ('q', 'quat', 'quaternion', 'orientation', 'rotation', 'rot', 'o', 'q_rs', 'pose.orientation')
_BARE_TURNS = (
    ('rx', 'ry', 'rz'),
    ('roll', 'pitch', 'yaw'),
    ('a', 'b', 'c'),
    ('r', 'p', 'y'),
    ('w', 'p', 'r'),
    ('vx', 'vy', 'vz'),
)
_REMEDY = 'See `weld_cell calibrate hand-eye --help` for the forms that are read.'


class PoseEntry(NamedTuple):
    """A pose: shift in metres, the numbers of its turn, and what they mean (a key of `poses.READINGS`)."""

    shift_m: list[float]
    numbers: list[float]
    reading: str


class Meaning(NamedTuple):
    """What bare numbers mean: a key of `TURN_KEYS` or nothing, and one of `UNITS`."""

    turns: str = ''
    unit: str = 'm'


def number(text: Any, where: str) -> float:
    """A finite number.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = np.nan
    if not np.isfinite(value):
        raise ConfigurationError(f'{where}: expected a number, got {text!r}.', _REMEDY)
    return value


def row_of(values: Any, counts: Sequence[int], where: str) -> list[float]:
    """So many finite numbers, nested or not.

    Raises:
        ConfigurationError: they are not.
    """
    try:
        row = np.asarray(values, float).ravel()
    except (TypeError, ValueError):
        row = np.empty(0)
    if len(row) not in counts or not np.isfinite(row).all():
        raise ConfigurationError(
            f'{where}: expected {" or ".join(map(str, counts))} numbers, got {values!r}.', _REMEDY
        )
    numbers: list[float] = row.tolist()
    return numbers


def bare_pose(values: Sequence[float], meaning: Meaning, where: str) -> PoseEntry:
    """A pose of 6, 7, 12 or 16 numbers.

    Raises:
        ConfigurationError: what those of the turn mean is not said.
    """
    scale = UNITS[meaning.unit]
    if len(values) in (12, 16):
        matrix = np.reshape(values, (-1, 4))
        return PoseEntry((scale * matrix[:3, 3]).tolist(), matrix[:3, :3].ravel().tolist(), MATRIX)
    turn = list(values[3:])
    return PoseEntry([scale * value for value in values[:3]], turn, _reading(len(turn), meaning, where))


def _reading(count: int, meaning: Meaning, where: str) -> str:
    if count == 9:
        return MATRIX
    reading = TURN_KEYS.get(meaning.turns) or (QUATERNION_XYZW if count == 4 else '')
    if not reading or (count == 4) != reading.startswith('quaternion'):
        raise ConfigurationError(
            f'{where}: what the {count} numbers of a rotation mean is not specified.',
            f'Name it with --turns: {", ".join(TURN_KEYS)}; and the unit of the positions with --unit.',
        )
    return reading


def entry_pose(entry: Any, meaning: Meaning, where: str) -> PoseEntry:
    """A pose out of JSON or YAML.

    Args:
        entry: A mapping, or numbers.
        meaning: Of bare numbers.
        where: For messages.

    Raises:
        ConfigurationError: it is not to be understood; says what would be.
    """
    if not isinstance(entry, Mapping):
        return bare_pose(row_of(entry, (6, 7, 12, 16), where), meaning, where)
    if 'data' in entry and 'rows' in entry:  # as OpenCV writes a matrix
        return entry_pose(entry['data'], meaning, where)
    keys = {str(key): key for key in entry}
    if {'x', 'y', 'z', 'qx', 'qy', 'qz', 'qw'} <= keys.keys():
        flat = [number(entry[key], where) for key in ('x', 'y', 'z', 'qx', 'qy', 'qz', 'qw')]
        return bare_pose(flat, Meaning('', meaning.unit), where)
    position = next((key for key in _POSITIONS if key in keys and _is_three(entry[keys[key]])), None)
    turn = next((key for key in (*TURN_KEYS, *_TURNS) if key in keys), None)
    if position is not None and turn is not None:
        unit = position.removeprefix('xyz_') if position.startswith('xyz_') else meaning.unit
        shift = [UNITS[unit] * value for value in _three(entry[position], where)]
        return PoseEntry(shift, *_turn(turn, entry[turn], meaning, where))
    wrapped = next((key for key in _WRAPPERS if key in keys), None)
    if wrapped is not None:
        return entry_pose(entry[wrapped], meaning, where)
    raise ConfigurationError(
        f'{where}: {", ".join(keys)}: expected xyz_m or xyz_mm, and one of {", ".join(TURN_KEYS)}, or matrix.',
        _REMEDY,
    )


def _is_three(values: Any) -> bool:
    return isinstance(values, Mapping) and {'x', 'y', 'z'} <= values.keys() or np.size(values) == 3


def _three(values: Any, where: str) -> list[float]:
    if isinstance(values, Mapping):
        return [number(values[axis], where) for axis in 'xyz']
    return row_of(values, (3,), where)


def _turn(key: str, values: Any, meaning: Meaning, where: str) -> tuple[list[float], str]:
    if isinstance(values, Mapping) and {'x', 'y', 'z', 'w'} <= values.keys():
        return [number(values[part], where) for part in 'xyzw'], QUATERNION_XYZW
    if isinstance(values, Mapping) and 'data' in values:
        values = values['data']
    if key in TURN_KEYS:
        return row_of(values, (4 if 'quaternion' in key else 3,), where), TURN_KEYS[key]
    numbers = row_of(values, (3, 4, 9), where)
    return numbers, _reading(len(numbers), meaning, where)


class Columns(NamedTuple):
    """Which columns of a table hold a pose: names of three, of three or more, the scale to metres, the reading."""

    shift: tuple[str, ...]
    turn: tuple[str, ...]
    scale: float
    reading: str


def pose_columns(names: Sequence[str], meaning: Meaning, where: str) -> Columns:
    """The columns of a pose.

    Args:
        names: Of all columns, as they stand there; a unit may follow as _m, [mm] or (deg).
        meaning: Of columns without a unit.
        where: For messages.

    Raises:
        ConfigurationError: there are none, or what they mean is not said.
    """
    by_plain = {plain_column(name): name for name in names}
    shift = next(
        (
            (found, unit)
            for unit in ('m', 'mm', '')
            for prefix in _PREFIXES
            if (found := _three_columns(by_plain, prefix, f'_{unit}' if unit else '')) is not None
        ),
        None,
    )
    turn = next(((group, reading) for group, reading in TURN_COLUMNS.items() if set(group) <= by_plain.keys()), None)
    if turn is None:
        named = (found for prefix in _QUATERNIONS if (found := _joined(by_plain, prefix, 'xyzw')) is not None)
        turn = next(((group, QUATERNION_XYZW) for group in named), None)
    if turn is None and (bare := next((g for g in _BARE_TURNS if set(g) <= by_plain.keys()), None)):
        turn = bare, _reading(3, meaning, f'{where}: columns {", ".join(bare)}')
    if shift is None or turn is None:
        raise ConfigurationError(
            f'{where}: columns "{", ".join(names)}": expected image, x_m, y_m, z_m (or x_mm, y_mm, z_mm) and one of '
            + '; '.join(', '.join(group) for group in TURN_COLUMNS)
            + '.',
            _REMEDY,
        )
    scale = UNITS[shift[1] or meaning.unit]
    return Columns(shift[0], tuple(by_plain[key] for key in turn[0]), scale, turn[1])


def plain_column(name: str) -> str:
    """A column's name in small letters, its unit behind an underscore: `p_RS_R_x [m]` is p_rs_r_x_m."""
    text = re.sub(r'[\[(]\s*(\w*)\s*[\])]', r' \1', name.strip().lstrip('#').lower()).strip()
    return re.sub(r'\s+', '_', text).replace('degrees', 'deg').replace('radians', 'rad')


def _three_columns(by_plain: Mapping[str, str], prefix: str, suffix: str) -> tuple[str, ...] | None:
    return next(
        (
            tuple(by_plain[name] for name in names)
            for joint in (('',) if not prefix else ('', '_', '.'))
            if set(names := [f'{prefix}{joint}{axis}{suffix}' for axis in 'xyz']) <= by_plain.keys()
        ),
        None,
    )


def _joined(by_plain: Mapping[str, str], prefix: str, parts: str) -> tuple[str, ...] | None:
    return next(
        (
            names
            for joint in ('', '_', '.')
            if set(names := tuple(f'{prefix}{joint}{part}' for part in parts)) <= by_plain.keys()
        ),
        None,
    )
