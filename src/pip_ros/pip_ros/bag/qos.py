"""Quality of service: as bags record it, as rclpy takes it, as users override it in YAML."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime

from pip_ros.errors import Ros2Error

DEFAULT_DEPTH = 10
_DURABILITY = {'transient_local': DurabilityPolicy.TRANSIENT_LOCAL, 'volatile': DurabilityPolicy.VOLATILE}
_RELIABILITY = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}
_HISTORY = {'keep_last': HistoryPolicy.KEEP_LAST, 'keep_all': HistoryPolicy.KEEP_ALL}


def offered_when_played(recorded: Sequence[Qos]) -> QoSProfile:
    """What to offer for a topic: what its publishers offered, if they agreed, else ROS's default."""
    if not recorded or any(_policies(qos) != _policies(recorded[0]) for qos in recorded):
        return QoSProfile(depth=DEFAULT_DEPTH)
    qos = recorded[0]
    keep_all = qos.history == QosHistory.KEEP_ALL
    return QoSProfile(
        history=HistoryPolicy.KEEP_ALL if keep_all else HistoryPolicy.KEEP_LAST,
        depth=qos.depth or DEFAULT_DEPTH,
        durability=_DURABILITY.get(qos.durability.name.lower(), DurabilityPolicy.VOLATILE),
        reliability=_RELIABILITY.get(qos.reliability.name.lower(), ReliabilityPolicy.RELIABLE),
    )


def _policies(qos: Qos) -> tuple[QosReliability, QosDurability]:
    return qos.reliability, qos.durability


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
    """Profiles by topic from a YAML file (history, depth, reliability, durability); empty without a file.

    Raises:
        Ros2Error: the file cannot be read, or a policy in it is unknown.
    """
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text()) or {}
        return {topic: _override(profile) for topic, profile in content.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError, KeyError) as error:
        raise Ros2Error(f'{path}: no table of QoS profiles by topic ({error!r})') from error


def _override(profile: dict[str, object]) -> QoSProfile:
    unknown = set(profile) - {'history', 'depth', 'reliability', 'durability'}
    if unknown:
        raise KeyError(*sorted(unknown))
    return QoSProfile(
        history=_HISTORY[str(profile.get('history', 'keep_last'))],
        depth=int(str(profile.get('depth', DEFAULT_DEPTH))),
        reliability=_RELIABILITY[str(profile.get('reliability', 'reliable'))],
        durability=_DURABILITY[str(profile.get('durability', 'volatile'))],
    )
