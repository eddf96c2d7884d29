"""A figure is declared once: what it is, its aim, how it is measured. JSON, tables and pages come from that."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

OUTPUT_OPTIONS = ('--json', '--report')
"""Options that change nothing of what is measured."""


class Direction(StrEnum):
    """On which side of its aim a figure is good."""

    AT_LEAST = 'at least'
    AT_MOST = 'at most'


@dataclass(frozen=True)
class Aim:
    """What a figure shall reach.

    Attributes:
        direction: On which side it is good.
        value: In the figure's unit; reaching it exactly is enough.
    """

    direction: Direction
    value: float

    def is_reached(self, value: float) -> bool:
        """Whether a value is as good as the aim."""
        return value >= self.value if self.direction is Direction.AT_LEAST else value <= self.value


def at_least(value: float) -> Aim:
    """An aim for what is better the greater it is."""
    return Aim(Direction.AT_LEAST, value)


def at_most(value: float) -> Aim:
    """An aim for what is better the smaller it is."""
    return Aim(Direction.AT_MOST, value)


@dataclass(frozen=True)
class Unit:
    """How a figure is written.

    Attributes:
        symbol: Behind the number; empty for a count.
        decimals: Shown of it.
        factor: From the JSON's number to the unit: 100 for a share that is told in per cent.
    """

    symbol: str = ''
    decimals: int = 0
    factor: float = 1.0

    def written(self, value: float) -> str:
        """A value in this unit as people write it."""
        return f'{value:.{self.decimals}f} {self.symbol}'.rstrip()

    def written_exactly(self, value: float) -> str:
        """A value that was set, with as many decimals as it has."""
        return f'{value:g} {self.symbol}'.rstrip()


COUNT = Unit()


@dataclass(frozen=True)
class Figure:
    """One number that is measured.

    Attributes:
        name: Key in the list of figures in the JSON, unique within its measurement.
        what: What it is, in words that stand alone.
        how: How it is measured.
        unit: Of value, aim and paper.
        path: Where its value is in the JSON of the measurement: keys joined by dots. `*` stands for every key; of
            several values the worst counts. Empty: at its name.
        aim: None where none was set.
        paper: What is published, in the unit; None where nothing is.
        total_path: Where the number is of which this is a count; empty where it counts nothing.
        in_readme: Whether it is one of those that the README shows.
    """

    name: str
    what: str
    how: str
    unit: Unit = COUNT
    path: str = ''
    aim: Aim | None = None
    paper: float | None = None
    total_path: str = ''
    in_readme: bool = False

    @property
    def written_aim(self) -> str:
        """The aim with its direction; empty without one."""
        return '' if self.aim is None else f'{self.aim.direction} {self.unit.written_exactly(self.aim.value)}'

    @property
    def written_paper(self) -> str:
        """The published value; empty without one."""
        return '' if self.paper is None else self.unit.written_exactly(self.paper)


@dataclass(frozen=True)
class Measurement:
    """A command and the figures that it measures.

    Attributes:
        name: Of the file in docs/figures/ that keeps its JSON.
        title: What is measured.
        command: From the root of the repository, without the options that say where the output goes.
        conditions: What the figures hold for: sentences; empty where the command line alone says that.
        figures: At least one.
        label: What tells its figures from those of the same command under other conditions: '240 hard scans'.
        publisher: Whose the published values are, and of what.
        slow: Whether it is left out unless it is named.
        writes: The JSON that the command writes by itself; empty where it takes --json FILE.
        section: Template of its detailed tables in docs/figures.md; empty where the figures are all there is.
    """

    name: str
    title: str
    command: str
    conditions: str
    figures: tuple[Figure, ...]
    label: str = ''
    publisher: str = ''
    slow: bool = False
    writes: str = ''
    section: str = ''

    def __post_init__(self) -> None:
        names = [figure.name for figure in self.figures]
        if not names or len(set(names)) < len(names):
            raise ValueError(f'{self.name}: expected figures of different names, got {names}')
        if any(figure.paper is not None for figure in self.figures) and not self.publisher:
            raise ValueError(f'{self.name}: expected a publisher of the published values, got none')

    def paper(self) -> dict[str, float]:
        """Published values by the figure's name, in the JSON's own unit."""
        return {
            figure.name: round(figure.paper / figure.unit.factor, 9)
            for figure in self.figures
            if figure.paper is not None
        }

    @property
    def heading(self) -> str:
        """Title and label."""
        return _labelled(self.title, self.label)

    def under_other_conditions(self, command: str) -> 'Measurement':
        """The same figures where neither the conditions hold nor, for that, the aims."""
        figures = tuple(replace(figure, aim=None) for figure in self.figures)
        return replace(self, command=command, figures=figures, conditions='', label='')


def _labelled(text: str, label: str) -> str:
    return f'{text}, {label}' if label else text


@dataclass(frozen=True)
class MeasuredFigure:
    """A figure with its value.

    Attributes:
        figure: Its declaration.
        measurement: What measured it.
        value: In the figure's unit.
        total: Of which the value is a count; None where it counts nothing.
    """

    figure: Figure
    measurement: Measurement
    value: float
    total: float | None = None

    @property
    def what(self) -> str:
        """What it is, in words that tell it from all others."""
        return _labelled(self.figure.what, self.measurement.label)

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None without one."""
        return None if self.figure.aim is None else self.figure.aim.is_reached(self.value)

    @property
    def verdict(self) -> str:
        """The same in a word; empty without an aim."""
        return {None: '', True: 'reached', False: 'missed'}[self.reached]

    @property
    def written(self) -> str:
        """The value as people write it."""
        unit = self.figure.unit
        if self.total is None:
            return unit.written(self.value)
        return f'{unit.written(self.value)} of {unit.written(self.total)}'

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            'name': self.figure.name,
            'value': self.value,
            'unit': self.figure.unit.symbol,
            'aim': self.figure.written_aim or None,
            'reached': self.reached,
            'command': self.measurement.command,
        }


def measured(measurement: Measurement, content: Mapping[str, Any]) -> tuple[MeasuredFigure, ...]:
    """The figures of a measurement that its JSON has a value for, in the order of their declaration.

    Args:
        measurement: What was measured.
        content: Its JSON; where a key is missing or null, that figure was not measured.
    """
    found = []
    for figure in measurement.figures:
        values = _values_at(content, figure.path or figure.name)
        if values:
            lowest_counts = figure.aim is not None and figure.aim.direction is Direction.AT_LEAST
            value = round(figure.unit.factor * (min(values) if lowest_counts else max(values)), 9)
            total = max(_values_at(content, figure.total_path)) if figure.total_path else None
            found.append(MeasuredFigure(figure, measurement, value, total))
    return tuple(found)


def _values_at(content: Mapping[str, Any], path: str) -> list[float]:
    found: list[Any] = [content]
    for key in path.split('.'):
        found = [
            value for mapping in found for name, value in mapping.items() if key in ('*', name) and value is not None
        ]
    return found


def measurement_of(command: str, measurements: Iterable[Measurement]) -> Measurement:
    """The measurement that a command line is.

    A command with other options than any declared one gives the figures of the first that is declared of it, but
    no aim holds for those.

    Args:
        command: As typed; the options that say where the output goes may be among it.
        measurements: The declared ones.

    Raises:
        ValueError: none is declared of this command.
    """
    program, options = _parsed(command)
    family = [measurement for measurement in measurements if _parsed(measurement.command)[0] == program]
    if not family:
        raise ValueError(f'expected a command that a measurement is declared of, got {command!r}')
    same = [measurement for measurement in family if _parsed(measurement.command)[1] == options]
    typed = shlex.join([*program, *(word for option in options for word in option)])
    return same[0] if same else family[0].under_other_conditions(typed)


def _parsed(command: str) -> tuple[list[str], list[list[str]]]:
    """The words before the first option, and each option with its values, sorted; those of the output left out."""
    program: list[str] = []
    options: list[list[str]] = []
    for word in shlex.split(command):
        if word.startswith('--'):
            options.append(word.split('=', 1))
        else:
            (options[-1] if options else program).append(word)
    return program, sorted(option for option in options if option[0] not in OUTPUT_OPTIONS)
