"""Commands with verbs (`ros2 topic list`): how a module declares them."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pip_ros.errors import UnsupportedError


class Verb(NamedTuple):
    """What a verb is for, which options it has, and what carries it out."""

    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    main: Callable[[argparse.Namespace], int]


def help_of(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """What a command without a verb does."""

    def print_help(_args: argparse.Namespace) -> int:
        parser.print_help()
        return 0

    return print_help


def no_arguments(_parser: argparse.ArgumentParser) -> None:
    """What a verb without options declares."""


def add_verbs(
    parser: argparse.ArgumentParser, verbs: Mapping[str, Verb], examples: str, elsewhere: Sequence[str] = ()
) -> None:
    """Declare the verbs of a command; the parsed arguments carry the verb's `main` as ``verb_main``.

    Without a verb that is the command's help, as in ROS 2.

    Args:
        parser: The command's.
        verbs: By name.
        examples: Shown below each verb's help.
        elsewhere: Verbs that only the real tool has; to call one says so.
    """
    parsers = parser.add_subparsers(dest='verb', metavar='VERB')
    parser.set_defaults(verb_main=help_of(parser))
    for name, verb in verbs.items():
        sub = parsers.add_parser(
            name,
            help=verb.summary,
            description=f'{verb.summary}.',
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verb.declare(sub)
        sub.set_defaults(verb_main=verb.main)
    for name in elsewhere:
        sub = parsers.add_parser(name, help='not here', add_help=False, prefix_chars='\0')  # options are words too
        sub.add_argument('words', nargs=argparse.REMAINDER)
        sub.set_defaults(verb_main=_refuse(f'{parser.prog} {name}'))


def _refuse(command: str) -> Callable[[argparse.Namespace], int]:
    def refuse(_args: argparse.Namespace) -> int:
        raise UnsupportedError(command)

    return refuse
