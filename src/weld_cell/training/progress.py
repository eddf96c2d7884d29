"""Training progress: a bar with loss, score and time left, and a JSON-lines log, one line an epoch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm


class Progress:
    """Shows a training and logs it.

    Args:
        log: JSON lines; what it holds of later epochs is dropped, as it belongs to a training that went on from an
            earlier checkpoint.
        batches: In all.
        done: Batches that an earlier run has done.
        epoch: The first that will be logged.
    """

    def __init__(self, log: Path, batches: int, done: int, epoch: int) -> None:
        self._log = log
        kept = [line for line in read_log(log) if line['epoch'] < epoch] if log.exists() else []
        log.write_text(''.join(json.dumps(line) + '\n' for line in kept), encoding='utf-8')
        self._bar = tqdm(total=batches, initial=done, desc='training', unit='batch')
        self._figures = {'score': f'{kept[-1]["score"]:.4g}'} if kept else {}

    def batch(self, loss: float) -> None:
        """A batch is done."""
        self._figures['loss'] = f'{loss:.4g}'
        self._bar.set_postfix(self._figures, refresh=False)
        self._bar.update()

    def epoch(self, figures: Mapping[str, Any]) -> None:
        """An epoch is done; its figures, 'epoch' and 'score' among them, become a line of the log."""
        self._figures['score'] = f'{figures["score"]:.4g}'
        with self._log.open('a', encoding='utf-8') as stream:
            stream.write(json.dumps(dict(figures)) + '\n')

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def read_log(log: Path) -> list[dict[str, Any]]:
    """The figures of each epoch; a line that was cut by a crash is left out."""
    lines = log.read_text(encoding='utf-8').splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith('}\n')]
