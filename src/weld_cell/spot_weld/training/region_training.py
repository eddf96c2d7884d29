"""The training of the region network; needs torch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from weld_cell.spot_weld.network.regions import Deployed, RegionNet
from weld_cell.spot_weld.reduce import STRIDE
from weld_cell.spot_weld.regions import SPOT_WELD_REGIONS
from weld_cell.spot_weld.training.region_loss import Localisation, focal_heat, own_localisation
from weld_cell.spot_weld.training.region_samples import RegionSamples
from weld_cell.training.export import export_of_kind
from weld_cell.training.loop import Trained, train
from weld_cell.training.samples import Batch
from weld_cell.training.settings import TrainingSettings
from weld_cell.training.state import Task, adam_w

TOLERANCE = 5e-4
"""Of the exported network's answers, see `weld_cell.training.export.parity`."""
_AT_ONCE = 4


@dataclass(frozen=True)
class RegionVariant:
    """What is trained; the defaults are what is shipped.

    Attributes:
        fused: Whether the levels are fused.
        localisation: Of the loss.
    """

    fused: bool = True
    localisation: Localisation = own_localisation


def train_regions(
    samples: RegionSamples,
    held_out: Batch,
    settings: TrainingSettings,
    folder: Path,
    variant: RegionVariant | None = None,
    resume: bool = False,
) -> Trained:
    """Train the region network; its score is the negative of its loss on what is held out.

    Args:
        samples: To learn from.
        held_out: As of `region_samples.region_sample`, of other panels.
        settings: How.
        folder: Of checkpoint and log.
        variant: What is trained.
        resume: Go on from the checkpoint.

    Raises:
        ValueError: fewer images than a batch.
        TrainingError: there is nothing to go on from.
        TrainingInterrupted: Ctrl-C, after a checkpoint was written.
    """
    what = variant or RegionVariant()
    judge = RegionSamples(held_out, samples.side)
    fixed = [
        judge.batch(np.arange(first, min(first + _AT_ONCE, len(judge))), np.random.default_rng(first))
        for first in range(0, len(judge), _AT_ONCE)
    ]

    def score(network: nn.Module) -> float:
        losses = [_loss(network, _tensors(batch), what.localisation) for batch in fixed]
        return -float(np.mean([sum(term.item() for term in loss.values()) for loss in losses]))

    task = Task(lambda: RegionNet(what.fused), adam_w, lambda net, batch: _loss(net, batch, what.localisation), score)
    return train(task, samples, settings, folder, resume)


def _tensors(batch: Batch) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array)) for name, array in batch.items()}


def _loss(network: nn.Module, batch: dict[str, Tensor], localisation: Localisation) -> dict[str, Tensor]:
    """Heat over the whole image, circles at the place of each true middle."""
    heat, circles = network(batch['image'].contiguous(memory_format=torch.channels_last))
    answered, true = [], []
    for number, count in enumerate(batch['count'].tolist()):
        truth = batch['circles'][number, :count]
        column, row = (truth[:, :2] / STRIDE).long().clamp(max=heat.shape[-1] - 1).T
        answered.append(circles[number, :, row, column].T)
        true.append(truth)
    there = localisation(torch.cat(answered), torch.cat(true))
    return {'heat': focal_heat(heat, batch['target']), 'circles': there.sum() / max(len(there), 1)}


def export_regions(network: nn.Module, path: Path) -> float:
    """Write the network as ONNX, as `regions.NetworkFinder` reads it.

    Returns:
        The greatest difference between the answers of ONNX Runtime and of torch.

    Raises:
        TrainingError: they differ by more than the tolerance.
    """
    rng = torch.Generator().manual_seed(0)
    checks = [torch.randn((1, 1, rows, columns), generator=rng) for rows, columns in ((96, 128), (136, 88))]
    return export_of_kind(Deployed(network).eval(), path, SPOT_WELD_REGIONS, checks, TOLERANCE)
