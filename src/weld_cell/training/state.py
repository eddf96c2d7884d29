"""The complete state of a training, for saving and restoring."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel

from weld_cell.training.checkpoints import random_states, restore_random_states
from weld_cell.training.settings import TrainingSettings

_QUICKLY = 10.0  # batches after which about half of the average is new

Loss = Callable[[nn.Module, dict[str, Tensor]], dict[str, Tensor]]
Score = Callable[[nn.Module], float]


@dataclass(frozen=True, eq=False)
class Task:
    """What a stage gives to have its network trained.

    Attributes:
        network: Makes it, with its first weights; random numbers come from torch's own generator, which is seeded.
        optimiser: Made of the network and the settings, for instance `adam_w`.
        loss: Terms by name from the network and a batch of tensors; their sum is minimised.
        score: Of the network, in evaluation mode and without gradients, on what is held out; higher is better.
    """

    network: Callable[[], nn.Module]
    optimiser: Callable[[nn.Module, TrainingSettings], Optimizer]
    loss: Loss
    score: Score


def adam_w(network: nn.Module, settings: TrainingSettings) -> Optimizer:
    """AdamW (Loshchilov and Hutter 2019) with the rate and the weight decay of the settings."""
    return torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=settings.weight_decay)


def chosen_device(name: str) -> torch.device:
    """The device of a name; 'auto' is cuda if there is one."""
    return torch.device(('cuda' if torch.cuda.is_available() else 'cpu') if name == 'auto' else name)


def schedule_of(optimiser: Optimizer, settings: TrainingSettings, steps: int) -> LRScheduler:
    """How the learning rate goes over so many steps: one cycle (Smith and Topin 2018), half a cosine, or constant."""
    if settings.schedule == 'one_cycle':
        return OneCycleLR(optimiser, settings.rate, steps)
    if settings.schedule == 'cosine':
        return CosineAnnealingLR(optimiser, steps)
    return LambdaLR(optimiser, lambda _: 1.0)


def moving_average(network: nn.Module, share: float) -> AveragedModel:
    """Averages weights and buffers. It begins quickly, so that little is left of the first ones: the variances of a
    batch normalisation begin at 1, and where the true ones are a thousandth, a thousandth of 1 doubles them."""

    @torch.no_grad()
    def average(averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int) -> None:
        taken = min(share, (1.0 + int(count)) / (_QUICKLY + int(count)))
        for old, new in zip(averaged, current, strict=True):
            if old.is_floating_point():
                old.lerp_(new.to(old.dtype), 1.0 - taken)
            else:
                old.copy_(new)

    return AveragedModel(network, multi_avg_fn=average, use_buffers=True)


class TrainingState:
    """A network on its way.

    Args:
        task: What is trained.
        settings: How.
        steps: Batches in all.

    Attributes:
        network: As it is trained.
        epoch: The one that is under way, from 0.
        batch: Its batches that are done.
        seconds: For which it was trained so far.
        losses: Sums of the loss terms over the epoch's batches so far.
        best_score: So far.
        stale: Epochs since then.
    """

    def __init__(self, task: Task, settings: TrainingSettings, steps: int) -> None:
        self._settings = settings
        self.device = chosen_device(settings.device)
        self.network = task.network().to(self.device)
        self.optimiser = task.optimiser(self.network, settings)
        self.schedule = schedule_of(self.optimiser, settings, steps)
        self._average = moving_average(self.network, settings.averaging) if settings.averaging else None
        self.epoch = self.batch = self.stale = 0
        self.seconds = 0.0
        self.losses: dict[str, float] = {}
        self.best_score = -float('inf')
        self._best_weights: dict[str, Tensor] = {}

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or too many without a better score."""
        patience = self._settings.patience
        return self.epoch >= self._settings.epochs or 0 < patience <= self.stale

    @property
    def judged(self) -> nn.Module:
        """The network that is scored and kept: the average of its weights where they are averaged."""
        return self._average.module if self._average is not None else self.network

    def identity(self, samples: int) -> dict[str, Any]:
        """What must be the same for a training to go on from a checkpoint."""
        settings = asdict(self._settings)
        del settings['checkpoint_minutes'], settings['device']
        shapes = [f'{name} {tuple(tensor.shape)}' for name, tensor in self.network.state_dict().items()]
        return settings | {'network': shapes, 'samples': samples}

    def step(self, terms: Mapping[str, Tensor]) -> float:
        """One step of the optimiser by the loss terms of a batch; returns their sum."""
        loss = torch.stack(list(terms.values())).sum()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._settings.clip_norm:
            nn.utils.clip_grad_norm_(self.network.parameters(), self._settings.clip_norm)
        self.optimiser.step()
        self.schedule.step()
        if self._average is not None:
            self._average.update_parameters(self.network)
        self.batch += 1
        for name, term in terms.items():
            self.losses[name] = self.losses.get(name, 0.0) + term.item()
        return loss.item()

    def end_epoch(self, score: float) -> None:
        """Take the score of the epoch and go on to the next one."""
        self.stale += 1
        if score > self.best_score:
            self.best_score, self.stale = score, 0
            if self._settings.patience:
                self._best_weights = copy.deepcopy(self.judged.state_dict())
        self.epoch, self.batch, self.losses = self.epoch + 1, 0, {}

    def kept(self) -> nn.Module:
        """The network that the training is for, on the CPU and in evaluation mode."""
        network = copy.deepcopy(self.judged)
        if self._best_weights:
            network.load_state_dict(self._best_weights)
        return network.cpu().eval()

    def as_dict(self) -> dict[str, Any]:
        """As a checkpoint holds it."""
        return {
            'network': self.network.state_dict(),
            'optimiser': self.optimiser.state_dict(),
            'schedule': self.schedule.state_dict(),
            'average': self._average.state_dict() if self._average is not None else {},
            'best_weights': self._best_weights,
            'random': random_states(),
            'counts': {name: getattr(self, name) for name in _COUNTS},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what a checkpoint holds."""
        self.network.load_state_dict(state['network'])
        self.optimiser.load_state_dict(state['optimiser'])
        self.schedule.load_state_dict(state['schedule'])
        if self._average is not None:
            self._average.load_state_dict(state['average'])
        self._best_weights = state['best_weights']
        restore_random_states(state['random'])
        for name in _COUNTS:
            setattr(self, name, state['counts'][name])


_COUNTS = ('epoch', 'batch', 'seconds', 'losses', 'best_score', 'stale')
