"""What a run over many bags tells while it works: a bar on a terminal, lines where the output goes elsewhere."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self, TextIO

from tqdm import tqdm

from weld_cell.farm.results import Row, verdicts_of
from weld_cell.replays.request import Verdict

LINE_S = 5.0
"""So often a line comes, whatever goes on."""
_LOOK_S = 0.5


class Progress:
    """Tells from entry to exit; a thread of its own does, so that nothing that lasts makes it silent.

    Args:
        total: How many bags there are.
        rows: Of those that were done before.
        stream: Where it is told.
        clock_s: Monotonic.
    """

    def __init__(
        self,
        total: int,
        rows: Sequence[Row] = (),
        stream: TextIO | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._rows, self._clock_s = total, list(rows), clock_s
        self._stream = stream or sys.stderr
        self._lock, self._end = threading.Lock(), threading.Event()
        self._doing = 'starting workers'
        self._began_s = self._told_s = clock_s()
        self._bar = (
            tqdm(total=total, initial=len(rows), unit='bag', smoothing=0.05, file=self._stream)
            if self._stream.isatty()
            else None
        )
        self._thread = threading.Thread(target=self._run, name='progress', daemon=True)

    def __enter__(self) -> Self:
        self._tell()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        if self._bar is not None:
            self._bar.close()

    def work(self, bags: int) -> None:
        """So many bags are with workers."""
        with self._lock:
            self._doing = f'{bags} with workers' if bags else ''

    def done(self, row: Row) -> None:
        """A bag is done."""
        with self._lock:
            self._rows.append(row)
            if self._bar is not None:
                self._bar.update()
        if row['verdict'] == Verdict.FAILED:
            self.say(f'failed: {row["bag"]}: {row["refusal"]}: {row["reason"]}')
        elif row.get('problems'):
            self.say(f'damaged: {row["bag"]}: {"; ".join(str(row["problems"]).splitlines())}')
        if len(self._rows) == self._total:
            self._tell()

    def say(self, text: str) -> None:
        """A line of its own."""
        with self._lock:
            if self._bar is None:
                print(text, file=self._stream, flush=True)
            else:
                self._bar.write(text, file=self._stream)

    def line(self) -> str:
        """How it stands."""
        verdicts = ', '.join(f'{count} {verdict}' for verdict, count in verdicts_of(self._rows).items())
        told = f'{len(self._rows)} of {self._total} bags done' + (f' ({verdicts})' if verdicts else '')
        after = f'{self._clock_s() - self._began_s:.0f} s'
        return ', '.join([told, *filter(None, [self._doing]), after])

    def _run(self) -> None:
        if hasattr(signal, 'pthread_sigmask'):  # the main thread takes them
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        while not self._end.wait(_LOOK_S):
            if self._bar is not None or self._clock_s() - self._told_s >= LINE_S:
                self._tell()

    def _tell(self) -> None:
        with self._lock:
            self._told_s = self._clock_s()
            if self._bar is None:
                print(self.line(), file=self._stream, flush=True)
                return
            self._bar.set_description(self._doing, refresh=False)
            self._bar.set_postfix(verdicts_of(self._rows))
