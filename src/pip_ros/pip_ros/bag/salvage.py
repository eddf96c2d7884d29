"""Storage files that are cut or damaged: an installed package mends them, as ROS's own tools take plugins."""

from importlib.metadata import entry_points
from pathlib import Path

from pip_ros.errors import Ros2Error

GROUP, PREPARE_GROUP = 'ros2_bag.salvage', 'ros2_bag.prepare'
"""Entry points of these groups are functions as `salvage` and `prepare`; the first one is used."""


def salvage(cut: Path, whole: Path) -> str:
    """Write what is whole of a cut storage file into a new one.

    Returns:
        Where the damage is and what could be saved, in words.

    Raises:
        Ros2Error: no installed package mends bags.
        ValueError: not even its beginning is whole.
    """
    for plugin in entry_points(group=GROUP):
        return str(plugin.load()(cut, whole))
    raise Ros2Error(f'it is damaged, and no installed package has an entry point "{GROUP}" to mend it')


def prepare(file: Path, folder: Path) -> tuple[Path, str]:
    """The file to read in the place of one that rosbags reads in part only, and what of it is lost, in words.

    Raises:
        ValueError, OSError: it cannot be read.
    """
    for plugin in entry_points(group=PREPARE_GROUP):
        prepared: tuple[Path, str] = plugin.load()(file, folder)
        return prepared
    return file, ''
