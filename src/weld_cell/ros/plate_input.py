"""Output of plate_seam_detector: the path of the seam to weld; an empty path means none."""

from nav_msgs.msg import Path
from rclpy.node import Node

from weld_cell.records import SeamPath
from weld_cell.ros.conversions import ns_from_time, seam_path_from_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.qos import LATCHED, subscription


class PlateInput:
    """Listens to `plate_seam/path`.

    Args:
        node: The node that listens.
        health: Gets what is wrong with messages.
    """

    def __init__(self, node: Node, health: NodeHealth) -> None:
        self._path: tuple[int, SeamPath] | None = None
        subscription(node, Path, 'plate_seam/path', health.watched(self._on_path), LATCHED)

    def since(self, stamp_ns: int) -> tuple[int, SeamPath] | None:
        """Stamp and path of an image that was taken then or later; None while there is none."""
        path = self._path
        return path if path is not None and path[0] >= stamp_ns else None

    def _on_path(self, message: Path) -> None:
        self._path = None
        if message.poses:
            self._path = ns_from_time(message.header.stamp), seam_path_from_message(message)
