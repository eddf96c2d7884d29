"""Quality of service: as bags record it, as rclpy takes it, as users override it in YAML."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rclpy.duration import Duration, Infinite
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    InvalidQoSProfileException,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.topic_endpoint_info import TopicEndpointInfo
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime

from pip_ros.errors import Ros2Error

DEFAULT_DEPTH = 10
_DURABILITY = {'transient_local': DurabilityPolicy.TRANSIENT_LOCAL, 'volatile': DurabilityPolicy.VOLATILE}
_RELIABILITY = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}
_LIVELINESS = {
    'automatic': LivelinessPolicy.AUTOMATIC,
    'manual_by_topic': LivelinessPolicy.MANUAL_BY_TOPIC,
}
_INFINITE_SEC = 2**31 - 1
_POLICIES = {
    'history': HistoryPolicy,
    'reliability': ReliabilityPolicy,
    'durability': DurabilityPolicy,
    'liveliness': LivelinessPolicy,
}
_HALF_A_TIME = 'Time overrides must include both seconds (sec) and nanoseconds (nsec), not negative.'
_DURATIONS = ('deadline', 'lifespan', 'liveliness_lease_duration')


def offered_when_played(recorded: Sequence[Qos]) -> QoSProfile:
    """What to offer for a topic: what its publishers offered, if they agreed, else ROS's default."""
    if not recorded or not agree(recorded):
        return QoSProfile(depth=DEFAULT_DEPTH)
    qos = recorded[0]
    return QoSProfile(
        depth=DEFAULT_DEPTH,  # as rosbag2 does it, whatever the publisher kept
        durability=_DURABILITY.get(qos.durability.name.lower(), DurabilityPolicy.VOLATILE),
        reliability=_RELIABILITY.get(qos.reliability.name.lower(), ReliabilityPolicy.RELIABLE),
        deadline=_as_duration(qos.deadline),
        lifespan=_as_duration(qos.lifespan),
        liveliness=_LIVELINESS.get(qos.liveliness.name.lower(), LivelinessPolicy.SYSTEM_DEFAULT),
        liveliness_lease_duration=_as_duration(qos.liveliness_lease_duration),
    )


def agree(recorded: Sequence[Qos]) -> bool:
    """Whether publishers served the same subscribers."""
    return all(_policies(qos) == _policies(recorded[0]) for qos in recorded)


def _policies(qos: Qos) -> tuple[object, ...]:
    """Those on which it depends whether a subscriber is served."""
    durations = (_as_duration(qos.deadline), _as_duration(qos.liveliness_lease_duration))
    return qos.reliability, qos.durability, qos.liveliness, *(duration.nanoseconds for duration in durations)


def _as_duration(time: QosTime) -> Duration:
    """Infinite as bags of ROS 2 Foxy and later write it, too."""
    nanoseconds = time.sec * 10**9 + time.nsec
    return Infinite if time.sec >= _INFINITE_SEC or nanoseconds >= 2**63 - 1 else Duration(nanoseconds=nanoseconds)


def requested_when_recorded(offers: Sequence[TopicEndpointInfo]) -> QoSProfile:
    """What to request so that every publisher of a topic is heard, and latched values if all latch."""
    reliable = all(o.qos_profile.reliability == ReliabilityPolicy.RELIABLE for o in offers)
    latched = all(o.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for o in offers)
    return QoSProfile(
        history=HistoryPolicy.KEEP_ALL,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def as_recorded(profile: QoSProfile) -> Qos:
    """A publisher's profile as a bag stores it."""
    # A publisher's history is not told over the network; then it is unknown in the bag too.
    histories = {HistoryPolicy.KEEP_LAST: QosHistory.KEEP_LAST, HistoryPolicy.KEEP_ALL: QosHistory.KEEP_ALL}
    return Qos(
        histories.get(profile.history, QosHistory.UNKNOWN),
        profile.depth,
        QosReliability[profile.reliability.name],
        QosDurability[profile.durability.name],
        _time(profile.deadline),
        _time(profile.lifespan),
        QosLiveliness[LivelinessPolicy(profile.liveliness).name],
        _time(profile.liveliness_lease_duration),
        avoid_ros_namespace_conventions=profile.avoid_ros_namespace_conventions,
    )


def _time(duration: Duration) -> QosTime:
    return QosTime(*divmod(duration.nanoseconds, 10**9))


def read_overrides(path: Path | None) -> dict[str, QoSProfile]:
    """Profiles by topic from a YAML file with the keys of rclpy's QoSProfile; empty without a file.

    Raises:
        Ros2Error: the file cannot be read, or a policy or value in it is unknown; names it.
    """
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text()) or {}
        profiles = [(topic, dict(profile)) for topic, profile in content.items()]
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise Ros2Error(f'{path}: no table of QoS profiles by topic ({error})') from error
    return {topic: _override(profile, f'{path}: topic {topic}') for topic, profile in profiles}


def _override(profile: dict[str, Any], place: str) -> QoSProfile:
    policies = {key: _policy(key, value, place) for key, value in profile.items()}
    try:
        return QoSProfile(**policies)
    except InvalidQoSProfileException as error:
        raise Ros2Error(': '.join(error.args), place) from error


def _policy(key: str, value: Any, place: str) -> Any:
    if key not in (*_POLICIES, *_DURATIONS, 'depth', 'avoid_ros_namespace_conventions'):
        raise Ros2Error(f'Unexpected key `{key}` for QoS profile.', place)
    try:
        if key in _POLICIES:
            return _POLICIES[key].get_from_short_key(value)
        if key in _DURATIONS:
            return _duration(value)
        return _not_negative(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        hint = f' {_HALF_A_TIME}' if key in _DURATIONS and isinstance(value, dict) else ''
        raise Ros2Error(f'Unexpected value {value!r} of `{key}` for QoS profile.{hint}', place) from error


def _duration(value: dict[str, int]) -> Duration:
    return Duration(seconds=_not_negative(value['sec']), nanoseconds=_not_negative(value['nsec']))


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError(f'{value} is negative')
    return value
