"""The loss of the region network: heat by a focal loss, circles by a localisation loss of their own.

For a weld of middle c and radius r with the answer c', r', both as squares b, b' about the circles:

    L = 1 - GIoU(b, b') + lambda * H(|c - c'| / r),    H(x) = x^2 / 2d for x < d, else x - d / 2

CIoU (Zheng et al. 2020) punishes the middle's error by |c - c'|^2 over the squared diagonal of the enclosing box: of
an error of a tenth of the radius it is a thousandth, with a gradient that vanishes. H stays linear down to d = 0.02,
in units of the weld's own radius, so that small welds are placed as exactly as large ones.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

CENTRE_WEIGHT = 2.0
LINEAR_FROM = 0.02
_FOCUS, _EASY = 2.0, 4.0  # powers of Zhou et al. 2019, equation 1

Localisation = Callable[[Tensor, Tensor], Tensor]
"""(n,) from circles (n, 3) that were answered and true ones (n, 3): u, v, radius."""


def own_localisation(answered: Tensor, true: Tensor) -> Tensor:
    """(n,) the loss above."""
    overlap, enclosing = _overlap(answered, true)
    union = 4.0 * answered[:, 2] ** 2 + 4.0 * true[:, 2] ** 2 - overlap
    giou = overlap / union - (enclosing.prod(1) - union) / enclosing.prod(1)
    apart = (answered[:, :2] - true[:, :2]).square().sum(1).clamp(min=1e-12).sqrt() / true[:, 2]
    near = functional.huber_loss(apart, torch.zeros_like(apart), reduction='none', delta=LINEAR_FROM) / LINEAR_FROM
    return 1.0 - giou + CENTRE_WEIGHT * near


def ciou_localisation(answered: Tensor, true: Tensor) -> Tensor:
    """(n,) 1 - CIoU of the squares, whose ratio of sides is the same: Zheng et al. 2020, equation 10."""
    overlap, enclosing = _overlap(answered, true)
    union = 4.0 * answered[:, 2] ** 2 + 4.0 * true[:, 2] ** 2 - overlap
    apart = (answered[:, :2] - true[:, :2]).square().sum(1)
    return 1.0 - overlap / union + apart / enclosing.square().sum(1)


def focal_heat(heat: Tensor, target: Tensor) -> Tensor:
    """Loss of heat as logits (n, rows, columns) against a target from 0 to 1, for each middle (Zhou et al. 2019)."""
    middles = target >= 1.0
    likely = heat.sigmoid()
    found = -functional.logsigmoid(heat) * (1.0 - likely) ** _FOCUS
    false = -functional.logsigmoid(-heat) * likely**_FOCUS * (1.0 - target) ** _EASY
    return torch.where(middles, found, false).sum() / middles.sum().clamp(min=1)


def _overlap(answered: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """(n,) common area of the squares, and (n, 2) sides of the box about both."""
    low, high = answered[:, :2] - answered[:, 2:], answered[:, :2] + answered[:, 2:]
    true_low, true_high = true[:, :2] - true[:, 2:], true[:, :2] + true[:, 2:]
    common = (torch.minimum(high, true_high) - torch.maximum(low, true_low)).clamp(min=0.0)
    return common.prod(1), torch.maximum(high, true_high) - torch.minimum(low, true_low)
