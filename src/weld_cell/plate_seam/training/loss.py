"""The loss of the detector: scores by cross-entropy, boxes by CIoU and by the distribution of their sides (DFL).

Source: Machines 2025, 13(11), 992, section 4.3.1; the weights are YOLOv8's.
"""

import torch
from torch import Tensor
from torch.nn import functional

from weld_cell.plate_seam.network.detector import BINS, Answers
from weld_cell.plate_seam.training.assigner import assign
from weld_cell.plate_seam.training.overlap import complete_iou

BOX, SCORE, SIDES = 7.5, 0.5, 1.5


def detector_loss(answers: Answers, seams: list[Tensor]) -> Tensor:
    """The loss of a batch, a scalar.

    Args:
        answers: Of the network, for n images.
        seams: The true boxes (s, 4) xyxy of each image, in pixels of the network's image.
    """
    boxes, scores = answers.boxes(), answers.scores.sigmoid()
    targets, box_loss, side_loss = torch.zeros_like(scores), scores.new_zeros(()), scores.new_zeros(())
    for number, truth in enumerate(seams):
        with torch.no_grad():
            assignment = assign(scores[number], boxes[number], answers.anchors, truth)
        targets[number] = assignment.target
        chosen = assignment.target > 0.0
        if chosen.any():
            weight, true_boxes = assignment.target[chosen], truth[assignment.seam[chosen]]
            box_loss = box_loss + (weight * (1.0 - complete_iou(boxes[number, chosen], true_boxes))).sum()
            sides = _distances(answers, chosen, true_boxes)
            side_loss = side_loss + (weight * _side_loss(answers.bins[number, chosen], sides)).sum()
    score_loss = functional.binary_cross_entropy_with_logits(answers.scores, targets, reduction='sum')
    return (BOX * box_loss + SCORE * score_loss + SIDES * side_loss) / targets.sum().clamp(min=1.0)


def _distances(answers: Answers, chosen: Tensor, boxes: Tensor) -> Tensor:
    """(n, 4) distances from chosen anchors to the sides of their boxes in strides, as far as the bins reach."""
    anchors, strides = answers.anchors[chosen], answers.strides[chosen, None]
    sides = torch.cat([anchors - boxes[:, :2], boxes[:, 2:] - anchors], 1) / strides
    return sides.clamp(0.0, BINS - 1.01)


def _side_loss(bins: Tensor, sides: Tensor) -> Tensor:
    """(n,) distribution focal loss: the two bins about each distance share it (Li et al. 2020, equation 6)."""
    lower = sides.floor()
    above = sides - lower
    logs = -bins.log_softmax(-1)
    index = lower.long()[..., None]
    near = logs.gather(-1, index).squeeze(-1) * (1.0 - above) + logs.gather(-1, index + 1).squeeze(-1) * above
    return near.mean(-1)
