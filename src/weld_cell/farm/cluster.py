"""The Dask cluster: local, or an existing one."""

import logging
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from weld_cell.errors import FarmError, SchedulerError, WorkerVersionError
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.memory import WORKER_ENVIRONMENT
from weld_cell.farm.software import Software
from weld_cell.farm.work import version_words, worker_software

CONNECT_S = 10.0
WORKERS_S, OWN_WORKERS_S = 30.0, 300.0
"""So long workers of an existing scheduler may take to come, and those that are started here."""
RETURN_S = 300.0
"""So long a scheduler that is gone may take to come back."""
_POLL_S = 0.2
_COUNT_S = 0.5

OWN_CLUSTER = {
    'distributed.scheduler.allowed-failures': 0,  # the client counts, and tries a suspect again by itself
    'distributed.scheduler.work-stealing': False,  # as many bags as fill the workers are with them, no more
    'distributed.worker.profile.enabled': False,  # an hour of stacks, taken each 10 ms, would be kept
    'distributed.scheduler.active-memory-manager.start': False,  # it looks for results that lie twice; none stays
    'distributed.admin.tick.interval': '1s',  # each process looks 50 times a second whether it is late
    'distributed.admin.tick.cycle': '2s',
    'distributed.admin.system-monitor.interval': '5s',
    'distributed.worker.memory.monitor-interval': '1s',  # of 0.1 s: every process reads its memory from /proc
    'distributed.client.scheduler-info-interval': '10s',
    'distributed.admin.low-level-log-length': 100,
    'distributed.admin.system-monitor.log-length': 120,
    **{f'distributed.nanny.pre-spawn-environ.{name}': value for name, value in WORKER_ENVIRONMENT.items()},
}


class Connection:
    """A client of a scheduler, made again when the scheduler was restarted.

    Args:
        address: Of the scheduler.
        software: Of this client; workers that differ are refused.
        patience_s: So long its workers may take to come.

    Raises:
        SchedulerError: no scheduler there, or it has no workers.
        WorkerVersionError: a worker has other software.
    """

    def __init__(self, address: str, software: Software, patience_s: float = WORKERS_S) -> None:
        self._address, self._software = address, software
        self._counted, self._counted_s = 0, -math.inf
        self.client = self._connect(CONNECT_S)
        try:
            self._await_workers(patience_s)
        except BaseException:
            self.close()
            raise

    @property
    def threads(self) -> int:
        """Of all workers; up to `_COUNT_S` old, as each bag asks."""
        if time.monotonic() - self._counted_s > _COUNT_S:
            self._counted, self._counted_s = sum(self._threads().values()), time.monotonic()
        return self._counted

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler answers."""
        return bool(self.client.status == 'running')

    def renew(self) -> None:
        """Wait for a scheduler that is gone.

        Raises:
            SchedulerError: it does not come back, or no worker does.
        """
        deadline = time.monotonic() + RETURN_S
        print(f'the scheduler at {self._address} is gone; waiting up to {RETURN_S:.0f} s for it', file=sys.stderr)
        while not self.is_alive:
            self.close()
            try:
                self.client = self._connect(CONNECT_S)
            except SchedulerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_S)
        self._await_workers(max(WORKERS_S, deadline - time.monotonic()))

    def close(self) -> None:
        """End the connection; what is still running is not asked for any more."""
        with suppress(Exception):  # a scheduler that is gone cannot be told
            self.client.close(timeout=2)

    def _threads(self) -> dict[str, int]:
        with suppress(Exception):  # lost meanwhile; told by `is_alive`
            return dict(self.client.nthreads())
        return {}

    def _connect(self, timeout_s: float) -> Any:
        distributed = farm_library('distributed')
        remedy = 'Start one ("dask scheduler"), check the address, or leave --scheduler out.'
        try:
            return distributed.Client(self._address, timeout=timeout_s)
        except ValueError as error:
            raise ValueError(f'--scheduler: expected an address such as tcp://10.0.0.5:8786, {error}') from error
        except (OSError, TimeoutError) as error:
            raise SchedulerError(f'No Dask scheduler answers at {self._address} ({error}).', remedy) from error

    def _await_workers(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while not (threads := self._threads()):
            if time.monotonic() > deadline:
                raise SchedulerError(
                    f'The scheduler at {self._address} has no workers after {patience_s:.0f} s.',
                    f'Start some: dask worker {self._address} --nthreads 1 --nworkers N.',
                )
            time.sleep(_POLL_S)
        self._check_software()
        several = [worker for worker, count in sorted(threads.items()) if count > 1]
        if several:
            print(
                f'warning: workers with several threads share the blame for a bag that kills one, and one processor: '
                f'{", ".join(several)}. Start them with --nthreads 1.',
                file=sys.stderr,
            )

    def _check_software(self) -> None:
        found = self.client.run(worker_software, on_error='return')
        refused = []
        for worker, told in sorted(found.items()):
            if isinstance(told, BaseException):
                refused.append(version_words(worker, [f'{type(told).__name__}: {told}']))
            elif differences := self._software.differences(told):
                refused.append(version_words(worker, differences))
        if refused:
            raise WorkerVersionError(' '.join(message for message, _ in refused), refused[0][1])


@contextmanager
def open_cluster(scheduler: str | None, workers: int | None, software: Software) -> Iterator[Connection]:
    """Connect to a scheduler, or start a cluster of single-threaded workers here.

    Args:
        scheduler: Its address; None: a cluster of our own, which ends with this context.
        workers: Of a cluster of our own; None: as many as there are processor cores.
        software: Of this client.

    Raises:
        FarmError: Dask is missing, no scheduler answers, there are no workers or other versions on them.
        ValueError: an address that is none.
    """
    logging.getLogger('distributed').setLevel(logging.CRITICAL)  # what it says is said here in one line
    if scheduler is not None:
        yield from _connected(scheduler, software, WORKERS_S)
        return
    with local_cluster(workers or own_cores()) as cluster:
        yield from _connected(cluster.scheduler_address, software, OWN_WORKERS_S)


def _connected(address: str, software: Software, patience_s: float) -> Iterator[Connection]:
    connection = Connection(address, software, patience_s)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """A Dask cluster on this machine, one process with one thread a worker.

    Raises:
        FarmError: Dask is missing, or the workers do not start.
    """
    dask, distributed = farm_library('dask'), farm_library('distributed')
    with dask.config.set(OWN_CLUSTER):
        try:
            with _interrupts_kept_away():
                cluster = distributed.LocalCluster(
                    n_workers=0,
                    threads_per_worker=1,
                    host='127.0.0.1',
                    dashboard_address=None,
                    scheduler_kwargs={'dashboard_address': '127.0.0.1:0'},  # its web server: any free port
                    silence_logs=logging.CRITICAL,
                )
        except (OSError, RuntimeError, TimeoutError) as error:
            raise FarmError(f'Workers cannot be started: {error}.', 'Check the machine, then try again.') from error
        try:
            cluster.scale(workers)
            yield cluster
        finally:
            with suppress(Exception):
                cluster.close(timeout=5)


@contextmanager
def _interrupts_kept_away() -> Iterator[None]:
    """Threads that start meanwhile, and the workers that they start, get no Ctrl-C: the client ends them in order."""
    if not hasattr(signal, 'pthread_sigmask'):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def own_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
