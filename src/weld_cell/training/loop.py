"""The loop: batches, steps, scores, checkpoints; Ctrl-C ends it at a checkpoint.

Each batch is drawn by a generator of the seed, the epoch and the batch's number. So neither the number of worker
processes nor an interruption changes what the network sees, and a resumed training gives the weights of an
uninterrupted one, on the CPU bit by bit.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from weld_cell.errors import TrainingError
from weld_cell.training.checkpoints import CHECKPOINT, LOG, load_checkpoint, save_checkpoint
from weld_cell.training.progress import Progress
from weld_cell.training.samples import SampleSet
from weld_cell.training.settings import TrainingSettings
from weld_cell.training.split import Numbers
from weld_cell.training.state import Task, TrainingState

Clock = Callable[[], float]


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C, after a checkpoint was written."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What comes of a training.

    Attributes:
        network: On the CPU, in evaluation mode.
        score: Of this network on what is held out.
        epochs: That were done.
        seconds: For which it was trained, all runs together.
    """

    network: nn.Module
    score: float
    epochs: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Draw:
    """Which samples a batch is made of: (b,) numbers, in the epoch's batch of this number."""

    epoch: int
    batch: int
    numbers: Numbers


def train(
    task: Task,
    samples: SampleSet,
    settings: TrainingSettings,
    folder: Path,
    resume: bool = False,
    workers: int = 0,
    clock: Clock = time.monotonic,
) -> Trained:
    """Train a network.

    Args:
        task: Network, optimiser, loss and score.
        samples: What it learns from, without what is held out.
        settings: How it learns.
        folder: Of the checkpoint and the log.
        resume: Go on from the checkpoint of the folder; else one that is there is replaced.
        workers: Processes that make batches, to which the samples are pickled; 0: this one.
        clock: Seconds.

    Returns:
        The network, its last weights or, with patience, the best ones.

    Raises:
        ValueError: fewer samples than a batch.
        TrainingError: there is nothing to go on from, or the loss is not finite.
        TrainingInterrupted: Ctrl-C, after the batch was done and a checkpoint was written.
    """
    batches = len(samples) // settings.batch
    if not batches:
        raise ValueError(f'expected {settings.batch} samples (a batch) at least, got {len(samples)}')
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        state = TrainingState(task, settings, settings.epochs * batches)
        run = _Run(task, settings, folder, state, state.identity(len(samples)), batches, clock)
        if resume:
            state.restore(load_checkpoint(run.checkpoint, run.identity))
        run.go_on(samples, workers)
        network = state.kept()
        return Trained(network, float(task.score(network)), state.epoch, state.seconds)


def draws(count: int, settings: TrainingSettings, epoch: int, batch: int) -> Iterator[Draw]:
    """All batches from one on; each epoch in an order of its own, a rest that fills no batch is left out."""
    for e in range(epoch, settings.epochs):
        order = np.random.default_rng((settings.seed, e)).permutation(count)
        for b in range(batch if e == epoch else 0, count // settings.batch):
            yield Draw(e, b, order[b * settings.batch : (b + 1) * settings.batch])


@dataclass
class _Run:
    """One run of a training: from a checkpoint, or from the beginning, to the end or to Ctrl-C."""

    task: Task
    settings: TrainingSettings
    folder: Path
    state: TrainingState
    identity: dict[str, Any]
    batches: int
    clock: Clock

    @property
    def checkpoint(self) -> Path:
        return self.folder / CHECKPOINT

    def go_on(self, samples: SampleSet, workers: int) -> None:
        state = self.state
        if state.finished:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        done = state.epoch * self.batches + state.batch
        progress = Progress(self.folder / LOG, self.settings.epochs * self.batches, done, state.epoch)
        begun, saved = self.clock() - state.seconds, self.clock()
        state.network.train()
        with closing(progress), _stop_on_interrupt() as stop:
            for tensors in _batches(samples, self.settings, state, workers):
                progress.batch(self._step(tensors))
                if state.batch == self.batches:
                    self._end_epoch(progress)
                state.seconds = self.clock() - begun
                ends = state.finished or stop.is_set()
                if ends or self.clock() - saved >= 60 * self.settings.checkpoint_minutes:
                    save_checkpoint(self.checkpoint, self.identity, state.as_dict())
                    saved = self.clock()
                if ends:
                    break
        if not state.finished:
            raise TrainingInterrupted(f'{self.checkpoint}: epoch {state.epoch}, batch {state.batch}')

    def _step(self, tensors: dict[str, Tensor]) -> float:
        on_device = {name: tensor.to(self.state.device, non_blocking=True) for name, tensor in tensors.items()}
        loss = self.state.step(self.task.loss(self.state.network, on_device))
        if not math.isfinite(loss):
            raise TrainingError(
                f'The loss is {loss} in batch {self.state.batch} of epoch {self.state.epoch}.',
                'Look at its samples, or train with a smaller --rate or a --clip-norm.',
            )
        return loss

    @torch.no_grad()
    def _end_epoch(self, progress: Progress) -> None:
        state = self.state
        state.judged.eval()
        score = float(self.task.score(state.judged))
        state.network.train()
        if not math.isfinite(score):
            raise TrainingError(f'The score is {score} after epoch {state.epoch}.', 'Look at what is held out.')
        losses = {name: total / self.batches for name, total in state.losses.items()}
        progress.epoch(
            {'epoch': state.epoch, 'score': score, 'rate': state.schedule.get_last_lr()[0], 'loss': losses}
        )
        state.end_epoch(score)


class _Batches(Dataset[dict[str, Any]]):
    """A sample set as torch's loader takes it; it is asked for draws, not for numbers."""

    def __init__(self, samples: SampleSet, seed: int) -> None:
        self._samples, self._seed = samples, seed

    def __getitem__(self, draw: Draw) -> dict[str, Any]:
        rng = np.random.default_rng((self._seed, draw.epoch, draw.batch))
        return dict(self._samples.batch(draw.numbers, rng))


def _batches(
    samples: SampleSet, settings: TrainingSettings, state: TrainingState, workers: int
) -> Iterator[dict[str, Tensor]]:
    """Tensors of all batches from the state's on."""
    loader: DataLoader[dict[str, Tensor]] = DataLoader(
        _Batches(samples, settings.seed),
        batch_size=None,
        sampler=draws(len(samples), settings, state.epoch, state.batch),  # type: ignore[arg-type]
        num_workers=workers,
        # A forked worker hangs where OpenCV had threads in this process: it waits for threads that it has not got.
        multiprocessing_context='spawn' if workers else None,
        worker_init_fn=_begin_worker,
        pin_memory=state.device.type == 'cuda',
        generator=torch.Generator(),  # of its own: torch's stands where the checkpoint left it
    )
    yield from loader


def _begin_worker(_number: int) -> None:
    """Ctrl-C is the main process's; a worker has one thread, as there are others beside it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


@contextmanager
def _stop_on_interrupt() -> Iterator[Event]:
    """The event is set by Ctrl-C; a second one interrupts at once."""
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)
