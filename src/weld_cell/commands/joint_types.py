"""The option --types of the evaluations over joint types."""

import argparse

from weld_cell.records import JointType


def add_types_argument(parser: argparse.ArgumentParser) -> None:
    """--types, by default all of them."""
    parser.add_argument(
        '--types',
        nargs='+',
        choices=[str(t) for t in JointType],
        default=list(JointType),
        metavar='TYPE',
        help=f'joint types (default: {" ".join(JointType)})',
    )
