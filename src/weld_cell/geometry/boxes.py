"""Boxes xyxy in pixels: overlap and non-maximum suppression."""

import numpy as np

from weld_cell.records import FloatArray


def overlaps(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Intersection over union (n,) of a box (4,) with boxes (n, 4)."""
    size = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = size.clip(0.0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).clip(0.0).prod(axis=1)
    union: FloatArray = shared / np.maximum((box[2:] - box[:2]).clip(0.0).prod() + areas - shared, 1e-9)
    return union


def suppress(boxes: FloatArray, scores: FloatArray, most_overlap: float) -> np.ndarray:
    """Numbers of the boxes that stand, best first: those that no better one overlaps by more (greedy suppression).

    Args:
        boxes: (n, 4).
        scores: (n,).
        most_overlap: Intersection over union, 0 to 1.
    """
    left, kept = np.argsort(-scores, kind='stable'), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        left = left[overlaps(boxes[best], boxes[left]) <= most_overlap]
    return np.array(kept, dtype=np.intp)
