"""The client: submits bags to workers, collects results, and recovers from failures."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from weld_cell.errors import FarmError, SchedulerError, WorkerLostError, WorkerVersionError
from weld_cell.farm.cluster import RETURN_S, Connection
from weld_cell.farm.job import Job
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.results import ResultFolder, Row
from weld_cell.farm.sources import BagSource
from weld_cell.farm.work import Done, failed, replay_source

RUNS = 3
"""So often at least a bag is tried whose workers die."""
_LOOK_S = 1.0


class FarmRun:
    """One run over bags that are due.

    At any time two bags a worker are handed out, one at work and one waiting, so that a scheduler that is restarted
    loses only those; they are handed out again. A worker that dies blames both of its bags: suspects are tried again
    at the end, one at a time, and only who is then alone with a dead worker is its cause.

    Args:
        connection: To the scheduler.
        job: What is done with each bag.
        results: Where results are kept.
        tell: Called with the row of each bag as it is done.
        work: Called with how many bags are with workers.
    """

    def __init__(
        self,
        connection: Connection,
        job: Job,
        results: ResultFolder,
        tell: Callable[[Row], object],
        work: Callable[[int], object] = lambda bags: None,
    ) -> None:
        self._connection, self._job, self._results, self._tell, self._work = connection, job, results, tell, work
        self._waiting: deque[BagSource] = deque()
        self._suspects: deque[BagSource] = deque()
        self._flying: dict[Any, BagSource] = {}
        self._lost: Counter[str] = Counter()
        self._idle_since: float | None = None

    def run(self, due: Sequence[BagSource]) -> None:
        """Do them all.

        Raises:
            SchedulerError: scheduler or workers are gone and do not come back; what is done is kept.
            WorkerVersionError: a worker that came later has other software.
            FarmError: a result cannot be written.
        """
        self._waiting.extend(due)
        try:
            while self._waiting or self._suspects or self._flying:
                if not self._connection.is_alive:
                    self._recall()
                    self._connection.renew()
                self._hand_out()
                self._work(len(self._flying))
                for future in self._ended():
                    self._take(future, self._flying.pop(future))
        finally:
            self._release(list(self._flying))

    def _hand_out(self) -> None:
        if not self._waiting and not self._flying:
            self._submit(self._suspects.popleft())
            return
        most = 2 * max(1, self._connection.threads)
        while self._waiting and len(self._flying) < most:
            self._submit(self._waiting.popleft())

    def _submit(self, source: BagSource) -> None:
        known = self._results.known(source)
        key = f'{source.name}-{uuid4().hex}'
        future = self._connection.client.submit(replay_source, self._job, source, known, key=key, pure=False)
        self._flying[future] = source

    def _ended(self) -> list[Any]:
        distributed = farm_library('distributed')
        with suppress(TimeoutError, distributed.CancelledError):
            distributed.wait(list(self._flying), timeout=_LOOK_S, return_when='FIRST_COMPLETED')
        ended = [future for future in self._flying if future.status != 'pending']
        self._watch_workers(bool(ended))
        return ended

    def _watch_workers(self, progress: bool) -> None:
        """Raise where there has been no worker for long."""
        if progress or self._connection.threads or not self._connection.is_alive:
            self._idle_since = None
            return
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since > RETURN_S:
            raise SchedulerError(
                f'All workers have been gone for {RETURN_S:.0f} s.', 'Start workers, then the same command again.'
            )

    def _take(self, future: Any, source: BagSource) -> None:
        distributed = farm_library('distributed')
        try:
            done = future.result()
        except distributed.CancelledError:  # with the scheduler
            self._waiting.appendleft(source)
            return
        except distributed.KilledWorker as killed:
            self._suspect(source, killed)
            return
        except WorkerVersionError:
            raise
        except (OSError, TimeoutError):  # the scheduler went away with the result
            self._waiting.appendleft(source)
            return
        except Exception as error:  # noqa: BLE001 - a worker that cannot even read the task
            done = failed(FarmError(f'{source.address}: {type(error).__name__}: {error}.', 'Look at the workers.'))
        finally:
            self._release([future])
        self._keep(source, done)

    def _suspect(self, source: BagSource, killed: Any) -> None:
        alone = source.address in self._lost
        self._lost[source.address] += killed.allowed_failures + 1
        runs = self._lost[source.address]
        if not alone or runs < RUNS:
            self._suspects.append(source)
            return
        self._keep(
            source,
            failed(
                WorkerLostError(
                    f'{source.address}: the worker died each of the {runs} times that it looked at this bag.',
                    'Look at the bag by itself ("weld_cell replay"), and at the memory of the workers.',
                )
            ),
        )

    def _keep(self, source: BagSource, done: Done) -> None:
        self._tell(self._results.keep(source, done))

    def _recall(self) -> None:
        """What was with a scheduler that is gone is due again."""
        self._waiting.extendleft(self._flying.values())
        self._flying.clear()

    def _release(self, futures: list[Any]) -> None:
        for future in futures:
            future.release()
