"""The option --types of the commands over joint types."""

import argparse

from weld_cell.records import JointType


def add_types_argument(parser: argparse.ArgumentParser) -> None:
    """--types, by default all of them."""
    parser.add_argument(
        '--types',
        nargs='+',
        type=_joint_type,
        default=list(JointType),
        metavar='TYPE',
        help=f'joint types (default: {" ".join(JointType)})',
    )


def _joint_type(text: str) -> JointType:
    try:
        return JointType(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid choice: '{text}' (choose from {', '.join(JointType)})") from None
