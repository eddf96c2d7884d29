"""Node operator_page: what the cell does, on a web page; start, stop, approve and arm on it.

It gives way to every other node of the machine, listens only while a browser watches, and decides nothing: the
supervisor does.
"""

import os

from rclpy.node import Node

from weld_cell.errors import ConfigurationError
from weld_cell.operator_page.access import access_of
from weld_cell.operator_page.board import Board
from weld_cell.operator_page.settings import PageSettings
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.page_cell import PageCell
from weld_cell.ros.page_pictures import PagePictures
from weld_cell.ros.page_topics import PageTopics
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.spin import run_node

UPDATE_S = 0.2
BEHIND = 5
"""Niceness."""


class OperatorPage(Node):
    """Serves the page while it lives."""

    def __init__(self) -> None:
        super().__init__('operator_page')
        self._health = NodeHealth(self)
        settings = SettingsParameters(self, 'page', PageSettings()).settings
        try:
            from weld_cell.operator_page.server import PageServer
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f'The operator page needs aiohttp ({error}).',
                'pip install "weld_cell[page]", or apt install python3-aiohttp.',
            ) from error
        os.nice(BEHIND)
        board = Board()
        cell = PageCell(self)
        self._topics = PageTopics(self, self._health, board, cell.missing)
        self._pictures = PagePictures(self, self._health, board, settings)
        self._server = PageServer(settings, access_of(settings), board, cell)
        address = self._server.start()
        self._health.values['address'] = address
        self.get_logger().info(f'The page is at {address}')
        self.create_timer(UPDATE_S, self._topics.update)
        self.create_timer(1.0 / settings.image_rate_hz, lambda: self._pictures.update(self._topics.stage))

    def destroy_node(self) -> None:
        """Let the browsers go first."""
        self._server.close()
        super().destroy_node()


def main() -> int:
    """Run the node."""
    return run_node(OperatorPage)
