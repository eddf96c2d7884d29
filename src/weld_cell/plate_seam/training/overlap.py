"""Overlaps of boxes xyxy: intersection over union, and CIoU (Zheng et al. 2020, equations 8 to 11)."""

import math

import torch
from torch import Tensor

_LEAST = 1e-7


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """(n, m) intersection over union of boxes (n, 4) with boxes (m, 4)."""
    return _iou(first[:, None], second[None])


def complete_iou(boxes: Tensor, truth: Tensor) -> Tensor:
    """(n,) CIoU = IoU - rho^2 / c^2 - alpha v of boxes (n, 4) with their true ones (n, 4).

    rho is the distance of their middles, c the diagonal of the box about both, v = 4 / pi^2 (atan(w_t / h_t) -
    atan(w / h))^2 the difference of their shapes, alpha = v / (1 - IoU + v), which is taken as a constant.
    """
    iou = _iou(boxes, truth)
    about = torch.maximum(boxes[:, 2:], truth[:, 2:]) - torch.minimum(boxes[:, :2], truth[:, :2])
    apart = 0.5 * (boxes[:, :2] + boxes[:, 2:] - truth[:, :2] - truth[:, 2:])
    shape = (4.0 / math.pi**2) * (_angle(truth) - _angle(boxes)) ** 2
    with torch.no_grad():
        weight = shape / (1.0 - iou + shape + _LEAST)
    return iou - (apart**2).sum(-1) / ((about**2).sum(-1) + _LEAST) - weight * shape


def _iou(first: Tensor, second: Tensor) -> Tensor:
    size = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    shared = size.clamp(min=0.0).prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).clamp(min=0.0).prod(-1) for box in (first, second)]
    return shared / (areas[0] + areas[1] - shared + _LEAST)


def _angle(boxes: Tensor) -> Tensor:
    width, height = (boxes[:, 2:] - boxes[:, :2]).clamp(min=_LEAST).unbind(-1)
    return torch.atan(width / height)
