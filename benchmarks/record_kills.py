"""Kills the writer of records at random moments and looks for what was lost; JSON out.

    python benchmarks/record_kills.py [--kills 500] [--seed 1] [--folder FOLDER] [--json FILE]

A writer begins cycles, keeps pictures and finishes records without a pause, and tells of each over a pipe. It is
killed (SIGKILL) at a random time, by which half of the writers have finished a record, and another one begins over
what it has left. At the end each cycle that was begun must have one record, each that was finished the record that
was told, and the chain must be whole.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import Wanted
from weld_cell.traceability.record import (
    SeamPathRecord,
    SeamRecord,
    StageEntry,
    TrajectoryRecord,
    WeldRecord,
    rows,
)
from weld_cell.traceability.store import HALF_FILE, OPEN, RecordStore, utc
from weld_cell.traceability.verify import verify

FIRST_S, SHORTER, LONGER = 0.5, 0.8, 1.25
"""Half of the writers finish a record before they are killed, however busy the machine is."""
MEMORY = Path('/dev/shm')
PICTURE_BYTES = 200_000
RESERVE_MB = 4.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kills', type=int, default=500, help='default: %(default)s')
    parser.add_argument('--seed', type=int, default=1, help='default: %(default)s')
    parser.add_argument('--folder', type=Path, help='to keep what was written (default: a temporary one)')
    parser.add_argument('--json', type=Path, help='to write the figures to')
    arguments = parser.parse_args()
    memory = MEMORY if MEMORY.is_dir() else None  # a kill loses nothing that a disk would keep; a disk is only slower
    with tempfile.TemporaryDirectory(prefix='weld_cell_records_', dir=memory) as temporary:
        folder = arguments.folder or Path(temporary) / 'records'
        figures = judge(folder, *kill_writers(folder, arguments.kills, np.random.default_rng(arguments.seed)))
    print(json.dumps(figures, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + '\n')
    return 1 if figures['lost'] or figures['twice'] or figures['wrong'] else 0


def kill_writers(folder: Path, kills: int, rng: np.random.Generator) -> tuple[set[str], dict[str, str]]:
    """The cycles that were begun, and the sum of each that was finished, as the writers told."""
    begun: set[str] = set()
    finished: dict[str, str] = {}
    longest_s = FIRST_S
    for kill in range(kills):
        told = _killed_writer(folder, kill, rng.uniform(0.0, longest_s))
        begun |= {cycle for word, cycle, _ in told if word == 'begun'}
        finished |= {cycle: total for word, cycle, total in told if word == 'finished'}
        longest_s *= SHORTER if any(word == 'finished' for word, _, _ in told) else LONGER
        if sys.stderr.isatty():
            print(f'\r{kill + 1} of {kills} kills', end='', file=sys.stderr)
    return begun, finished


def _killed_writer(folder: Path, kill: int, after_s: float) -> list[list[str]]:
    """What a writer told until it was killed."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        write(folder, kill, sink)
    os.close(sink)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(source, 'rb') as told:
        return [line.decode().split() for line in told if line.endswith(b'\n')]


def write(folder: Path, kill: int, sink: int) -> None:
    """Write records until somebody kills this process."""
    store, count = RecordStore(folder, RESERVE_MB), 0
    while True:
        cycle = f'{kill:05d}-{count:05d}'
        record = WeldRecord(cycle, 'benchmark', utc())
        opened = store.begin(record)
        os.write(sink, f'begun {cycle} -\n'.encode())
        record = record_of(cycle)
        opened.update(record)
        picture = opened.keep_picture('seam', os.urandom(PICTURE_BYTES), 'seam')
        entry = opened.finish(
            WeldRecord(**{**vars(record), 'ended_utc': utc(), 'outcome': 'done', 'pictures': (picture,)})
        )
        os.write(sink, f'finished {cycle} {entry.sha256}\n'.encode())
        count += 1


def record_of(cycle: str) -> WeldRecord:
    """A record as large as that of a real weld."""
    rng = np.random.default_rng(len(cycle))
    path = SeamPathRecord('laser', rows(rng.normal(size=(100, 3))), rows(rng.normal(size=(100, 3))), 200.0)
    times = np.arange(800) / 100
    motion = TrajectoryRecord(
        tuple('abcdef'),
        tuple(times.tolist()),
        rows(rng.normal(size=(800, 6))),
        rows(rng.normal(size=(800, 3))),
        1.0,
        7.0,
        '2026-11-29T12:00:00Z',
    )
    stages = (StageEntry(0.0, 'approach'), StageEntry(3.2, 'weld'))
    return WeldRecord(cycle, 'benchmark', utc(), stages=stages, seams=(SeamRecord(1, path=path, trajectory=motion),))


def judge(folder: Path, begun: set[str], finished: dict[str, str]) -> dict[str, object]:
    """What was lost, told twice, or is not what was written."""
    last = WeldRecord('last', 'benchmark', utc())
    RecordStore(folder, RESERVE_MB).begin(last).finish(
        WeldRecord(**{**vars(last), 'ended_utc': utc(), 'outcome': 'done'})
    )
    found, checked = RecordFolder(folder), verify(folder)
    rows_found = found.find(Wanted())
    counts = Counter(row.cycle for row in rows_found)
    sums = {row.cycle: row.sha256 for row in rows_found}
    half = folder / HALF_FILE
    return {
        'begun': len(begun),
        'finished': len(finished),
        'records': len(rows_found),
        'records_of_killed_writers': sum(row.outcome == 'lost' for row in rows_found),
        'half_lines': half.read_bytes().count(b'\n') if half.exists() else 0,
        'left_open': len(list((folder / OPEN).iterdir())),
        'lost': sorted(begun - counts.keys()) + sorted(c for c, total in finished.items() if sums.get(c) != total),
        'twice': sorted(cycle for cycle, count in counts.items() if count > 1),
        'wrong': [str(finding) for finding in checked.findings],
    }


if __name__ == '__main__':
    sys.exit(main())
