"""The detector: backbone, neck (PAN), decoupled heads at three strides, and boxes from their answers."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from weld_cell.plate_seam.network.blocks import Convolution, PoolingPyramid, ShuffleBasic, ShuffleDown, depthwise

STRIDES = (8, 16, 32)
BINS = 16
"""Of the distribution over each distance from an anchor to a side of its box, in strides (DFL)."""
CHANNELS = 3
"""Of the image: mean, and how much darker and brighter the darkest and brightest pixel of each is (`reduced`)."""
STEM = 24
REPEATS = (1, 2, 4, 2)
NECK = 64
_PRIOR = 0.01  # share of the anchors that are taken to show a seam before the training: keeps its first loss small


class Answers(NamedTuple):
    """What the heads say at each anchor.

    Attributes:
        bins: (n, a, 4, BINS) unnormalised log probability of each distance to left, top, right and bottom.
        scores: (n, a) log odds that a seam is there.
        anchors: (a, 2) x, y of each anchor in pixels of the network's image.
        strides: (a,) of each anchor.
    """

    bins: Tensor
    scores: Tensor
    anchors: Tensor
    strides: Tensor

    def boxes(self) -> Tensor:
        """(n, a, 4) xyxy in pixels: the mean of each distribution is the distance."""
        distances = self.bins.softmax(-1) @ torch.arange(BINS, dtype=self.bins.dtype, device=self.bins.device)
        distances = distances * self.strides[:, None]
        return torch.cat([self.anchors - distances[..., :2], self.anchors + distances[..., 2:]], -1)


class Backbone(nn.Module):
    """Maps at strides 8, 16 and 32, of 4 and 8 times the stem's channels and of the neck's."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(CHANNELS, STEM, 3, 2)
        widths = [STEM * 2**k for k in range(len(REPEATS) + 1)]
        self.stages = nn.ModuleList(
            nn.Sequential(ShuffleDown(before, after), *(ShuffleBasic(after) for _ in range(repeats)))
            for before, after, repeats in zip(widths, widths[1:], REPEATS, strict=False)
        )
        self.pyramid = PoolingPyramid(widths[-1], NECK)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of an image (n, 3, h, w), h and w multiples of 32."""
        quarter, eighth, sixteenth, last = self.stages
        fine = eighth(quarter(self.stem(image)))
        middle = sixteenth(fine)
        return fine, middle, self.pyramid(last(middle))


class Neck(nn.Module):
    """Down from the coarse level to the fine one, and up again (PAN); all levels with NECK channels."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow_fine, self.narrow_middle = Convolution(4 * STEM, NECK), Convolution(8 * STEM, NECK)
        self.mix = nn.ModuleList(nn.Sequential(Convolution(2 * NECK, NECK), ShuffleBasic(NECK)) for _ in range(4))
        self.down = nn.ModuleList(nn.Sequential(depthwise(NECK, 2), Convolution(NECK, NECK)) for _ in range(2))

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor) -> list[Tensor]:
        """Three maps (n, NECK, h / stride, w / stride)."""
        middle = self.mix[0](torch.cat([self.narrow_middle(middle), _twice(coarse)], 1))
        fine = self.mix[1](torch.cat([self.narrow_fine(fine), _twice(middle)], 1))
        middle = self.mix[2](torch.cat([self.down[0](fine), middle], 1))
        coarse = self.mix[3](torch.cat([self.down[1](middle), coarse], 1))
        return [fine, middle, coarse]


class Head(nn.Module):
    """Boxes and scores apart (decoupled), without anchor boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.box = nn.Sequential(*_separable(NECK), *_separable(NECK), nn.Conv2d(NECK, 4 * BINS, 1))
        score = nn.Conv2d(NECK, 1, 1)
        assert score.bias is not None
        nn.init.constant_(score.bias, math.log(_PRIOR / (1.0 - _PRIOR)))
        self.score = nn.Sequential(*_separable(NECK), *_separable(NECK), score)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Bins (n, h w, 4, BINS) and scores (n, h w), anchors in the order of the rows."""
        count = maps.shape[0]
        bins = self.box(maps).flatten(2).transpose(1, 2).reshape(count, -1, 4, BINS)
        return bins, self.score(maps).flatten(1)


class ShuffleYolo(nn.Module):
    """Grey images (n, 3, h, w) from 0 to 1 -> answers at all anchors of three levels."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.neck = Backbone(), Neck()
        self.heads = nn.ModuleList(Head() for _ in STRIDES)

    def forward(self, image: Tensor) -> Answers:
        """See the class; h and w are multiples of 32."""
        levels = self.neck(*self.backbone(image))
        bins, scores = zip(*(head(maps) for head, maps in zip(self.heads, levels, strict=True)), strict=True)
        anchors, strides = zip(
            *(_anchors(maps, stride) for maps, stride in zip(levels, STRIDES, strict=True)), strict=True
        )
        return Answers(torch.cat(bins, 1), torch.cat(scores, 1), torch.cat(anchors), torch.cat(strides))


class Deployed(nn.Module):
    """What is exported: boxes (n, a, 4) xyxy in pixels of the network's image, and scores (n, a) from 0 to 1."""

    def __init__(self, network: ShuffleYolo) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        answers: Answers = self.network(image)
        return answers.boxes(), answers.scores.sigmoid()


def _twice(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0)


def _separable(channels: int) -> tuple[nn.Module, nn.Module]:
    return depthwise(channels, kernel=5), Convolution(channels, channels)


def _anchors(maps: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Middles (h w, 2) of a level's places in pixels, and its stride for each of them."""
    height, width = maps.shape[-2:]
    x, y = (stride * (torch.arange(n, dtype=maps.dtype, device=maps.device) + 0.5) for n in (width, height))
    rows, columns = torch.meshgrid(y, x, indexing='ij')
    anchors = torch.stack([columns.flatten(), rows.flatten()], 1)
    return anchors, torch.full_like(anchors[:, 0], stride)
