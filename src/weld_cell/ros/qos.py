"""Quality-of-service profiles, and publishers and subscriptions with `qos_overrides`."""

from collections.abc import Callable
from typing import Any

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

IMAGE = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
"""Images and camera_info as cameras publish them; RViz may take them best effort."""

IMAGE_INPUT = QoSProfile(depth=40, reliability=ReliabilityPolicy.RELIABLE)
"""Images as our stages take them: a missed stripe is a missed seam point, so a second of them may wait."""

RECORDED_INPUT = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE)
"""Images of a recording that is played: on a busy machine many of them may wait, for none is live."""

OVERLAY = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
"""Pictures for people: only the newest counts."""

WATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""What people watch and may miss: who sends it waits for nobody."""

LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""A value that holds until the next one; who comes later still gets it."""

LATCHED_INPUT = QoSProfile(
    depth=40, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
"""Latched values as who keeps each of them takes them: the one before may wait while the next one comes."""

RESULT = QoSProfile(depth=40, reliability=ReliabilityPolicy.RELIABLE)
"""Results for each image."""

BURST = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE)
"""Small results for each image: those of a recording come at once, when its scan is found."""

STATE = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
"""Periodic state (joint_states, statuses) and commands."""


def publisher(node: Node, kind: type, topic: str, profile: QoSProfile) -> Publisher:
    """A publisher whose history, depth and reliability can be overridden by parameters."""
    return node.create_publisher(
        kind, topic, profile, qos_overriding_options=QoSOverridingOptions.with_default_policies()
    )


def subscription(
    node: Node,
    kind: type,
    topic: str,
    callback: Callable[[Any], None],
    profile: QoSProfile,
    raw: bool = False,
) -> Subscription:
    """A subscription whose history, depth and reliability can be overridden by parameters; raw: it gets bytes."""
    options = QoSOverridingOptions.with_default_policies()
    return node.create_subscription(kind, topic, callback, profile, qos_overriding_options=options, raw=raw)


def await_delivery(sender: Publisher, timeout_s: float) -> bool:
    """Wait until every listener has what was published; whether all do.

    A publisher that is destroyed at once takes along what is still under way, such as a last command to brake.
    """
    return bool(sender.wait_for_all_acked(Duration(seconds=timeout_s)))
