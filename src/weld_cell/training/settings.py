"""Settings of a training: defaults of a stage, options of a command, its help text."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from weld_cell.config import Settings, bounded, choice
from weld_cell.option_types import number, whole_number

SCHEDULES = ('one_cycle', 'cosine', 'constant')
DEVICES = ('auto', 'cpu', 'cuda')


@dataclass(frozen=True)
class TrainingSettings(Settings):
    """How a network is trained."""

    epochs: int = bounded(50, 1, 100_000, 'epochs', 'how often each sample is shown')
    batch: int = bounded(32, 1, 65_536, 'samples', 'shown at a time')
    rate: float = bounded(1e-3, 1e-8, 10.0, '', 'greatest learning rate')
    schedule: str = choice(
        'one_cycle', SCHEDULES, 'learning rate over the training: up and down, down only, or the same'
    )
    weight_decay: float = bounded(1e-2, 0.0, 10.0, '', 'decay of the weights')
    clip_norm: float = bounded(0.0, 0.0, 1e6, '', 'greatest norm of the gradient; 0: any')
    averaging: float = bounded(
        0.0, 0.0, 0.99999, '', 'share of the old in the moving average of the weights, which is what is kept; 0: none'
    )
    patience: int = bounded(
        0,
        0,
        100_000,
        'epochs',
        'end after so many without a better score and keep the best weights; 0: keep the last',
    )
    seed: int = bounded(1, 0, 2**31 - 1, '', 'of everything random')
    checkpoint_minutes: float = bounded(5.0, 0.0, 1440.0, 'min', 'time between two checkpoints; 0: after every batch')
    device: str = choice('auto', DEVICES, 'where the network is trained; auto: cuda if there is one')


def add_settings_arguments(
    parser: argparse.ArgumentParser, defaults: TrainingSettings, also: Mapping[str, str] | None = None
) -> None:
    """An option for each field, with default, range and unit in its help.

    Args:
        parser: Of the command.
        defaults: Those of the network.
        also: Further names of options by field.
    """
    group = parser.add_argument_group('training')
    for field in fields(defaults):
        default = getattr(defaults, field.name)
        further = (also or {}).get(field.name)
        group.add_argument(
            *[_option(field.name), *([further] if further else [])],
            dest=field.name,
            type=_type(default, field.metadata),
            default=default,
            choices=field.metadata.get('options'),
            metavar=None if 'options' in field.metadata else field.metadata['unit'].upper() or 'N',
            help=f'{field.metadata["doc"]} ({_limits(field.metadata)}default: {default})',
        )


def _option(name: str) -> str:
    return f'--{name.replace("_", "-")}'


def _type(default: object, metadata: Mapping[str, Any]) -> Callable[[str], object]:
    """Of the option of a field."""
    if isinstance(default, str):
        return str
    kind = whole_number if isinstance(default, int) else number
    return kind(metadata['low'], metadata['high'])


def _limits(metadata: Mapping[str, object]) -> str:
    return f'{metadata["low"]} to {metadata["high"]}; ' if 'low' in metadata else ''


def settings_from_arguments(arguments: argparse.Namespace, defaults: TrainingSettings) -> TrainingSettings:
    """The settings that a command line asks for.

    Raises:
        ValueError: a value is out of range; names it.
    """
    return replace(defaults, **{field.name: getattr(arguments, field.name) for field in fields(defaults)})


def command_words(settings: TrainingSettings, defaults: TrainingSettings) -> list[str]:
    """Words of a command line that ask for what differs from the defaults."""
    return [
        word
        for field in fields(settings)
        if getattr(settings, field.name) != getattr(defaults, field.name)
        for word in (_option(field.name), str(getattr(settings, field.name)))
    ]
