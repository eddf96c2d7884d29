"""Threshold of the defect score, from good welds alone at a given false-alarm rate."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from weld_cell.records import BoolArray, FloatArray

_LEAST_SCORES = 3
_ODD_DEVIATIONS = 6.0
_ODD_FACTOR = 1.4


def odd_ones(scores: FloatArray) -> BoolArray:
    """(n,) True where a score is far above the others, by median and median absolute deviation of the logarithms.

    Args:
        scores: (n,) positive.
    """
    logs = np.log(scores)
    middle = np.median(logs)
    deviation = 1.4826 * np.median(np.abs(logs - middle))
    odd: BoolArray = (logs > middle + _ODD_DEVIATIONS * deviation) & (logs > middle + np.log(_ODD_FACTOR))
    return odd


def false_alarm_threshold(scores: FloatArray, rate: float) -> float:
    """The score that a good weld passes with a probability of at most a rate.

    With enough welds it is an order statistic, which holds whatever the distribution (Vovk et al. 2005: of n scores
    the one of rank (n + 1) (1 - rate), rounded up). With fewer it is the prediction limit of a log-normal
    distribution. Odd scores are left out first: one weld that is not as good as it was said to be would lift the
    limit of few far above the defective ones.

    Args:
        scores: (n,) positive, of good welds that are not in the bank; 3 at least.
        rate: Above 0, below 1.

    Raises:
        ValueError: too few scores, not positive, or a rate out of range.
    """
    if len(scores) < _LEAST_SCORES or not (np.asarray(scores) > 0.0).all() or not 0.0 < rate < 1.0:
        raise ValueError(f'expected {_LEAST_SCORES} positive scores and a rate from 0 to 1, got {scores} and {rate}')
    usual = np.asarray(scores)[~odd_ones(scores)]
    rank = int(np.ceil((len(usual) + 1) * (1.0 - rate)))
    if rank <= len(usual):
        return float(np.sort(usual)[rank - 1])
    logs = np.log(usual)
    reach = stdtrit(len(logs) - 1, 1.0 - rate) * logs.std(ddof=1) * np.sqrt(1.0 + 1.0 / len(logs))
    return float(np.exp(logs.mean() + reach))


@dataclass(frozen=True)
class Thresholds:
    """What a weld and its places must not pass.

    Attributes:
        local: Score of the places at the rate of false alarms.
        whole: Score of the weld as a whole at that rate.
        fused: The greater of both scores in these units, at that rate: from here a weld is defective.
        doubtful: Fused score over the last, from which a person should look at a weld; 1 at most.
        place: Value of a map from which a place is defective.
    """

    local: float
    whole: float
    fused: float
    doubtful: float
    place: float

    @classmethod
    def of(
        cls, local: FloatArray, whole: FloatArray, greatest: FloatArray, false_alarms: float, doubtful: float
    ) -> 'Thresholds':
        """From good welds that are not in the bank.

        Args:
            local: (n,) scores of their places.
            whole: (n,) scores of them as a whole; zeros where there are none.
            greatest: (n,) greatest values of their maps.
            false_alarms: Share that may be called defective.
            doubtful: Share that may be called doubtful or defective.
        """
        of_local = false_alarm_threshold(local, false_alarms)
        of_whole = false_alarm_threshold(whole, false_alarms) if np.any(whole) else 1.0
        both = np.maximum(local / of_local, whole / of_whole)
        fused = false_alarm_threshold(both, false_alarms)
        lower = false_alarm_threshold(both, max(doubtful, false_alarms))
        return cls(of_local, of_whole, fused, min(lower / fused, 1.0), false_alarm_threshold(greatest, false_alarms))
