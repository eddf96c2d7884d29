"""The option --seed of the commands that use random numbers."""

import argparse

from weld_cell.option_types import whole_number

_MOST = 2**31 - 1


def add_seed_argument(parser: argparse.ArgumentParser, default: int, draws: str) -> None:
    """--seed, from 0.

    Args:
        parser: Of the command.
        default: Where it is not named.
        draws: What comes of it, for people.
    """
    parser.add_argument(
        '--seed', type=whole_number(0, _MOST), default=default, metavar='N', help=f'{draws} (default: %(default)d)'
    )
