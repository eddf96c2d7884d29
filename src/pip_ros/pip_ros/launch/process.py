"""``<executable>`` and ``<node>``: from the element to the command line that ROS 2 would run."""

import re
import shlex
from dataclasses import dataclass, replace
from pathlib import PurePath

from pip_ros import packages
from pip_ros.errors import LaunchError, UnsupportedError
from pip_ros.launch.command_line import split_command_line
from pip_ros.launch.entity import Entity
from pip_ros.launch.parameters import ParameterSource, parse_parameter
from pip_ros.launch.scope import DEFAULT_PATIENCE_S, ProcessPlan, Scope
from pip_ros.launch.substitutions import Template, parse, perform
from pip_ros.launch.values import coerce

OUTPUTS = ('screen', 'log', 'both')
_NODE_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
_NAMESPACE = re.compile(r'/|(/[A-Za-z_][A-Za-z0-9_]*)+')


@dataclass(frozen=True)
class ProcessOptions:
    """The attributes that ``<executable>`` and ``<node>`` share."""

    entity: Entity
    cwd: Template | None
    prefix: Template | None
    output: Template
    respawn: Template
    respawn_delay_s: float
    respawn_max_retries: int
    shutdown_on_exit: bool
    sigterm_timeout_s: float | None
    sigkill_timeout_s: float | None
    environment: tuple[tuple[Template, Template], ...]

    def plan(self, scope: Scope, command: list[str], label: str | None, program: str | None = None) -> ProcessPlan:
        """Add the process to the plan.

        Args:
            scope: Where the evaluation stands.
            command: Program and arguments.
            label: Name in the log; if None, that of the prefix, else of the program.
            program: Name of the program, where its file has another one.
        """
        prefix = parse(scope.configurations.get('launch-prefix', '')) if self.prefix is None else self.prefix
        before = shlex.split(perform(prefix, scope))
        name = label or (PurePath(before[0]).name if before else program or PurePath(command[0]).name)
        plan = ProcessPlan(
            label=f'{name}-{len(scope.processes) + 1}',
            command=(*before, *command),
            environment=scope.environment
            | {perform(name, scope): perform(value, scope) for name, value in self.environment},
            cwd=None if self.cwd is None else perform(self.cwd, scope),
            output=self._output(scope),
            respawn=self._respawn(scope),
            respawn_delay_s=self.respawn_delay_s,
            respawn_max_retries=self.respawn_max_retries,
            shutdown_on_exit=self.shutdown_on_exit,
            sigterm_timeout_s=self._patience(scope, 'sigterm_timeout', self.sigterm_timeout_s),
            sigkill_timeout_s=self._patience(scope, 'sigkill_timeout', self.sigkill_timeout_s),
        )
        scope.processes.append(plan)
        return plan

    def _output(self, scope: Scope) -> str:
        output = scope.environment.get('OVERRIDE_LAUNCH_PROCESS_OUTPUT') or perform(self.output, scope)
        if output in ('own_log', 'full'):
            raise UnsupportedError(f'output="{output}"')
        if output not in OUTPUTS:
            raise self.entity.error(f"output is one of {', '.join(OUTPUTS)}, got '{output}'")
        return output

    def _respawn(self, scope: Scope) -> bool:
        try:
            return bool(coerce(perform(self.respawn, scope), 'bool'))
        except ValueError as error:
            raise self.entity.error(f'respawn: {error}') from error

    def _patience(self, scope: Scope, name: str, written: float | None) -> float:
        if written is not None:
            return written
        try:
            return float(scope.configurations.get(name, DEFAULT_PATIENCE_S))
        except ValueError as error:
            raise LaunchError(f'{name}: {error}') from error


@dataclass(frozen=True)
class Executable:
    """``<executable cmd="..."/>``."""

    command: tuple[Template, ...]
    name: Template | None
    options: ProcessOptions

    def execute(self, scope: Scope) -> None:
        """Add the process to the plan."""
        label = None if self.name is None else perform(self.name, scope)
        self.options.plan(scope, [perform(word, scope) for word in self.command], label)


@dataclass(frozen=True)
class Node:
    """``<node pkg="..." exec="..."/>``."""

    package: Template | None
    executable: Template
    exec_name: Template | None
    name: Template | None
    namespace: Template | None
    arguments: tuple[Template, ...]
    ros_arguments: tuple[Template, ...] | None
    parameters: tuple[ParameterSource, ...]
    remaps: tuple[tuple[Template, Template], ...]
    options: ProcessOptions

    def execute(self, scope: Scope) -> None:
        """Add the process to the plan."""
        name, namespace = self._name(scope), self._namespace(scope)
        node_name = f'{namespace.rstrip("/")}/{name}' if name and namespace else None
        executable = perform(self.executable, scope)
        command = [*self._program(scope, executable), *(perform(a, scope) for a in self.arguments)]
        if self.ros_arguments is not None:
            command += ['--ros-args', *(perform(a, scope) for a in self.ros_arguments)]
        command += ['--ros-args']
        command += ['-r', f'__node:={name}'] if name else []
        command += ['-r', f'__ns:={namespace}'] if namespace else []
        files = [source.file(scope, node_name or '/**') for source in self.parameters]
        for path in files:
            command += ['--params-file', str(path)] if path else []
        for source, target in self.remaps:
            command += ['-r', f'{perform(source, scope)}:={perform(target, scope)}']
        label = None if self.exec_name is None else perform(self.exec_name, scope)
        plan = self.options.plan(scope, command, label, program=PurePath(executable).name)
        scope.processes[-1] = replace(plan, node_name=node_name)
        self._warn_of_twins(scope, node_name)

    def _program(self, scope: Scope, executable: str) -> list[str]:
        return [executable] if self.package is None else packages.program(perform(self.package, scope), executable)

    def _name(self, scope: Scope) -> str | None:
        if self.name is None:
            return None
        name = perform(self.name, scope)
        if not _NODE_NAME.fullmatch(name):
            raise self.options.entity.error(f"'{name}' is not a valid node name")
        return name

    def _namespace(self, scope: Scope) -> str | None:
        own = None if self.namespace is None else perform(self.namespace, scope)
        return join_namespace(self.options.entity, scope.configurations.get('ros_namespace'), own)

    @staticmethod
    def _warn_of_twins(scope: Scope, node_name: str | None) -> None:
        count = sum(plan.node_name == node_name for plan in scope.processes)
        if node_name and count > 1:
            scope.warnings.append(
                f'there are now at least {count} nodes with the name {node_name} created within this launch context'
            )


def join_namespace(entity: Entity, base: str | None, namespace: str | None) -> str | None:
    """Absolute namespace: `namespace` if it is absolute, else below `base`; None where neither is given.

    Raises:
        LaunchError: the result is no valid namespace.
    """
    if base is None and namespace is None:
        return None
    joined = namespace or base or ''
    if namespace and base and not namespace.startswith('/'):
        joined = f'{base.rstrip("/")}/{namespace}'
    joined = '/' + joined.strip('/')
    if not _NAMESPACE.fullmatch(joined):
        raise entity.error(f"'{joined}' is not a valid namespace")
    return joined


def parse_executable(entity: Entity) -> Executable:
    """Parse ``<executable>``."""
    command = split_command_line(entity, entity.require('cmd'))
    return Executable(command, optional(entity, 'name'), _parse_options(entity))


def parse_node(entity: Entity) -> Node:
    """Parse ``<node>``."""
    args, ros_args = entity.get('args'), entity.get('ros_args')
    return Node(
        package=optional(entity, 'pkg'),
        executable=parse(entity.require('exec')),
        exec_name=optional(entity, 'exec_name'),
        name=optional(entity, 'name'),
        namespace=optional(entity, 'namespace'),
        arguments=() if args is None else split_command_line(entity, args),
        ros_arguments=None if ros_args is None else split_command_line(entity, ros_args),
        parameters=tuple(parse_parameter(child) for child in entity.nested('param')),
        remaps=_pairs(entity, 'remap', 'from', 'to'),
        options=_parse_options(entity),
    )


def optional(entity: Entity, name: str) -> Template | None:
    """An attribute with substitutions, or None where it is not written."""
    text = entity.get(name)
    return None if text is None else parse(text)


def _parse_options(entity: Entity) -> ProcessOptions:
    for name in ('shell', 'emulate_tty'):
        if name in entity.attributes:
            raise UnsupportedError(f"the attribute '{name}'", entity.place)
    on_exit = entity.get('on_exit')
    if on_exit not in (None, 'shutdown'):
        raise entity.error(f"on_exit can only be 'shutdown', got '{on_exit}'")
    return ProcessOptions(
        entity=entity,
        cwd=optional(entity, 'cwd'),
        prefix=optional(entity, 'launch-prefix'),
        output=parse(entity.get('output') or 'log'),
        respawn=parse(entity.get('respawn') or 'false'),
        respawn_delay_s=_seconds(entity, 'respawn_delay') or 0.0,
        respawn_max_retries=_retries(entity),
        shutdown_on_exit=on_exit == 'shutdown',
        sigterm_timeout_s=_seconds(entity, 'sigterm_timeout'),
        sigkill_timeout_s=_seconds(entity, 'sigkill_timeout'),
        environment=_pairs(entity, 'env', 'name', 'value'),
    )


def _retries(entity: Entity) -> int:
    text = entity.get('respawn_max_retries')
    try:
        return -1 if text is None else int(text)
    except ValueError:
        raise entity.error(f"respawn_max_retries takes a whole number and no substitutions, got '{text}'") from None


def _seconds(entity: Entity, name: str) -> float | None:
    text = entity.get(name)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        raise entity.error(f"{name} takes a number and no substitutions, got '{text}'") from None
    if seconds < 0.0:
        raise entity.error(f'{name} must not be negative, got {seconds}')
    return seconds


def _pairs(entity: Entity, tag: str, first: str, second: str) -> tuple[tuple[Template, Template], ...]:
    """The attributes `first` and `second` of every nested element of that tag."""
    pairs = []
    for child in entity.nested(tag):
        pairs.append((parse(child.require(first)), parse(child.require(second))))
        child.check_complete()
    return tuple(pairs)
