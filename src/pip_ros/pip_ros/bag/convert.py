"""`ros2 bag convert`: bags written again, some of their topics, in another storage or compression."""

import argparse
import heapq
import math
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rosbags.interfaces import Connection
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore

from pip_ros.bag.choice import Choice
from pip_ros.bag.reading import Bag, Topic
from pip_ros.bag.usage import UsageError, warn
from pip_ros.bag.writing import STORAGES, BagWriter
from pip_ros.errors import Ros2Error
from pip_ros.values import existing_bag

_SETS = ('topics', 'topic_types', 'services', 'exclude_topics', 'exclude_topic_types', 'exclude_services')
_EXPRESSIONS = ('regex', 'exclude_regex')
_KNOWN = {
    *_SETS,
    *_EXPRESSIONS,
    *('uri', 'storage_id', 'all', 'all_topics', 'all_services', 'start_time_ns', 'end_time_ns'),
    *('compression_mode', 'compression_format', 'max_bagfile_size', 'max_bagfile_duration'),
}


def convert_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ros2 bag convert`."""
    parser.add_argument(
        '-i', '--input', required=True, action='append', nargs='+', metavar=('BAG', 'STORAGE'), help='a bag to read'
    )
    parser.add_argument(
        '-o', '--output-options', type=Path, required=True, metavar='YAML', help='what to write, by `output_bags`'
    )


@dataclass(frozen=True)
class _Output:
    """A bag to write.

    Attributes:
        path: Its folder.
        storage: Of `STORAGES`.
        compression: 'none', 'file' or 'message'.
        choice: Of the topics.
        start_ns, end_ns: Of the messages, both included.
        max_bytes, max_duration_s: Of a file, where another one begins; 0 for one file.
    """

    path: Path
    storage: str
    compression: str
    choice: Choice
    start_ns: float
    end_ns: float
    max_bytes: int
    max_duration_s: int


def convert(args: argparse.Namespace) -> int:
    """Write every bag that the options name."""
    if any(len(words) > 2 for words in args.input):
        raise UsageError('--input expects 1 or 2 arguments')
    outputs = _outputs(args.output_options)
    with ExitStack() as stack:
        bags = [
            stack.enter_context(Bag(existing_bag(words[0]), storage=words[1] if words[1:] else None))
            for words in args.input
        ]
        for output in outputs:
            _write(bags, output)
        for problem in (problem for bag in bags for problem in bag.problems):
            warn(problem)
    return 0


def _outputs(path: Path) -> list[_Output]:
    try:
        listed = yaml.safe_load(path.read_text())['output_bags']
        if not isinstance(listed, list):
            raise TypeError('output_bags is no list')
        return [_output(dict(options)) for options in listed]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, re.error) as error:
        raise UsageError(f'{path}: no list of bags under output_bags ({error})') from error


def _output(options: dict[str, Any]) -> _Output:
    for name in sorted(options.keys() - _KNOWN):
        warn(f'{name} of an output bag has no effect here')
    mode = str(options.get('compression_mode') or 'none').lower()
    storage = options.get('storage_id') or 'mcap'
    if storage not in STORAGES or mode not in ('none', 'file', 'message'):
        raise ValueError(f"storage_id '{storage}' with compression_mode '{mode}'")
    named = {name: frozenset(options.get(name) or ()) for name in _SETS}
    expressions = {name: re.compile(options[name]) if options.get(name) else None for name in _EXPRESSIONS}
    return _Output(
        Path(options['uri']),
        storage,
        mode,
        Choice(
            topics=named['topics'],
            types=named['topic_types'],
            services=named['services'],
            all_topics=bool(options.get('all') or options.get('all_topics')),
            all_services=bool(options.get('all') or options.get('all_services')),
            regex=expressions['regex'],
            exclude_topics=named['exclude_topics'],
            exclude_types=named['exclude_topic_types'],
            exclude_services=named['exclude_services'],
            exclude_regex=expressions['exclude_regex'],
        ),
        options.get('start_time_ns', -math.inf),
        options.get('end_time_ns', math.inf),
        int(options.get('max_bagfile_size') or 0),
        int(options.get('max_bagfile_duration') or 0),
    )


def _write(bags: list[Bag], output: _Output) -> None:
    topics = {topic.name: topic for bag in bags for topic in bag.topics.values()}
    chosen = {name: topic for name, topic in topics.items() if output.choice.takes(name, topic.type)}
    with BagWriter(
        output.path, output.storage, output.compression, output.max_bytes, output.max_duration_s
    ) as writer:
        connections = {name: _connection(writer, topic) for name, topic in sorted(chosen.items())}
        for name, stamp_ns, data in _in_time(bags, chosen):
            if output.start_ns <= stamp_ns <= output.end_ns:
                writer.write(connections[name], stamp_ns, data)


def _in_time(bags: list[Bag], chosen: dict[str, Topic]) -> Iterator[tuple[str, int, bytes]]:
    return heapq.merge(*(bag.messages(chosen, 0) for bag in bags), key=lambda message: message[1])


def _connection(writer: Writer, topic: Topic) -> Connection:
    described = topic.definition and topic.digest
    types = None if described else get_typestore(Stores.ROS2_JAZZY)
    if types is not None and topic.type not in types.types:
        raise Ros2Error(f"The bag has no definition of '{topic.type}', and rosbags does not know it")
    return writer.add_connection(
        topic.name,
        topic.type,
        typestore=types,
        msgdef=topic.definition if described else None,
        rihs01=topic.digest if described else None,
        serialization_format=topic.serialization,
        offered_qos_profiles=topic.qos,
    )
