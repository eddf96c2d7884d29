"""Detection metrics: average precision, precision and recall over many images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weld_cell.geometry.boxes import overlaps
from weld_cell.records import BoolArray, FloatArray

MATCHING_IOU = 0.5


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector says of an image.

    Attributes:
        boxes: (n, 4) xyxy.
        scores: (n,).
    """

    boxes: FloatArray
    scores: FloatArray


@dataclass(frozen=True)
class DetectionScores:
    """Of many images, one class.

    Attributes:
        map50: Area below precision over recall, boxes matched from an intersection over union of 0.5 on; where
            precision rises again with recall, the higher value holds before it too (VOC 2010 and later).
        precision: Share of the boxes that are right, at the threshold of the greatest F1.
        recall: Share of the true boxes that are found, at the same threshold.
        threshold: That score.
        true_boxes: How many there are.
    """

    map50: float
    precision: float
    recall: float
    threshold: float
    true_boxes: int


def detection_scores(found: Sequence[Detections], truth: Sequence[FloatArray]) -> DetectionScores:
    """Compare what was found with what is there.

    Args:
        found: Of each image.
        truth: (m, 4) true boxes of each image, m from 0.

    Raises:
        ValueError: not one true box in all, or not as many images here as there.
    """
    if len(found) != len(truth):
        raise ValueError(f'expected the same images, got {len(found)} and {len(truth)}')
    count = sum(len(boxes) for boxes in truth)
    if not count:
        raise ValueError('expected one true box at least, got none')
    scores = np.concatenate([image.scores for image in found])
    right = np.concatenate([_right(image, boxes) for image, boxes in zip(found, truth, strict=True)])
    order = np.argsort(-scores, kind='stable')
    if not len(order):
        return DetectionScores(0.0, 0.0, 0.0, 1.0, count)
    hits = np.cumsum(right[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / count
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    area = float(np.sum(np.diff(recall, prepend=0.0) * envelope))
    best = int(np.argmax(2.0 * precision * recall / np.maximum(precision + recall, 1e-12)))
    return DetectionScores(area, float(precision[best]), float(recall[best]), float(scores[order[best]]), count)


def _right(image: Detections, truth: FloatArray) -> BoolArray:
    """(n,) whether each box is the best one of a true box; the better score takes its true box first."""
    right = np.zeros(len(image.boxes), bool)
    if not len(truth):
        return right
    free = np.ones(len(truth), bool)
    for number in np.argsort(-image.scores, kind='stable'):
        overlap = np.where(free, overlaps(image.boxes[number], truth), 0.0)
        best = int(np.argmax(overlap))
        if overlap[best] >= MATCHING_IOU:
            right[number], free[best] = True, False
    return right
