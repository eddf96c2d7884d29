"""Parser of a command line that answers a mistyped word with its own usage and the nearest known word."""

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

_INVALID_CHOICE = re.compile(r"invalid choice: '(?P<word>[^']*)' \(choose from (?P<known>.*)\)", re.DOTALL)


class CommandParser(argparse.ArgumentParser):
    """As argparse's, whose top parser alone refuses what no parser knows, with the usage of no command."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """As argparse's, but a word that is not known is an error here."""
        known, others = super().parse_known_args(args, namespace)
        if others:
            options = [option for action in self._actions for option in action.option_strings]
            near = ''.join(_nearest(word.partition('=')[0], options) for word in others if word.startswith('-'))
            self.error(f'unrecognized arguments: {" ".join(others)}{near}')
        return known, others

    def error(self, message: str) -> NoReturn:
        """Usage, message, and the choice that was probably meant; exit code 2."""
        if wrong := _INVALID_CHOICE.search(message):
            message += _nearest(wrong['word'], re.findall(r'[\w.-]+', wrong['known']))
        super().error(message)


def _nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like one, for people; empty where none is."""
    return ''.join(f'; did you mean {near}?' for near in get_close_matches(word, known, 1))
