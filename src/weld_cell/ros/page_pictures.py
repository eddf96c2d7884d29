"""Pictures for the operator page, subscribed to and encoded only while a browser is connected."""

import cv2
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image

from weld_cell.operator_page.board import Board
from weld_cell.operator_page.settings import PageSettings
from weld_cell.records import ImageArray
from weld_cell.ros.conversions import ns_from_time, pixels_from_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.newest import Newest
from weld_cell.ros.qos import LATCHED, WATCHED

LASER = {'identify': 'joint_type/overlay', 'track': 'seam/overlay', 'finish': 'seam/overlay'}
"""What shows the stripe, by the stage; in any other one the sensor's own images do."""
BARE = 'laser_sensor/image_raw'
AREA = ('part/overlay', 'plate_seam/overlay', 'spot_weld/overlay')


class PagePictures:
    """Puts the newest pictures on the board; `update` is called by a timer of the node.

    Args:
        node: The page's node.
        health: Gets what is wrong with images.
        board: Gets the pictures.
        settings: How large they are.
    """

    def __init__(self, node: Node, health: NodeHealth, board: Board, settings: PageSettings) -> None:
        self._health, self._board, self._settings = health, board, settings
        self._laser = {topic: Newest(node, Image, topic, WATCHED) for topic in {*LASER.values(), BARE}}
        self._area = [Newest(node, Image, topic, LATCHED) for topic in AREA]
        self._area_ns = 0

    def update(self, stage: str | None) -> None:
        """Subscribe to what shows this stage, if somebody watches, and compress what was received."""
        watched = self._board.watchers > 0
        shown = LASER.get(stage or '', BARE)
        for topic, images in self._laser.items():
            images.listen(watched and topic == shown)
        for images in self._area:
            images.listen(watched)
        self._put('laser', self._laser[shown].take())
        self._put('area', self._newest_of_area())

    def _newest_of_area(self) -> Image | None:
        """Of the pictures that several nodes make of the table, the one of the newest image."""
        taken = [message for images in self._area if (message := images.take()) is not None]
        newest = max(taken, key=lambda message: ns_from_time(message.header.stamp), default=None)
        if newest is None or ns_from_time(newest.header.stamp) < self._area_ns:
            return None
        self._area_ns = ns_from_time(newest.header.stamp)
        return newest

    def _put(self, place: str, message: Image | None) -> None:
        if message is not None:
            with self._health.watch():
                self._board.put_picture(place, self._packed(pixels_from_message(message)))

    def _packed(self, pixels: ImageArray) -> bytes:
        height, width = pixels.shape[:2]
        narrow = self._settings.image_width_px
        if width > narrow:
            size = narrow, max(round(height * narrow / width), 1)
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return bytes(cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, self._settings.image_quality])[1])
