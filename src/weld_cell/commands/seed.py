"""The option --seed of the commands that use random numbers."""

import argparse

_MOST = 2**31 - 1


def add_seed_argument(parser: argparse.ArgumentParser, default: int, draws: str) -> None:
    """--seed, from 0.

    Args:
        parser: Of the command.
        default: Where it is not named.
        draws: What comes of it, for people.
    """
    parser.add_argument('--seed', type=_seed, default=default, metavar='N', help=f'{draws} (default: %(default)d)')


def _seed(text: str) -> int:
    if not text.isdecimal() or not int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f'expected a whole number from 0 to {_MOST}, got {text}')
    return int(text)
