"""What a cycle needs of the cell, by what it does: nodes that must live, services that they must offer."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """What one kind of work needs.

    Attributes:
        nodes: Names of nodes; the robot's driver shows by joint_states.
        services: Trigger services that are called.
        busy: Those of the nodes that say nothing while they do what a service asks of them.
    """

    nodes: tuple[str, ...]
    services: tuple[str, ...]
    busy: tuple[str, ...] = ()


WELD = Need(('hand_eye_tf', 'trajectory_publisher'), ('weld/plan', 'weld/execute'))
SCAN = Need(('laser_sensor', 'seam_detector'), ('joint_type/reset', 'seam/reset', 'seam/finish'))
WATCH = Need((), ('seam/watch', 'seam/rest'))
PART = Need(('mako_camera', 'part_identifier'), ('mako/trigger', 'part/identify'), ('part_identifier',))
PLATE = Need(('mako_camera', 'plate_seam_detector'), ('mako/trigger', 'plate_seam/detect'), ('plate_seam_detector',))
APPROVAL = Need((), ('weld/arm', 'weld/disarm'))
LOOKS = PART, PLATE
ALL = SCAN, WELD, WATCH, APPROVAL, *LOOKS


def nodes_of(needs: Iterable[Need]) -> tuple[str, ...]:
    """Every node, each once."""
    return tuple(dict.fromkeys(node for need in needs for node in need.nodes))


def services_of(needs: Iterable[Need]) -> tuple[str, ...]:
    """Every service, each once."""
    return tuple(dict.fromkeys(service for need in needs for service in need.services))


def busy_of(needs: Iterable[Need]) -> tuple[str, ...]:
    """Every node that may be busy."""
    return tuple(node for need in needs for node in need.busy)
