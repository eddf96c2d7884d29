"""Whether a workpiece has moved at all since the scan, or lies still and its seam points only scatter.

A filter for shift, turn and their speeds finds some of each in mere noise, and extrapolates it over the look-ahead
distance. So it is weighed against a plainer hypothesis: the workpiece lies as it was scanned, but for a small, slowly
varying error that the points share. Both predict each point; how well they do decides by Bayes' rule.

Source: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, chapter 11.
"""

import numpy as np

from weld_cell.records import FloatArray
from weld_cell.tracking.settings import TrackingSettings

_BIAS_SHARE = 0.2
"""Standard deviation of the shared error, in parts of that of a seam point."""
_BEGINS_S = 10.0
"""A workpiece that lies still begins to move after such a time, on average; one that moves is not taken for still."""
_AT_FIRST = 0.5
_DOUBT = 0.2
"""Once stillness is less certain than this, all of the drift is corrected: a drift that is missed costs more."""
_SURE = 1e-6
"""Below this it has moved for good: where a bend is held, points lie as scanned while the rest has moved."""
_MOST = 50.0  # of the logarithm of a ratio of likelihoods


class Stillness:
    """Probability that a workpiece has not moved since it was scanned.

    Args:
        settings: Of the stage.

    Attributes:
        probability: That it has not; 0 once it has certainly moved.
    """

    def __init__(self, settings: TrackingSettings) -> None:
        self._variance = (_BIAS_SHARE * 1e-3 * settings.point_noise_mm) ** 2
        self._memory_s = settings.drift_memory_s
        self._bias, self._P = np.zeros(2), self._variance * np.eye(2)
        self.probability = _AT_FIRST

    @property
    def has_moved(self) -> bool:
        """Whether its drift is corrected in full."""
        return self.share_moved == 1.0

    @property
    def share_moved(self) -> float:
        """How much of an estimated drift to correct."""
        return min(1.0, (1.0 - self.probability) / _DOUBT)

    def predict(self, elapsed_s: float) -> None:
        """Time goes on."""
        kept = np.exp(-elapsed_s / self._memory_s)
        self._bias = kept * self._bias
        self._P = kept**2 * self._P + (1.0 - kept**2) * self._variance * np.eye(2)
        self.probability *= float(np.exp(-elapsed_s / _BEGINS_S))

    def surprise(self, offset_m: FloatArray, noise: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far (2,) an offset (2,) from the scan is from the expected one, and the covariance (2, 2) of that."""
        return offset_m - self._bias, self._P + noise

    def update(self, offset_m: FloatArray, noise: FloatArray, moving: tuple[FloatArray, FloatArray]) -> None:
        """Weigh a point.

        Args:
            offset_m: (2,) how far it lies from the scan.
            noise: (2, 2) covariance of that.
            moving: What `surprise` gives, if the workpiece moves.
        """
        surprise, S = self.surprise(offset_m, noise)
        ratio = np.clip(_log_likelihood(*moving) - _log_likelihood(surprise, S), -_MOST, _MOST)
        still = self.probability
        probability = float(still / (still + (1.0 - still) * np.exp(ratio)))
        self.probability = min(probability, 1.0 - _SURE) if probability > _SURE else 0.0
        gain = np.linalg.solve(S, self._P).T
        self._bias, self._P = self._bias + gain @ surprise, self._P - gain @ self._P


def _log_likelihood(surprise: FloatArray, S: FloatArray) -> float:
    """But for a constant."""
    return float(-0.5 * (surprise @ np.linalg.solve(S, surprise) + np.log(np.linalg.det(S))))
