"""Options of the commands that print messages: how much of them, and in which form."""

import argparse

from pip_ros.graph.plain import Style
from pip_ros.values import not_negative_int

DEFAULT_TRUNCATE_LENGTH = 128


def add_style_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument('--csv', action='store_true', help='all values on one line, between commas')
    parser.add_argument('--flow-style', action='store_true', help='arrays on one line')
    parser.add_argument('--no-arr', action='store_true', help='of arrays only type and length')
    parser.add_argument('--no-str', action='store_true', help='of texts only the length')
    parser.add_argument('-f', '--full-length', action='store_true', help='do not cut long arrays and texts')
    parser.add_argument(
        '-l',
        '--truncate-length',
        type=not_negative_int,
        default=DEFAULT_TRUNCATE_LENGTH,
        help='length to cut them to',
    )


def chosen_style(args: argparse.Namespace) -> Style:
    """The style that they say."""
    length = None if args.full_length else args.truncate_length
    return Style(length, not args.no_arr, not args.no_str, args.flow_style)
