"""The options `--qos-...` of `ros2 topic echo | pub`."""

import argparse
from collections.abc import Sequence
from copy import copy
from typing import TypeVar

from rclpy.duration import Duration
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSPresetProfiles,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.topic_endpoint_info import TopicEndpointInfo

Policy = TypeVar('Policy', ReliabilityPolicy, DurabilityPolicy)
_POLICIES = {
    'reliability': ReliabilityPolicy,
    'durability': DurabilityPolicy,
    'history': HistoryPolicy,
    'liveliness': LivelinessPolicy,
}


def add_qos_options(parser: argparse.ArgumentParser, preset: str) -> None:
    """Declare the options; `preset` is the profile that they change."""
    parser.add_argument(
        '--qos-profile', choices=QoSPresetProfiles.short_keys(), default=preset, help=f'preset ({preset})'
    )
    parser.add_argument('--qos-depth', type=int, metavar='N', help='queue size')
    for name, policy in _POLICIES.items():
        parser.add_argument(f'--qos-{name}', choices=policy.short_keys(), help=f"{name} instead of the preset's")
    parser.add_argument(
        '--qos-liveliness-lease-duration-seconds', type=float, metavar='S', help="lease instead of the preset's"
    )


def is_qos_chosen(args: argparse.Namespace) -> bool:
    """Whether any option but the preset is given."""
    names = (*_POLICIES, 'depth', 'liveliness_lease_duration_seconds')
    return any(getattr(args, f'qos_{name}') is not None for name in names)


def _preset(args: argparse.Namespace) -> QoSProfile:
    """A profile of one's own: rclpy gives out its presets themselves, and who changes one changes it for all."""
    preset: QoSProfile = QoSPresetProfiles.get_from_short_key(args.qos_profile)
    return copy(preset)


def chosen_qos(args: argparse.Namespace) -> QoSProfile:
    """The preset with the options' changes."""
    profile = _preset(args)
    for name, policy in _POLICIES.items():
        if key := getattr(args, f'qos_{name}'):
            setattr(profile, name, policy.get_from_short_key(key))
    if (lease_s := args.qos_liveliness_lease_duration_seconds) is not None and lease_s >= 0:
        profile.liveliness_lease_duration = Duration(seconds=lease_s)
    if args.qos_depth:
        profile.depth = args.qos_depth
    elif profile.durability == DurabilityPolicy.TRANSIENT_LOCAL and profile.depth == 0:
        profile.depth = 1
    return profile


def fitting_qos(args: argparse.Namespace, offers: Sequence[TopicEndpointInfo]) -> QoSProfile:
    """The preset with reliability and durability by which all publishers are heard; says where they disagree."""
    profile = _preset(args)
    if offers:
        reliable = [o.qos_profile.reliability == ReliabilityPolicy.RELIABLE for o in offers]
        latched = [o.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for o in offers]
        profile.reliability = _agreed(reliable, ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT)
        profile.durability = _agreed(latched, DurabilityPolicy.TRANSIENT_LOCAL, DurabilityPolicy.VOLATILE)
    return profile


def _agreed(offered: list[bool], wanted: Policy, weaker: Policy) -> Policy:
    if all(offered):
        return wanted
    if any(offered):
        print(
            f'Some, but not all, publishers are offering {wanted!s}. Falling back to {weaker!s} as it will connect '
            'to all publishers'
        )
    return weaker
