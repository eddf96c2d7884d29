"""Features of a GenICam camera by name: found, compared with the camera's own range, set, and read back.

The library also sends values outside the range that a feature declares, and some cameras accept them; so they are
compared here.
"""

import contextlib
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from weld_cell.errors import DeviceFeatureError

FeatureValue = bool | int | float | str

SAME_FEATURE = (
    ('ExposureTime', 'ExposureTimeAbs'),  # us
    ('AcquisitionFrameRate', 'AcquisitionFrameRateAbs'),  # Hz
    ('Gain', 'GainAbs'),  # dB
    ('GevSCPSPacketSize', 'PacketSize'),
    ('GevTimestampTickFrequency', 'TimestampTickFrequency'),  # Hz
    ('PtpEnable', 'GevIEEE1588'),
    ('PtpStatus', 'GevIEEE1588Status'),
    ('DeviceLinkThroughputLimit', 'StreamBytesPerSecond'),  # bytes/s
)
"""Names of one feature in the same unit; cameras have one of each row."""
_GATES: dict[str, tuple[str, FeatureValue]] = {
    'ExposureTime': ('ExposureAuto', 'Off'),
    'ExposureTimeAbs': ('ExposureAuto', 'Off'),
    'Gain': ('GainAuto', 'Off'),
    'GainAbs': ('GainAuto', 'Off'),
    'GainRaw': ('GainAuto', 'Off'),
    'BlackLevel': ('BlackLevelAuto', 'Off'),
    'Gamma': ('GammaEnable', True),
    'AcquisitionFrameRate': ('AcquisitionFrameRateEnable', True),
    'DeviceLinkThroughputLimit': ('DeviceLinkThroughputLimitMode', 'On'),
}
"""A feature that cannot be written, or does nothing, before another one has this value."""
_FIRST = ('PixelFormat', 'BinningHorizontal', 'BinningVertical', 'Width', 'Height', 'OffsetX', 'OffsetY')
_LAST = ('TriggerSelector', 'TriggerMode', 'TriggerSource')
_BEHIND = ('Register', 'Reg', 'Converter', 'Integer', 'Int', 'Expr', 'Val', 'Value', 'Formula')
_FLOAT_TOLERANCE = 0.01
_TOLD, _LETTERS, _LIKENESS = 4, 3, 0.6
"""Of similar names: how many are listed, letters that a name within another one has, and how similar they are."""


class FeatureNodes(Protocol):
    """What is used of `telegenic.Camera`; each method raises RuntimeError where a feature is not of its type."""

    def has_feature(self, name: str) -> bool: ...  # noqa: D102
    def feature_names(self) -> list[str]: ...  # noqa: D102
    def access_mode(self, name: str) -> Any: ...  # noqa: D102
    def enum_entries(self, name: str) -> list[str]: ...  # noqa: D102
    def integer_bounds(self, name: str) -> tuple[int, int]: ...  # noqa: D102
    def integer_increment(self, name: str) -> int: ...  # noqa: D102
    def float_bounds(self, name: str) -> tuple[float, float]: ...  # noqa: D102


@dataclass(frozen=True)
class Feature:
    """A feature of a camera as it stands.

    Attributes:
        name: As this camera calls it.
        kind: enum, float, integer, boolean, string or command.
        access: RO, RW or WO.
        value: Its value; empty for a command, or where it cannot be read now.
        low: Smallest value of a number; None for the other kinds.
        high: Largest value.
        increment: Step of an integer.
        entries: Words of an enum.
    """

    name: str
    kind: str
    access: str
    value: FeatureValue
    low: float | None = None
    high: float | None = None
    increment: int = 1
    entries: tuple[str, ...] = ()

    @property
    def range_text(self) -> str:
        """What it may be set to, for people."""
        if self.entries:
            return ', '.join(self.entries)
        if self.low is None or self.high is None or abs(self.high) > 1e300:
            return ''
        step = f', step {self.increment}' if self.increment > 1 else ''
        return f'{self.low:g} to {self.high:g}{step}'


def resolve(nodes: FeatureNodes, name: str) -> str:
    """The name that this camera has for a feature.

    Raises:
        DeviceFeatureError: it has none; names similar ones.
    """
    names = next((row for row in SAME_FEATURE if name in row), (name,))
    candidates: tuple[str, ...] = (name, *names)
    for candidate in candidates:
        if nodes.has_feature(candidate):
            return candidate
    alike = _alike(nodes, name)
    raise DeviceFeatureError(
        f'The camera has no feature {name}.',
        (f'Alike are {", ".join(alike)}. ' if alike else '') + 'weld_cell camera show lists all of them.',
    )


def _alike(nodes: FeatureNodes, name: str) -> list[str]:
    """Features that may be meant, the likeliest first: those with the name in theirs, and those spelt nearly so."""
    features = {feature.name.lower(): feature.name for feature in read_features(nodes)}
    wanted = name.lower()
    within = [other for other in sorted(features, key=len) if len(wanted) >= _LETTERS and wanted in other]
    found = dict.fromkeys(within + difflib.get_close_matches(wanted, features, _TOLD, _LIKENESS))
    return [features[other] for other in list(found)[:_TOLD]]


def read_feature(nodes: FeatureNodes, name: str) -> Feature:
    """A feature as it stands, under the name that the camera has for it.

    Raises:
        DeviceFeatureError: the camera has no such feature, or it is a heading of others.
    """
    name = resolve(nodes, name)
    access = str(nodes.access_mode(name)).rpartition('.')[2]
    with contextlib.suppress(RuntimeError):
        return Feature(name, 'enum', access, _value(nodes, 'enum', name), entries=tuple(nodes.enum_entries(name)))
    with contextlib.suppress(RuntimeError):
        return Feature(name, 'float', access, _value(nodes, 'float', name), *nodes.float_bounds(name))
    with contextlib.suppress(RuntimeError):
        low, high = nodes.integer_bounds(name)
        increment = 1
        with contextlib.suppress(RuntimeError):
            increment = nodes.integer_increment(name)
        kind, value = ('command', '') if access == 'WO' else ('integer', _value(nodes, 'integer', name))
        return Feature(name, kind, access, value, low, high, increment)
    for kind in (
        'float',
        'boolean',
        'integer',
        'string',
    ):  # a number without bounds lets itself be read as a boolean too
        value = _value(nodes, kind, name)
        if value != '':
            return Feature(name, kind, access, value)
    if access == 'WO':
        return Feature(name, 'command', access, '')
    raise DeviceFeatureError(f'{name} of the camera has no value.', 'weld_cell camera show lists its features.')


def read_features(nodes: FeatureNodes, registers_too: bool = False) -> list[Feature]:
    """Every feature as it stands, in the camera's order; headings have no value and are left out.

    Args:
        nodes: The camera.
        registers_too: With the nodes behind the features, which are told by names that go on where a feature's ends.
    """
    names = nodes.feature_names()
    found = []
    for name in names:
        behind = any(
            name.startswith(other) and name[len(other) :].endswith(_BEHIND) for other in names if other != name
        )
        if registers_too or not behind:
            with contextlib.suppress(DeviceFeatureError):
                found.append(read_feature(nodes, name))
    return found


def set_feature(nodes: FeatureNodes, name: str, value: FeatureValue) -> FeatureValue:
    """Set a feature; its value as the camera reads it back.

    Raises:
        DeviceFeatureError: no such feature, another type, outside its range, not to be written now, or the camera has
            another value afterwards.
    """
    feature = read_feature(nodes, name)
    wanted = _checked(feature, value)
    if feature.access == 'RO':
        gate = _GATES.get(feature.name)
        raise DeviceFeatureError(
            f'{feature.name} of the camera cannot be written now; it is {_shown(feature.value)}.',
            f'Set {gate[0]} to {gate[1]} first.' if gate else 'Another feature decides it, or it is fixed.',
        )
    try:
        getattr(nodes, f'set_{feature.kind}')(feature.name, wanted)
    except RuntimeError as error:
        raise DeviceFeatureError(
            f'The camera refuses {feature.name} = {_shown(value)}: {error}.',
            f'It takes {feature.range_text or "none"}.',
        ) from error
    found = _value(nodes, feature.kind, feature.name)
    if not _agrees(found, wanted):
        raise DeviceFeatureError(
            f'{feature.name} was set to {_shown(wanted)}, and the camera has {_shown(found)}.',
            'Use a value that it keeps; another feature may limit this one.',
        )
    return found


def apply_features(nodes: FeatureNodes, wanted: Mapping[str, FeatureValue]) -> dict[str, FeatureValue]:
    """Set features in the order in which cameras take them; their values as read back, by the camera's names.

    A feature that another one keeps shut (ExposureTime by ExposureAuto) opens that one first, unless it is among the
    wanted ones. A region begins at offset 0, so that its size fits whatever it was before.

    Raises:
        DeviceFeatureError: as `set_feature`; the features before it are set.
    """
    named = {resolve(nodes, name): value for name, value in wanted.items()}
    done: dict[str, FeatureValue] = {}
    for axis, size in (('OffsetX', 'Width'), ('OffsetY', 'Height')):
        if size in named and nodes.has_feature(axis):
            done[axis] = set_feature(nodes, axis, 0)
    for name in sorted(named, key=_rank):
        gate = _GATES.get(name)
        if gate is not None and gate[0] not in named and nodes.has_feature(gate[0]):
            done[gate[0]] = set_feature(nodes, *gate)
        done[name] = set_feature(nodes, name, named[name])
    return done


def _rank(name: str) -> tuple[int, int]:
    if name in _FIRST:
        return 0, _FIRST.index(name)
    if name in _LAST:
        return 3, _LAST.index(name)
    opens_another = any(name == gate for gate, _ in _GATES.values())
    return (1 if opens_another else 2), 0


def _checked(feature: Feature, value: FeatureValue) -> FeatureValue:
    """The value in the feature's type, within its range."""
    wanted = _in_type(feature, value)
    outside = not isinstance(wanted, (str, bool)) and not (
        feature.low is None or feature.high is None or feature.low <= wanted <= feature.high
    )
    if outside or (feature.entries and wanted not in feature.entries):
        raise DeviceFeatureError(
            f'{feature.name} = {_shown(value)} is not among the values of the camera: {feature.range_text}.',
            'Correct the value, for instance in cell.yaml.',
        )
    if feature.kind == 'integer' and (int(wanted) - int(feature.low or 0)) % feature.increment:
        below = int(wanted) - (int(wanted) - int(feature.low or 0)) % feature.increment
        raise DeviceFeatureError(
            f'{feature.name} = {wanted} is no step of the camera ({feature.range_text}).',
            f'Use {below} or {below + feature.increment}.',
        )
    return wanted


def _in_type(feature: Feature, value: FeatureValue) -> FeatureValue:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        if feature.kind == 'float':
            return float(value)
        if feature.kind == 'integer' and float(value).is_integer():
            return int(value)
    if feature.kind == 'boolean' and (isinstance(value, bool) or value in (0, 1)):
        return bool(value)
    if feature.kind in ('enum', 'string') and isinstance(value, str):
        return value
    if feature.kind == 'enum' and isinstance(value, bool):  # YAML 1.1 reads Off and On so
        return 'On' if value else 'Off'
    raise DeviceFeatureError(
        f'{feature.name} of the camera is of type {feature.kind}, not {_shown(value)}.',
        f'It takes {feature.range_text}.' if feature.range_text else 'Give a value of its type.',
    )


def _value(nodes: FeatureNodes, kind: str, name: str) -> FeatureValue:
    """Its value; empty where it cannot be read."""
    try:
        value: FeatureValue = getattr(nodes, f'get_{kind}')(name)
    except RuntimeError:
        return ''
    return value


def _agrees(found: FeatureValue, wanted: FeatureValue) -> bool:
    if isinstance(wanted, float) and not isinstance(found, str):
        return math.isclose(found, wanted, rel_tol=_FLOAT_TOLERANCE, abs_tol=_FLOAT_TOLERANCE)
    return found == wanted


def _shown(value: FeatureValue) -> str:
    return f'{value:g}' if isinstance(value, float) else repr(value) if value == '' else str(value)
