"""`ros2 topic list | info | type | find | echo | hz | bw | delay | pub`."""

import argparse

from pip_ros.errors import Ros2Error
from pip_ros.graph.discovery import absolute, add_find_options, discover, spin_until
from pip_ros.graph.echo import echo, echo_arguments
from pip_ros.graph.listing import Listed
from pip_ros.graph.publish import pub, pub_arguments
from pip_ros.graph.rates import bw, bw_arguments, delay, delay_arguments, hz, hz_arguments
from pip_ros.node import command_node
from pip_ros.verbs import Verb, add_verbs

EXAMPLES = """examples:
  ros2 topic list -t
  ros2 topic echo /seam/point --field point
  ros2 topic echo /joint_type --once --qos-durability transient_local --qos-reliability reliable
  ros2 topic hz /laser_sensor/image_raw
  ros2 topic delay /laser_sensor/image_raw
  ros2 topic info /seam/path
  ros2 topic pub --once /chatter std_msgs/msg/String "{data: hello}"
"""
LISTED = Listed('topic', 'std_msgs/msg/String')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs of `ros2 topic`."""
    parser.add_argument(
        '--include-hidden-topics', action='store_true', dest='include_hidden', help='consider hidden topics too'
    )
    add_verbs(
        parser,
        {
            'list': Verb('Output a list of available topics', _list_arguments, _list),
            'info': Verb('Print information about a topic', _info_arguments, _info),
            'type': Verb("Print a topic's type", _type_arguments, _type),
            'find': LISTED.find_verb(),
            'echo': Verb('Output messages from a topic', echo_arguments, echo),
            'hz': Verb('Print the average publishing rate to screen', hz_arguments, hz),
            'bw': Verb('Display bandwidth used by topic', bw_arguments, bw),
            'delay': Verb('Display delay of topic from timestamp in header', delay_arguments, delay),
            'pub': Verb('Publish a message to a topic', pub_arguments, pub),
        },
        EXAMPLES,
    )


def main(args: argparse.Namespace) -> int:
    """Carry out `ros2 topic`; returns the exit code."""
    return int(args.verb_main(args))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('-t', '--show-types', action='store_true', help='show the topic types too')
    parser.add_argument('-v', '--verbose', action='store_true', help='types and numbers of both ends')
    LISTED.add_options(parser)


def _list(args: argparse.Namespace) -> int:
    with command_node() as node:
        discover(node, args.spin_time)
        topics = LISTED.names_and_types(node, args)
        if args.count:
            print(len(topics))
        elif args.verbose and topics:
            print(_ends('Published', 'publisher', [(*topic, node.count_publishers(topic[0])) for topic in topics]))
            print(_ends('Subscribed', 'subscriber', [(*topic, node.count_subscribers(topic[0])) for topic in topics]))
        else:
            for name, types in topics:
                print(f'{name} [{", ".join(types)}]' if args.show_types else name)
    return 0


def _ends(title: str, end: str, topics: list[tuple[str, list[str], int]]) -> str:
    lines = [
        f' * {name} [{", ".join(types)}] {count} {end}{"s" if count > 1 else ""}\n'
        for name, types, count in topics
        if count
    ]
    return f'{title} topics:\n{"".join(lines)}'


def _info_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topic_name', help='topic')
    parser.add_argument('-v', '--verbose', action='store_true', help='node names and QoS of every end too')
    add_find_options(parser)


def _info(args: argparse.Namespace) -> int:
    topic = absolute(args.topic_name)
    end = '\n\n' if args.verbose else '\n'
    with command_node() as node:
        if not spin_until(node, lambda: topic in dict(node.get_topic_names_and_types()), args.spin_time):
            raise Ros2Error(f"Unknown topic '{topic}'")
        discover(node, args.spin_time / 2)  # the other ends of the topic
        types = dict(node.get_topic_names_and_types()).get(topic, [])
        print(f'Type: {types[0] if len(types) == 1 else types}', end=end)
        print(f'Publisher count: {node.count_publishers(topic)}', end=end)
        for end_point in node.get_publishers_info_by_topic(topic) if args.verbose else ():
            print(end_point, end=end)
        print(f'Subscription count: {node.count_subscribers(topic)}', end=end)
        for end_point in node.get_subscriptions_info_by_topic(topic) if args.verbose else ():
            print(end_point, end=end)
    return 0


def _type_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('topic_name', help='topic')
    add_find_options(parser)


def _type(args: argparse.Namespace) -> int:
    topic = absolute(args.topic_name)
    with command_node() as node:
        spin_until(node, lambda: topic in dict(LISTED.names_and_types(node, args)), args.spin_time)
        types = dict(LISTED.names_and_types(node, args)).get(topic, [])
    for name in types:
        print(name)
    return 0 if types else 1
