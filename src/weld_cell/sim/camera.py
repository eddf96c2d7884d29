"""The simulated laser sensor as a device: it looks like any line-laser camera to the cell.

A real camera has its image the moment its exposure ends; a simulated one must not make the cell wait for its
rendering. So it renders ahead, for where the robot will be if it goes on as it goes, and delivers the image when the
robot is there. Where the robot came to another place, the image is rendered again, and comes late.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.devices.base import Clock
from weld_cell.errors import DeviceLostError, TransformError
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import CameraImage, FloatArray, ImageArray
from weld_cell.sim.scene import Scene

PoseSource = Callable[[], tuple[int, FloatArray]]
"""The robot's latest pose: stamp in nanoseconds and T_base_tool0 (4, 4); TransformError while there is none."""

POSE_PERIOD_NS = 8_000_000
"""The simulated robot tells its pose this often."""

_POLL_S = 0.0002
_LEAD_NS = 8_500_000  # rendering takes 3 to 6 ms; earlier there may be no pose after that of the image before
_SAME_PLACE_M = 20e-6  # a tenth of what the image can tell
_SAME_TURN_RAD = 50e-6


class _Pose(NamedTuple):
    stamp_ns: int
    T_base_tool0: FloatArray


class _Foreseen(NamedTuple):
    """An image rendered for where the robot will be, and the laser's state in it."""

    stamp_ns: int
    T_base_tool0: FloatArray
    laser_on: bool
    pixels: ImageArray


class SimulatedLaserCamera:
    """Renders a scene from wherever the robot holds the sensor, at a steady rate.

    An image bears the stamp of a pose of the robot, and shows what is seen from there to 20 micrometres, so the two
    always belong together.

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
        self._previous: _Pose | None = None
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
        """Wait for the next period and for a pose newer than that of the image before, and deliver its image.

        Raises:
            DeviceLostError: no new pose within the time, or the device is closed.
        """
        deadline_ns = self._clock() + round(timeout_s * 1e9)
        self._wait_until(min(self._due_ns - _LEAD_NS, deadline_ns))
        foreseen = self._render_ahead()
        self._wait_until(min(self._due_ns if foreseen is None else foreseen.stamp_ns, deadline_ns))
        pose = self._next_pose(deadline_ns)
        # A late image does not make the following ones hurry, but the beat is kept where it can be.
        self._due_ns = max(self._due_ns + self._period_ns, self._clock())
        fits = foreseen is not None and foreseen.laser_on == self._laser_on and _same(foreseen.T_base_tool0, pose)
        pixels = foreseen.pixels if foreseen is not None and fits else self._render(pose)
        self._previous = pose
        self._sequence += 1
        return CameraImage(pixels, pose.stamp_ns, self._sequence - 1)

    def _render(self, pose: _Pose) -> ImageArray:
        if self._first_stamp_ns is None:
            self._first_stamp_ns = pose.stamp_ns
        time_s = (pose.stamp_ns - self._first_stamp_ns) * 1e-9
        pixels, _ = self._scene.render(pose.T_base_tool0, time_s, laser_on=self._laser_on)
        return pixels

    def _render_ahead(self) -> _Foreseen | None:
        """The image from where the robot will be at its first pose of the next period; None: that is not known."""
        try:
            newest = _Pose(*self._poses())
        except TransformError:
            return None
        if self._previous is None or not 0 < newest.stamp_ns - self._previous.stamp_ns < 2 * self._period_ns:
            return None
        steps = -((newest.stamp_ns - self._due_ns) // POSE_PERIOD_NS)
        ahead = _extrapolate(self._previous, newest, newest.stamp_ns + max(steps, 1) * POSE_PERIOD_NS)
        laser_on = self._laser_on
        return _Foreseen(ahead.stamp_ns, ahead.T_base_tool0, laser_on, self._render(ahead))

    def _wait_until(self, time_ns: int) -> None:
        """Sleep in short pieces, so that `close` ends it."""
        while self._open and (left_ns := time_ns - self._clock()) > 0:
            self._sleep(min(left_ns * 1e-9, 25 * _POLL_S))
        self._require_open()

    def _next_pose(self, deadline_ns: int) -> _Pose:
        """The first pose of this period: the newest there is, if it is no older."""
        oldest_ns = max(self._due_ns, self._previous.stamp_ns + 1 if self._previous is not None else 0)
        while True:
            self._require_open()
            reason = 'the robot stands still in time: its pose is not renewed'
            try:
                pose = _Pose(*self._poses())
                if pose.stamp_ns >= oldest_ns:
                    return pose
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


def _extrapolate(first: _Pose, second: _Pose, stamp_ns: int) -> _Pose:
    """Where the motion from one pose to the other leads at a later time."""
    parts = (stamp_ns - second.stamp_ns) / (second.stamp_ns - first.stamp_ns)
    before, now = first.T_base_tool0, second.T_base_tool0
    turn = Rotation.from_matrix(now[:3, :3] @ before[:3, :3].T).as_rotvec()
    rotation = Rotation.from_rotvec(parts * turn) * Rotation.from_matrix(now[:3, :3])
    return _Pose(stamp_ns, make_transform(now[:3, 3] + parts * (now[:3, 3] - before[:3, 3]), rotation))


def _same(T_foreseen: FloatArray, pose: _Pose) -> bool:
    """Whether a camera sees the same from both."""
    moved = np.linalg.norm(T_foreseen[:3, 3] - pose.T_base_tool0[:3, 3])
    turned = np.linalg.norm(T_foreseen[:3, :3] - pose.T_base_tool0[:3, :3]) / np.sqrt(2.0)
    return bool(moved < _SAME_PLACE_M and turned < _SAME_TURN_RAD)
