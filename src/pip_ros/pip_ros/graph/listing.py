"""What `ros2 topic list | find` and `ros2 service list | find` have in common."""

import argparse
from typing import NamedTuple

from rclpy.node import Node

from pip_ros.graph.discovery import add_graph_options, discover, is_hidden
from pip_ros.node import command_node
from pip_ros.verbs import Verb


class Listed(NamedTuple):
    """What is listed.

    Attributes:
        kind: topic or service.
        example: A type of one.
    """

    kind: str
    example: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare what both verbs have: count them, hidden ones too, and how long to look at the graph."""
        kinds = f'{self.kind}s'
        parser.add_argument(
            '-c', f'--count-{kinds}', action='store_true', dest='count', help=f'only print how many {kinds} there are'
        )
        parser.add_argument(
            f'--include-hidden-{kinds}',
            action='store_true',
            dest='include_hidden_here',
            help=f'consider hidden {kinds} too',
        )
        add_graph_options(parser)

    def names_and_types(self, node: Node, args: argparse.Namespace) -> list[tuple[str, list[str]]]:
        """Those that are known by now, sorted; hidden ones where the command line asks for them."""
        with_hidden = args.include_hidden or getattr(args, 'include_hidden_here', False)
        known = getattr(node, f'get_{self.kind}_names_and_types')()
        return sorted((name, types) for name, types in known if with_hidden or not is_hidden(name))

    def find_verb(self) -> Verb:
        """`find`: those of a given type."""
        return Verb(f'Output a list of available {self.kind}s of a given type', self._find_arguments, self._find)

    def _find_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument('type', metavar=f'{self.kind}_type', help=f'type, for instance {self.example}')
        self.add_options(parser)

    def _find(self, args: argparse.Namespace) -> int:
        with command_node() as node:
            discover(node, args.spin_time)
            found = [name for name, types in self.names_and_types(node, args) if args.type in types]
        print(len(found)) if args.count else print(''.join(f'{name}\n' for name in found), end='')
        return 0
