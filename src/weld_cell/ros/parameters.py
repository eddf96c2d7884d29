"""Settings dataclasses as ROS parameters, with the same names, defaults, ranges and descriptions."""

import dataclasses
from enum import Enum
from typing import Any, Generic, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from weld_cell.config import Settings
from weld_cell.errors import ConfigurationError
from weld_cell.paths import config_file
from weld_cell.ros.parameter_files import place_of

S = TypeVar('S', bound=Settings)
E = TypeVar('E', bound=Enum)


class SettingsParameters(Generic[S]):
    """One settings dataclass, declared as the parameters ``prefix.field`` of a node.

    Live parameters can be set while the node runs; a change that the settings refuse is refused with the reason.
    The others are read-only.

    Args:
        node: The node that declares them.
        prefix: Name before the dot, for instance ``stripe``.
        defaults: Settings with the values to use where nobody sets another.
        live: Whether they may change while the node runs; the node reads `settings` each time it uses them.

    Attributes:
        settings: The settings as they stand.

    Raises:
        ConfigurationError: a launch file or parameter file sets a value of the wrong type or out of range, or a
            parameter of this prefix that there is not.
    """

    def __init__(self, node: Node, prefix: str, defaults: S, live: bool = False) -> None:
        self._prefix = prefix
        _refuse_unknown(node, prefix, [field.name for field in dataclasses.fields(defaults)])
        values = {
            field.name: _declare(node, f'{prefix}.{field.name}', field, getattr(defaults, field.name), not live)
            for field in dataclasses.fields(defaults)
        }
        try:
            self.settings: S = dataclasses.replace(defaults, **values)
        except ValueError as error:
            name = f'{prefix}.{str(error).split(":", maxsplit=1)[0]}'
            raise ConfigurationError(
                f'{place_of(name)}parameter {prefix}.{error}.', 'Correct the parameter file or the command line.'
            ) from error
        if live:
            node.add_on_set_parameters_callback(self._check)
            node.add_post_set_parameters_callback(self._apply)

    def _changed(self, parameters: list[Parameter]) -> S | None:
        """The settings with the parameters of this group applied; None if none is of this group."""
        start = f'{self._prefix}.'
        changes = {p.name[len(start) :]: p.value for p in parameters if p.name.startswith(start)}
        return dataclasses.replace(self.settings, **changes) if changes else None

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        try:
            self._changed(parameters)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _apply(self, parameters: list[Parameter]) -> None:
        changed = self._changed(parameters)
        if changed is not None:
            self.settings = changed


class LiveChoice(Generic[E]):
    """A parameter without a prefix that is one word of an enumeration and may be set while the node runs.

    Args:
        node: The node that declares it.
        name: Of the parameter.
        default: Where nobody sets another.
        description: For people.

    Attributes:
        value: As it stands.

    Raises:
        ConfigurationError: a launch file or parameter file sets a value that is none of the words.
    """

    def __init__(self, node: Node, name: str, default: E, description: str) -> None:
        self._name, self._kind = name, type(default)
        self._words = ', '.join(str(word.value) for word in self._kind)
        descriptor = ParameterDescriptor(description=description, additional_constraints=f'One of: {self._words}')
        set_to = _declared_value(node, name, str(default.value), descriptor)
        try:
            self.value: E = self._kind(set_to)
        except ValueError as error:
            raise ConfigurationError(
                f'{_where(name)}: expected one of {self._words}, got {set_to!r}.',
                'Correct the parameter file or the command line.',
            ) from error
        node.add_on_set_parameters_callback(self._check)
        node.add_post_set_parameters_callback(self._apply)

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        wrong = [p.value for p in parameters if p.name == self._name and p.value not in list(self._kind)]
        reason = f'{self._name}: expected one of {self._words}, got {wrong[0]!r}' if wrong else ''
        return SetParametersResult(successful=not wrong, reason=reason)

    def _apply(self, parameters: list[Parameter]) -> None:
        for parameter in parameters:
            if parameter.name == self._name:
                self.value = self._kind(parameter.value)


def declare(node: Node, name: str, default: Any, description: str) -> Any:
    """Declare one read-only parameter that belongs to no stage, and read it.

    Raises:
        ConfigurationError: it is set to a value of the wrong type.
    """
    return _declared_value(node, name, default, ParameterDescriptor(description=description, read_only=True))


def declare_file(node: Node, name: str, default: str, what: str) -> str:
    """Declare the parameter of a configuration file: a path, or empty for the installed one.

    Args:
        node: The node that declares it.
        name: Of the parameter.
        default: Name of the installed file below config/.
        what: What it holds, for people.

    Returns:
        Path of the file to read.

    Raises:
        ConfigurationError: it is set to a value of the wrong type.
    """
    return declare(node, name, '', f'{what}; empty: the installed config/{default}.') or str(config_file(default))


TRACK = 'The weld is tracked: the sensor looks ahead of the tool, whose path is corrected on the way.'


def declare_rig(node: Node, track: bool | None = None) -> str:
    """Declare the parameter of the calibrated rig, `rig_file`; path of the file to read.

    Args:
        node: The node that declares it.
        track: Whether welds are tracked, which takes another rig where none is named; None: declare that, too.

    Raises:
        ConfigurationError: it is set to a value of the wrong type.
    """
    tracks = declare(node, 'track', False, TRACK) if track is None else track
    what = 'Calibrated rig; with track empty is config/rig_tracking.yaml'
    named = declare_file(node, 'rig_file', 'rig.yaml', what)
    shipped = str(config_file('rig.yaml'))
    return str(config_file('rig_tracking.yaml')) if tracks and named == shipped else named


def declare_mapping(node: Node, prefix: str, description: str) -> dict[str, Any]:
    """Declare whatever is set below ``prefix.``, for names that only a device knows; names and values.

    rclpy has no public list of what is set but not declared.

    Raises:
        ConfigurationError: one of them is neither a number, nor text, nor a switch.
    """
    start = f'{prefix}.'
    found = {}
    for name in [name for name in node._parameter_overrides if name.startswith(start)]:
        value = node._parameter_overrides[name].value
        if not isinstance(value, (bool, int, float, str)):
            raise ConfigurationError(
                f'{_where(name)}: expected a number, a word or a switch, got {value!r}.',
                'Correct the parameter file.',
            )
        found[name.removeprefix(start)] = declare(node, name, value, description)
    return found


def _refuse_unknown(node: Node, prefix: str, known: list[str]) -> None:
    """rclpy keeps quiet about a misspelt parameter, and the default would stand.

    It has no public list of what is set but not declared.
    """
    for name in node._parameter_overrides:
        if name.startswith(f'{prefix}.') and name.removeprefix(f'{prefix}.') not in known:
            raise ConfigurationError(
                f'{place_of(name)}unknown parameter {name}.', f'{prefix}. has: {", ".join(sorted(known))}.'
            )


def _declare(node: Node, name: str, field: 'dataclasses.Field[Any]', default: Any, read_only: bool) -> Any:
    descriptor = parameter_descriptor(field)
    descriptor.read_only = read_only
    return _declared_value(node, name, list(default) if isinstance(default, tuple) else default, descriptor)


def _declared_value(node: Node, name: str, default: Any, descriptor: ParameterDescriptor) -> Any:
    try:
        return node.declare_parameter(name, default, descriptor).value
    except InvalidParameterTypeException as error:
        raise ConfigurationError(
            f'{_where(name)}: expected {type(default).__name__}, for instance {default!r} ({error}).',
            'Correct the parameter file or the command line; a float is written with its point (40.0).',
        ) from error
    except InvalidParameterValueException as error:
        raise ConfigurationError(
            f'{_where(name)}: {error}', 'Correct the parameter file or the command line.'
        ) from error


def _where(name: str) -> str:
    return f'{place_of(name)}parameter {name}'


def parameter_descriptor(field: 'dataclasses.Field[Any]') -> ParameterDescriptor:
    """Description, unit, range and options of a settings field."""
    unit = field.metadata['unit']
    descriptor = ParameterDescriptor(description=field.metadata['doc'] + (f' [{unit}]' if unit else ''))
    if 'options' in field.metadata:
        descriptor.additional_constraints = 'One of: ' + ', '.join(field.metadata['options'])
    if 'low' in field.metadata:
        low, high = field.metadata['low'], field.metadata['high']
        if isinstance(field.default, float):
            descriptor.floating_point_range = [FloatingPointRange(from_value=float(low), to_value=float(high))]
        else:
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
    return descriptor
