"""The generic node of a station: images in, result, status and overlay out, streaming or triggered.

A node's own file derives from `StationNode` and says what is special about it: its station, its result topics.
"""

import gc
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from weld_cell.compiled import compile_missing, load_all
from weld_cell.errors import WeldCellError
from weld_cell.geometry.camera_info import cameras_of_info, is_rectified
from weld_cell.records import CameraImage
from weld_cell.records.status import FailureStatus
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.image_input import ImageInput, NewestImage
from weld_cell.ros.latched_too import latched_too
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.qos import IMAGE_INPUT
from weld_cell.ros.services import trigger_service
from weld_cell.ros.station_topics import StationTopics
from weld_cell.stations.station import Result, Station

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar('S', bound='DataclassInstance')
STREAM_PERIOD_S = 0.02


class StationParameters(Generic[S]):
    """A station's settings as parameters, live; a field's name is the prefix of its stage's parameters.

    Args:
        node: The node that declares them.
        defaults: A frozen dataclass of Settings.
        fixed: Fields that the station reads once, when it is made.

    Raises:
        ConfigurationError: see SettingsParameters.
    """

    def __init__(self, node: Node, defaults: S, fixed: Collection[str] = ()) -> None:
        self._defaults = defaults
        self._stages = {
            stage.name: SettingsParameters(
                node, stage.name, getattr(defaults, stage.name), live=stage.name not in fixed
            )
            for stage in fields(defaults)
        }

    @property
    def settings(self) -> S:
        """The settings as they stand."""
        return replace(self._defaults, **{name: stage.settings for name, stage in self._stages.items()})


class StationNode(Node, Generic[Result]):
    """A station behind topics, services and parameters. It derives, makes its station, and calls `begin`.

    Args:
        name: Of the node.

    Attributes:
        health: What it says on /diagnostics.
        look_ms: How long the newest look took.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.health = NodeHealth(self)
        self.look_ms = 0.0
        self._preparing: threading.Thread | None = None

    def begin(
        self,
        station: Station[Result],
        parameters: StationParameters[Any],
        topics: StationTopics,
        camera: str,
        trigger: str = '',
        calibrated: bool = True,
        streams: bool = False,
        prepares: bool = True,
    ) -> None:
        """Look at what the camera sends from now on.

        Args:
            station: What looks.
            parameters: Its settings.
            topics: Its status, overlay and reset.
            camera: Name of the camera: its topics are `image_raw` and `camera_info` below it.
            trigger: Name of the service that has it look at the newest image, or at the next one; empty: it looks
                at each image.
            calibrated: Whether the station needs the camera's calibration.
            streams: With a trigger: whether it also looks at each new image.
            prepares: Whether it prepares at once for the first image; else the node calls `prepare_beside`.
        """
        self._station, self._live, self._topics = station, parameters, topics
        self._infos: list[Subscription] = []
        images = f'{camera}/image_raw'
        self._rectified = is_rectified(self.resolve_topic_name(images))
        if calibrated:
            watched = self.health.watched(self.on_camera_info)
            self._infos = latched_too(self, CameraInfo, f'{camera}/camera_info', watched, IMAGE_INPUT)
        compile_missing(self.get_logger().info)  # the node is not ready before
        if prepares:
            self.prepare_beside()
        if trigger:
            self._newest = NewestImage(self, images)
            trigger_service(self, trigger, self.health, self._on_trigger)
            if streams:
                self.create_timer(STREAM_PERIOD_S, self._on_stream)
        else:
            self.input = ImageInput(self, images, self.health, self.on_image, self.on_end, self.listens())

    # What a node may say about itself

    def listens(self) -> bool:
        """Whether images of the stream may be wanted; a node whose answer changes calls `listen`."""
        return True

    def listen(self) -> None:
        """Listen to the stream for as long as `listens` says."""
        self.input.listen(self.listens())

    def wanted(self) -> bool:
        """Whether an image is worth a look."""
        return True

    def on_image(self, image: CameraImage) -> None:
        """Process an image of the stream."""
        if self.wanted():
            self.look(image)

    def publish(self, image: CameraImage, result: Result) -> str:
        """Publish a result; what is returned answers the trigger."""
        self._topics.tell(self._station.status(result))
        return 'ok'

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """Publish that an image could not be looked at; it is reported in any case."""
        status = FailureStatus(image.stamp_ns, type(error).__name__)
        self._topics.tell(status, DiagnosticStatus.WARN, str(error))

    def withdraw(self) -> None:
        """Withdraw the previous result: a look was requested, and no image was received."""

    def on_end(self) -> bool:
        """At the end of a recording, conclude with what there is; False: to be called again soon."""
        return True

    # What they have in common

    @property
    def preparing(self) -> bool:
        """Whether machine code is being loaded beside, or the station prepares."""
        return self._preparing is not None and self._preparing.is_alive()

    def prepare_beside(self) -> None:
        """Load machine code, and have the station prepare, in a thread of their own; once."""
        if self._preparing is None:
            self._preparing = threading.Thread(target=self._prepare, name='prepare')
            self._preparing.start()

    def _prepare(self) -> None:
        load_all()
        with suppress(WeldCellError):  # each image says so that needs it
            self._station.prepare()
        gc.collect()
        gc.freeze()  # it stays for good, as what a node is made of: see run_node

    def on_camera_info(self, message: CameraInfo) -> None:
        """What the camera is like."""
        for size_px, camera in cameras_of_info(message, self._rectified).items():
            self._station.cameras.add(size_px, camera)

    def _on_trigger(self) -> str:
        try:
            image = self._newest.take(self._infos, self._ready)
        except WeldCellError:
            self.withdraw()
            raise
        answer = self.look(image, asked=True)
        self.health.succeeded()
        return answer

    def _on_stream(self) -> None:
        if self._newest.waits:
            with self.health.watch():
                image = self._newest.untaken(self._ready)
                if image is not None:
                    self.look(image)

    def _ready(self, image: CameraImage) -> bool:
        height, width = image.pixels.shape[:2]
        return not self._infos or self._station.cameras.knows((width, height))

    def look(self, image: CameraImage, asked: bool = False) -> str:
        """Have the station look at an image, requested or streamed; publish the result and return the answer.

        Raises:
            WeldCellError: see Station.
        """
        self._station.settings = self._live.settings
        began_s = time.perf_counter()
        try:
            result = self._station.look(image)
        except WeldCellError as error:
            self.failed(image, error)
            raise
        self.look_ms = 1e3 * (time.perf_counter() - began_s)
        try:
            return self.publish(image, result)
        finally:  # what is refused is worth a picture too
            self._topics.overlay.show(lambda: self._station.overlay(image, result), image, asked)
