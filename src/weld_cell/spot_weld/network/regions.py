"""The region network: three levels, fused across, and a head without anchors at the finest one.

Low levels place a weld, high ones know that it is one: meaning comes down to the finest level (Lin et al. 2017),
detail goes up beside it (Liu et al. 2018), and each level keeps what it had. The head says for each place how likely
a middle lies there, and which circle (Zhou et al. 2019, "Objects as points").
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from weld_cell.spot_weld.reduce import STRIDE

WIDTHS = (16, 32, 64)
USUAL_RADIUS = 9.0
"""In pixels of the reduced image: the geometric mean of those that are looked for."""
_RARE = -4.0  # heat's first bias: a middle is rare (Lin et al. 2017, "Focal loss")


def convolution(channels: int, filters: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, SiLU."""
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(filters),
        nn.SiLU(),
    )


class Block(nn.Module):
    """A convolution of 3 x 3 to which what came in is added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = convolution(channels, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, h, w)."""
        made: Tensor = maps + self.convolution(maps)
        return made


class Fusion(nn.Module):
    """What comes down from a coarser level, added to a finer one; and detail that goes up again."""

    def __init__(self) -> None:
        super().__init__()
        low, middle, high = WIDTHS
        self.from_high, self.from_middle = convolution(high, middle, 1), convolution(middle, low, 1)
        self.middle, self.low = Block(middle), Block(low)
        self.up_to_middle = convolution(low, middle, 3, 2)
        self.again = convolution(middle, low, 1)

    def forward(self, low: Tensor, middle: Tensor, high: Tensor) -> Tensor:
        """(n, WIDTHS[0], h, w) of the finest level."""
        middle = self.middle(middle + _doubled(self.from_high(high)))
        low = self.low(low + _doubled(self.from_middle(middle)))
        fused: Tensor = low + _doubled(self.again(middle + self.up_to_middle(low)))
        return fused


class RegionNet(nn.Module):
    """From reduced images to heat and circles.

    Args:
        fused: Whether the levels are fused; else the finest one stands alone, for comparison.
    """

    def __init__(self, fused: bool = True) -> None:
        super().__init__()
        low, middle, high = WIDTHS
        self.stem = nn.Sequential(convolution(1, low, 3, STRIDE), Block(low))
        self.down = nn.Sequential(convolution(low, middle, 3, 2), Block(middle), Block(middle))
        self.deep = nn.Sequential(convolution(middle, high, 3, 2), Block(high), Block(high), Block(high))
        self.fusion = Fusion() if fused else None
        self.head = nn.Sequential(Block(low), Block(low))
        self.answer = nn.Conv2d(low, 4, 1)
        nn.init.zeros_(self.answer.weight[1:])  # type: ignore[arg-type]
        nn.init.constant_(self.answer.bias, 0.0)  # type: ignore[arg-type]
        nn.init.constant_(self.answer.bias[:1], _RARE)  # type: ignore[index]

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Heat as logits (n, rows, columns), and circles (n, 3, rows, columns) in pixels of the image."""
        low = self.stem(image)
        if self.fusion is not None:
            middle = self.down(low)
            low = self.fusion(low, middle, self.deep(middle))
        answers = self.answer(self.head(low))
        return answers[:, 0], _circles(answers[:, 1:])


class Deployed(nn.Module):
    """The network as it is exported: heat from 0 to 1."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Heat (n, rows, columns) and circles (n, 3, rows, columns)."""
        heat, circles = self.network(image)
        return heat.sigmoid(), circles


def _circles(answers: Tensor) -> Tensor:
    """Middle from its place's own, and radius from the usual one."""
    rows, columns = answers.shape[2:]
    u = (torch.arange(columns, device=answers.device) + 0.5) * STRIDE
    v = (torch.arange(rows, device=answers.device) + 0.5) * STRIDE
    middle_u = u[None, None] + STRIDE * answers[:, 0]
    middle_v = v[None, :, None] + STRIDE * answers[:, 1]
    radius = USUAL_RADIUS * answers[:, 2].clamp(-3.0, 3.0).exp()
    return torch.stack([middle_u, middle_v, radius], 1)


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode='nearest')
