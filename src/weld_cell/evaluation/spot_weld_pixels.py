"""Scores of anomaly maps against true masks: area below the ROC curve, and below that of the regions' overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from weld_cell.records import BoolArray, FloatArray

MOST_FALSE = 0.3
"""Greatest share of false pixels up to which the regions' overlap counts (Bergmann et al. 2020)."""


@dataclass(frozen=True, eq=False)
class ScoredPixels:
    """Pixels of one image that count.

    Attributes:
        scores: (n,) of an anomaly map.
        defective: (n,) the truth.
        share: (n,) of each defective pixel in its connected region, which add up to 1 in each; 0 elsewhere.
        regions: How many there are.
    """

    scores: FloatArray
    defective: BoolArray
    share: FloatArray
    regions: int

    @classmethod
    def of(cls, anomaly_map: FloatArray, mask: BoolArray, counts: BoolArray) -> 'ScoredPixels':
        """The pixels (h, w) of a map that count, beside their truth (h, w)."""
        labels_of = cv2.connectedComponents((mask & counts).astype(np.uint8), connectivity=8)
        labels = np.asarray(labels_of[1])
        sizes = np.bincount(labels.ravel(), minlength=labels_of[0]).astype(float)
        share = np.where(labels > 0, 1.0 / sizes[labels], 0.0)
        return cls(
            anomaly_map[counts].astype(np.float32), (mask & counts)[counts], share[counts], int(labels_of[0]) - 1
        )


def pixel_auroc(images: Sequence[ScoredPixels]) -> float:
    """Area below the ROC curve of all pixels together.

    Raises:
        ValueError: all of them are defective, or none is.
    """
    defective = np.concatenate([image.defective for image in images])
    if defective.all() or not defective.any():
        raise ValueError('expected defective pixels and others')
    from sklearn.metrics import roc_auc_score  # seconds; a bank is built without it

    return float(roc_auc_score(defective, np.concatenate([image.scores for image in images])))


def pixel_aupro(images: Sequence[ScoredPixels]) -> float:
    """Area below the mean overlap of the defective regions over the share of false pixels, up to MOST_FALSE, over it.

    Source: Bergmann et al. 2020 (Uninformed students), section 5.

    Raises:
        ValueError: no defective region, or nothing else.
    """
    scores = np.concatenate([image.scores for image in images])
    share = np.concatenate([image.share for image in images])
    good = ~np.concatenate([image.defective for image in images])
    regions = sum(image.regions for image in images)
    if not regions or not good.any():
        raise ValueError('expected defective pixels and others')
    order = np.argsort(-scores, kind='stable')
    last = np.append(np.diff(scores[order]) != 0.0, True)  # pixels of one score come together
    false = np.cumsum(good[order])[last] / good.sum()
    overlap = np.cumsum(share[order])[last] / regions
    false, overlap = np.append(0.0, false), np.append(0.0, overlap)
    within = false <= MOST_FALSE
    x = np.append(false[within], MOST_FALSE)
    y = np.append(overlap[within], np.interp(MOST_FALSE, false, overlap))
    return float(np.trapezoid(y, x) / MOST_FALSE)
