"""What a run over many bags tells while it works."""

import io
import threading

import pytest

from weld_cell.farm import progress as progress_module
from weld_cell.farm.progress import Progress

ROW = {'bag': 'lap', 'verdict': 'found'}
FAILED = {'bag': 'cut', 'verdict': 'failed', 'refusal': 'BagError', 'reason': 'No bag.'}


class Lines(io.StringIO):
    """A stream that says when it has so many lines."""

    def __init__(self, enough):
        super().__init__()
        self._enough, self.come = enough, threading.Event()

    def flush(self):
        if self.getvalue().count('\n') >= self._enough:
            self.come.set()


@pytest.mark.parametrize('total', [0, 3])
def test_lines_come_while_nothing_is_done(monkeypatch, total):
    monkeypatch.setattr(progress_module, 'LINE_S', 0.0)
    monkeypatch.setattr(progress_module, '_LOOK_S', 0.001)
    told = Lines(enough=3)
    with Progress(total, stream=told):
        assert told.come.wait(60.0)
    assert set(told.getvalue().splitlines()) == {f'0 of {total} bags done, starting workers, 0 s'}


def test_what_is_told():
    told = Lines(enough=0)
    with Progress(2, stream=told, clock_s=lambda: 7.0) as progress:
        progress.work(2)
        progress.done(ROW)
        assert progress.line() == '1 of 2 bags done (1 found), 2 with workers, 0 s'
        progress.work(0)
        progress.done(FAILED)
    first, failed, last = told.getvalue().splitlines()
    assert first.startswith('0 of 2 bags done') and failed == 'failed: cut: BagError: No bag.'
    assert last == '2 of 2 bags done (1 found, 1 failed), 0 s'
