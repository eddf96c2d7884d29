"""Node bag_player: waits until the nodes that look at a recording are there, and becomes `ros2 bag play`.

A player that begins earlier plays its first images to nobody: on a busy machine nodes take half a minute to start.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rclpy.node import Node, NodeNameNonExistentError
from rclpy.utilities import remove_ros_args

from weld_cell.bags.preparing import storage_files
from weld_cell.errors import BagError
from weld_cell.ros.spin import end_node, run_node

LOOK_S, TELL_S = 0.2, 10.0
PLAYER = ('ros2', 'bag', 'play')


class BagPlayer(Node):
    """Looks for the listeners, and ends when all are there.

    Args:
        listeners: Names of the nodes.
        topics: Of the recording; a listener subscribes to one of them.

    Attributes:
        missing: Listeners that are not there.
    """

    def __init__(self, listeners: Sequence[str], topics: Sequence[str]) -> None:
        super().__init__('bag_player')
        self.missing = list(listeners)
        self._topics = {self.resolve_topic_name(topic) for topic in topics}
        self.create_timer(LOOK_S, self._look)
        self.create_timer(TELL_S, self._tell)
        self._look()

    def _look(self) -> None:
        self.missing = [name for name in self.missing if not self._listens(name)]
        if not self.missing:
            end_node()

    def _listens(self, name: str) -> bool:
        try:
            heard = self.get_subscriber_names_and_types_by_node(name, self.get_namespace())
        except NodeNameNonExistentError:
            return False
        return any(topic in self._topics for topic, _ in heard)

    def _tell(self) -> None:
        self.get_logger().info(f'The recording waits for {", ".join(self.missing)}.')


def main() -> int:
    """Run the node, then the player; its arguments are those of the player but for --listeners and --check."""
    parser = argparse.ArgumentParser('bag_player', description=__doc__)
    parser.add_argument('bag', type=Path)
    parser.add_argument('--listeners', nargs='+', default=[], help='nodes to wait for')
    parser.add_argument('--topics', nargs='+', default=[], help='what is played')
    parser.add_argument('--check', action='store_true', help='only fail where there is no such bag')
    arguments, others = parser.parse_known_args(remove_ros_args(sys.argv)[1:])
    if arguments.check:
        return _check(arguments.bag)
    if arguments.bag.exists():  # else the player says so
        player: list[BagPlayer] = []

        def make() -> BagPlayer:
            listeners = ' '.join(arguments.listeners).split()  # a launch variable is one argument, whatever is in it
            player.append(BagPlayer(listeners, arguments.topics))
            return player[0]

        code = run_node(make)
        if code or not player or player[0].missing:
            return code
    return _become([*PLAYER, str(arguments.bag), *others, '--topics', *arguments.topics])


def _check(bag: Path) -> int:
    try:
        storage_files(bag)
    except BagError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.execvp(command[0], command)
