"""Training of the network over the whole stripe (`stripe_net`); needs torch and onnxscript."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from weld_cell.joint_type.straightened import COLUMNS
from weld_cell.joint_type.stripe_net import ROWS, STRIPE_NET
from weld_cell.joint_type.stripe_pictures import StripePictures
from weld_cell.records import JointType
from weld_cell.training.export import export_of_kind
from weld_cell.training.loop import Trained, train
from weld_cell.training.samples import SomeSamples
from weld_cell.training.settings import TrainingSettings
from weld_cell.training.split import Split, split_by_scene
from weld_cell.training.state import Task, adam_w

HELD_OUT = 0.05
"""Share of the scenes that is kept from the training."""
SMOOTHING = 0.01  # of the labels: some pictures show another type than theirs, or none
TOLERANCE = 1e-4
"""Of the exported network's answers, see `weld_cell.training.export.parity`."""
_ALL_AT_ONCE = 512


class StripeConvolutions(nn.Module):
    """Light (n, rows, 27) -> (n, 6) unnormalised log probability of each joint type.

    Each row becomes ten numbers; three convolutions along the rows see 9, then 21, then 45 rows of the picture
    (2 px each), the first two at every other of theirs; the greatest answer anywhere and the mean of all are weighed.
    They are written as convolutions of images one pixel high: ONNX Runtime has faster code for these.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Sequential(nn.Conv2d(COLUMNS, 10, 1), nn.BatchNorm2d(10))
        self.along = nn.Sequential(
            _convolution(10, 32, 9, every=2), _convolution(32, 24, 7, every=2), _convolution(24, 24, 7)
        )
        self.weigh = nn.Linear(2 * 24, len(JointType))

    def forward(self, light: Tensor) -> Tensor:
        """See the class."""
        seen = self.along(self.rows(light.transpose(1, 2)[:, :, None]))
        answers: Tensor = self.weigh(torch.cat([seen.amax((2, 3)), seen.mean((2, 3))], 1))
        return answers


def _convolution(channels: int, filters: int, rows: int, every: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, (1, rows), (1, every), (0, rows // 2)), nn.BatchNorm2d(filters), nn.ReLU()
    )


@dataclass(frozen=True, eq=False)
class StripeSamples:
    """Stripes of which one of both pictures is drawn each time.

    Attributes:
        pictures: Of all types.
    """

    pictures: StripePictures

    def __len__(self) -> int:
        return len(self.pictures.labels)

    def batch(self, numbers: NDArray[np.intp], rng: Generator) -> Mapping[str, NDArray[Any]]:
        """`light` (b, 240, 27) and `labels` (b,)."""
        light = self.pictures.light[numbers, rng.integers(0, 2, len(numbers))]
        return {'light': light, 'labels': self.pictures.labels[numbers]}


def split_pictures(pictures: StripePictures, settings: TrainingSettings) -> Split:
    """Which stripes are trained on, and which are held out."""
    return split_by_scene(pictures.scenes, HELD_OUT, 0.0, settings.seed)


def train_net(
    pictures: StripePictures, settings: TrainingSettings, folder: Path, resume: bool = False, workers: int = 0
) -> Trained:
    """Train the network; its score is the share of the held-out stripes that are classified correctly.

    Args:
        pictures: Of all types.
        settings: How.
        folder: Of checkpoint and log.
        resume: Go on from the checkpoint.
        workers: Processes that make batches.

    Raises:
        ValueError: fewer stripes than a batch, or no scene to hold out.
        TrainingError: there is nothing to go on from.
        TrainingInterrupted: Ctrl-C, after a checkpoint was written.
    """
    split = split_pictures(pictures, settings)
    task = Task(
        StripeConvolutions, adam_w, cross_entropy, lambda network: share_right(network, pictures, split.held_out)
    )
    return train(task, SomeSamples(StripeSamples(pictures), split.train), settings, folder, resume, workers)


def cross_entropy(network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The one term of the loss."""
    answers = network(batch['light'].float())
    return {'cross_entropy': functional.cross_entropy(answers, batch['labels'], label_smoothing=SMOOTHING)}


@torch.no_grad()
def share_right(network: nn.Module, pictures: StripePictures, chosen: NDArray[np.intp]) -> float:
    """Share of the stripes classified correctly from both their pictures, 0 to 1.

    Args:
        network: In evaluation mode.
        pictures: Of all types.
        chosen: (n,) numbers of stripes, one at least.
    """
    device, right = next(network.parameters()).device, 0
    for part in np.split(chosen, range(_ALL_AT_ONCE, len(chosen), _ALL_AT_ONCE)):
        light = torch.from_numpy(pictures.light[part]).to(device).float()
        said = (network(light[:, 0]) + network(light[:, 1])).argmax(1).cpu().numpy()
        right += int((said == pictures.labels[part]).sum())
    return right / len(chosen)


def export_net(network: nn.Module, path: Path) -> float:
    """Write the network as ONNX, as `stripe_net.StripeNet` reads it.

    Returns:
        The greatest difference between the answers of ONNX Runtime and of torch.

    Raises:
        TrainingError: they differ by more than the tolerance.
    """
    rng = torch.Generator().manual_seed(0)
    checks = [1.4 * torch.rand((2, rows, COLUMNS), generator=rng) - 0.2 for rows in (ROWS, ROWS + 61)]
    return export_of_kind(network, path, STRIPE_NET, checks, TOLERANCE)
