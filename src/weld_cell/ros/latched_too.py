"""Subscriptions that also get what was latched before they were there, such as a camera_info that is sent once."""

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.subscription import Subscription

from weld_cell.ros.qos import LATCHED_INPUT, subscription

LOOK_S = 0.5


def latched_too(
    node: Node, kind: type, topic: str, callback: Callable[[Any], None], profile: QoSProfile
) -> list[Subscription]:
    """Listen to publishers of either kind; DDS connects those that do not latch to no subscription that asks for it.

    Args:
        node: Listens.
        kind: Of message.
        topic: Its name.
        callback: Called with each message, twice where it is latched.
        profile: Of the subscription for what is not latched.

    Returns:
        The subscription; a second one joins it as soon as a publisher is there that latches.
    """
    made = [subscription(node, kind, topic, callback, profile)]

    def look() -> None:
        offers = node.get_publishers_info_by_topic(topic)
        if any(offer.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for offer in offers):
            made.append(node.create_subscription(kind, topic, callback, LATCHED_INPUT))
            timer.cancel()

    timer = node.create_timer(LOOK_S, look, clock=Clock(clock_type=ClockType.STEADY_TIME))
    return made
