"""The training of the network that locates plate seams; needs torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from weld_cell.geometry.boxes import suppress
from weld_cell.models.loader import find_model
from weld_cell.plate_seam.locate import PLATE_SEAM_NET
from weld_cell.plate_seam.network.detector import Deployed, ShuffleYolo
from weld_cell.plate_seam.settings import MOST_OVERLAP
from weld_cell.plate_seam.training.loss import detector_loss
from weld_cell.plate_seam.training.samples import PlateSeamSamples
from weld_cell.training.checkpoints import trained_weights
from weld_cell.training.detection import Detections, DetectionScores, detection_scores
from weld_cell.training.export import export_of_kind
from weld_cell.training.exported import load_exported
from weld_cell.training.loop import Trained, train
from weld_cell.training.samples import Batch
from weld_cell.training.settings import TrainingSettings
from weld_cell.training.state import Task, adam_w

TOLERANCE = 2e-4
"""Of the exported network's answers, see `weld_cell.training.export.parity`."""
LEAST_SCORE = 0.01
_AT_ONCE = 16
_FITTED = 64  # images that the normalisations of an exported network are fitted to


@dataclass(frozen=True, eq=False)
class SeamData:
    """Samples of scenes that are apart.

    Attributes:
        train: To learn from.
        held_out: To choose the weights by.
        test: Looked at once, after the training.
    """

    train: Batch
    held_out: Batch
    test: Batch


def train_net(
    data: SeamData,
    settings: TrainingSettings,
    folder: Path,
    resume: bool = False,
    workers: int = 0,
    begin_with: str = '',
) -> Trained:
    """Train the network; its score is mAP50 on what is held out.

    Args:
        data: Samples, as of `samples.seam_sample`.
        settings: How.
        folder: Of checkpoint and log.
        resume: Go on from the checkpoint.
        workers: Processes that make batches.
        begin_with: What the first weights are of: folder of an earlier training, exported network (.onnx), or name of
            a shipped one; empty: random ones.

    Raises:
        ValueError: fewer images than a batch, or no seam in what is held out.
        TrainingError: there is nothing to go on from.
        TrainingInterrupted: Ctrl-C, after a checkpoint was written.
    """
    first = first_weights(begin_with, data.train) if begin_with else None
    task = Task(
        lambda: new_network(first), adam_w, seam_loss, lambda network: score_network(network, data.held_out).map50
    )
    return train(task, PlateSeamSamples(data.train), settings, folder, resume, workers)


def first_weights(begin_with: str, samples: Batch) -> Mapping[str, Tensor]:
    """The weights of an earlier training, or of an exported network.

    Args:
        begin_with: See `train_net`.
        samples: Of the training that begins: an exported network's normalisations are fitted to them.

    Raises:
        TrainingError: see `trained_weights` and `load_exported`.
        ModelError: see `find_model`.
    """
    if Path(begin_with).is_dir():
        return trained_weights(Path(begin_with))
    network = ShuffleYolo()
    load_exported(
        network, find_model(begin_with), torch.from_numpy(np.array(samples['channels'][:_FITTED])).float() / 255.0
    )
    return network.state_dict()


def new_network(weights: Mapping[str, Tensor] | None = None) -> nn.Module:
    """With channels as the last axis in memory: depthwise convolutions of a CPU are faster so.

    Args:
        weights: The first ones; None: random ones.
    """
    network = ShuffleYolo()
    if weights is not None:
        network.load_state_dict(weights)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def seam_loss(network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The one term of the loss."""
    answers = network(batch['channels'].contiguous(memory_format=torch.channels_last))
    seams = [boxes[:count] for boxes, count in zip(batch['boxes'], batch['count'].tolist(), strict=True)]
    return {'detector': detector_loss(answers, seams)}


@torch.no_grad()
def score_network(network: nn.Module, samples: Batch) -> DetectionScores:
    """What a network in evaluation mode finds in samples.

    Raises:
        ValueError: not one seam in them.
    """
    device, found = next(network.parameters()).device, []
    for first in range(0, len(samples['count']), _AT_ONCE):
        channels = torch.from_numpy(np.array(samples['channels'][first : first + _AT_ONCE])).to(device)
        answers = network((channels.float() / 255.0).contiguous(memory_format=torch.channels_last))
        boxes, scores = answers.boxes().cpu().numpy(), answers.scores.sigmoid().cpu().numpy()
        found += [_standing(*image) for image in zip(boxes, scores, strict=True)]
    truth = [boxes[:count] for boxes, count in zip(samples['boxes'], samples['count'], strict=True)]
    return detection_scores(found, truth)


def _standing(boxes: 'np.ndarray', scores: 'np.ndarray') -> Detections:
    likely = scores >= LEAST_SCORE
    boxes, scores = boxes[likely].astype(float), scores[likely].astype(float)
    kept = suppress(boxes, scores, MOST_OVERLAP)
    return Detections(boxes[kept], scores[kept])


def export_net(network: nn.Module, path: Path) -> float:
    """Write the network as ONNX, as `locate.PlateSeamLocator` reads it.

    Returns:
        The greatest difference between the answers of ONNX Runtime and of torch.

    Raises:
        TrainingError: they differ by more than the tolerance.
    """
    rng = torch.Generator().manual_seed(0)
    deployed = Deployed(network.to(memory_format=torch.contiguous_format)).eval()  # type: ignore[arg-type, call-overload]
    checks = [torch.rand((1, 3, rows, columns), generator=rng) for rows, columns in ((224, 320), (320, 256))]
    return export_of_kind(deployed, path, PLATE_SEAM_NET, checks, TOLERANCE)
