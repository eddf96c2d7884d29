"""Fast DDS and Cyclone DDS in one graph, from Fast DDS 3.2 (Kilted) on: see fastdds.xml."""

import os
from pathlib import Path

VARIABLE = 'FASTDDS_DEFAULT_PROFILES_FILE'
"""Of Kilted and later; Jazzy's Fast DDS does not know it."""
PROFILE = Path(__file__).with_name('fastdds.xml')


def tell_types_by_name() -> None:
    """Have this process's participants do so, unless it has profiles of its own; call before rclpy.init."""
    os.environ.setdefault(VARIABLE, str(PROFILE))


def without_our_profile(environment: dict[str, str]) -> dict[str, str]:
    """An environment for others, who ask it whether a person has chosen profiles."""
    return {name: value for name, value in environment.items() if (name, value) != (VARIABLE, str(PROFILE))}
