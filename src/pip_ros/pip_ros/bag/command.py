"""`ros2 bag play | record | info | reindex | convert`: MCAP and SQLite bags, passed on without decoding messages."""

import argparse

from pip_ros.bag.convert import convert, convert_arguments
from pip_ros.bag.info import describe_bag, is_service_event
from pip_ros.bag.play_command import play, play_arguments
from pip_ros.bag.reading import Bag
from pip_ros.bag.record_command import record, record_arguments
from pip_ros.bag.reindex import write_metadata
from pip_ros.bag.usage import UsageError, warn
from pip_ros.bag.writing import STORAGES
from pip_ros.values import existing_bag
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 bag info seam.mcap
  ros2 bag play seam_bag --rate 0.5 --clock 100 --topics /laser_sensor/image_raw /joint_states
  ros2 bag play seam_bag --loop --delay 2 --remap /joint_type:=/recorded/joint_type
  ros2 bag record -o seam_bag --topics /laser_sensor/image_raw /tf /tf_static
  ros2 bag record --all --storage sqlite3 --exclude-regex image
  ros2 bag reindex seam_bag
  ros2 bag convert -i seam_bag -o output.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 bag` and their options."""
    add_verbs(
        parser,
        {
            'play': Verb('Play back ROS data from a bag', play_arguments, play),
            'record': Verb('Record ROS data to a bag', record_arguments, record),
            'info': Verb('Print information about a bag', _info_arguments, _info),
            'reindex': Verb('Reconstruct the metadata file of a bag', _reader_arguments, _reindex),
            'convert': Verb('Write bags again with other settings', convert_arguments, convert),
        },
        EXAMPLES,
        elsewhere=('burst', 'list'),
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 bag`; returns the exit code."""
    return int(args.verb_main(args))


def _reader_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('bag_path', type=existing_bag, help='bag: folder or file')
    parser.add_argument('-s', '--storage', choices=STORAGES, help='refuse files of another storage')


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    _reader_arguments(parser)
    parser.add_argument('-t', '--topic-name', action='store_true', help='only the names of topics')
    parser.add_argument('-v', '--verbose', action='store_true', help='requests and responses of services too')


def _info(args: argparse.Namespace) -> int:
    if args.topic_name and args.verbose:
        print("Warning! You have set both the '-t' and '-v' parameters. The '-t' parameter will be ignored.")
    with Bag(args.bag_path, storage=args.storage) as bag:
        if args.topic_name and not args.verbose:
            for topic in bag.topics.values():
                if not is_service_event(topic.name, topic.type):
                    print(topic.name)
            for problem in bag.problems:
                warn(problem)
            return 0
        print(describe_bag(bag, with_service_events=args.verbose))
    return 0


def _reindex(args: argparse.Namespace) -> int:
    if not args.bag_path.is_dir():
        raise UsageError('Must specify a bag directory')
    for problem in write_metadata(args.bag_path, args.storage):
        warn(problem)
    return 0
