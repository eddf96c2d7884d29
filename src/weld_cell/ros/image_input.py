"""Images in, overlays out: what the stages that look at images have in common."""

import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from sensor_msgs.msg import Image

from weld_cell.records import CameraImage, ImageArray
from weld_cell.ros.conversions import image_from_message, image_to_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.one_source import OneSource
from weld_cell.ros.parameters import declare
from weld_cell.ros.qos import IMAGE_INPUT, OVERLAY, publisher, subscription

OVERLAY_PERIOD_S = 0.1


class ImageInput:
    """A subscription that decodes images, counts them, and reports what is wrong with them.

    Args:
        node: The node.
        topic: Image topic.
        health: Gets every WeldCellError, of decoding and of the callback.
        callback: Called with each image and its frame.
        on_end: Called when no image has come for the time of the parameter `end_after_silence_s`, and again until
            it returns True: a recording that ends tells nobody.

    Attributes:
        received: Images that came.
        processed: Images that the callback took without an error.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        health: NodeHealth,
        callback: Callable[[CameraImage, str], None],
        on_end: Callable[[], bool],
    ) -> None:
        self.received = 0
        self.processed = 0
        self._health = health
        self._callback = callback
        self._source = OneSource(node, topic)
        self._on_end = on_end
        self._ended = True  # until an image comes
        self._last_arrival_s = 0.0
        self._silence_s = declare(
            node,
            'end_after_silence_s',
            0.0,
            'End of a recording: without images for so long, conclude with what there is; 0: never. [s]',
        )
        if self._silence_s > 0:
            node.create_timer(self._silence_s / 4, self._watch_silence)
        self._subscription = subscription(node, Image, topic, self._on_image, IMAGE_INPUT)

    def counts(self) -> dict[str, Any]:
        """Key-value pairs for a status."""
        return {'images_received': self.received, 'images_processed': self.processed}

    def _on_image(self, message: Image) -> None:
        self.received += 1
        self._last_arrival_s, self._ended = time.monotonic(), False
        with self._health.watch():
            image = image_from_message(message, self.received - 1)
            self._source.update(image.stamp_ns)
            self._source.check()
            self._callback(image, message.header.frame_id)
            self.processed += 1
        self._health.values.update(self.counts())

    def _watch_silence(self) -> None:
        if not self._ended and time.monotonic() - self._last_arrival_s > self._silence_s:
            with self._health.watch():
                self._ended = True  # also if concluding fails: trying again would fail again
                self._ended = self._on_end()


class OverlayOutput:
    """A picture of what a stage saw, drawn only while somebody looks, and no more often than an eye follows.

    Args:
        node: The node.
        topic: Overlay topic.
    """

    def __init__(self, node: Node, topic: str) -> None:
        self._publisher = publisher(node, Image, topic, OVERLAY)
        self._next_s = 0.0

    @property
    def wanted(self) -> bool:
        """Whether somebody looks, and the last picture is old enough."""
        return time.monotonic() >= self._next_s and self._publisher.get_subscription_count() > 0

    def show(self, draw: Callable[[], ImageArray], stamp_ns: int, frame: str) -> None:
        """Draw and publish, if a picture is wanted."""
        if self.wanted:
            self._next_s = time.monotonic() + OVERLAY_PERIOD_S
            self._publisher.publish(image_to_message(draw(), stamp_ns, frame))
