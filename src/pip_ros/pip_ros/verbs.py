"""Commands with verbs (`ros2 topic list`): how a module declares them."""

import argparse
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Verb(NamedTuple):
    """What a verb is for, which options it has, and what carries it out."""

    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    main: Callable[[argparse.Namespace], int]


def add_verbs(parser: argparse.ArgumentParser, verbs: Mapping[str, Verb], examples: str) -> None:
    """Declare the verbs of a command; the parsed arguments carry the verb's `main` as ``verb_main``."""
    parsers = parser.add_subparsers(dest='verb', metavar='VERB', required=True)
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
