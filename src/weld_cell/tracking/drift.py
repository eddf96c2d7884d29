"""Motion of the workpiece since the scan, estimated from seam points during the weld.

The sensor runs ahead of the tool. What it saw of a place some seconds ago is out of date when the tool gets there;
but how far the newest point lies from the scan tells by how much the whole workpiece has moved by now. The workpiece
is taken as a rigid body that shifts and turns a little: a Kalman filter estimates both with their speeds, which are
Ornstein-Uhlenbeck processes. A shift and a slow turn look alike for a while; the filter keeps that doubt in its
covariance and settles it as the sensor goes on.

Source: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, chapters 5 and 8.
"""

from dataclasses import dataclass

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.tracking.settings import TrackingSettings
from weld_cell.tracking.still import Stillness

ARM_M = 0.1
"""A turn is counted by what it shifts at this distance, so that all numbers are metres."""
_START_M = 0.15e-3
_TURN_SHARE = 1.0  # of the shift's speed, at the arm
_USUAL, _FAR = 2.5, 4.0  # standard deviations; a point further off has less weight, or none


@dataclass(frozen=True, eq=False)
class DriftEstimate:
    """Where the workpiece has moved to, and how it goes on.

    Attributes:
        time_ns: Of the estimate.
        x: (12,) see `DriftFilter`.
        centre_m: (3,) about which it turns.
        memory_s: Time in which its speed dies down to a third.
    """

    time_ns: int
    x: FloatArray
    centre_m: FloatArray
    memory_s: float

    def shifts(self, points_m: FloatArray, times_ns: FloatArray) -> FloatArray:
        """(n, 3) by how much points (n, 3) of the workpiece have moved, or will have, at times (n,)."""
        elapsed_s = np.maximum(0.0, (times_ns - self.time_ns) / 1e9)
        moving = self.memory_s * (1.0 - np.exp(-elapsed_s / self.memory_s))[:, None]
        shift, turn = (self.x[k : k + 3] + moving * self.x[k + 6 : k + 9] for k in (0, 3))
        return np.asarray(shift + np.cross(turn, points_m - self.centre_m) / ARM_M)


class DriftFilter:
    """The workpiece's shift and turn about a centre, and their speeds: x = (shift, turn, speed, turning speed).

    Args:
        centre_m: (3,) about which it turns.
        start_ns: When it lay as it was scanned.
        settings: Of the stage.
        scatter_m: (2,) of seam points to the left and out of the joint, where the scan has shown it.
    """

    def __init__(
        self, centre_m: FloatArray, start_ns: int, settings: TrackingSettings, scatter_m: FloatArray | None = None
    ) -> None:
        self._centre_m, self._settings = centre_m, settings
        self._time_ns = start_ns
        known_m = np.zeros(2) if scatter_m is None else scatter_m
        self._scatter_m = np.maximum(known_m, 1e-3 * settings.point_noise_mm)
        speed = 1e-3 * settings.drift_mm_s
        speeds = np.repeat([speed, _TURN_SHARE * speed], 3)
        self._noise = 2.0 * speeds**2 / settings.drift_memory_s
        self._x = np.zeros(12)
        self._P = np.diag(np.concatenate([np.full(6, _START_M**2), speeds**2]))
        self._still = Stillness(settings)

    def update(self, stamp_ns: int, point_m: FloatArray, directions: FloatArray, offset_m: FloatArray) -> bool:
        """Take a measured point into account.

        Args:
            stamp_ns: Of its image; an older one than the last is of no use.
            point_m: (3,) where it lies.
            directions: (2, 3) in which it was measured.
            offset_m: (2,) how far it lies from the scan in them.

        Returns:
            Whether it was believed; spatter and arc light make points that are not.
        """
        elapsed_s = (stamp_ns - self._time_ns) / 1e9
        if elapsed_s < 0.0:
            return False
        x, P = self._predicted(elapsed_s)
        H = np.hstack([directions @ self._lever(point_m), np.zeros((2, 6))])
        surprise = offset_m - H @ x
        noise = np.diag(self._scatter_m**2)
        S = H @ P @ H.T + noise
        if (np.abs(surprise) > np.maximum(1e-3 * self._settings.outlier_mm, _FAR * np.sqrt(S.diagonal()))).any():
            return False
        self._still.predict(elapsed_s)
        unusual = min(_unusual(surprise, S), _unusual(*self._still.surprise(offset_m, noise)))
        S += noise * _unusual(surprise, S)
        self._still.update(offset_m, (1.0 + unusual) * noise, (surprise, H @ P @ H.T + (1.0 + unusual) * noise))
        gain = np.linalg.solve(S, H @ P).T
        self._x, self._P, self._time_ns = x + gain @ surprise, P - gain @ H @ P, stamp_ns
        self._P = 0.5 * (self._P + self._P.T)
        return True

    @property
    def has_moved(self) -> bool:
        """Whether the workpiece is believed to have moved since it was scanned."""
        return self._still.has_moved

    def expected(self, stamp_ns: int, point_m: FloatArray, directions: FloatArray) -> FloatArray:
        """(2,) how far a point (3,) is expected from the scan in directions (2, 3) at a time."""
        elapsed_s = max(0.0, (stamp_ns - self._time_ns) / 1e9)
        return np.asarray(directions @ self._lever(point_m) @ self._predicted(elapsed_s)[0][:6])

    def estimate(self, goes_on: bool = True) -> 'DriftEstimate':
        """What is believed now: no drift as long as the workpiece most probably lies still.

        Args:
            goes_on: Whether it is foreseen to go on as it went.
        """
        x = self._still.share_moved * self._x
        if not goes_on:
            x[6:] = 0.0
        return DriftEstimate(self._time_ns, x, self._centre_m, self._settings.drift_memory_s)

    def _lever(self, point_m: FloatArray) -> FloatArray:
        """(3, 6) from shift and turn to the shift of a point."""
        x, y, z = (point_m - self._centre_m) / ARM_M
        return np.hstack([np.eye(3), [[0.0, z, -y], [-z, 0.0, x], [y, -x, 0.0]]])

    def _predicted(self, elapsed_s: float) -> tuple[FloatArray, FloatArray]:
        memory_s = self._settings.drift_memory_s
        kept = np.exp(-elapsed_s / memory_s)
        F = np.eye(12)
        F[:6, 6:] = memory_s * (1.0 - kept) * np.eye(6)
        F[6:, 6:] *= kept
        Q = np.zeros((12, 12))
        half = 0.5 * elapsed_s**2 * self._noise
        Q[:6, :6], Q[6:, 6:] = np.diag(half * elapsed_s * 2.0 / 3.0), np.diag(elapsed_s * self._noise)
        Q[:6, 6:] = Q[6:, :6] = np.diag(half)
        return F @ self._x, F @ self._P @ F.T + Q


def _unusual(surprise: FloatArray, S: FloatArray) -> float:
    """By how much more noise a surprise (2,) of covariance (2, 2) would be usual; 0 where it is."""
    return max(0.0, float(surprise @ np.linalg.solve(S, surprise)) / _USUAL**2 - 1.0)
