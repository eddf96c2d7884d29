"""What the tests of the network need of torch; imported by their fixture, so that they are collected without it."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from weld_cell.plate_seam.network.detector import ShuffleYolo
from weld_cell.plate_seam.training.assigner import assign
from weld_cell.plate_seam.training.loss import detector_loss
from weld_cell.plate_seam.training.overlap import complete_iou, pairwise_iou

__all__ = [
    'FlopCounterMode',
    'ShuffleYolo',
    'assign',
    'boxes',
    'complete_iou',
    'detector_loss',
    'pairwise_iou',
    'torch',
]


def boxes(*rows):
    return torch.tensor(rows, dtype=torch.float64)
