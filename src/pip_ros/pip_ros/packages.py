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
        if (prefix / 'share' / 'ament_index' / 'resource_index' / 'packages' / package).is_file():
            return prefix
    searched = ', '.join(str(prefix) for prefix in prefixes())
    raise PackageNotFoundError(f"package '{package}' not found, searching: [{searched}]")


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


def _console_scripts(package: str) -> set[str]:
    try:
        entry_points = metadata.distribution(package).entry_points
    except metadata.PackageNotFoundError:
        return set()
    return {point.name for point in entry_points if point.group == 'console_scripts'}
