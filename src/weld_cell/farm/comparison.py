"""Differences between two runs over the same bags."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from weld_cell.errors import FarmError
from weld_cell.farm.results import Row, read_rows
from weld_cell.records import FloatArray
from weld_cell.replays.request import Verdict
from weld_cell.report.replay_results import PATH_FILE
from weld_cell.report.spot_weld_files import CSV_FILE as WELDS_FILE

_OF_WELD = ('image', 'weld', 'verdict', 'error')


class Change(StrEnum):
    """What can differ, the weightiest first."""

    TYPE = 'type changed'
    REFUSED = 'newly refused'
    FOUND = 'newly found'
    VERDICT = 'verdict changed'
    MOVED = 'path moved'
    WELD = 'weld judged otherwise'
    RESULT = 'result changed'


@dataclass(frozen=True)
class Side:
    """One of the two runs.

    Attributes:
        name: For people.
        out: Its result folder.
        rows: Of its bags.
    """

    name: str
    out: Path
    rows: Sequence[Row]

    def path_of(self, row: Row) -> FloatArray:
        """(n, 3) the seam path of a bag in base_link; n = 0 where there is none."""
        return read_path(self.out / str(row['result']) / PATH_FILE)

    def welds_of(self, row: Row) -> list[tuple[str, ...]]:
        """Image, weld, verdict and error of each spot weld of a bag; none where none were looked for."""
        file = self.out / str(row['result']) / WELDS_FILE
        if not file.is_file():
            return []
        with file.open(encoding='utf-8', newline='') as stream:
            return [tuple(line[name] for name in _OF_WELD) for line in csv.DictReader(stream)]


@dataclass(frozen=True)
class Compared:
    """A bag that both runs looked at.

    Attributes:
        a: Its row in the first run.
        b: In the second.
        changes: What differs.
        moved_mm: Median, 95 % and most of the distances between both paths, either way and ends included; None
            where one has no path.
    """

    a: Row
    b: Row
    changes: tuple[Change, ...]
    moved_mm: tuple[float, float, float] | None

    @property
    def bag(self) -> str:
        """Its name in the second run."""
        return str(self.b['bag'])

    @property
    def weight(self) -> tuple[int, float]:
        """Greater where more differs."""
        first = min((list(Change).index(change) for change in self.changes), default=len(Change))
        return -first, self.moved_mm[2] if self.moved_mm else 0.0


@dataclass(frozen=True)
class Comparison:
    """Two runs over bags.

    Attributes:
        a: The first run.
        b: The second.
        bags: Those that both looked at, the most different first.
        only_a: Names of bags that only the first run looked at.
        only_b: That only the second did.
        tolerance_mm: Paths nearer than this to each other are the same.
    """

    a: Side
    b: Side
    bags: list[Compared]
    only_a: list[str]
    only_b: list[str]
    tolerance_mm: float

    @property
    def differing(self) -> list[Compared]:
        """Bags of which something differs."""
        return [bag for bag in self.bags if bag.changes]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.differing or self.only_a or self.only_b)

    def counts(self) -> dict[str, int]:
        """How many bags differ in what."""
        counts = {str(change): sum(change in bag.changes for bag in self.bags) for change in Change}
        counts |= {f'only in {self.a.name}': len(self.only_a), f'only in {self.b.name}': len(self.only_b)}
        return {what: count for what, count in counts.items() if count}

    def moved_mm(self) -> dict[str, float] | None:
        """Over all bags with two paths: the median of their medians, of their 95 %, and the most."""
        moved = np.array([bag.moved_mm for bag in self.bags if bag.moved_mm is not None])
        if not len(moved):
            return None
        p50, p95 = np.median(moved[:, :2], axis=0).tolist()
        return {'p50': round(p50, 5), 'p95': round(p95, 5), 'max': round(float(moved[:, 2].max()), 5)}


def side_of_folder(name: str, out: Path) -> Side:
    """A run that was made before.

    Raises:
        FarmError: there is none in the folder.
    """
    return Side(name, out, read_rows(out))


def compare(a: Side, b: Side, tolerance_mm: float) -> Comparison:
    """Compare two runs, bag by bag: by address, and by content where one was moved.

    Raises:
        FarmError: no bag is in both.
    """
    pairs, only_a, only_b = _paired(a.rows, b.rows)
    if not pairs:
        raise FarmError(f'{a.out} and {b.out} have no bag in common.', 'Compare runs over the same bags.')
    bags = [_compared(a, row_a, b, row_b, tolerance_mm) for row_a, row_b in pairs]
    bags.sort(key=lambda bag: bag.weight, reverse=True)
    return Comparison(a, b, bags, only_a, only_b, tolerance_mm)


def distances_mm(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n,) distance of the points a (n, 3) from the polyline b (m, 3), m >= 2, in mm; it ends at its ends."""
    start, along = b[:-1], np.diff(b, axis=0)
    lengths = np.maximum(np.sum(along**2, axis=1), 1e-18)
    offsets = a[:, None] - start
    shares = np.clip(np.einsum('nmi,mi->nm', offsets, along) / lengths, 0.0, 1.0)
    nearest: FloatArray = np.linalg.norm(offsets - shares[..., None] * along, axis=2).min(axis=1)
    return 1e3 * nearest


def read_path(file: Path) -> FloatArray:
    """(n, 3) the points of a seam_path.csv, in m; n = 0 where there is none."""
    if not file.is_file():
        return np.empty((0, 3))
    with file.open(encoding='utf-8', newline='') as stream:
        rows = [[float(row[f'{axis}_m']) for axis in 'xyz'] for row in csv.DictReader(stream)]
    return np.array(rows).reshape(-1, 3)


def _paired(a: Sequence[Row], b: Sequence[Row]) -> tuple[list[tuple[Row, Row]], list[str], list[str]]:
    pairs: list[tuple[Row, Row]] = []
    left_a, left_b = list(a), list(b)
    for key in ('address', 'bag_blake3'):
        by_key = {row[key]: row for row in left_b if row.get(key)}
        new = [(row, by_key.pop(row[key])) for row in left_a if row.get(key) in by_key]
        taken = {id(row) for pair in new for row in pair}
        left_a, left_b = ([row for row in left if id(row) not in taken] for left in (left_a, left_b))
        pairs += new
    return pairs, [str(row['bag']) for row in left_a], [str(row['bag']) for row in left_b]


def _compared(a: Side, row_a: Row, b: Side, row_b: Row, tolerance_mm: float) -> Compared:
    path_a, path_b = a.path_of(row_a), b.path_of(row_b)
    moved_mm = None
    if len(path_a) > 1 and len(path_b) > 1:
        both = np.concatenate([distances_mm(path_a, path_b), distances_mm(path_b, path_a)])
        moved_mm = (float(np.median(both)), float(np.percentile(both, 95)), float(both.max()))
    changes = [*_verdict_changes(row_a, row_b)]
    if moved_mm is not None:
        changes += [Change.MOVED] * (moved_mm[2] > tolerance_mm)
    elif not changes and not len(path_a):
        changes += _area_changes(a, row_a, b, row_b)
    return Compared(row_a, row_b, tuple(changes), moved_mm)


def _area_changes(a: Side, row_a: Row, b: Side, row_b: Row) -> list[Change]:
    """Of bags without a path; files of spot welds name the bank, so that only their verdicts count."""
    welds_a, welds_b = a.welds_of(row_a), b.welds_of(row_b)
    if welds_a or welds_b:
        return [Change.WELD] * (welds_a != welds_b)
    return [Change.RESULT] * bool(row_a.get('images') and _has_other_result(row_a, row_b))


def _has_other_result(a: Row, b: Row) -> bool:
    """Of bags of the area camera, and of refusals: another reason counts, another figure in it does not."""
    if a.get('refusal') or b.get('refusal'):
        return a.get('refusal') != b.get('refusal')
    return a.get('result_sha256') != b.get('result_sha256')


def _verdict_changes(a: Row, b: Row) -> list[Change]:
    changes = []
    types = a.get('joint_type'), b.get('joint_type')
    if all(types) and types[0] != types[1]:
        changes.append(Change.TYPE)
    before, after = a['verdict'], b['verdict']
    if before == after:
        return changes
    if after == Verdict.FOUND:
        return [*changes, Change.FOUND]
    return [*changes, Change.REFUSED if before == Verdict.FOUND else Change.VERDICT]
