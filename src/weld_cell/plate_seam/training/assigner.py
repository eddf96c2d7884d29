"""Which anchors answer for which seam (task-aligned assigner, TOOD, Feng et al. 2021, section 3.2)."""

from typing import NamedTuple

import torch
from torch import Tensor

from weld_cell.plate_seam.training.overlap import pairwise_iou

SCORE_POWER, OVERLAP_POWER = 0.5, 6.0
CANDIDATES = 10
"""Anchors that answer for a seam, at the most."""


class Assignment(NamedTuple):
    """For each anchor of one image.

    Attributes:
        seam: (a,) number of its seam; of no meaning where the target is 0.
        target: (a,) the score that it should give, 0 to 1; 0 where it answers for none.
    """

    seam: Tensor
    target: Tensor


def assign(scores: Tensor, boxes: Tensor, anchors: Tensor, seams: Tensor) -> Assignment:
    """Assign the anchors of one image.

    An anchor inside a seam's box is as good as score^SCORE_POWER * overlap^OVERLAP_POWER; the best CANDIDATES answer
    for it, one that is among the best of several seams for the one that it overlaps most. The target of a seam's best
    anchor is that anchor's overlap, the others' are smaller in proportion.

    Args:
        scores: (a,) as predicted, 0 to 1.
        boxes: (a, 4) as predicted, xyxy.
        anchors: (a, 2).
        seams: (s, 4) the true boxes, s from 0.
    """
    if len(seams) == 0:
        return Assignment(torch.zeros_like(scores, dtype=torch.long), torch.zeros_like(scores))
    inside = ((anchors > seams[:, None, :2]) & (anchors < seams[:, None, 2:])).all(-1)
    overlap = pairwise_iou(seams, boxes) * inside
    goodness = scores**SCORE_POWER * overlap**OVERLAP_POWER
    best = goodness.topk(min(CANDIDATES, goodness.shape[1]), dim=1)
    chosen = torch.zeros_like(inside).scatter_(1, best.indices, best.values > 0.0)
    seam = (overlap * chosen).argmax(0)
    chosen &= torch.arange(len(seams), device=seam.device)[:, None] == seam
    goodness, overlap = goodness * chosen, overlap * chosen
    scale = overlap.amax(1, keepdim=True) / goodness.amax(1, keepdim=True).clamp(min=1e-12)
    return Assignment(seam, (goodness * scale).amax(0))
