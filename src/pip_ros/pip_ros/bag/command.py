"""`ros2 bag play | record | info`: MCAP and SQLite bags. Serialized messages are passed on without decoding."""

import argparse
import contextlib
import sys
from datetime import datetime
from pathlib import Path

from rclpy.executors import SingleThreadedExecutor

from pip_ros.bag.info import describe_bag
from pip_ros.bag.keyboard import space_pressed
from pip_ros.bag.play import Player, PlayOptions
from pip_ros.bag.qos import read_overrides
from pip_ros.bag.reading import Bag
from pip_ros.bag.record import STORAGES, Recorder, open_writer
from pip_ros.errors import Ros2Error
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.verbs import Verb, add_verbs

_STOP_CHECK_S = 0.1

EXAMPLES = """examples:
  ros2 bag info seam.mcap
  ros2 bag play seam_bag --rate 0.5 --clock 100 --topics /laser_sensor/image_raw /joint_states
  ros2 bag play seam_bag --loop --delay 2 --remap /joint_type:=/recorded/joint_type
  ros2 bag record -o seam_bag --topics /laser_sensor/image_raw /tf /tf_static
  ros2 bag record --all --storage sqlite3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 bag` and their options."""
    add_verbs(
        parser,
        {
            'play': Verb('Play back ROS data from a bag', _play_arguments, _play),
            'record': Verb('Record ROS data to a bag', _record_arguments, _record),
            'info': Verb('Print information about a bag', _info_arguments, _info),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 bag`; returns the exit code."""
    return int(args.verb_main(args))


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0.0:
        raise argparse.ArgumentTypeError(f'must be greater than 0, got {text}')
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if value < 0.0:
        raise argparse.ArgumentTypeError(f'must not be negative, got {text}')
    return value


def _not_negative_int(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f'must not be negative, got {text}')
    return value


def _play_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('bag_path', type=Path, help='bag to play: folder or file')
    parser.add_argument('-s', '--storage', choices=STORAGES, help='for compatibility; the files tell it')
    parser.add_argument('-r', '--rate', type=_positive, default=1.0, help='times as fast as recorded')
    parser.add_argument('-l', '--loop', action='store_true', help='start again at the end, for ever')
    parser.add_argument('-d', '--delay', type=_not_negative, default=0.0, help='seconds to wait before playing')
    parser.add_argument('--start-offset', type=_not_negative, default=0.0, help='start so many seconds into the bag')
    parser.add_argument(
        '--clock',
        type=_positive,
        nargs='?',
        const=40.0,
        default=0.0,
        metavar='HZ',
        help='publish /clock (40 Hz without a number); /clock in the bag is left out',
    )
    parser.add_argument('--topics', nargs='+', default=[], metavar='TOPIC', help='play only these')
    parser.add_argument('--exclude-topics', nargs='+', default=[], metavar='TOPIC', help='do not play these')
    parser.add_argument('-m', '--remap', nargs='+', default=[], metavar='OLD:=NEW', help='play under other names')
    parser.add_argument('-p', '--start-paused', action='store_true', help='wait for SPACE before playing')
    parser.add_argument(
        '--playback-duration',
        type=float,
        default=-1.0,
        metavar='S',
        help='seconds to play; all if negative',
    )
    parser.add_argument(
        '--wait-for-all-acked',
        type=_not_negative_int,
        metavar='TIMEOUT',
        help='at the end wait so many milliseconds until subscribers have acknowledged everything; 0 for ever',
    )
    parser.add_argument('--qos-profile-overrides-path', type=Path, help='YAML with QoS profiles by topic')
    parser.add_argument('--read-ahead-queue-size', type=int, help='has no effect here: reading keeps up by itself')
    parser.add_argument('--disable-keyboard-controls', action='store_true', help='do not listen to SPACE')


def _record_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topics_positional', nargs='*', metavar='TOPIC', help='topics to record (deprecated)')
    parser.add_argument('--topics', nargs='+', default=[], metavar='TOPIC', help='topics to record')
    parser.add_argument('-a', '--all', '--all-topics', action='store_true', help='record all topics')
    parser.add_argument('-o', '--output', type=Path, help='folder of the bag; must not exist')
    parser.add_argument('-s', '--storage', choices=STORAGES, default='mcap', help='storage format')
    parser.add_argument('-x', '--exclude-topics', nargs='+', default=[], metavar='TOPIC', help='do not record these')
    parser.add_argument('--qos-profile-overrides-path', type=Path, help='YAML with QoS profiles by topic')


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('bag_path', type=Path, help='bag to describe: folder or file')
    parser.add_argument('-s', '--storage', choices=STORAGES, help='for compatibility; the files tell it')


def _info(args: argparse.Namespace) -> int:
    with Bag(args.bag_path) as bag:
        print(describe_bag(bag))
    return 0


def _play(args: argparse.Namespace) -> int:
    if args.read_ahead_queue_size is not None:
        print('[WARN] [rosbag2_player]: --read-ahead-queue-size has no effect here', file=sys.stderr)
    options = PlayOptions(
        rate=args.rate,
        loop=args.loop,
        delay_s=args.delay,
        start_offset_s=args.start_offset,
        duration_s=args.playback_duration,
        start_paused=args.start_paused,
        acknowledge_s=None if args.wait_for_all_acked is None else args.wait_for_all_acked / 1000,
        clock_hz=args.clock,
        topics=frozenset(args.topics),
        exclude_topics=frozenset(args.exclude_topics),
        remaps=_remaps(args.remap),
        qos_overrides=read_overrides(args.qos_profile_overrides_path),
    )
    stop = stopped_by_signals()
    with Bag(args.bag_path) as bag, command_node('rosbag2_player') as node:
        player = Player(node, bag, options, stop)
        with contextlib.nullcontext() if args.disable_keyboard_controls else space_pressed(player.resumed):
            player.play()
    return 0


def _record(args: argparse.Namespace) -> int:
    if args.topics and args.topics_positional:
        raise Ros2Error('Name all topics to record behind --topics')
    topics = frozenset(args.topics or args.topics_positional)
    if bool(topics) == args.all:
        raise Ros2Error('Name topics to record by --topics, or use --all')
    path = args.output or Path(f'rosbag2_{datetime.now():%Y_%m_%d-%H_%M_%S}')
    overrides = read_overrides(args.qos_profile_overrides_path)
    stop = stopped_by_signals()
    # The writer is closed last and in order, also after Ctrl-C: only then has the bag its index and metadata.
    with open_writer(path, args.storage) as writer, command_node('rosbag2_recorder') as node:
        recorder = Recorder(node, writer, topics, frozenset(args.exclude_topics), overrides)
        print(f'[INFO] [rosbag2_recorder]: Recording to {path}', flush=True)
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while not stop.is_set():
            executor.spin_once(_STOP_CHECK_S)
        recorder.finish()
    print('[INFO] [rosbag2_recorder]: Recording stopped', flush=True)
    return 0


def _remaps(texts: list[str]) -> dict[str, str]:
    remaps = {}
    for text in texts:
        old, sign, new = text.partition(':=')
        if not (old and sign and new):
            raise Ros2Error(f"malformed remapping '{text}', expected OLD:=NEW")
        remaps[old] = new
    return remaps
