"""Contents and line numbers of this process's parameter files, for error messages.

rclpy reads the files itself; of a malformed one it gives no key, of a wrong value no line.
"""

import sys

from weld_cell.errors import ConfigurationError
from weld_cell.parameter_file import load_parameter_file

_OPTION = '--params-file'


def check_parameter_files() -> None:
    """Read them all.

    Raises:
        ConfigurationError: one is missing or malformed; names file, line and what is wrong.
    """
    for path in parameter_files():
        load_parameter_file(path)


def place_of(parameter: str) -> str:
    """'FILE: line N: ' where a parameter is set; empty if no file sets it. A later file wins."""
    place = ''
    for path in parameter_files():
        try:
            sections = load_parameter_file(path)
        except ConfigurationError:  # it changed meanwhile; the message goes without
            continue
        for parameters in sections.values():
            if parameter in parameters:
                place = f'{path}: line {parameters.lines[parameter]}: '
    return place


def parameter_files() -> list[str]:
    """Their paths, in their order."""
    return [path for option, path in zip(sys.argv, sys.argv[1:], strict=False) if option == _OPTION]
