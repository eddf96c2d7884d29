"""Locations of installed files, for an apt installation, a virtual environment and offline use."""

import os
import sys
from importlib import resources
from pathlib import Path

from weld_cell.errors import ConfigurationError


def share_directory() -> Path:
    """Folder share/weld_cell (launch/, config/), as ``find-pkg-share`` finds it.

    Raises:
        ConfigurationError: the package is not installed.
    """
    prefixes = [p for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    for prefix in [*prefixes, sys.prefix]:
        folder = Path(prefix) / 'share' / 'weld_cell'
        if (folder / 'config').is_dir():
            return folder
    raise ConfigurationError(
        'The installed folder share/weld_cell was not found.', 'Run "make", or source your colcon workspace.'
    )


def config_file(name: str) -> Path:
    """An installed configuration file by its name below config/."""
    return share_directory() / 'config' / name


def model_file(name: str) -> Path:
    """A trained model shipped with the package."""
    return Path(str(resources.files('weld_cell') / 'models' / name))
