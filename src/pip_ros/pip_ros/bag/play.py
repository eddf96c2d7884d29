"""`ros2 bag play`: publish the messages of a bag at the times at which they were recorded."""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock as ClockMessage

from pip_ros.bag.choice import Choice
from pip_ros.bag.clock import PlayerClock
from pip_ros.bag.qos import agree, offered_when_played
from pip_ros.bag.reading import CDR, Bag, Topic
from pip_ros.bag.usage import warn
from pip_ros.errors import Ros2Error
from pip_ros.messages import RawPublisher

_ACKNOWLEDGE_S = 1.0  # at the end, for subscribers that still fetch the last messages
_STOP_CHECK_S = 0.1
_WHO = 'rosbag2_player'
_CLOCK_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


@dataclass(frozen=True)
class PlayOptions:
    """How to play.

    Attributes:
        rate: Times as fast as recorded.
        loop: Start again at the end, for ever.
        delay_s: Wait before the first message, in each loop.
        start_offset_s: Leave out so much of the bag.
        duration_s: End so many seconds of the bag behind the start, in each loop; never if negative. Without
            ``until_ns``, 0 plays nothing.
        until_ns: End behind this stamp, or behind the duration if that is later; never if negative.
        start_paused: Play nothing until the clock runs.
        acknowledge_s: At the end wait so long until all subscribers of a topic have acknowledged everything, 0 for
            ever; 1 s for all topics if None.
        clock_hz: Publish /clock so often; 0 for never.
        clock_topics: Publish /clock with each message of these topics, by recorded name.
        clock_with_all: Publish /clock with each message.
        choice: Play only these.
        qos_overrides: Profiles by recorded name.
    """

    rate: float = 1.0
    loop: bool = False
    delay_s: float = 0.0
    start_offset_s: float = 0.0
    duration_s: float = -1.0
    until_ns: int = -1
    start_paused: bool = False
    acknowledge_s: float | None = None
    clock_hz: float = 0.0
    clock_topics: frozenset[str] = frozenset()
    clock_with_all: bool = False
    choice: Choice = Choice(all_topics=True, all_services=True)
    qos_overrides: dict[str, QoSProfile] = field(default_factory=dict)


def last_stamp(options: PlayOptions, start_ns: int) -> float:
    """Of the messages to play from a stamp on, by the rules of rosbag2; infinite where nothing ends them."""
    duration_s, until_ns = options.duration_s, options.until_ns
    if duration_s < 0 and until_ns < 0:
        return math.inf
    by_duration_ns = 0 if duration_s == 0 else start_ns + round(duration_s * 1e9)
    return max(by_duration_ns, until_ns) or -math.inf


class Player:
    """Plays a bag.

    Args:
        node: Publishes; topics have the names to which it remaps them.
        bag: The open bag.
        options: How to play.
        stop: Set it to stop playing.

    Raises:
        Ros2Error: messages are not serialized as CDR.

    Attributes:
        clock: The time in the bag; runs, pauses, and steps from message to message.
    """

    def __init__(self, node: Node, bag: Bag, options: PlayOptions, stop: Event) -> None:
        _refuse_other_serializations(bag)
        self._node = node
        self._bag = bag
        self._options = options
        self._stop = stop
        self._start_ns = bag.start_ns + round(options.start_offset_s * 1e9)
        self.clock = PlayerClock(self._start_ns, options.rate, options.start_paused, stop)
        self._publishers: dict[str, RawPublisher] = {}
        self._best_effort: list[str] = []
        for topic in bag.topics.values():
            if options.choice.takes(topic.name, topic.type):
                self._add(topic)
        if options.acknowledge_s is not None and self._best_effort:
            warn(
                '--wait-for-all-acked is invalid for the below topics since reliability of QOS is BestEffort.\n'
                + ', '.join(self._best_effort),
                _WHO,
            )
        self._clock_publisher: Publisher | None = None
        if options.clock_hz > 0.0 or options.clock_topics or options.clock_with_all:
            self._clock_publisher = node.create_publisher(ClockMessage, '/clock', _CLOCK_QOS)
        self._reported = 0

    def play(self) -> None:
        """Play to the end, or for ever with `loop`."""
        self._report_problems()
        with self._ticking():
            while not self._stop.is_set():
                self._play_once()
                self._report_problems()
                if not self._options.loop or not self._publishers or not self._bag.count:
                    break
        self._wait_until_acknowledged()

    def toggle_paused(self) -> None:
        """Pause, or resume."""
        _tell('Pausing play.' if self.clock.toggle() else 'Resuming play.')

    def play_next(self) -> None:
        """Play one message, while paused."""
        if not self.clock.step():
            warn('Called play next, but not in paused state.', _WHO)

    def change_rate(self, by: float) -> None:
        """Play faster or slower."""
        rate = self.clock.rate + by
        if self.clock.set_rate(rate):
            _tell(f'Set rate to {rate:.6g}')
        else:
            warn(f'Failed to set rate to invalid value {rate:.6g}', _WHO)

    def _wait_until_acknowledged(self) -> None:
        wanted_s = self._options.acknowledge_s
        end_s = time.monotonic() + _ACKNOWLEDGE_S
        for name, publisher in self._publishers.items():
            if wanted_s is not None:
                end_s = time.monotonic() + (wanted_s or math.inf)
            while not (acknowledged := publisher.wait_for_all_acked(_STOP_CHECK_S)):
                if self._stop.is_set() or time.monotonic() >= end_s:
                    break
            if not acknowledged and wanted_s is not None:
                print(
                    f'[ERROR] [{_WHO}]: Timed out while waiting for all published messages to be acknowledged for '
                    f'topic {name}',
                    file=sys.stderr,
                )

    def _add(self, topic: Topic) -> None:
        qos = self._options.qos_overrides.get(topic.name)
        if qos:
            _tell(f'Overriding QoS profile for topic {topic.name}')
        else:
            qos = offered_when_played(topic.qos)
            if not agree(topic.qos):
                warn(
                    f'Not all original publishers on topic {topic.name} offered the same QoS profiles. '
                    'Falling back to the default publisher offer.',
                    _WHO,
                )
        try:
            self._publishers[topic.name] = RawPublisher(self._node, topic.name, topic.type, qos)
        except Ros2Error as error:
            warn(f"Ignoring the topic '{topic.name}': {error}", _WHO)
        if qos.reliability == ReliabilityPolicy.BEST_EFFORT:
            self._best_effort.append(topic.name)

    def _play_once(self) -> None:
        self._stop.wait(self._options.delay_s)
        self.clock.jump(self._start_ns)
        end_ns = last_stamp(self._options, self._start_ns)
        for topic, stamp_ns, data in self._bag.messages(self._publishers, self._start_ns):
            if stamp_ns > end_ns or not self.clock.reach(stamp_ns):
                break
            if self._options.clock_with_all or topic in self._options.clock_topics:
                self._tick()
            self._publishers[topic].publish(data)
        self.clock.wait_while_paused()

    @contextmanager
    def _ticking(self) -> Iterator[None]:
        """Inside, /clock is published at its rate, also while paused."""
        if not self._options.clock_hz:
            yield
            return
        ended = Event()
        thread = Thread(target=self._tick_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _tick_until(self, ended: Event) -> None:
        due_s = time.monotonic()
        while not ended.wait(max(due_s - time.monotonic(), 0.0)):
            self._tick()
            due_s += 1 / self._options.clock_hz

    def _tick(self) -> None:
        message = ClockMessage()
        message.clock.sec, message.clock.nanosec = divmod(self.clock.now(), 10**9)
        if self._clock_publisher is not None:
            self._clock_publisher.publish(message)

    def _report_problems(self) -> None:
        for problem in self._bag.problems[self._reported :]:
            warn(problem, _WHO)
        self._reported = len(self._bag.problems)


def _tell(message: str) -> None:
    print(f'[INFO] [{_WHO}]: {message}', flush=True)


def _refuse_other_serializations(bag: Bag) -> None:
    for topic in bag.topics.values():
        if topic.serialization != CDR:
            raise Ros2Error(
                f"The topic '{topic.name}' of the bag {bag.path} is serialized as '{topic.serialization}'; only "
                f"'{CDR}' can be played"
            )
