"""Where a camera is mounted."""

from enum import StrEnum


class Mount(StrEnum):
    """What the camera sits on."""

    HAND = 'eye_in_hand'
    """The robot's hand carries it; the board stands still."""
    BASE = 'eye_to_hand'
    """It stands still; the robot's hand carries the board."""
