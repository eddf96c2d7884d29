"""``<param>`` inside ``<node>``: values, nested names and files, and the YAML files that nodes get of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from pip_ros.launch.entity import Entity
from pip_ros.launch.scope import Scope
from pip_ros.launch.substitutions import Template, Text, parse, perform
from pip_ros.launch.values import KINDS, LISTS, SCALARS, coerce, is_value


class ParameterSource(Protocol):
    """Something that yields a parameter file for a node."""

    def file(self, scope: Scope, node_name: str) -> Path | None:
        """The parameter file, or None where the launch file names one that does not exist."""


@dataclass(frozen=True)
class ParameterValue:
    """A parameter's value: ready, or with substitutions in the text or in items of the list."""

    value: Any
    kind: str
    entity: Entity

    def evaluate(self, scope: Scope) -> Any:
        """The value at this point of the launch.

        Raises:
            LaunchError: the text that results is no value of the kind.
        """
        try:
            return self._evaluate(scope)
        except ValueError as error:
            raise self.entity.error(str(error)) from error

    def _evaluate(self, scope: Scope) -> Any:
        if isinstance(self.value, tuple):
            return coerce(perform(self.value, scope), self.kind)
        if not isinstance(self.value, list):
            return self.value
        kind = self.kind.removeprefix('list_of_')
        items = [coerce(perform(i, scope), kind) if isinstance(i, tuple) else i for i in self.value]
        if not is_value(items):
            raise ValueError(f'the list {items} is not of one kind')
        return items


@dataclass(frozen=True)
class InlineParameters:
    """Names (dotted where nested) and values written in the launch file."""

    values: Mapping[Template, ParameterValue]

    def file(self, scope: Scope, node_name: str) -> Path:
        """Write them to a file of their own."""
        evaluated = {perform(name, scope): value.evaluate(scope) for name, value in self.values.items()}
        return scope.new_file(yaml.safe_dump({node_name: {'ros__parameters': evaluated}}))


@dataclass(frozen=True)
class ParameterFile:
    """``<param from="..." allow_substs="..."/>``."""

    path: Template
    allow_substitutions: Template
    entity: Entity

    def file(self, scope: Scope, node_name: str) -> Path | None:
        """The file, or a copy in which substitutions are carried out."""
        path = Path(perform(self.path, scope))
        if not path.is_file():
            scope.warnings.append(f'Parameter file path is not a file: {path}')
            return None
        try:
            substitute = coerce(perform(self.allow_substitutions, scope), 'bool')
        except ValueError as error:
            raise self.entity.error(f'allow_substs: {error}') from error
        return self._substituted(path, scope) if substitute else path

    def _substituted(self, path: Path, scope: Scope) -> Path:
        text = perform(parse(path.read_text()), scope)
        try:
            yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise self.entity.error(f'{path} with its substitutions is not valid YAML: {error}') from error
        return scope.new_file(text)


def parse_parameter(entity: Entity) -> ParameterSource:
    """Parse a ``<param>`` at the top level of a node.

    Raises:
        LaunchError: attributes contradict each other, are missing or unknown.
    """
    source, name, substitute = entity.get('from'), entity.get('name'), entity.get('allow_substs')
    if (source is None) == (name is None):
        raise entity.error("one of the attributes 'name' and 'from' is needed")
    if source is not None:
        entity.check_complete()
        return ParameterFile(parse(source), parse(substitute or 'false'), entity)
    if substitute is not None:
        raise entity.error("'allow_substs' goes with 'from' only")
    return InlineParameters(dict(_flat([entity], ())))


def _flat(entities: Sequence[Entity], prefix: Template) -> list[tuple[Template, ParameterValue]]:
    """Nested parameters as dotted names."""
    found: list[tuple[Template, ParameterValue]] = []
    for entity in entities:
        name = (*prefix, *parse(entity.require('name')))
        kind, nested = entity.get('type'), entity.nested('param')
        text = _text_or_list(entity)
        entity.check_complete()
        if (text is None) == (not nested):
            raise entity.error("either the attribute 'value' or nested <param> are needed")
        if nested and kind is not None:
            raise entity.error("nested <param> and the attribute 'type' exclude each other")
        found += _flat(nested, (*name, Text('.'))) if text is None else [(name, _parse_value(entity, text, kind))]
    return found


def _text_or_list(entity: Entity) -> str | list[str] | None:
    """The attribute value, split where ``value-sep`` says by what."""
    text = entity.get('value')
    separator = entity.attributes.get('value-sep')
    if text is None or separator is None:
        return text
    entity.get('value-sep')
    return text.split(separator)


def _parse_value(entity: Entity, text: str | list[str], kind: str | None) -> ParameterValue:
    kind = kind or 'yaml'
    if kind not in KINDS:
        raise entity.error(f"type '{kind}' is unknown; use one of {', '.join(KINDS)}")
    try:
        value = _typed(text, kind)
        templates = [_template(item) for item in value] if isinstance(value, list) else _template(value)
        _check_constants(templates, kind)
    except ValueError as error:
        raise entity.error(f"attribute 'value': {error}") from error
    return ParameterValue(templates, kind, entity)


def _typed(text: str | list[str], kind: str) -> Any:
    """Convert what can be converted before substitutions have their values."""
    if isinstance(text, str):
        return coerce(text, kind, or_text=True)
    if kind in SCALARS:
        raise ValueError(f'a list is not of type {kind}')
    return [coerce(item, kind.removeprefix('list_of_'), or_text=True) for item in text]


def _template(value: Any) -> Any:
    """A value; text becomes a template where it holds substitutions."""
    if not isinstance(value, str):
        return value
    template = parse(value)
    if len(template) == 1 and isinstance(template[0], Text):
        return template[0].text
    return template


def _check_constants(value: Any, kind: str) -> None:
    """Refuse what no substitution can set right any more."""
    constants = [v for v in (value if isinstance(value, list) else [value]) if not isinstance(v, tuple)]
    expected = (SCALARS | LISTS).get(kind, object)
    if not is_value(constants) or not all(isinstance(v, expected) for v in constants):
        raise ValueError(f'{value!r} is not of type {kind}')
