"""Check that the messages of a topic come from one publisher.

That two publishers are known is not enough: DDS knows one that was killed for twenty seconds more, and by then the
launch has long started another. Two that really send show by stamps that step back, or by being there for longer.
"""

import time
from collections.abc import Callable

from rclpy.node import Node

from weld_cell.errors import DeviceError

LOOK_S = 0.5
LINGER_S = 25.0


class OneSource:
    """Follows the stamps of one topic's messages, and the publishers that are known for it.

    Args:
        node: The node that listens.
        topic: Its name there.
        clock_s: Seconds, monotonic.
        allowed: How many publishers the topic may have, where several devices share it by turns.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        clock_s: Callable[[], float] = time.monotonic,
        allowed: Callable[[], int] = lambda: 1,
    ) -> None:
        self._node = node
        self._topic = topic
        self._clock_s = clock_s
        self._allowed = allowed
        self._last_stamp_ns = 0
        self._look_s = 0.0
        self._publishers = 0
        self._several_since_s: float | None = None
        self._mixed = False

    def update(self, stamp_ns: int) -> None:
        """One message more, with its stamp."""
        now_s = self._clock_s()
        stepped_back = stamp_ns <= self._last_stamp_ns
        self._last_stamp_ns = stamp_ns
        if stepped_back or now_s >= self._look_s:
            self._look(now_s, stepped_back)

    def check(self) -> None:
        """To be called before the messages are used.

        Raises:
            DeviceError: two publishers send on the topic.
        """
        if self._mixed:
            self._look(self._clock_s(), stepped_back=False)
        if self._mixed:
            raise DeviceError(
                f'{self._publishers} publishers send on {self._topic}.',
                f'Stop all but one; `ros2 topic info -v {self._node.resolve_topic_name(self._topic)}` names them.',
            )

    def _look(self, now_s: float, stepped_back: bool) -> None:
        self._look_s = now_s + LOOK_S
        self._publishers = self._node.count_publishers(self._topic)
        if self._publishers <= self._allowed():
            self._several_since_s, self._mixed = None, False
            return
        if self._several_since_s is None:
            self._several_since_s = now_s
        self._mixed = self._mixed or stepped_back or now_s - self._several_since_s > LINGER_S
