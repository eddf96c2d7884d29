"""The simulated laser sensor as a device: it looks like any line-laser camera to the cell."""

from collections.abc import Callable

from weld_cell.devices.base import Clock
from weld_cell.errors import DeviceLostError, TransformError
from weld_cell.records import CameraImage, FloatArray
from weld_cell.sim.scene import Scene

PoseSource = Callable[[], tuple[int, FloatArray]]
"""The robot's latest pose: stamp in nanoseconds and T_base_tool0 (4, 4); TransformError while there is none."""

_POLL_S = 0.001


class SimulatedLaserCamera:
    """Renders a scene from wherever the robot holds the sensor, at a steady rate.

    An image bears the stamp of the pose that it was rendered from, so the two always belong together.

    Args:
        scene: What there is to see.
        poses: Where the robot is.
        rate_hz: Images per second.
        clock: Now in nanoseconds.
        sleep: Wait for some seconds of that clock.
    """

    def __init__(
            self, scene: Scene, poses: PoseSource, rate_hz: float, clock: Clock,
            sleep: Callable[[float], None]) -> None:
        if rate_hz <= 0:
            raise ValueError(f'rate_hz: expected above 0, got {rate_hz}')
        self._scene, self._poses, self._clock, self._sleep = scene, poses, clock, sleep
        self._period_ns = round(1e9 / rate_hz)
        self._open = False
        self._laser_on = True
        self._due_ns = 0
        self._first_stamp_ns: int | None = None
        self._last_stamp_ns = -1
        self._sequence = 0

    @property
    def name(self) -> str:
        """For people."""
        return f'simulated laser sensor over a {self._scene.joint_type} joint'

    def open(self) -> None:
        """Start streaming."""
        self._open = True
        self._due_ns = self._clock()

    def close(self) -> None:
        """Stop streaming; ends a waiting `grab`."""
        self._open = False

    def set_laser(self, on: bool) -> None:
        """Switch the laser."""
        self._laser_on = on

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next period and for a pose newer than that of the image before, and render.

        Raises:
            DeviceLostError: no new pose within the time, or the device is closed.
        """
        deadline_ns = self._clock() + round(timeout_s * 1e9)
        self._wait_until(min(self._due_ns, deadline_ns))
        stamp_ns, pose = self._next_pose(deadline_ns)
        # A late image does not make the following ones hurry, but the beat is kept where it can be.
        self._due_ns = max(self._due_ns + self._period_ns, self._clock())
        if self._first_stamp_ns is None:
            self._first_stamp_ns = stamp_ns
        pixels, _ = self._scene.render(
            pose, (stamp_ns - self._first_stamp_ns) * 1e-9, laser_on=self._laser_on)
        self._last_stamp_ns = stamp_ns
        self._sequence += 1
        return CameraImage(pixels, stamp_ns, self._sequence - 1)

    def _wait_until(self, time_ns: int) -> None:
        """Sleep in short pieces, so that `close` ends it."""
        while self._open and (left_ns := time_ns - self._clock()) > 0:
            self._sleep(min(left_ns * 1e-9, 10 * _POLL_S))
        self._require_open()

    def _next_pose(self, deadline_ns: int) -> tuple[int, FloatArray]:
        while True:
            self._require_open()
            reason = 'the robot stands still in time: its pose is not renewed'
            try:
                stamp_ns, pose = self._poses()
                if stamp_ns > self._last_stamp_ns:
                    return stamp_ns, pose
            except TransformError as error:
                reason = error.message
            if self._clock() >= deadline_ns:
                raise DeviceLostError(
                    f'{self.name}: no new robot pose to render from ({reason}).',
                    'Check that the simulated robot runs and publishes joint_states and /tf.')
            self._sleep(_POLL_S)

    def _require_open(self) -> None:
        if not self._open:
            raise DeviceLostError(f'{self.name} is closed.', 'Open it again.')
