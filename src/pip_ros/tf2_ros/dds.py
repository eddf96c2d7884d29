"""Writers and readers of TFMessage: one Cyclone DDS participant for each process and domain.

PyPI's rclpy has no tf2_msgs, and PyPI has no rosidl to build them. Cyclone DDS speaks with every RMW, given
ROS's names of topics and types, its QoS, the type hash in the endpoint's user data, and ROS's discovery range.
"""

import atexit
import threading
import weakref

from cyclonedds.core import DDSException
from cyclonedds.domain import Domain, DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.qos import Policy, Qos
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration
from pip_ros.fast_dds import tell_types_by_name
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from tf2_ros.dds_types import TYPE_HASH, SerializedTFMessage
from tf2_ros.discovery import cyclone_configuration

_DEFAULT_DEPTH = 100  # of tf2_ros for both topics' subscriptions and for the publisher of /tf
_MAX_BLOCKING = duration(milliseconds=100)

tell_types_by_name()

_participants: dict[int, tuple[Domain | None, DomainParticipant]] = {}
_lock = threading.Lock()


def participant(domain_id: int) -> DomainParticipant:
    """The process's participant in a domain, made when first asked for."""
    with _lock:
        if domain_id not in _participants:
            _participants[domain_id] = _domain(domain_id), DomainParticipant(domain_id)
        return _participants[domain_id][1]


@atexit.register
def _leave() -> None:
    """Take leave of the peers, who would otherwise believe in our endpoints for ten more seconds (the lease).

    Nodes and broadcasters still refer to the participants now, so no reference count would delete them.
    """
    for _, dds_participant in _participants.values():
        dds_participant.__del__()
    _participants.clear()


def _domain(domain_id: int) -> Domain | None:
    """The configured domain, or None where other code of the process has opened it in its own way."""
    try:
        return Domain(domain_id, cyclone_configuration())
    except DDSException as error:
        if error.code != DDSException.DDS_RETCODE_PRECONDITION_NOT_MET:
            raise
        return None


def make_writer(node: Node, topic: str, qos: QoSProfile | int) -> DataWriter[SerializedTFMessage]:
    """A writer of a ROS topic, remapped as the node has it, in the node's domain.

    It lives as long as the node, as rclpy's publishers do: late joiners are served even where nobody holds the
    broadcaster.
    """
    dds_participant = participant(node.context.get_domain_id())
    writer = DataWriter(dds_participant, _topic(dds_participant, node, topic), _dds_qos(_profile(qos)))
    weakref.finalize(node, _let_go, writer).atexit = False
    return writer


def _let_go(_writer: DataWriter[SerializedTFMessage]) -> None:
    """Called with the last reference; Cyclone deletes a writer that nobody refers to."""


def make_reader(node: Node, topic: str, qos: QoSProfile | int) -> DataReader[SerializedTFMessage]:
    """A reader of a ROS topic, remapped as the node has it, in the node's domain."""
    dds_participant = participant(node.context.get_domain_id())
    return DataReader(dds_participant, _topic(dds_participant, node, topic), _dds_qos(_profile(qos)))


def tf_qos() -> QoSProfile:
    """QoS of /tf."""
    return QoSProfile(depth=_DEFAULT_DEPTH)


def tf_static_qos(depth: int = _DEFAULT_DEPTH) -> QoSProfile:
    """QoS of /tf_static; the broadcaster's depth is 1, for each of its messages holds all transforms."""
    return QoSProfile(depth=depth, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def _topic(dds_participant: DomainParticipant, node: Node, name: str) -> Topic[SerializedTFMessage]:
    return Topic(dds_participant, f'rt{node.resolve_topic_name(name)}', SerializedTFMessage)


def _profile(qos: QoSProfile | int) -> QoSProfile:
    return QoSProfile(depth=qos) if isinstance(qos, int) else qos


def _dds_qos(profile: QoSProfile) -> Qos:
    history = (
        Policy.History.KeepAll
        if profile.history == HistoryPolicy.KEEP_ALL
        else Policy.History.KeepLast(max(profile.depth, 1))
    )
    best_effort = profile.reliability == ReliabilityPolicy.BEST_EFFORT
    policies = [
        history,
        Policy.Reliability.BestEffort if best_effort else Policy.Reliability.Reliable(_MAX_BLOCKING),
        Policy.DataRepresentation(use_cdrv0_representation=True),
        Policy.Userdata(f'typehash={TYPE_HASH};'.encode()),
    ]
    if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL:
        policies += [
            Policy.Durability.TransientLocal,
            # What is kept for late joiners; -1: no limit.
            Policy.DurabilityService(
                cleanup_delay=0, history=history, max_samples=-1, max_instances=-1, max_samples_per_instance=-1
            ),
        ]
    return Qos(*policies)
