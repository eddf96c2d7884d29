"""Launch files: from XML to actions, with what they include, and their evaluation.

Parsing turns entities into actions and checks the whole file, evaluated or not. Evaluating executes the
actions in order on a `Scope`, which collects the processes to start. Nothing runs before all is evaluated.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pip_ros.errors import LaunchError, Ros2Error, UnsupportedError
from pip_ros.launch.actions import (
    Action,
    Argument,
    Conditional,
    Group,
    Let,
    Located,
    PushNamespace,
    SetEnvironment,
)
from pip_ros.launch.entity import Entity, read_xml
from pip_ros.launch.process import parse_executable, parse_node
from pip_ros.launch.scope import Scope
from pip_ros.launch.substitutions import Template, Text, parse, perform, unescape
from pip_ros.launch.values import coerce


@dataclass(frozen=True)
class Include:
    """``<include file>`` with nested ``<let>`` (or ``<arg>``) ``name value``; not a scope of its own."""

    file: Template
    arguments: tuple[tuple[Template, Template], ...]

    def execute(self, scope: Scope) -> None:
        """Execute the actions of the file.

        Raises:
            LaunchError: the file cannot be loaded, or an argument that it requires is not given here.
        """
        path = Path(perform(self.file, scope)).absolute()
        actions, deprecated = load(path)
        if deprecated is not None:
            scope.warnings.append(f'launch file [{path}] is deprecated: {deprecated}')
        scope.file = str(path)
        arguments = [(perform(name, scope), value) for name, value in self.arguments]
        _check_required(actions, [name for name, _ in arguments])
        for name, value in arguments:
            scope.configurations[name] = perform(value, scope)
        for action in actions:
            action.execute(scope)

    def actions_ahead(self) -> list[Action]:
        """The file's actions as far as they can be known before the launch; empty where they cannot."""
        try:
            return load(Path(perform(self.file, Scope({}, {}, '', Path())))).actions
        except (Ros2Error, OSError):
            return []


def _check_required(actions: Iterable[Action], given: list[str]) -> None:
    for argument, conditional, given_inside in declared_arguments(actions):
        if conditional or argument.default is not None or argument.name in (*given, *given_inside):
            continue
        raise LaunchError(
            f"Included launch description missing required argument '{argument.name}' "
            f"(description: '{argument.description}'), given: [{', '.join(given)}]"
        )


def declared_arguments(
    actions: Iterable[Action],
    conditional: bool = False,
    given: tuple[str, ...] = (),
) -> Iterator[tuple[Argument, bool, tuple[str, ...]]]:
    """Arguments of a launch file, of its groups and of what it includes, each name once.

    Yields:
        The argument, whether it depends on a condition, and the names given to it by inclusions.
    """
    names = set()
    for argument, *rest in _all_arguments(actions, conditional, given):
        if argument.name not in names:
            names.add(argument.name)
            yield argument, *rest  # type: ignore[misc]


def _all_arguments(
    actions: Iterable[Action],
    conditional: bool,
    given: tuple[str, ...],
) -> Iterator[tuple[Argument, bool, tuple[str, ...]]]:
    for action in actions:
        inside_condition = conditional
        while isinstance(action, Located | Conditional):
            inside_condition |= isinstance(action, Conditional)
            action = action.action
        if isinstance(action, Argument):
            yield action, inside_condition, given
        elif isinstance(action, Group):
            yield from _all_arguments(action.actions, inside_condition, given)
        elif isinstance(action, Include):
            names = tuple(part.text for name, _ in action.arguments for part in name if isinstance(part, Text))
            yield from _all_arguments(action.actions_ahead(), inside_condition, (*given, *names))


class LaunchFile(NamedTuple):
    """What a launch file does, and why it should not be used; None if it may be."""

    actions: list[Action]
    deprecated: str | None


def load(path: Path) -> LaunchFile:
    """Read and parse a launch file.

    Raises:
        LaunchError: it is malformed; names file, line and element.
        UnsupportedError: it needs what only the real launch has.
    """
    if path.suffix in ('.py', '.yaml', '.yml'):
        raise UnsupportedError(f'a launch file in {"Python" if path.suffix == ".py" else "YAML"}', str(path))
    root = read_xml(path)
    if root.tag != 'launch':
        raise root.error("expected 'launch' as root tag")
    return LaunchFile([_parse(child) for child in root.all_children()], root.get('deprecated'))


def _parse(entity: Entity) -> Action:
    if entity.tag in UNSUPPORTED:
        raise UnsupportedError('this entity', entity.place)
    if entity.tag not in PARSERS:
        raise entity.error(f'unknown entity; known are {", ".join(PARSERS)}')
    try:
        action = _with_condition(entity, Located(entity, PARSERS[entity.tag](entity)))
    except Ros2Error as error:
        error.locate(entity.place)
        raise
    entity.check_complete()
    return action


def _with_condition(entity: Entity, action: Action) -> Action:
    condition, negated = entity.get('if'), entity.get('unless')
    if condition is not None and negated is not None:
        raise entity.error("'if' and 'unless' exclude each other")
    text = negated if condition is None else condition
    if text is None:
        return action
    return Located(entity, Conditional(parse(text), condition is not None, action))


def _parse_argument(entity: Entity) -> Argument:
    default, description = entity.get('default'), entity.get('description')
    choices = tuple(unescape(choice.require('value')) for choice in entity.nested('choice'))
    for choice in entity.nested('choice'):
        choice.check_complete()
    template = None if default is None else parse(default)
    return Argument(
        unescape(entity.require('name')), template, None if description is None else unescape(description), choices
    )


def _parse_group(entity: Entity) -> Group:
    if 'forwarding' in entity.attributes or any(child.tag == 'keep' for child in entity.children):
        raise UnsupportedError("'forwarding' and <keep>", entity.place)
    scoped = entity.get('scoped')
    try:
        is_scoped = scoped is None or coerce(scoped, 'bool')
    except ValueError as error:
        raise entity.error(f"'scoped' takes true or false and no substitutions ({error})") from error
    return Group(tuple(_parse(child) for child in entity.all_children()), bool(is_scoped))


def _parse_include(entity: Entity) -> Include:
    # <let> came with Jazzy's launch 3.4.7 (October 2025); <arg> is understood by all.
    arguments = []
    for child in (*entity.nested('arg'), *entity.nested('let')):
        arguments.append((parse(child.require('name')), parse(child.require('value'))))
        child.check_complete()
    return Include(parse(entity.require('file')), tuple(arguments))


def _parse_push_namespace(entity: Entity) -> PushNamespace:
    return PushNamespace(parse(entity.require('namespace')), entity)


PARSERS: dict[str, Callable[[Entity], Action]] = {
    'arg': _parse_argument,
    'let': lambda entity: Let(parse(entity.require('name')), parse(entity.require('value'))),
    'include': _parse_include,
    'group': _parse_group,
    'push_ros_namespace': _parse_push_namespace,
    'push-ros-namespace': _parse_push_namespace,
    'node': parse_node,
    'executable': parse_executable,
    'set_env': lambda entity: SetEnvironment(parse(entity.require('name')), parse(entity.require('value'))),
    'unset_env': lambda entity: SetEnvironment(parse(entity.require('name')), None),
}

# What launch and launch_ros of Jazzy have beyond these.
UNSUPPORTED = frozenset(
    (
        'append_env',
        'load_composable_node',
        'log',
        'node_container',
        'reset',
        'reset_env',
        'ros_timer',
        'set_parameter',
        'set_parameters_from_file',
        'set_remap',
        'set_ros_log_dir',
        'set_use_sim_time',
        'shutdown',
        'timer',
    )
)


def evaluate(path: Path, arguments: dict[str, str], environment: dict[str, str], scratch: Path) -> Scope:
    """Evaluate a launch file: everything that it would start, with nothing started.

    Args:
        path: The launch file.
        arguments: Launch arguments by name.
        environment: The environment that it sees.
        scratch: Folder for parameter files; must outlive the processes.

    Raises:
        LaunchError: the file is malformed or cannot be carried out.
        UnsupportedError: it needs what only the real launch has.
    """
    scope = Scope({}, dict(environment), str(path), scratch)
    names = tuple(((Text(name),), (Text(value),)) for name, value in arguments.items())
    try:
        Include((Text(str(path)),), names).execute(scope)
    except Ros2Error as error:
        error.locate(str(path))
        raise
    return scope
