"""`ros2 bag play`: its options."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rclpy.node import Node

from pip_ros.bag.choice import Choice, expanded, pattern
from pip_ros.bag.keyboard import DOWN, RIGHT, SPACE, UP, keys_pressed
from pip_ros.bag.play import Player, PlayOptions
from pip_ros.bag.reading import Bag
from pip_ros.bag.usage import qos_overrides, warn
from pip_ros.bag.writing import STORAGES
from pip_ros.errors import Ros2Error, UnsupportedError
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import existing_bag, not_negative_float, not_negative_int, positive_float, readable_file

_WITHOUT_EFFECT = ('read_ahead_queue_size', 'disable_loan_message', 'storage_config_file')


def play_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 bag play`."""
    parser.add_argument('bag_path', type=existing_bag, help='bag to play: folder or file')
    parser.add_argument('-s', '--storage', choices=STORAGES, help='refuse files of another storage')
    parser.add_argument('-r', '--rate', type=positive_float, default=1.0, help='times as fast as recorded')
    parser.add_argument('-l', '--loop', action='store_true', help='start again at the end, for ever')
    parser.add_argument('-d', '--delay', type=positive_float, default=0.0, help='seconds to wait before playing')
    parser.add_argument(
        '--start-offset', type=not_negative_float, default=0.0, help='start so many seconds into the bag'
    )
    _choice_arguments(parser)
    _clock_arguments(parser)
    parser.add_argument('-m', '--remap', nargs='+', default=[], metavar='OLD:=NEW', help='play under other names')
    parser.add_argument('-p', '--start-paused', action='store_true', help='wait for SPACE before playing')
    parser.add_argument(
        '--playback-duration', type=float, default=-1.0, metavar='S', help='seconds to play; all if negative'
    )
    until = parser.add_mutually_exclusive_group()
    until.add_argument('--playback-until-sec', type=float, default=-1.0, metavar='S', help='stamp to play to')
    until.add_argument('--playback-until-nsec', type=int, default=-1, metavar='NS', help='stamp to play to')
    parser.add_argument(
        '--wait-for-all-acked',
        type=not_negative_int,
        metavar='TIMEOUT',
        help='at the end wait so many milliseconds until subscribers have acknowledged everything; 0 for ever',
    )
    parser.add_argument('--qos-profile-overrides-path', type=readable_file, help='YAML with QoS profiles by topic')
    parser.add_argument('--disable-keyboard-controls', action='store_true', help='do not listen to keys')
    parser.add_argument('--publish-service-requests', action='store_true', help='not here')
    parser.add_argument('--read-ahead-queue-size', type=int, help='has no effect here: reading keeps up by itself')
    parser.add_argument('--disable-loan-message', action='store_true', help='has no effect here: none are loaned')
    parser.add_argument('--storage-config-file', type=readable_file, help='has no effect here')
    parser.add_argument('--log-level', choices=('debug', 'info', 'warn', 'error', 'fatal'), help='changes nothing')


def _choice_arguments(parser: argparse.ArgumentParser) -> None:
    for what in ('topic', 'service'):
        parser.add_argument(f'--{what}s', nargs='+', default=[], metavar=what.upper(), help='play only these')
        parser.add_argument(
            f'--exclude-{what}s', nargs='+', default=[], metavar=what.upper(), help='do not play these'
        )
    parser.add_argument('-e', '--regex', type=pattern, metavar='REGEX', help='play only what this matches wholly')
    parser.add_argument('-x', '--exclude-regex', type=pattern, metavar='REGEX', help='not what this matches wholly')


def _clock_arguments(parser: argparse.ArgumentParser) -> None:
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument(
        '--clock',
        type=positive_float,
        nargs='?',
        const=40.0,
        default=0.0,
        metavar='HZ',
        help='publish /clock (40 Hz without a number); /clock in the bag is left out',
    )
    clock.add_argument(
        '--clock-topics', nargs='+', default=[], metavar='TOPIC', help='publish /clock with messages of these'
    )
    clock.add_argument('--clock-topics-all', action='store_true', help='publish /clock with every message')


def play(args: argparse.Namespace) -> int:
    """Play a bag to its end, or until Ctrl-C."""
    if args.publish_service_requests:
        raise UnsupportedError('--publish-service-requests')
    for name in _WITHOUT_EFFECT:
        if getattr(args, name):
            warn(f'--{name.replace("_", "-")} has no effect here', 'rosbag2_player')
    overrides = qos_overrides(args.qos_profile_overrides_path)
    has_keys = sys.stdin.isatty() and not args.disable_keyboard_controls
    if args.start_paused and not has_keys:
        raise UnsupportedError('--start-paused without a terminal, to be resumed by a service')
    stop = stopped_by_signals()
    with Bag(args.bag_path, storage=args.storage) as bag, _remapping_node(args.remap) as node:
        options = PlayOptions(
            rate=args.rate,
            loop=args.loop,
            delay_s=args.delay,
            start_offset_s=args.start_offset,
            duration_s=args.playback_duration,
            until_ns=_until_ns(args),
            start_paused=args.start_paused,
            acknowledge_s=None if args.wait_for_all_acked is None else args.wait_for_all_acked / 1000,
            clock_hz=args.clock,
            clock_topics=frozenset(args.clock_topics),
            clock_with_all=args.clock_topics_all,
            choice=_choice(args, node),
            qos_overrides=overrides,
        )
        player = Player(node, bag, options, stop)
        with _keys(player) if has_keys else nullcontext():
            player.play()
    return 0


def _remapping_node(rules: list[str]) -> AbstractContextManager[Node]:
    for rule in rules:
        old, sign, new = rule.partition(':=')
        if not (old and sign and new):
            raise Ros2Error(f"malformed remapping '{rule}', expected OLD:=NEW")
    return command_node('rosbag2_player', remaps=rules)


@contextmanager
def _keys(player: Player) -> Iterator[None]:
    """Inside, the keys of rosbag2 control the player."""
    actions = {
        SPACE: player.toggle_paused,
        RIGHT: player.play_next,
        UP: lambda: player.change_rate(0.1),
        DOWN: lambda: player.change_rate(-0.1),
    }
    with keys_pressed(actions):
        print(
            '[INFO] [rosbag2_player]: Press SPACE for Pause/Resume, CURSOR_RIGHT for Play Next Message, CURSOR_UP '
            'for Increase Rate 10%, CURSOR_DOWN for Decrease Rate 10%',
            flush=True,
        )
        yield


def _until_ns(args: argparse.Namespace) -> int:
    """The stamp to play to; -1 for none, which is what rosbag2 takes 0 for."""
    if args.playback_until_sec > 0.0:
        return int(args.playback_until_sec * 10**9)
    return int(args.playback_until_nsec) if args.playback_until_nsec > 0 else -1


def _choice(args: argparse.Namespace, node: Node) -> Choice:
    """As ROS 2 plays: topics alone choose no services away, nor the other way; expressions match whole topics."""

    def whole(names: list[str]) -> frozenset[str]:
        return frozenset(expanded(node, name) for name in names)

    return Choice(
        topics=whole(args.topics),
        services=whole(args.services),
        all_topics=not args.topics and not args.regex,
        all_services=not args.services and not args.regex,
        regex=args.regex,
        exclude_topics=whole([*args.exclude_topics, *(['/clock'] if args.clock else [])]),
        exclude_services=whole(args.exclude_services),
        exclude_regex=args.exclude_regex,
        regex_of_topics=True,
    )
