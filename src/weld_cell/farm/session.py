"""One command over many bags: pending bags, the run, and its report."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import FarmError, WeldCellError
from weld_cell.farm.cluster import Connection
from weld_cell.farm.job import Job
from weld_cell.farm.progress import Progress
from weld_cell.farm.results import ResultFolder, Row
from weld_cell.farm.run import FarmRun
from weld_cell.farm.sources import BagSource
from weld_cell.replays.laser import laser_settings
from weld_cell.replays.request import ReplayRequest
from weld_cell.settings import load_plate_settings, load_spot_weld_settings

LOCK_FILE = '.lock'


@dataclass(frozen=True)
class Session:
    """Bags and what is done with them.

    Attributes:
        sources: The bags.
        job: What is done with each.
        out: Result folder.
        again: Finished bags are done again.
    """

    sources: Sequence[BagSource]
    job: Job
    out: Path
    again: bool = False

    def finished(self) -> dict[str, Row]:
        """Rows of the bags that need not be done, by address."""
        results = self._results()
        found = {source.address: results.finished(source) for source in self.sources}
        return {address: row for address, row in found.items() if row is not None}

    def _results(self) -> ResultFolder:
        return ResultFolder(self.out, self.job, self.again)

    def run(self, connection: Connection, progress: Progress) -> list[Row]:
        """Do what is due; returns the rows of all bags in their order.

        Raises:
            KeyboardInterrupt, FarmError: as `FarmRun.run`; said how much is done.
            FarmError: another run writes the result folder.
        """
        with _alone_in(self.out):
            return self._run(connection, progress)

    def _run(self, connection: Connection, progress: Progress) -> list[Row]:
        rows = self.finished()
        due = [source for source in self.sources if source.address not in rows]
        results = self._results()

        def tell(row: Row) -> None:
            rows[str(row['address'])] = row
            progress.done(row)

        try:
            FarmRun(connection, self.job, results, tell, progress.work).run(due)
        except (KeyboardInterrupt, WeldCellError, OSError):
            kept = f'{len(rows)} of {len(self.sources)} bags are done and kept in {self.out}'
            progress.work(0)
            progress.say(f'{kept}; the same command goes on.')
            raise
        return [rows[source.address] for source in self.sources]


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """While no other run writes a result folder, where its file system can tell."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK_FILE).open('a') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FarmError(
                f'{out}: another run writes there.', 'Wait for its end, or name another --out.'
            ) from error
        except OSError:  # a file system without locks
            pass
        yield


def check_request(request: ReplayRequest) -> None:
    """Refuse what no bag can be replayed by, before any is.

    Raises:
        WeldCellError: rig or settings cannot be read.
        ValueError: what is asked contradicts itself.
    """
    if request.plate and request.spot_weld:
        raise ValueError('--plate and --spot-weld: expected one of them')
    load_rig(str(request.rig))
    if request.spot_weld:
        load_spot_weld_settings(request.settings)
        return
    load_plate_settings(request.settings)  # a bag of the area camera is looked through for plates unasked
    if not request.plate:
        laser_settings(request)
