"""Where packages are: ament prefixes first, then this Python environment.

With an apt ROS 2 every package has a prefix with ``share/PACKAGE`` and ``lib/PACKAGE``. In the pip set-up
the prefix is the virtual environment, and executables are the console scripts of the Python distribution
that is named like the package.
"""

import os
import sys
from importlib import metadata
from pathlib import Path

from pip_ros.errors import PackageNotFoundError

_OWN = {
    ('tf2_ros', 'tf2_echo'): 'pip_ros.tf2_echo',
    ('tf2_ros', 'static_transform_publisher'): 'pip_ros.static_transform_publisher',
}
"""Executables of ROS 2 that pip_ros has, and their modules."""
_PACKAGES = Path('share', 'ament_index', 'resource_index', 'packages')


def prefixes() -> list[Path]:
    """Folders that may hold packages, the first one wins: AMENT_PREFIX_PATH, then ``sys.prefix``."""
    listed = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    return [*listed, Path(sys.prefix)]


def package_prefix(package: str) -> Path:
    """Prefix of a package that is registered in the ament index.

    Raises:
        PackageNotFoundError: no prefix knows the package.
    """
    for prefix in prefixes():
        if (prefix / _PACKAGES / package).is_file():
            return prefix
    searched = ', '.join(str(prefix) for prefix in prefixes())
    raise PackageNotFoundError(f"package '{package}' not found, searching: [{searched}]")


def package_names() -> list[str]:
    """All packages that are registered in the ament index, sorted."""
    indices = (prefix / _PACKAGES for prefix in prefixes())
    return sorted({entry.name for index in indices if index.is_dir() for entry in index.iterdir()})


def package_share(package: str) -> Path:
    """Folder ``share/PACKAGE`` (launch files, configuration).

    Raises:
        PackageNotFoundError: the package is not registered, or has no such folder.
    """
    share = package_prefix(package) / 'share' / package
    if not share.is_dir():
        raise PackageNotFoundError(f"package '{package}' is registered, but {share} does not exist")
    return share


def executable(package: str, name: str) -> Path:
    """An executable of a package: ``lib/PACKAGE/NAME``, else a console script of that distribution.

    Raises:
        PackageNotFoundError: neither is there.
    """
    for prefix in prefixes():
        path = prefix / 'lib' / package / name
        if path.is_file() and os.access(path, os.X_OK):
            return path
    scripts = _console_scripts(package)
    path = Path(sys.prefix) / 'bin' / name
    if name in scripts and path.is_file():
        return path
    package_prefix(package)  # says so when it is the package that is missing
    found = ', '.join(sorted(scripts)) or 'none'
    raise PackageNotFoundError(f"executable '{name}' not found in package '{package}' (console scripts: {found})")


def program(package: str, name: str) -> list[str]:
    """What starts an executable of a package: its path, or Python with the module that pip_ros has in its place.

    Raises:
        PackageNotFoundError: neither is there.
    """
    if (package, name) in _OWN:
        return [
            sys.executable,
            '-c',
            f'import sys; from pip_ros.entry import run; sys.exit(run("{_OWN[package, name]}"))',
        ]
    return [str(executable(package, name))]


def executables(package: str) -> list[Path]:
    """All executables of a package, sorted by name.

    Raises:
        PackageNotFoundError: no prefix knows the package.
    """
    library = package_prefix(package) / 'lib' / package
    files = library.iterdir() if library.is_dir() else ()
    found = {path.name: path for path in files if path.is_file() and os.access(path, os.X_OK)}
    scripts = {name: Path(sys.prefix) / 'bin' / name for name in _console_scripts(package)}
    return [path for _, path in sorted((scripts | found).items())]


def _console_scripts(package: str) -> set[str]:
    try:
        entry_points = metadata.distribution(package).entry_points
    except metadata.PackageNotFoundError:
        return set()
    return {point.name for point in entry_points if point.group == 'console_scripts'}
