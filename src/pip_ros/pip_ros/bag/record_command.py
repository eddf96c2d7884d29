"""`ros2 bag record`: its options, and which of them do not go together."""

import argparse
from datetime import datetime
from pathlib import Path

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from pip_ros.bag.choice import Choice, expanded, pattern
from pip_ros.bag.record import Recorder, RecordOptions
from pip_ros.bag.usage import UsageError, qos_overrides, warn
from pip_ros.bag.writing import STORAGES, BagWriter
from pip_ros.errors import Ros2Error, UnsupportedError
from pip_ros.node import command_node, stopped_by_signals
from pip_ros.values import not_negative_int, readable_file

_STOP_CHECK_S = 0.1
_LISTS = {
    'topics': ('topics to record', 'TOPIC'),
    'topic-types': ('record topics of these types', 'TYPE'),
    'services': ('record the events of these services', 'SERVICE'),
    'exclude-topics': ('do not record these', 'TOPIC'),
    'exclude-topic-types': ('do not record topics of these types', 'TYPE'),
    'exclude-services': ('do not record these', 'SERVICE'),
}
_FLAGS = {
    'all-topics': 'record all topics',
    'all-services': 'record the events of all services',
    'include-hidden-topics': 'hidden topics too',
    'include-unpublished-topics': 'topics that nobody publishes yet too',
    'ignore-leaf-topics': 'not those that nobody else listens to',
    'no-discovery': 'only topics that are there at the start',
    'use-sim-time': 'stamp by /clock, and record nothing before it',
    'disable-keyboard-controls': 'changes nothing: there are none',
}
_WITHOUT_EFFECT = (
    'max-cache-size',
    'compression-queue-size',
    'compression-threads',
    'compression-threads-priority',
    'storage-config-file',
    'storage-preset-profile',
)
_ELSEWHERE = ('start-paused', 'snapshot-mode')


def record_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 bag record`."""
    parser.add_argument('topics_positional', nargs='*', metavar='TOPIC', help='topics to record (deprecated)')
    parser.add_argument('-a', '--all', action='store_true', help='record all topics and services')
    for name, (what, metavar) in _LISTS.items():
        parser.add_argument(f'--{name}', nargs='+', default=[], metavar=metavar, help=what)
    parser.add_argument('-e', '--regex', type=pattern, metavar='REGEX', help='record what has this in its name')
    parser.add_argument(
        '-x', '--exclude-regex', type=pattern, metavar='REGEX', help='do not record what has this in its name'
    )
    for name, what in _FLAGS.items():
        parser.add_argument(f'--{name}', action='store_true', help=what)
    parser.add_argument('-o', '--output', type=Path, help='folder of the bag; must not exist')
    parser.add_argument('-s', '--storage', choices=STORAGES, default='mcap', help='storage format')
    parser.add_argument('-p', '--polling-interval', type=int, default=100, metavar='MS', help='between discoveries')
    parser.add_argument('--qos-profile-overrides-path', type=readable_file, help='YAML with QoS profiles by topic')
    parser.add_argument('--node-name', default='rosbag2_recorder', help='name of the recording node')
    parser.add_argument('--custom-data', nargs='*', default=[], metavar='KEY=VALUE', help='for the metadata')
    parser.add_argument('--compression-mode', choices=('none', 'file', 'message'), default='none', help='what of it')
    parser.add_argument('--compression-format', choices=('zstd',), default='', help='how')
    parser.add_argument('-f', '--serialization-format', choices=('cdr',), help='there is one')
    parser.add_argument('--log-level', choices=('debug', 'info', 'warn', 'error', 'fatal'), help='changes nothing')
    parser.add_argument('--start-paused', action='store_true', help='not here')
    parser.add_argument('--snapshot-mode', action='store_true', help='not here')
    for letter, name, unit in (('b', 'max-bag-size', 'BYTES'), ('d', 'max-bag-duration', 'S')):
        parser.add_argument(
            f'-{letter}', f'--{name}', type=not_negative_int, default=0, metavar=unit, help='split the bag there'
        )
    for name in _WITHOUT_EFFECT:
        parser.add_argument(f'--{name}', help='has no effect here')


def record(args: argparse.Namespace) -> int:
    """Record until Ctrl-C."""
    topics = args.topics or args.topics_positional
    _check(args, topics)
    for name in _WITHOUT_EFFECT:
        if getattr(args, name.replace('-', '_')) is not None:
            warn(f'--{name} has no effect here', 'rosbag2_recorder')
    path = args.output or Path(f'rosbag2_{datetime.now():%Y_%m_%d-%H_%M_%S}')
    if path.exists():
        raise UsageError(f"Output folder '{path}' already exists.")
    overrides = qos_overrides(args.qos_profile_overrides_path)
    stop = stopped_by_signals()
    writer = _writer(path, args)
    for pair in args.custom_data:
        writer.set_custom_data(*_pair(pair))
    # The writer is closed last and in order, also after Ctrl-C: only then has the bag its index and metadata.
    with writer, command_node(args.node_name, args.use_sim_time) as node:
        options = RecordOptions(
            choice=_choice(args, topics, node),
            qos_overrides=overrides,
            polling_s=max(args.polling_interval, 1) / 1000,
            no_discovery=args.no_discovery,
            include_hidden=args.include_hidden_topics,
            include_unpublished=args.include_unpublished_topics,
            ignore_leaf_topics=args.ignore_leaf_topics,
        )
        recorder = Recorder(node, writer, options)
        print(f'[INFO] [rosbag2_recorder]: Recording to {path}', flush=True)
        print('[INFO] [rosbag2_recorder]: Listening for topics...', flush=True)
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while not stop.is_set():
            executor.spin_once(_STOP_CHECK_S)
        recorder.finish()
    print('[INFO] [rosbag2_recorder]: Recording stopped', flush=True)
    return 0


def _writer(path: Path, args: argparse.Namespace) -> BagWriter:
    try:
        return BagWriter(path, args.storage, args.compression_mode, args.max_bag_size, args.max_bag_duration)
    except Ros2Error as error:
        raise UsageError(str(error)) from error


def _check(args: argparse.Namespace, topics: list[str]) -> None:
    """Refuse what does not go together, or is not here."""
    if args.topics and args.topics_positional:
        raise UsageError('Name all topics to record behind --topics')
    _check_choice(args, topics)
    if args.use_sim_time and args.no_discovery:
        raise UsageError(
            '--use-sim-time and --no-discovery both set, but are incompatible settings. The /clock topic needs to be '
            'discovered to record with sim time.'
        )
    if args.compression_format and args.compression_mode == 'none':
        raise UsageError('Invalid choice: Cannot specify compression format without a compression mode.')
    for name in _ELSEWHERE:
        if getattr(args, name.replace('-', '_')):
            raise UnsupportedError(f'--{name}')


def _check_choice(args: argparse.Namespace, topics: list[str]) -> None:
    everything = args.all or args.all_topics
    wide = everything or args.topic_types or args.regex
    services = args.all or args.all_services
    if not (wide or services or args.services or topics):
        raise UsageError(
            'Need to specify at least one option out of --all, --all-topics, --all-services, --services, --topics, '
            '--topic-types or --regex'
        )
    for name, given, allowed, needed in (
        ('regex', args.exclude_regex, wide or services, '--all-topics, --topic-types, --all-services'),
        ('topics', args.exclude_topics, wide, '--all-topics, --topic-types'),
        ('topic-types', args.exclude_topic_types, wide, '--all-topics'),
        ('services', args.exclude_services, services or args.regex, '--all-services'),
    ):
        if given and not allowed:
            raise UsageError(f'--exclude-{name} argument requires either --all, {needed} or --regex')
    for overriding, overridden, what in (
        (everything, topics, '--all or --all-topics will override --topics'),
        (services, args.services, '--all or --all-services will override --services'),
        (everything or services, args.regex, '--all, --all-topics or --all-services will override --regex'),
    ):
        if overriding and overridden:
            warn(what)


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition('=')
    if not (key and sign):
        raise UsageError(f"malformed --custom-data '{text}', expected KEY=VALUE")
    return key, value


def _choice(args: argparse.Namespace, topics: list[str], node: Node) -> Choice:
    def whole(names: list[str]) -> frozenset[str]:
        return frozenset(expanded(node, name) for name in names)

    return Choice(
        topics=whole(topics),
        types=frozenset(args.topic_types),
        services=whole(args.services),
        all_topics=args.all or args.all_topics,
        all_services=args.all or args.all_services,
        regex=args.regex,
        exclude_topics=whole(args.exclude_topics),
        exclude_types=frozenset(args.exclude_topic_types),
        exclude_services=whole(args.exclude_services),
        exclude_regex=args.exclude_regex,
    )
