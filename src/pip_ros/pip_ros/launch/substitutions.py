r"""Substitutions in launch files: ``$(var side)/image $(env HOME)``, nested, quoted and escaped.

The grammar is that of launch's XML and YAML front ends. Outside a substitution all text is literal, a
backslash takes the meaning from the next character. Inside ``$(name argument ...)`` one space separates
arguments; an argument is bare text (spaces, quotes and parentheses escaped) mixed with substitutions, or
one quoted template.
"""

import math
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pip_ros import packages
from pip_ros.errors import LaunchError, UnsupportedError
from pip_ros.launch.scope import Scope
from pip_ros.launch.values import coerce


@dataclass(frozen=True)
class Text:
    """Literal text."""

    text: str

    def perform(self, scope: Scope) -> str:
        """The text itself."""
        return self.text

    def describe(self) -> str:
        """As `--show-args` prints it."""
        return f"'{self.text}'"


@dataclass(frozen=True)
class Substitution:
    """``$(name arguments)``."""

    name: str
    arguments: 'tuple[Template, ...]'

    def perform(self, scope: Scope) -> str:
        """The text that it stands for at this point of the launch.

        Raises:
            LaunchError: it has no value, for instance an undefined variable.
        """
        values = [perform(argument, scope) for argument in self.arguments]
        try:
            return KNOWN[self.name].function(scope, *values)
        except ValueError as error:
            raise LaunchError(f'$({self.name} ...): {error}') from error

    def describe(self) -> str:
        """As `--show-args` prints it."""
        return KNOWN[self.name].description.format(*(describe(argument) for argument in self.arguments))


Template = tuple[Text | Substitution, ...]


def perform(template: Template, scope: Scope) -> str:
    """Text of a template at this point of the launch."""
    return ''.join(part.perform(scope) for part in template)


def describe(template: Template) -> str:
    """A template as `--show-args` prints it."""
    return ' + '.join(part.describe() for part in template)


def unescape(text: str) -> str:
    """Take the backslashes off that protect a character."""
    return re.sub(r'\\(.)', r'\1', text)


def parse(text: str) -> Template:
    """Parse text that may hold substitutions.

    Raises:
        LaunchError: the syntax is wrong, or the number of arguments.
        UnsupportedError: a substitution that launch knows and pip_ros does not.
    """
    if not text:
        return (Text(''),)
    return _Parser(text).template(quote='')


class _Parser:
    """Recursive descent over the text; ``quote`` is the kind of quotes that surround the position, if any."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def template(self, quote: str) -> Template:
        """Literal text and substitutions up to the end or the closing quote (which is left standing)."""
        stop = re.compile(rf'(?:\\.|\$(?!\()|(?<=\\)\$|[^\\${quote}]|\\$)+', re.DOTALL)
        return self._parts(stop, quote)

    def _parts(self, literal: 're.Pattern[str]', quote: str) -> Template:
        parts: list[Text | Substitution] = []
        while self.position < len(self.text):
            match = literal.match(self.text, self.position)
            if match:
                self.position = match.end()
                parts.append(Text(unescape(match.group())))
            elif self.text.startswith('$(', self.position):
                parts.append(self._substitution(quote))
            else:
                break
        return tuple(parts)

    def _substitution(self, quote: str) -> Substitution:
        name = re.compile(r'\$\(([A-Za-z][A-Za-z0-9_-]*)').match(self.text, self.position)
        if not name:
            raise self._error('a name is expected after "$("')
        self.position = name.end()
        arguments = []
        while self.text.startswith(' ', self.position):
            self.position += 1
            arguments.append(self._argument(quote))
        if not self.text.startswith(')', self.position):
            raise self._error('")" is missing')
        self.position += 1
        return _checked(Substitution(name.group(1), tuple(arguments)))

    def _argument(self, quote: str) -> Template:
        opening = self.text[self.position : self.position + 1]
        if not quote and opening in ('"', "'"):
            return self._quoted(opening)
        quotes = quote or '\'"'
        bare = re.compile(rf'(?:\\[()\'"$]|\\|\$(?!\()|(?<=\\)[()$]|[^ \\$(){quotes}])+')
        parts = self._parts(bare, quote)
        if not parts:
            raise self._error('an argument is expected')
        return parts

    def _quoted(self, quote: str) -> Template:
        self.position += 1
        parts = self.template(quote)
        if not self.text.startswith(quote, self.position):
            raise self._error(f'{quote} is missing')
        self.position += 1
        return parts or (Text(''),)

    def _error(self, message: str) -> LaunchError:
        return LaunchError(f'{self.text!r}, character {self.position + 1}: {message}')


def _var(scope: Scope, name: str, default: str | None = None) -> str:
    value = scope.configurations.get(name, default)
    if value is None:
        raise ValueError(f"launch configuration '{name}' does not exist")
    return value


def _env(scope: Scope, name: str, default: str | None = None) -> str:
    value = scope.environment.get(name, default)
    if value is None:
        raise ValueError(f"environment variable '{name}' does not exist")
    return value


def _truth(value: bool) -> str:
    return str(value).lower()


def _boolean(text: str) -> bool:
    return bool(coerce(text, 'bool'))


def _equal(left: str, right: str) -> bool:
    words = {'true': True, '1': True, 'false': False, '0': False}
    if left.lower() in words and right.lower() in words:
        return words[left.lower()] == words[right.lower()]
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


def _command(scope: Scope, command: str, on_stderr: str = 'fail') -> str:
    """What a command prints; one that fails, or prints an error where that is not allowed, ends the launch."""
    if on_stderr not in ('fail', 'ignore', 'warn', 'capture'):
        raise ValueError(f"expected 'fail', 'ignore', 'warn' or 'capture' for stderr, got '{on_stderr}'")
    try:
        ran = subprocess.run(shlex.split(command), env=scope.environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise ValueError(f'{command}: {error}') from error
    if ran.returncode:
        raise ValueError(f'executed command failed. Command: {command}\nCaptured stderr output: {ran.stderr}')
    if ran.stderr and on_stderr == 'fail':
        raise ValueError(f'executed command showed stderr output. Command: {command}\n{ran.stderr}')
    if ran.stderr and on_stderr == 'warn':
        print(ran.stderr, file=sys.stderr)
    return ran.stdout + (ran.stderr if on_stderr == 'capture' else '')


class _Known(NamedTuple):
    """What a substitution does, how many arguments it takes, how it is described."""

    function: Callable[..., str]
    least: int
    most: int
    description: str


KNOWN = {
    'var': _Known(_var, 1, 2, 'LaunchConfig({0})'),
    'env': _Known(_env, 1, 2, 'EnvVar({0})'),
    'dirname': _Known(lambda scope: str(Path(scope.file).parent), 0, 0, 'ThisLaunchFileDir()'),
    'filename': _Known(lambda scope: scope.file, 0, 0, 'ThisLaunchFile()'),
    'find-pkg-share': _Known(lambda _, name: str(packages.package_share(name)), 1, 1, 'FindPackageShare(pkg={0})'),
    'find-pkg-prefix': _Known(lambda _, name: str(packages.package_prefix(name)), 1, 1, 'FindPackagePrefix(pkg={0})'),
    'command': _Known(_command, 1, 2, 'Command({0})'),
    'not': _Known(lambda _, a: _truth(not _boolean(a)), 1, 1, 'NotSubstitution({0})'),
    'and': _Known(lambda _, a, b: _truth(_boolean(a) & _boolean(b)), 2, 2, 'AndSubstitution({0} {1})'),
    'or': _Known(lambda _, a, b: _truth(_boolean(a) | _boolean(b)), 2, 2, 'OrSubstitution({0} {1})'),
    'equals': _Known(lambda _, a, b: _truth(_equal(a, b)), 2, 2, 'EqualsSubstitution({0} {1})'),
    'not-equals': _Known(lambda _, a, b: _truth(not _equal(a, b)), 2, 2, 'NotEqualsSubstitution({0} {1})'),
}

# What launch and launch_ros of Jazzy have beyond these.
UNSUPPORTED = frozenset(
    (
        'all',
        'anon',
        'any',
        'eval',
        'exec-in-pkg',
        'file-content',
        'find-exec',
        'if',
        'launch_log_dir',
        'log_dir',
        'param',
    )
)


def _checked(substitution: Substitution) -> Substitution:
    name, count = substitution.name, len(substitution.arguments)
    if name in UNSUPPORTED:
        raise UnsupportedError(f'the substitution $({name} ...)')
    if name not in KNOWN:
        raise LaunchError(f"unknown substitution '{name}'; known are {', '.join(KNOWN)}")
    known = KNOWN[name]
    if not known.least <= count <= known.most:
        raise LaunchError(f'$({name} ...) takes {known.least} to {known.most} arguments, got {count}')
    return substitution
