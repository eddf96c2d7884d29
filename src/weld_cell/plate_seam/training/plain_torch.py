"""The network in plain torch: how large it is, and a peer for timings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch.utils.flop_counter import FlopCounterMode

from weld_cell.plate_seam.network.detector import Deployed, ShuffleYolo
from weld_cell.plate_seam.reduce import Float32Array

PAPERS_SIDE_PX = 640


def network_size() -> tuple[int, int]:
    """Parameters, and floating point operations on an image of 640 x 640 as the paper counts them."""
    network = ShuffleYolo().eval()
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        network(torch.zeros(1, 3, PAPERS_SIDE_PX, PAPERS_SIDE_PX))
    return sum(p.numel() for p in network.parameters()), int(flops.get_total_flops())


@contextmanager
def plain_network(threads: int) -> Iterator[Callable[[Float32Array], tuple[Float32Array, Float32Array]]]:
    """Untrained, as fast as a trained one: boxes (a, 4) and scores (a,) from channels (3, h, w).

    Args:
        threads: Of torch, while this lasts.
    """
    network, before = Deployed(ShuffleYolo()).eval(), torch.get_num_threads()

    @torch.no_grad()
    def run(channels: Float32Array) -> tuple[Float32Array, Float32Array]:
        boxes, scores = network(torch.from_numpy(channels)[None])
        return boxes[0].numpy(), scores[0].numpy()

    torch.set_num_threads(threads)
    try:
        yield run
    finally:
        torch.set_num_threads(before)
