"""Training of the network over the whole stripe (`stripe_net`); needs torch and onnxscript."""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from weld_cell.joint_type.straightened import COLUMNS
from weld_cell.joint_type.stripe_net import ROWS
from weld_cell.joint_type.stripe_pictures import StripePictures
from weld_cell.records import JointType

HELD_OUT = 20
"""One scene of so many is kept from the training."""
BATCH = 128
LARGEST_RATE = 5e-3
SMOOTHING = 0.01  # of the labels: some pictures show another type than theirs, or none
_ALL_AT_ONCE = 512
Progress = Callable[[int, int], None]
"""Called with the batches done and the batches in all."""


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


def train_net(
    pictures: StripePictures,
    seed: int,
    rounds: int,
    progress: Progress | None = None,
) -> tuple[StripeConvolutions, float]:
    """Train the network.

    Args:
        pictures: Of all types.
        seed: Of everything random.
        rounds: How often each stripe is shown.
        progress: Called after each batch.

    Returns:
        The network, ready to be exported, and the share of the stripes told rightly that were held out.

    Raises:
        ValueError: fewer stripes than a batch.
    """
    held_out = pictures.scenes % HELD_OUT == 0
    chosen = np.flatnonzero(~held_out)
    batches = len(chosen) // BATCH
    if batches < 1 or rounds < 1:
        raise ValueError(f'expected {BATCH} stripes and 1 round at least, got {len(chosen)} and {rounds}')
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net, done = StripeConvolutions(), 0
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LARGEST_RATE, rounds * batches)
    for _ in range(rounds):
        for batch in rng.permutation(chosen)[: batches * BATCH].reshape(batches, BATCH):
            light = pictures.light[batch, rng.integers(0, 2, BATCH)]  # one of both pictures
            loss = functional.cross_entropy(
                net(torch.from_numpy(light).float()),
                torch.from_numpy(pictures.labels[batch]),
                label_smoothing=SMOOTHING,
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            done += 1
            if progress:
                progress(done, rounds * batches)
    net.eval()
    return net, _share_right(net, pictures, np.flatnonzero(held_out))


@torch.no_grad()
def _share_right(net: StripeConvolutions, pictures: StripePictures, chosen: NDArray[np.intp]) -> float:
    """Share of the stripes told rightly; not a number where there are none."""
    right = 0
    for part in np.split(chosen, range(_ALL_AT_ONCE, len(chosen), _ALL_AT_ONCE)):
        light = torch.from_numpy(pictures.light[part]).float()
        said = (net(light[:, 0]) + net(light[:, 1])).argmax(1).numpy()
        right += int((said == pictures.labels[part]).sum())
    return right / len(chosen) if len(chosen) else float('nan')


def export_net(net: StripeConvolutions, path: Path) -> None:
    """Write the network as ONNX, as `stripe_net.StripeNet` reads it; the folder must exist."""
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)  # it misses torchvision, of which nothing is used
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)  # torch's own use of what it has deprecated
        program = torch.onnx.export(
            net.eval(),
            (torch.zeros(2, ROWS, COLUMNS),),
            input_names=['light'],
            output_names=['answers'],
            dynamic_shapes={'light': {1: torch.export.Dim.AUTO}},
            dynamo=True,
            verbose=False,
        )
    assert program is not None, 'the newer exporter gives a program'
    for node in program.model.graph:
        node.metadata_props.clear()  # where each line of this file lay when it was traced
    program.save(path, external_data=False)
