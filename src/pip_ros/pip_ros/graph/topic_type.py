"""Which type a topic has."""

from threading import Event

from rclpy.node import Node

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import spin_until


def find_type(node: Node, topic: str, timeout_s: float, stop: Event) -> str:
    """The message type of a topic, as soon as the topic is known.

    Raises:
        Ros2Error: it does not come up in time, or has several types.
        KeyboardInterrupt: ``stop`` was set meanwhile.
    """

    def known() -> list[str]:
        return dict(node.get_topic_names_and_types()).get(topic, [])

    if not spin_until(node, known, timeout_s, stop):
        print(f'WARNING: topic [{topic}] does not appear to be published yet', flush=True)
        raise Ros2Error('Could not determine the type for the passed topic')
    types = known()
    if len(types) > 1:
        raise Ros2Error(f"Cannot echo topic '{topic}', as it contains more than one type: [{', '.join(types)}]")
    return types[0]
