"""The simulated laser sensor as a device: it looks like any line-laser camera to the cell.

A real camera has its image the moment its exposure ends; a simulated one must not make the cell wait for its
rendering. So it renders ahead, for where the robot will be if it goes on as it goes, and delivers the image when the
robot is there. Where the robot came to another place, the image is rendered again, and comes late.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from typing import NamedTuple, Protocol

import numpy as np

from weld_cell.devices.base import Clock
from weld_cell.errors import DeviceLostError, TransformError, WaitingForTriggerError
from weld_cell.geometry.transforms import rotation_matrix, rotation_vector
from weld_cell.records import CameraImage, FloatArray, ImageArray
from weld_cell.sim.beat import STATE_PERIOD_NS
from weld_cell.sim.scene import Scene


class PoseSource(Protocol):
    """Where the robot is, as T_base_tool0 (4, 4)."""

    def newest(self) -> tuple[FloatArray, int]:
        """The latest pose that is known, and its stamp in ns; TransformError while there is none."""
        ...

    def newest_ns(self) -> int:
        """The stamp of the latest pose alone, which costs a fifth."""
        ...

    def at(self, stamp_ns: int) -> FloatArray:
        """The pose at a time no later than the newest one's; TransformError where it is not known."""
        ...


_POLL_S, _UNWATCHED_POLL_S = 0.0002, 0.005
_NO_PIXELS: ImageArray = np.zeros((0, 0), np.uint8)
_LEAST_LEAD_NS, _MOST_LEAD_NS = 8_500_000, 16_000_000  # rendering takes 3 to 6 ms; twice that where others work
_SPARE_NS = 2_000_000
_REMEMBERED_RENDERINGS = 8
_FIRST_POSE_NS = 30_000_000_000  # the robot's process may start later than the sensor's
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
        watched: Whether anybody wants the next image; where nobody does, it is not rendered and has no pixels.
    """

    def __init__(
        self,
        scene: Scene,
        poses: PoseSource,
        rate_hz: float,
        clock: Clock,
        sleep: Callable[[float], None],
        watched: Callable[[], bool] = lambda: True,
    ) -> None:
        if rate_hz <= 0:
            raise ValueError(f'rate_hz: expected above 0, got {rate_hz}')
        self._scene, self._poses, self._clock, self._sleep, self._watched = scene, poses, clock, sleep, watched
        self._period_ns = round(1e9 / rate_hz)
        self._open = False
        self._laser_on = True
        self._due_ns = self._opened_ns = 0
        self._first_stamp_ns: int | None = None
        self._previous: _Pose | None = None
        self._seen: deque[_Pose] = deque(maxlen=3)
        self._took_ns: deque[int] = deque(maxlen=_REMEMBERED_RENDERINGS)
        self._sequence = 0
        self._changes: deque[tuple[int, Callable[[Scene, float], None]]] = deque()

    @property
    def name(self) -> str:
        """For people."""
        return f'simulated laser sensor over a {self._scene.joint_type} joint'

    def open(self) -> None:
        """Start streaming."""
        self._open = True
        self._due_ns = self._opened_ns = self._clock()

    def close(self) -> None:
        """Stop streaming; ends a waiting `grab`."""
        self._open = False

    def set_laser(self, on: bool) -> None:
        """Switch the laser."""
        self._laser_on = on

    def schedule(self, stamp_ns: int, change: Callable[[Scene, float], None]) -> None:
        """Change the scene before the first image that bears this stamp, or a later one.

        Args:
            stamp_ns: The stamp; of several changes the one that was scheduled first is made first.
            change: Gets the scene, and that stamp in seconds since the scene began.
        """
        self._changes.append((stamp_ns, change))

    def start_anew(self, change: Callable[[Scene, float], None]) -> None:
        """Change the scene before the next image, and forget what was scheduled: it was of what lay there before."""
        self._changes = deque([(0, change)])

    def grab(self, timeout_s: float) -> CameraImage:
        """Wait for the next period and for a pose newer than that of the image before, and deliver its image.

        Raises:
            WaitingForTriggerError: no pose yet of a robot that may still be starting.
            DeviceLostError: no new pose within the time, or the device is closed.
        """
        deadline_ns = self._clock() + round(timeout_s * 1e9)
        self._wait_until(min(self._due_ns - self._lead_ns(), deadline_ns))
        watched = self._watched()
        foreseen = self._render_ahead() if watched else None
        self._wait_until(min(self._due_ns if foreseen is None else foreseen.stamp_ns, deadline_ns))
        pose = self._next_pose(deadline_ns, foreseen, _POLL_S if watched else _UNWATCHED_POLL_S)
        # A late image does not make the following ones hurry, but the beat is kept where it can be.
        self._due_ns = max(self._due_ns + self._period_ns, self._clock())
        pixels = self._pixels(pose, foreseen) if watched else _NO_PIXELS
        self._previous = pose
        self._see(pose)
        self._sequence += 1
        return CameraImage(pixels, pose.stamp_ns, self._sequence - 1)

    def _pixels(self, pose: _Pose, foreseen: _Foreseen | None) -> ImageArray:
        fits = foreseen is not None and foreseen.laser_on == self._laser_on and _same(foreseen.T_base_tool0, pose)
        return foreseen.pixels if foreseen is not None and fits else self._render(pose)

    def _render(self, pose: _Pose) -> ImageArray:
        if self._first_stamp_ns is None:
            self._first_stamp_ns = pose.stamp_ns
        time_s = (pose.stamp_ns - self._first_stamp_ns) * 1e-9
        while self._changes and self._changes[0][0] <= pose.stamp_ns:
            at_ns, change = self._changes.popleft()
            change(self._scene, (at_ns - self._first_stamp_ns) * 1e-9)
        return self._scene.image(pose.T_base_tool0, time_s, laser_on=self._laser_on)

    def _render_ahead(self) -> _Foreseen | None:
        """The image from where the robot will be at its first pose of the next period; None: that is not known."""
        with suppress(TransformError):
            self._see(self._newest())
        if len(self._seen) < 2 or not 0 <= self._due_ns - self._seen[0].stamp_ns <= 3 * self._period_ns:
            return None
        newest_ns, began_ns = self._seen[-1].stamp_ns, self._clock()
        steps = -((newest_ns - self._due_ns) // STATE_PERIOD_NS)
        ahead = _extrapolate(list(self._seen), newest_ns + max(steps, 1) * STATE_PERIOD_NS)
        laser_on = self._laser_on
        pixels = self._render(ahead)
        self._took_ns.append(self._clock() - began_ns)
        return _Foreseen(ahead.stamp_ns, ahead.T_base_tool0, laser_on, pixels)

    def _lead_ns(self) -> int:
        """How long before an image is due its rendering begins: as long as one of the last took, and a little more.

        Not longer than needed: the nearer it is, the better is known where the robot will be.
        """
        slowest = max(self._took_ns, default=0) + _SPARE_NS
        return min(max(slowest, _LEAST_LEAD_NS), _MOST_LEAD_NS)

    def _see(self, pose: _Pose) -> None:
        """Remember a pose; an older one than before means that the clock was set back."""
        if self._seen and pose.stamp_ns < self._seen[-1].stamp_ns:
            self._seen.clear()
        if not self._seen or pose.stamp_ns > self._seen[-1].stamp_ns:
            self._seen.append(pose)

    def _wait_until(self, time_ns: int) -> None:
        """Sleep in short pieces, so that `close` ends it."""
        while self._open and (left_ns := time_ns - self._clock()) > 0:
            self._sleep(min(left_ns * 1e-9, 25 * _POLL_S))
        self._require_open()

    def _next_pose(self, deadline_ns: int, foreseen: _Foreseen | None, poll_s: float) -> _Pose:
        """The pose that was foreseen, else the first one of this period: the newest there is, if it is no older."""
        oldest_ns = max(self._due_ns, self._previous.stamp_ns + 1 if self._previous is not None else 0)
        wanted_ns = oldest_ns if foreseen is None else foreseen.stamp_ns
        while True:
            self._require_open()
            reason = 'the robot stands still in time: its pose is not renewed'
            try:
                if self._poses.newest_ns() >= wanted_ns:
                    return self._newest() if foreseen is None else _Pose(wanted_ns, self._poses.at(wanted_ns))
            except TransformError as error:
                reason = error.message
            if self._clock() >= deadline_ns:
                if self._previous is None and self._clock() < self._opened_ns + _FIRST_POSE_NS:
                    raise WaitingForTriggerError(
                        f'{self.name} waits for the first pose of the robot.', 'Start the simulated robot.'
                    )
                raise DeviceLostError(
                    f'{self.name}: no new robot pose to render from ({reason}).',
                    'Check that the simulated robot runs and publishes joint_states and /tf.',
                )
            self._sleep(poll_s)

    def _newest(self) -> _Pose:
        pose, stamp_ns = self._poses.newest()
        return _Pose(stamp_ns, pose)

    def _require_open(self) -> None:
        if not self._open:
            raise DeviceLostError(f'{self.name} is closed.', 'Open it again.')


def _extrapolate(seen: Sequence[_Pose], stamp_ns: int) -> _Pose:
    """Where the motion through two poses leads at a later time, or through three at an even acceleration."""
    at_s = [(pose.stamp_ns - seen[-1].stamp_ns) * 1e-9 for pose in seen]
    ahead_s = (stamp_ns - seen[-1].stamp_ns) * 1e-9
    # Lagrange's polynomial through these poses as seen from the newest one
    weights = np.array(
        [prod((ahead_s - other) / (one - other) for other in at_s if other != one) for one in at_s[:-1]]
    )
    before, newest = np.stack([pose.T_base_tool0 for pose in seen[:-1]]), seen[-1].T_base_tool0
    turns = np.stack([rotation_vector(turn) for turn in before[:, :3, :3] @ newest[:3, :3].T])
    ahead = newest.copy()
    ahead[:3, 3] += weights @ (before[:, :3, 3] - newest[:3, 3])
    ahead[:3, :3] = rotation_matrix(weights @ turns) @ newest[:3, :3]
    return _Pose(stamp_ns, ahead)


def _same(T_foreseen: FloatArray, pose: _Pose) -> bool:
    """Whether a camera sees the same from both."""
    moved = np.linalg.norm(T_foreseen[:3, 3] - pose.T_base_tool0[:3, 3])
    turned = np.linalg.norm(T_foreseen[:3, :3] - pose.T_base_tool0[:3, :3]) / np.sqrt(2.0)
    return bool(moved < _SAME_PLACE_M and turned < _SAME_TURN_RAD)
