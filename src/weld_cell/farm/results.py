"""The result folder of a farm: result files and a table row for each bag.

bags/NAME/         result files of a bag
rows/NAME.json     its row; written last, so what has one is whole
"""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from weld_cell.errors import FarmError
from weld_cell.farm.job import Job
from weld_cell.farm.sources import BagSource
from weld_cell.farm.work import Done
from weld_cell.models.files import replace_file
from weld_cell.replays.request import Figure, Verdict

BAGS, ROWS = 'bags', 'rows'
Row = dict[str, Figure]


def verdicts_of(rows: Iterable[Row]) -> dict[str, int]:
    """How many bags ended how."""
    counts = Counter(str(row['verdict']) for row in rows)
    return {str(verdict): counts[verdict] for verdict in Verdict if counts[verdict]}


@dataclass(frozen=True)
class Entry:
    """A row that was kept.

    Attributes:
        key: Of the job.
        stamp: Of the bag, as it was listed.
        row: The figures.
    """

    key: str
    stamp: str
    row: Row


class ResultFolder:
    """The result folder of a farm, written by one process.

    Args:
        out: Made if it is missing.
        job: What is done; results of another one count as not there.
        again: All results count as not there.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, out: Path, job: Job, again: bool = False) -> None:
        self.out, self._job, self._again = out, job, again
        for name in (BAGS, ROWS):
            (out / name).mkdir(parents=True, exist_ok=True)
        self._by_content: dict[str, str] = {}
        self._by_size: defaultdict[Any, set[str]] = defaultdict(set)
        for path in sorted((out / ROWS).glob('*.json')):
            self._note(path.stem, _read(path))

    def finished(self, source: BagSource) -> Row | None:
        """The row of a bag that was replayed by this job and has not changed since; one that failed is due again."""
        entry = None if self._again else _read(self._row(source.name))
        if entry is None or entry.key != self._job.key or entry.row['verdict'] == Verdict.FAILED:
            return None
        return entry.row if source.stamp and entry.stamp == source.stamp else None

    def known(self, source: BagSource) -> frozenset[str]:
        """BLAKE3 of the contents with results that this bag may have: it was moved, or tells no time."""
        return frozenset(self._by_size[source.size] if source.size is not None else self._by_content)

    def keep(self, source: BagSource, done: Done) -> Row:
        """Write the result of a bag, as a whole; returns its row.

        Raises:
            FarmError: it cannot be written.
        """
        row, files = done.row, done.files
        if done.known:
            before = self._by_content[str(row['bag_blake3'])]
            kept = _read(self.out / ROWS / f'{before}.json')
            if kept is None:
                raise FarmError(f'{self.out / ROWS / before}.json is gone.', 'Start one run at a time in a folder.')
            row, files = kept.row, _content(self.out / BAGS / before)
        row = {**row, **self._identity(source)}
        entry = Entry(self._job.key, source.stamp, row)
        try:
            self._row(source.name).unlink(missing_ok=True)
            self._put(source.name, files)
            replace_file(self._row(source.name), partial(_write, json.dumps(vars(entry), indent=1) + '\n'))
        except OSError as error:
            raise FarmError(
                f'{self.out}: the result of {source.address} cannot be written ({error.strerror or error}).',
                'Check the folder, its permissions and the free space, then run the same command again.',
            ) from error
        self._note(source.name, entry)
        return row

    def _identity(self, source: BagSource) -> Row:
        job = self._job
        return {
            'bag': source.name,
            'address': source.address,
            'result': f'{BAGS}/{source.name}',
            'weld_cell': job.software.weld_cell,
            'python': dict(job.software.libraries)['python'],
            'source_sha256': job.software.source,
            'settings_sha256': job.settings_sha256,
            'rig_sha256': job.rig_sha256,
            'models_sha256': job.models_sha256,
            'job_sha256': job.key,
        }

    def _note(self, name: str, entry: Entry | None) -> None:
        if self._again or entry is None or entry.key != self._job.key or entry.row['verdict'] == Verdict.FAILED:
            return
        content = str(entry.row['bag_blake3'])
        self._by_content.setdefault(content, name)
        self._by_size[entry.row['bytes']].add(content)

    def _row(self, name: str) -> Path:
        return self.out / ROWS / f'{name}.json'

    def _put(self, name: str, files: dict[str, bytes]) -> None:
        """Write a folder beside its place and move it there."""
        place, new, old = (self.out / BAGS / each for each in (name, f'.{name}.new', f'.{name}.old'))
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        if place.exists():
            place.replace(old)
        try:
            for relative, content in files.items():
                (new / relative).parent.mkdir(parents=True, exist_ok=True)
                (new / relative).write_bytes(content)
            if files:
                new.replace(place)
        finally:
            for left in (new, old):
                shutil.rmtree(left, ignore_errors=True)


def read_rows(out: Path) -> list[Row]:
    """The rows of a result folder, by the names of their bags.

    Raises:
        FarmError: there is none.
    """
    rows = [entry.row for path in sorted((out / ROWS).glob('*.json')) if (entry := _read(path)) is not None]
    if not rows:
        raise FarmError(f'{out} has no results of many bags.', 'Run "weld_cell replay BAG BAG... --out" first.')
    return rows


def _write(text: str, stream: Any) -> None:
    stream.write(text.encode())


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def _read(path: Path) -> Entry | None:
    """A row; None where there is none, or it is of another form."""
    try:
        return Entry(**json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError, TypeError):
        return None
