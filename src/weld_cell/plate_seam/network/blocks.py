"""Building blocks of the network. Maps are (n, channels, height, width)."""

import torch
from torch import Tensor, nn


class Convolution(nn.Sequential):
    """Convolution without a change of size but for its stride, batch normalisation, and ReLU where it is active."""

    def __init__(
        self, channels: int, filters: int, kernel: int = 1, stride: int = 1, groups: int = 1, active: bool = True
    ) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(filters),
        ]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if active else []))


def depthwise(channels: int, stride: int = 1, kernel: int = 3) -> Convolution:
    """A filter of its own for each channel, not active."""
    return Convolution(channels, channels, kernel, stride, groups=channels, active=False)


def shuffle(maps: Tensor) -> Tensor:
    """Interleave the channels of both halves (ShuffleNetV2, figure 3)."""
    count, channels, height, width = maps.shape
    return maps.reshape(count, 2, channels // 2, height, width).transpose(1, 2).reshape(maps.shape)


class ShuffleBasic(nn.Module):
    """One half of the channels goes on as it is, the other through three convolutions; then both are shuffled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(Convolution(half, half), depthwise(half), Convolution(half, half))

    def forward(self, maps: Tensor) -> Tensor:
        """(n, c, h, w) of the same size."""
        kept, changed = maps.chunk(2, dim=1)
        return shuffle(torch.cat([kept, self.branch(changed)], 1))


class ShuffleDown(nn.Module):
    """Half the size, and the channels that are asked for: twice as many in the backbone."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        half = filters // 2
        self.left = nn.Sequential(depthwise(channels, 2), Convolution(channels, half))
        self.right = nn.Sequential(Convolution(channels, half), depthwise(half, 2), Convolution(half, half))

    def forward(self, maps: Tensor) -> Tensor:
        """(n, filters, h / 2, w / 2)."""
        return shuffle(torch.cat([self.left(maps), self.right(maps)], 1))


class PoolingPyramid(nn.Module):
    """SPPF: maxima over 5, 9 and 13 places beside the map itself."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        half = channels // 2
        self.before = Convolution(channels, half)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.after = Convolution(4 * half, filters)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, filters, h, w)."""
        levels = [self.before(maps)]
        for _ in range(3):
            levels.append(self.pool(levels[-1]))
        fused: Tensor = self.after(torch.cat(levels, 1))
        return fused
