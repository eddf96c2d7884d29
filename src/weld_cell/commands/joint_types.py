"""The option --types of the commands over joint types."""

import argparse
from collections.abc import Sequence
from typing import Any

from weld_cell.records import JointType


def add_types_argument(parser: argparse.ArgumentParser) -> None:
    """--types, by default all of them."""
    parser.add_argument(
        '--types',
        nargs='+',
        action=_Distinct,
        type=_joint_type,
        default=list(JointType),
        metavar='TYPE',
        help=f'joint types (default: {" ".join(JointType)})',
    )


class _Distinct(argparse.Action):
    """A type that is named twice counts once."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, list(dict.fromkeys(values or ())))


def _joint_type(text: str) -> JointType:
    try:
        return JointType(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid choice: '{text}' (choose from {', '.join(JointType)})") from None
