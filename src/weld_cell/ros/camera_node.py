"""A camera as a lifecycle node: configured from the rig, streaming while active, counting what it sends."""

import threading

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CameraInfo, Image

from weld_cell.calibration.rig import CameraCalibration, Rig, load_rig
from weld_cell.devices.base import Camera
from weld_cell.devices.factory import DeviceSettings, make_camera, make_reconnecting
from weld_cell.devices.reconnecting import ReconnectingCamera
from weld_cell.errors import EndOfImagesError, ImageError, WaitingForTriggerError, WeldCellError
from weld_cell.records import CameraImage
from weld_cell.ros.conversions import (
    camera_info_from_model,
    image_to_message,
    pixels_from_message,
    refill_image,
    uncalibrated_camera_info,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.parameters import SettingsParameters, declare, declare_mapping, declare_rig
from weld_cell.ros.qos import IMAGE
from weld_cell.wording import counted

AUTOSTART_RETRY_S = 2.0


class CameraNode(LifecycleNode):
    """Base of the camera nodes.

    Configuring reads the rig and makes the device; activating opens it and starts the capture thread, which
    stamps and publishes; a lost device is opened again by itself. With the parameter `autostart` the node goes
    to active by itself and tries again where that fails: a malformed rig is an error until it is mended.

    Args:
        name: Node name.
        prefix: Topics are ``prefix/image_raw`` and ``prefix/camera_info``.
        defaults: Device settings where no parameter says otherwise.
    """

    def __init__(self, name: str, prefix: str, defaults: DeviceSettings) -> None:
        super().__init__(name)
        self.health = NodeHealth(self)
        self.device = SettingsParameters(self, 'device', defaults).settings
        self._features = declare_mapping(self, 'features', 'Value of this feature of the camera (GenICam).')
        self._rig_file = declare_rig(self)
        autostart = declare(self, 'autostart', True, 'Configure and activate without being asked.')
        overriding = {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}
        self._images = self.create_lifecycle_publisher(Image, f'{prefix}/image_raw', IMAGE, **overriding)
        self._infos = self.create_lifecycle_publisher(CameraInfo, f'{prefix}/camera_info', IMAGE, **overriding)
        self.camera: ReconnectingCamera | None = None
        self.calibration: CameraCalibration | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._published = self._lost = self._incomplete = 0
        self._last_sequence: int | None = None
        self._message: Image | None = None
        self._autostart_timer = self.create_timer(AUTOSTART_RETRY_S, self._start_by_itself) if autostart else None

    def start(self) -> None:
        """Go to active now if the node is to start by itself; to be called once the subclass is complete."""
        if self._autostart_timer is not None:
            self._start_by_itself()

    def calibration_in(self, rig: Rig) -> CameraCalibration:
        """This camera's part of the rig."""
        raise NotImplementedError

    def make_device(self, rig: Rig) -> Camera:
        """The camera proper, or the simulated one."""
        if self.device.backend == 'sim':
            return self.simulated(rig)
        return make_camera(self.device, self.now_ns, self._features)

    def simulated(self, rig: Rig) -> Camera:
        """The camera of the simulated cell; its imports stand inside: no simulator in the process of a real cell."""
        raise NotImplementedError

    def take(self, image: CameraImage) -> None:
        """What is done with each image, in the capture thread: it is published."""
        self.publish(image)

    @property
    def watched(self) -> bool:
        """Whether anybody listens to the images."""
        return bool(self._images.get_subscription_count() > 0)

    @property
    def streaming(self) -> bool:
        """Whether the capture thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def now_ns(self) -> int:
        """Node clock in nanoseconds."""
        return int(self.get_clock().now().nanoseconds)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the rig and make the device."""
        try:
            rig = load_rig(self._rig_file)
            self.calibration = self.calibration_in(rig)
            self.camera = make_reconnecting(self.make_device(rig), self.device)
        except WeldCellError as error:
            self.health.report(error)
            return TransitionCallbackReturn.FAILURE
        self.health.hardware = self.camera.name
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start streaming; a camera that is not there yet is waited for."""
        assert self.camera is not None, 'the state machine configures before it activates'
        self._stopping.clear()
        self.camera.open()
        self._thread = threading.Thread(target=self._capture, args=(self.camera,), name='capture', daemon=True)
        result = super().on_activate(state)
        self._thread.start()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop streaming."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget the device: a new one is made when the node is configured again."""
        self.camera = None
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop streaming for good."""
        self._stop()
        return super().on_shutdown(state)

    def destroy_node(self) -> None:
        """Stop the capture thread before the publishers go, and let go of the state machine, which rclpy leaves."""
        self._stop()
        super().destroy_node()
        self._state_machine.destroy_when_not_in_use()

    def _start_by_itself(self) -> None:
        configured = self.camera is not None or self.trigger_configure() == TransitionCallbackReturn.SUCCESS
        active = configured and self.trigger_activate() == TransitionCallbackReturn.SUCCESS
        if active and self._autostart_timer is not None:
            self._autostart_timer.cancel()

    def _stop(self) -> None:
        self._stopping.set()
        if self.camera is not None:
            self.camera.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _capture(self, camera: ReconnectingCamera) -> None:
        while not self._stopping.is_set():
            try:
                self.take(camera.grab(self.device.timeout_s))
                self.health.succeeded()
            except WaitingForTriggerError:
                pass
            except rclpy_implementation.RCLError:
                return  # the context has ended under us
            except EndOfImagesError as error:
                self.get_logger().info(error.message)
                self.health.values['end_of_images'] = True
                return
            except WeldCellError as error:
                if not self._stopping.is_set():
                    self.health.report(error)
                self._stopping.wait(1.0 / self.device.rate_hz)
            self._show_state(camera)

    def publish(self, image: CameraImage) -> None:
        """Publish an image, where somebody listens, and its camera_info, both with the stamp of its acquisition."""
        assert self.calibration is not None
        frame, model = self.calibration.frame, self.calibration.camera
        height, width = image.pixels.shape[:2] if image.pixels.size else model.size_px[::-1]
        if image.pixels.size and self.watched:
            self._images.publish(self._message_of(image, frame))  # first: somebody waits for it
            self._published += 1
        self._infos.publish(
            camera_info_from_model(model, image.stamp_ns, frame)
            if model.size_px == (width, height)
            else uncalibrated_camera_info((width, height), image.stamp_ns, frame)
        )
        if self._last_sequence is not None:
            self._lost += max(0, image.sequence - self._last_sequence - 1)
        self._last_sequence = image.sequence

    def _message_of(self, image: CameraImage, frame: str) -> Image:
        if self._message is not None and pixels_from_message(self._message).shape == image.pixels.shape:
            refill_image(self._message, image.pixels, image.stamp_ns)
        else:
            self._message = image_to_message(image.pixels, image.stamp_ns, frame)
        return self._message

    def _show_state(self, camera: ReconnectingCamera) -> None:
        state = camera.state
        self.health.values.update(
            images_published=self._published,
            images_lost=self._lost,
            connected=state.connected,
            connection_losses=state.losses,
            **camera.statistics,
        )
        incomplete = self.health.values.get('images_incomplete', 0)
        new = incomplete - self._incomplete
        if new > 0:
            self.health.report(
                ImageError(
                    f'{camera.name}: {counted(new, "image was", "images were")} incomplete and skipped.',
                    'Check cable, switch and MTU; a larger GevSCPD lets the camera send slower (docs/cameras.md).',
                )
            )
        self._incomplete = incomplete
