"""Keeps the packages of pip_ros away from a real ROS 2, which has its own of the same names."""

import os
import sys
from pathlib import Path

_INDEX = Path('share', 'ament_index', 'resource_index', 'packages')


def real_ros_homes(package: str) -> list[Path]:
    """Where a real ROS 2 offers the package: ament prefixes that list it, and other copies on ``sys.path``.

    AMENT_PREFIX_PATH alone does not show it, because PyPI's ROS 2 wheels bring an ament prefix too.
    """
    prefixes = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    homes = [prefix for prefix in prefixes if (prefix / _INDEX / package).exists()]
    for entry in dict.fromkeys(sys.path):
        folder = Path(entry)
        if (folder / package / '__init__.py').is_file() and not (folder / Path(__file__).name).is_file():
            homes.append(folder)
    return homes


def refuse_beside_real_ros(package: str) -> None:
    """Refuse to stand in for a package that the real ROS 2 offers.

    Raises:
        ImportError: a real one is there; says where and what to do.
    """
    homes = real_ros_homes(package)
    if homes:
        raise ImportError(
            f'{package} of pip_ros does not work beside the real one in {homes[0]}. Use the real one: '
            f'uninstall weld-cell-pip-ros and take {Path(__file__).parent} off PYTHONPATH; '
            'or open a shell in which no ROS 2 is sourced.',
            name=package,
        )
