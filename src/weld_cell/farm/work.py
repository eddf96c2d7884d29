"""The work on one bag: fetch it, replay it, return the result files."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from weld_cell.errors import BagError, BagVanishedError, WeldCellError, WorkerVersionError
from weld_cell.farm.job import Job
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.memory import give_back
from weld_cell.farm.software import Software, own_software
from weld_cell.farm.sources import BagSource, open_filesystem
from weld_cell.replays.request import Figure, Verdict

_BLOCK_BYTES = 1 << 18
_FETCH_ATTEMPTS = 3
_FETCH_PAUSE_S = 1.0
_REMEDY = 'Check the file, or record again; the other bags are not concerned.'


@dataclass(frozen=True)
class Done:
    """What came of a bag.

    Attributes:
        row: Its figures, by the columns of the table.
        files: The result files, by their names in the result folder; none of a bag that failed.
        known: The content is one of those that the client has results of: nothing was done.
    """

    row: dict[str, Figure]
    files: dict[str, bytes] = field(default_factory=dict)
    known: bool = False


def worker_software() -> Software:
    """Of the worker that runs this; what a replay needs is imported, so that it is not timed with the first bag."""
    import weld_cell.replays.bag  # noqa: F401

    farm_library('blake3')
    return own_software()


def replay_source(job: Job, source: BagSource, known: frozenset[str]) -> Done:
    """Replay a bag on this worker.

    Args:
        job: What is done with it.
        source: The bag.
        known: BLAKE3 of contents that need not be done again.

    Raises:
        WorkerVersionError: this worker has other software than the client.
    """
    check_software(job.software)
    _keep_to_one_core()
    began = time.perf_counter()
    row: dict[str, Figure] = {'started': datetime.now(UTC).isoformat(timespec='milliseconds')}
    try:
        done = _replayed(job, source, known)
    except WeldCellError as error:
        done = failed(error)
    except Exception as error:  # noqa: BLE001 - a damaged bag can make a decoder raise anything
        done = failed(BagError(f'{source.address}: {type(error).__name__}: {error}.', _REMEDY))
    give_back()
    row |= {'seconds': round(time.perf_counter() - began, 4), **_place()}
    return Done(row | done.row, done.files, done.known)


def _keep_to_one_core() -> None:
    """OpenCV takes all cores of the machine by default; the other workers have them."""
    if _worker() is not None:
        import cv2

        cv2.setNumThreads(1)


def failed(error: WeldCellError) -> Done:
    """Of a bag without a result."""
    refused = {'refusal': type(error).__name__, 'reason': error.message, 'remedy': error.remedy}
    return Done({'verdict': str(Verdict.FAILED), **refused})


def check_software(expected: Software) -> None:
    """Refuse a worker that would give other results.

    Raises:
        WorkerVersionError: names the worker and what differs.
    """
    differences = expected.differences(own_software())
    if differences:
        raise WorkerVersionError(*version_words(_worker_name(), differences))


def version_words(worker: str, differences: list[str]) -> tuple[str, str]:
    """Message and remedy of a worker that has other software."""
    return (
        f'Worker {worker} has other software than this client: {"; ".join(differences)}.',
        'Install the same version of weld_cell and of its libraries there, or stop that worker.',
    )


def content_digest(files: list[tuple[str, Path]]) -> str:
    """BLAKE3 of a bag: names and content of its files (name, path); SHA-256 takes a sixth of a replay's time.

    Raises:
        FarmLibraryError: the library blake3 is not installed.
    """
    total, block = farm_library('blake3').blake3(), memoryview(bytearray(_BLOCK_BYTES))
    for name, path in sorted(files):
        total.update(f'{name}\0{path.stat().st_size}\0'.encode())
        with path.open('rb', buffering=0) as stream:
            while count := stream.readinto(block):
                total.update(block[:count])
    return str(total.hexdigest())


def _replayed(job: Job, source: BagSource, known: frozenset[str]) -> Done:
    from weld_cell.replays.bag import replay_bag  # the client needs none of it

    with TemporaryDirectory(prefix='weld_cell_farm_', dir=_local_folder()) as name, _told_as_vanished(source):
        folder = Path(name)
        files = _files_of(source, folder)
        content = content_digest(files)
        identity: dict[str, Figure] = {
            'bag_blake3': content,
            'bytes': sum(path.stat().st_size for _, path in files),
        }
        if content in known:
            return Done(identity, known=True)
        request = job.at(folder / 'out', folder)
        replayed = replay_bag(files[0][1].parent if source.is_folder else files[0][1], request)
        results = {
            str(path.relative_to(request.out)): path.read_bytes()
            for path in sorted(request.out.rglob('*'))
            if path.is_file()
        }
        row = identity | replayed.figures
    row |= {'verdict': str(replayed.verdict), 'result_sha256': digest_of(results)}
    return Done(row | {'problems': '\n'.join(replayed.problems)}, results)


def digest_of(files: dict[str, bytes]) -> str:
    """SHA-256 over the names and contents of result files."""
    total = sha256()
    for name, content in sorted(files.items()):
        total.update(f'{name}\0{len(content)}\0'.encode() + content)
    return total.hexdigest()


def _files_of(source: BagSource, folder: Path) -> list[tuple[str, Path]]:
    """Name and local path of each file of a bag, fetched where it lies elsewhere."""
    if source.is_local:
        return [(file.name, Path(file.address)) for file in source.files]
    target = folder / 'bag'
    target.mkdir()
    for file in source.files:
        _fetch(file.address, target / file.name)
    return [(file.name, target / file.name) for file in source.files]


def _fetch(address: str, target: Path) -> None:
    """Fetch a file; a network that fails for a moment is asked again."""
    filesystem, path = open_filesystem(address)
    for left in reversed(range(_FETCH_ATTEMPTS)):
        try:
            filesystem.get_file(path, str(target))
        except FileNotFoundError:
            raise
        except Exception as error:
            if not left:
                raise BagError(
                    f'{address} cannot be fetched: {type(error).__name__}: {error}.',
                    'Check the network and the server.',
                ) from error
            time.sleep(_FETCH_PAUSE_S)
        else:
            return


@contextmanager
def _told_as_vanished(source: BagSource) -> Iterator[None]:
    """A bag that is no longer there is told so, whatever the reader said."""
    try:
        yield
    except FileNotFoundError as error:
        raise _vanished(source) from error
    except BagError as error:
        if source.is_local and not all(Path(file.address).exists() for file in source.files):
            raise _vanished(source) from error
        raise


def _vanished(source: BagSource) -> BagVanishedError:
    return BagVanishedError(
        f'{source.address} was there when the run began; worker {_worker_name()} on {platform.node()} '
        'does not find it.',
        'Run again when it is back; give a URL where the workers do not share the file system.',
    )


def _place() -> dict[str, Figure]:
    import psutil  # Dask brings it

    memory: Any = psutil.Process(os.getpid()).memory_info()
    return {'worker': _worker_name(), 'host': platform.node(), 'rss_mb': round(memory.rss / 1e6, 2)}


def _worker() -> Any:
    from distributed import get_worker

    try:
        return get_worker()
    except ValueError:  # called without Dask
        return None


def _worker_name() -> str:
    worker = _worker()
    return f'process {os.getpid()}' if worker is None else str(worker.address)


def _local_folder() -> str | None:
    """The worker's own folder, which it empties where it was killed before."""
    worker = _worker()
    return None if worker is None else str(worker.local_directory)
