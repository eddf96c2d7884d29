"""Image subscriptions: streaming, or the newest image on request."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image

from weld_cell.errors import DeviceLostError
from weld_cell.records import CameraImage
from weld_cell.records.status import ImageCounts
from weld_cell.ros.conversions import image_from_compressed, image_from_message
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.one_source import OneSource
from weld_cell.ros.parameters import declare
from weld_cell.ros.qos import IMAGE_INPUT, OVERLAY, RECORDED_INPUT, subscription
from weld_cell.ros.statuses import key_values

POLL_S = 0.005


class _Transport:
    """Raw images of a topic, or compressed ones of the topic below it, by the parameter `compressed`.

    Args:
        node: The node.
        topic: Of raw images.
    """

    def __init__(self, node: Node, topic: str) -> None:
        compressed = declare(node, 'compressed', False, 'Listen to compressed images (JPEG, PNG) below the topic.')
        self.topic = f'{topic}/compressed' if compressed else topic
        self.kind: type = CompressedImage if compressed else Image
        self.decode: Callable[[Any, int], CameraImage] = image_from_compressed if compressed else image_from_message


class ImageInput:
    """A subscription that decodes images, counts them, and reports what is wrong with them.

    Args:
        node: The node.
        topic: Image topic.
        health: Gets every WeldCellError, of decoding and of the callback.
        callback: Called with each image.
        on_end: Called when no image was received for the time of the parameter `end_after_silence_s`, and again until
            it returns True: the end of a recording is not announced.
        listens: Whether it subscribes at once; see `listen`.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        health: NodeHealth,
        callback: Callable[[CameraImage], None],
        on_end: Callable[[], bool],
        listens: bool = True,
    ) -> None:
        self._received = self._processed = 0
        self._node, self._health = node, health
        self._callback = callback
        self._transport = _Transport(node, topic)
        self._source = OneSource(node, self._transport.topic)
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
        self._subscription: Subscription | None = None
        self.listen(listens)

    def listen(self, listens: bool) -> None:
        """Subscribe, or end the subscription: images that nobody wants are not sent, nor rendered by a simulator."""
        if listens and self._subscription is None:
            quality = RECORDED_INPUT if self._silence_s > 0 else IMAGE_INPUT
            transport = self._transport
            self._subscription = subscription(self._node, transport.kind, transport.topic, self._on_image, quality)
        elif not listens and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    @property
    def counts(self) -> ImageCounts:
        """Images received, and those that the callback processed without an error."""
        return ImageCounts(self._received, self._processed)

    def _on_image(self, message: Any) -> None:
        self._received += 1
        self._last_arrival_s, self._ended = time.monotonic(), False
        with self._health.watch():
            image = self._transport.decode(message, self._received - 1)
            self._source.update(image.stamp_ns)
            self._source.check()
            self._callback(image)
            self._processed += 1
        self._health.values.update(key_values(self.counts))

    def _watch_silence(self) -> None:
        if not self._ended and time.monotonic() - self._last_arrival_s > self._silence_s:
            with self._health.watch():
                self._ended = True  # also if concluding fails: trying again would fail again
                self._ended = self._on_end()


class NewestImage:
    """The newest image of a topic, decoded only when it is asked for.

    Args:
        node: The node. Its parameter `image_age_s` says how old an image may be that is still taken, and
            `image_timeout_s` how long the next one is waited for.
        topic: Image topic.
    """

    def __init__(self, node: Node, topic: str) -> None:
        transport = _Transport(node, topic)
        self._topic, self._decode = transport.topic, transport.decode
        self._age_s = declare(node, 'image_age_s', 5.0, 'An image that came longer ago is not looked at. [s]')
        self._timeout_s = declare(node, 'image_timeout_s', 2.0, 'So long the next image is waited for. [s]')
        self._received = self._taken = 0
        self._first_s = self._arrival_s = 0.0
        self._message: Image | CompressedImage | None = None
        self._subscription = subscription(node, transport.kind, transport.topic, self._keep, OVERLAY)

    def _keep(self, message: Image | CompressedImage) -> None:
        self._received += 1
        self._message, self._arrival_s = message, time.monotonic()
        self._first_s = self._first_s or self._arrival_s

    @property
    def waits(self) -> bool:
        """Whether an image was received since the last one was taken."""
        return self._received > self._taken

    def untaken(self, ready: Callable[[CameraImage], bool]) -> CameraImage | None:
        """The newest image, which `waits`; None while it is not ready, which is awaited for a while after the first.

        Raises:
            ImageError: the image cannot be decoded.
        """
        assert self._message is not None, 'an image was received'
        before, self._taken = self._taken, self._received
        image = self._decode(self._message, self._received - 1)
        if ready(image) or time.monotonic() - self._first_s > self._timeout_s:
            return image
        self._taken = before
        return None

    def take(self, beside: Sequence[Subscription], ready: Callable[[CameraImage], bool]) -> CameraImage:
        """The newest image, or the next one; to be called in a callback, which waits.

        Args:
            beside: Other subscriptions that are served while it waits.
            ready: Whether what an image needs beside it was received.

        Raises:
            ImageError: the image cannot be decoded.
            DeviceLostError: none was received in time. One that was received but is not ready by then is returned.
        """
        end_s, image = time.monotonic() + self._timeout_s, None
        while True:
            for each in (self._subscription, *beside):  # what was received since is newer
                serve(each)
            late = time.monotonic() > end_s
            if self._message is not None and time.monotonic() - self._arrival_s <= self._age_s:
                image = self._decode(self._message, self._received - 1)
            if image is not None and (late or ready(image)):
                self._taken = self._received
                return image
            if late:
                raise self._nothing_to_look_at()
            time.sleep(POLL_S)

    def _nothing_to_look_at(self) -> DeviceLostError:
        before = ''
        if self._message is not None:
            age_s = time.monotonic() - self._arrival_s
            before = f'; the previous one was received {age_s:.1f} s ago, and image_age_s is {self._age_s:.1f} s'
        return DeviceLostError(
            f'No image was received on {self._topic} within {self._timeout_s:.1f} s{before}.',
            'Look at the camera in /diagnostics; a triggered camera has to be triggered first.',
        )


def serve(waiting: Subscription) -> None:
    """Take what a subscription has received, in a callback that keeps the executor from doing so.

    rclpy's EventsExecutor (7.1) knows no coroutines, so that a service that needs a message has to wait for it.
    """
    with waiting.handle:
        taken = waiting.handle.take_message(waiting.msg_type, waiting.raw)
    if taken is not None:
        waiting.callback(taken[0])
