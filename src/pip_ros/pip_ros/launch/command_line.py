"""Splitting ``cmd="..."`` and ``args="..."`` into words."""

import shlex
from collections.abc import Sequence

from pip_ros.launch.entity import Entity
from pip_ros.launch.substitutions import Substitution, Template, Text, parse


def split_command_line(entity: Entity, text: str) -> tuple[Template, ...]:
    """Split like a shell does, but only the literal text: what a substitution yields is never split.

    Literal text that touches a substitution belongs to the same word, as in ``$(var folder)/file``.

    Raises:
        LaunchError: quotes do not pair up within one piece of literal text.
    """
    words: list[list[Text | Substitution]] = []
    current: list[Text | Substitution] = []
    for part in parse(text):
        if not isinstance(part, Text):
            current.append(part)
            continue
        tokens = _shell_split(entity, part.text)
        if not tokens or (part.text[0].isspace() and current):
            words.append(current)
            current = []
        for token in tokens[:-1]:
            words.append([*current, Text(token)])
            current = []
        current += [Text(token) for token in tokens[-1:]]
        if tokens and part.text[-1].isspace():
            words.append(current)
            current = []
    return tuple(tuple(word) for word in [*words, *([current] if current else [])])


def _shell_split(entity: Entity, text: str) -> Sequence[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise entity.error(f'{text!r}: {error}') from error
