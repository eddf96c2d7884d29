"""`ros2 bag play`: publish the messages of a bag at the times at which they were recorded."""

import math
import sys
import time
from dataclasses import dataclass, field
from threading import Event

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock as ClockMessage

from pip_ros.bag.choice import Choice
from pip_ros.bag.qos import offered_when_played
from pip_ros.bag.reading import CDR, Bag, Topic
from pip_ros.errors import Ros2Error
from pip_ros.messages import RawPublisher

_ACKNOWLEDGE_S = 1.0  # at the end, for subscribers that still fetch the last messages
_STOP_CHECK_S = 0.1


@dataclass(frozen=True)
class PlayOptions:
    """How to play.

    Attributes:
        rate: Times as fast as recorded.
        loop: Start again at the end, for ever.
        delay_s: Wait before the first message, in each loop.
        start_offset_s: Leave out so much of the bag.
        duration_s: End so many seconds of the bag behind the start, in each loop; never if negative.
        until_ns: End behind this stamp, or behind the duration if that is later.
        start_paused: Play nothing until `resumed` is set.
        acknowledge_s: At the end wait so long for subscribers to acknowledge everything; 0 for ever, 1 s if None.
        clock_hz: Publish /clock so often; 0 for never.
        clock_topics: Publish /clock with each message of these topics, by recorded name.
        clock_with_all: Publish /clock with each message.
        choice: Play only these.
        remaps: New name by recorded name.
        qos_overrides: Profiles by recorded name.
    """

    rate: float = 1.0
    loop: bool = False
    delay_s: float = 0.0
    start_offset_s: float = 0.0
    duration_s: float = -1.0
    until_ns: float = math.inf
    start_paused: bool = False
    acknowledge_s: float | None = None
    clock_hz: float = 0.0
    clock_topics: frozenset[str] = frozenset()
    clock_with_all: bool = False
    choice: Choice = Choice(all_topics=True, all_services=True)
    remaps: dict[str, str] = field(default_factory=dict)
    qos_overrides: dict[str, QoSProfile] = field(default_factory=dict)


class Schedule:
    """When what is due, on the steady clock; lateness never adds up.

    Args:
        bag_start_ns: The time in the bag that is due now.
        rate: Times as fast as recorded.
        stop: Ends every wait.
    """

    def __init__(self, bag_start_ns: int, rate: float, stop: Event) -> None:
        self._bag_start_ns = bag_start_ns
        self._rate = rate
        self._stop = stop
        self._start_ns = time.monotonic_ns()

    def reach(self, bag_ns: int) -> bool:
        """Wait until that time in the bag; False if playing is to stop."""
        due_ns = self._start_ns + (bag_ns - self._bag_start_ns) / self._rate
        left_s = (due_ns - time.monotonic_ns()) * 1e-9
        return not self._stop.wait(max(left_s, 0.0))


class Player:
    """Plays a bag.

    Args:
        node: Publishes.
        bag: The open bag.
        options: How to play.
        stop: Set it to stop playing.

    Raises:
        Ros2Error: messages are not serialized as CDR.

    Attributes:
        resumed: Set it to play what starts paused.
    """

    def __init__(self, node: Node, bag: Bag, options: PlayOptions, stop: Event) -> None:
        _refuse_other_serializations(bag)
        self.resumed = Event()
        self._node = node
        self._bag = bag
        self._options = options
        self._stop = stop
        self._publishers: dict[str, RawPublisher] = {}
        for topic in bag.topics.values():
            if options.choice.takes(topic.name, topic.type):
                self._add(topic)
        self._clock: Publisher | None = None
        if options.clock_hz > 0.0 or options.clock_topics or options.clock_with_all:
            self._clock = node.create_publisher(ClockMessage, '/clock', QoSProfile(depth=1))
        self._reported = 0

    def play(self) -> None:
        """Play to the end, or for ever with `loop`."""
        self._report_problems()
        if self._options.start_paused:
            self._wait_until_resumed()
        while not self._stop.is_set():
            self._play_once()
            self._report_problems()
            if not self._options.loop or not self._publishers or not self._bag.count:
                break
        self._wait_until_acknowledged()

    def _wait_until_resumed(self) -> None:
        print('[INFO] [rosbag2_player]: Paused. Press SPACE to resume.', flush=True)
        while not (self.resumed.wait(_STOP_CHECK_S) or self._stop.is_set()):
            pass

    def _wait_until_acknowledged(self) -> None:
        wanted_s = self._options.acknowledge_s
        limit_s = _ACKNOWLEDGE_S if wanted_s is None else wanted_s or math.inf
        deadline_s = time.monotonic() + limit_s
        for name, publisher in self._publishers.items():
            while not (acknowledged := publisher.wait_for_all_acked(_STOP_CHECK_S)):
                if self._stop.is_set() or time.monotonic() >= deadline_s:
                    break
            if not acknowledged and wanted_s is not None:
                print(
                    f"[ERROR] [rosbag2_player]: Timed out while waiting for all of '{name}' to be acknowledged",
                    file=sys.stderr,
                )

    def _add(self, topic: Topic) -> None:
        name = self._options.remaps.get(topic.name, topic.name)
        qos = self._options.qos_overrides.get(topic.name) or offered_when_played(topic.qos)
        try:
            self._publishers[topic.name] = RawPublisher(self._node, name, topic.type, qos)
        except Ros2Error as error:
            print(f"[WARN] [rosbag2_player]: Ignoring the topic '{topic.name}': {error}", file=sys.stderr)

    def _play_once(self) -> None:
        self._stop.wait(self._options.delay_s)
        start_ns = self._bag.start_ns + round(self._options.start_offset_s * 1e9)
        schedule = Schedule(start_ns, self._options.rate, self._stop)
        tick_ns = start_ns
        end_ns = self._end_ns(start_ns)
        for topic, stamp_ns, data in self._bag.messages(self._publishers, start_ns):
            if stamp_ns > end_ns:
                return
            tick_ns = self._tick_until(stamp_ns, tick_ns, schedule)
            if not schedule.reach(stamp_ns):
                return
            if self._options.clock_with_all or topic in self._options.clock_topics:
                self._tick(stamp_ns)
            self._publishers[topic].publish(data)

    def _end_ns(self, start_ns: int) -> float:
        """The later one of the two ends that are asked for; infinite where none is."""
        duration_s, until_ns = self._options.duration_s, self._options.until_ns
        if duration_s < 0:
            return until_ns
        end_ns = start_ns + round(duration_s * 1e9)
        return end_ns if until_ns == math.inf else max(end_ns, until_ns)

    def _tick_until(self, stamp_ns: int, tick_ns: int, schedule: Schedule) -> int:
        """Publish every /clock that is due before a message; returns when the next one is due."""
        if self._options.clock_hz <= 0.0:
            return tick_ns
        period_ns = round(1e9 * self._options.rate / self._options.clock_hz)
        while tick_ns <= stamp_ns and schedule.reach(tick_ns):
            self._tick(tick_ns)
            tick_ns += period_ns
        return tick_ns

    def _tick(self, stamp_ns: int) -> None:
        message = ClockMessage()
        message.clock.sec, message.clock.nanosec = divmod(stamp_ns, 10**9)
        if self._clock is not None:
            self._clock.publish(message)

    def _report_problems(self) -> None:
        for problem in self._bag.problems[self._reported :]:
            print(f'[WARN] [rosbag2_player]: {problem}', file=sys.stderr)
        self._reported = len(self._bag.problems)


def _refuse_other_serializations(bag: Bag) -> None:
    for topic in bag.topics.values():
        if topic.serialization != CDR:
            raise Ros2Error(
                f"The topic '{topic.name}' of the bag {bag.path} is serialized as '{topic.serialization}'; only "
                f"'{CDR}' can be played"
            )
