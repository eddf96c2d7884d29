"""Node foxglove_bridge: the graph for who watches it with Foxglove. It shows and takes no orders.

On an apt ROS 2 the package foxglove_bridge does the same in C++: `foxglove:=ros` of cell.launch.xml.
"""

import os

from rclpy.node import Node

from weld_cell.errors import ConfigurationError, PageError
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import declare
from weld_cell.ros.spin import run_node

UPDATE_S = 0.5
BEHIND = 5
"""Niceness."""


class FoxgloveBridge(Node):
    """Serves the graph while it lives."""

    def __init__(self) -> None:
        super().__init__('foxglove_bridge')
        self._health = NodeHealth(self)
        host = declare(self, 'host', '127.0.0.1', 'Address to listen on; who reaches it sees every topic.')
        port = declare(self, 'port', 8765, 'Port to listen on; 0: any free one, printed in the log.')
        try:
            import foxglove

            from weld_cell.ros.foxglove_channels import FoxgloveChannels
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f'The bridge needs foxglove-sdk ({error}).',
                'pip install "weld_cell[foxglove]"; or '
                'apt install ros-$ROS_DISTRO-foxglove-bridge and foxglove:=ros.',
            ) from error
        os.nice(BEHIND)
        context = foxglove.Context()
        self._channels = FoxgloveChannels(self, context)
        try:
            self._server = foxglove.start_server(
                name='weld_cell', host=host, port=port, server_listener=self._channels, context=context
            )
        except (OSError, RuntimeError) as error:
            raise PageError(
                f'Foxglove cannot be served at {host}:{port} ({error}).', 'Is it taken? Set host and port.'
            ) from error
        self._health.values['address'] = f'ws://{host}:{self._server.port}'
        self.get_logger().info(f'Foxglove connects to ws://{host}:{self._server.port}')
        self.create_timer(UPDATE_S, self._channels.update)

    def destroy_node(self) -> None:
        """Let the watchers go first."""
        self._server.stop()
        super().destroy_node()


def main() -> int:
    """Run the node."""
    return run_node(FoxgloveBridge)
