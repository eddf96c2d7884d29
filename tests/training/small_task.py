"""A training that takes milliseconds: which of two clouds of points a point belongs to. Import it where torch is."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from weld_cell.training.samples import RenderedSamples
from weld_cell.training.state import Task, adam_w


def cloud(number, rng):
    label = number % 2
    return {'x': (rng.normal(size=4) + 3 * label).astype(np.float32), 'label': np.int64(label)}


SAMPLES = RenderedSamples(50, cloud)
HELD_OUT = {name: torch.from_numpy(a) for name, a in SAMPLES.batch(np.arange(40), np.random.default_rng(9)).items()}


def network():
    """With batch statistics and dropout, so that buffers and torch's own generator count."""
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))


def loss(net, batch):
    return {
        'cross_entropy': functional.cross_entropy(net(batch['x']), batch['label']),
        'shrink': 1e-3 * sum(p.square().sum() for p in net.parameters()),
    }


def score(net):
    assert not net.training
    return float((net(HELD_OUT['x']).argmax(1) == HELD_OUT['label']).float().mean())


TASK = Task(network, adam_w, loss, score)
