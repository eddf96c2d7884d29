"""What a launch file does beside starting processes: arguments, settings, groups, conditions.

Every action is executed once, in order, on a `Scope`.
"""

from dataclasses import dataclass
from typing import Protocol

from pip_ros.errors import LaunchError, Ros2Error
from pip_ros.launch.entity import Entity
from pip_ros.launch.process import join_namespace
from pip_ros.launch.scope import Scope
from pip_ros.launch.substitutions import Template, perform


class Action(Protocol):
    """Something that a launch file does."""

    def execute(self, scope: Scope) -> None:
        """Do it."""


@dataclass(frozen=True)
class Located:
    """An action whose errors name the place in the launch file."""

    entity: Entity
    action: Action

    def execute(self, scope: Scope) -> None:
        """Do it.

        Raises:
            Ros2Error: it cannot be done; with file, line and element.
        """
        try:
            self.action.execute(scope)
        except Ros2Error as error:
            error.locate(self.entity.place)
            raise


@dataclass(frozen=True)
class Conditional:
    """An action with ``if="..."`` (`wanted` is True) or ``unless="..."``."""

    predicate: Template
    wanted: bool
    action: Action

    def execute(self, scope: Scope) -> None:
        """Execute the action if the condition holds.

        Raises:
            LaunchError: the condition is neither true, false, 1 nor 0.
        """
        text = perform(self.predicate, scope).strip().lower()
        if text not in ('true', '1', 'false', '0'):
            raise LaunchError(f"condition: expected one of true, 1, false, 0, got '{text}'")
        if (text in ('true', '1')) == self.wanted:
            self.action.execute(scope)


@dataclass(frozen=True)
class Argument:
    """``<arg name default description>`` with nested ``<choice value>``."""

    name: str
    default: Template | None
    own_description: str | None
    choices: tuple[str, ...]

    @property
    def description(self) -> str:
        """As `--show-args` prints it."""
        choices = list(self.choices)
        if self.own_description is None:
            return f'One of: {choices}' if choices else 'no description given'
        if not choices:
            return self.own_description
        return f'{self.own_description.removesuffix(".")}. Valid choices are: {choices}'

    def execute(self, scope: Scope) -> None:
        """Give it its default if nobody gave it a value.

        Raises:
            LaunchError: it has no value, or one that is not among the choices.
        """
        if self.name not in scope.configurations:
            if self.default is None:
                raise LaunchError(f"Required launch argument '{self.name}' was not provided.")
            scope.configurations[self.name] = perform(self.default, scope)
        value = scope.configurations[self.name]
        if self.choices and value not in self.choices:
            raise LaunchError(
                f"argument '{self.name}': '{value}' is not valid, valid options are {list(self.choices)}"
            )


@dataclass(frozen=True)
class Let:
    """``<let name value>``."""

    name: Template
    value: Template

    def execute(self, scope: Scope) -> None:
        """Set the launch configuration."""
        scope.configurations[perform(self.name, scope)] = perform(self.value, scope)


@dataclass(frozen=True)
class SetEnvironment:
    """``<set_env name value>``, and ``<unset_env name>`` where the value is None."""

    name: Template
    value: Template | None

    def execute(self, scope: Scope) -> None:
        """Change the environment of substitutions and processes from here on."""
        name = perform(self.name, scope)
        if self.value is None:
            scope.environment.pop(name, None)
        else:
            scope.environment[name] = perform(self.value, scope)


@dataclass(frozen=True)
class PushNamespace:
    """``<push_ros_namespace namespace>``: nodes that follow in this group live below it."""

    namespace: Template
    entity: Entity

    def execute(self, scope: Scope) -> None:
        """Enter the namespace."""
        base = scope.configurations.get('ros_namespace')
        joined = join_namespace(self.entity, base, perform(self.namespace, scope))
        scope.configurations['ros_namespace'] = joined or '/'


@dataclass(frozen=True)
class Group:
    """``<group scoped>``: what is set inside a scoped group is forgotten behind it."""

    actions: tuple[Action, ...]
    scoped: bool

    def execute(self, scope: Scope) -> None:
        """Execute the actions inside."""
        configurations, environment = dict(scope.configurations), dict(scope.environment)
        for action in self.actions:
            action.execute(scope)
        if self.scoped:
            scope.configurations, scope.environment = configurations, environment
