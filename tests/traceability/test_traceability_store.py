"""Records are kept whole: under SIGKILL, on a full disk, on a read-only one, and by two cells at once."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from weld_records import PICTURE, RESERVE_MB, keep, keep_five, weld_record

from weld_cell.errors import RecordError
from weld_cell.traceability.folder import RecordFolder, rebuild_index
from weld_cell.traceability.index import INDEX_FILE, Wanted
from weld_cell.traceability.lines import LINES_FILE
from weld_cell.traceability.record import (
    FillRecord,
    LostStripe,
    Outcome,
    SeamRecord,
    TrackingRecord,
    WeldRecord,
    record_from_plain,
    rows,
    to_json,
)
from weld_cell.traceability.store import HALF_FILE, OPEN, RecordStore
from weld_cell.traceability.text import seam_facts
from weld_cell.traceability.verify import verify

ROOT = Path(__file__).parents[2]


def begun(folder, record):
    return RecordStore(folder, RESERVE_MB).begin(replace(record, outcome=None, ended_utc=None))


def read(folder, number):
    found = RecordFolder(folder)
    (row,) = found.find(Wanted((number,)))
    return found.entry(row).record


def test_a_record_of_nothing_comes_back_as_it_was(tmp_path):
    nothing = WeldRecord('c', 'cell', '2026-11-29T10:00:00.000Z', '2026-11-29T10:00:01.000Z', 'fault', 'no rig')
    keep(tmp_path, nothing)
    assert read(tmp_path, 1) == nothing


def test_a_full_record_comes_back_as_it_was(tmp_path):
    record = weld_record()
    sealed = keep(tmp_path, record)
    assert sealed.number == 1 and read(tmp_path, 1) == record
    assert record_from_plain(json.loads(to_json(record))) == record


def test_what_is_not_finite_is_no_record():
    with pytest.raises(ValueError, match='finite'):
        rows([[0.0, float('nan')]])
    with pytest.raises(RecordError, match='version 2'):
        record_from_plain({'version': 2})
    with pytest.raises(RecordError, match='unknown: colour'):
        record_from_plain({'version': 1, 'cycle': 'c', 'cell': '', 'began_utc': '', 'colour': 'red'})


def test_a_cycle_whose_writer_was_killed_leaves_what_it_knew(tmp_path):
    record = replace(weld_record('killed'), outcome=None, ended_utc=None)
    child = os.fork()
    if child == 0:  # a writer that begins, keeps a picture, and is killed in the middle of the weld
        opened = begun(tmp_path, replace(record, seams=()))
        opened.keep_picture('seam', PICTURE, 'seam')
        opened.update(record)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    store = RecordStore(tmp_path, RESERVE_MB)
    opened = store.begin(replace(record, cycle='next'))
    assert [each.number for each in store.recovered] == [1]
    left = read(tmp_path, 1)
    assert left.outcome == Outcome.LOST and 'killed' in left.reason and left.seams == record.seams
    assert [picture.what for picture in left.pictures] == ['seam']
    opened.finish(weld_record('next'))
    assert verify(tmp_path).findings == () and list((tmp_path / OPEN).iterdir()) == []


def test_ten_kills_at_random_moments_lose_nothing(tmp_path):
    command = [sys.executable, str(ROOT / 'benchmarks' / 'record_kills.py'), '--kills', '10']
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told['begun'] >= max(1, told['finished']) and told['records'] == told['begun'] + 1
    assert told['lost'] == told['twice'] == told['wrong'] == [] and told['left_open'] == 0


def test_a_half_line_is_told_and_costs_nothing(tmp_path):
    keep_five(tmp_path)
    lines, draft = tmp_path / LINES_FILE, tmp_path / OPEN / 'other.json'
    lines.write_bytes(lines.read_bytes() + b'{"number":6,"previous":"ab')
    draft.write_bytes(to_json(weld_record('c5')))
    found = verify(tmp_path)
    assert found.records == 5 and found.whole and 'half written (26 bytes)' in str(found.findings[0])
    assert 'open/other.json has the cycle' in str(found.findings[0])
    draft.unlink()
    assert not verify(tmp_path).whole
    assert [str(each).partition(' (')[0] for each in verify(tmp_path).findings] == [
        'record 6: the last line is half written'
    ]
    assert 'half written' in RecordFolder(tmp_path).warnings[0]
    assert keep(tmp_path, weld_record('c6')).number == 6
    assert verify(tmp_path).findings == ()
    assert (tmp_path / HALF_FILE).read_bytes() == b'{"number":6,"previous":"ab\n'


def test_a_last_record_without_its_newline_is_a_whole_record(tmp_path):
    keep_five(tmp_path)
    lines = tmp_path / LINES_FILE
    lines.write_bytes(lines.read_bytes().removesuffix(b'\n'))
    (tmp_path / INDEX_FILE).unlink()
    reader = RecordFolder(tmp_path)
    assert len(reader.find(Wanted())) == 5 and reader.warnings == [] and 'lacks its end' in reader.notes[0]
    found = verify(tmp_path)
    assert found.whole and found.records == 5 and [str(each) for each in found.findings] == reader.notes
    assert keep(tmp_path, weld_record('c6')).number == 6
    assert verify(tmp_path).findings == () and not (tmp_path / HALF_FILE).exists()


def test_two_cells_may_share_a_folder(tmp_path):
    first, second = begun(tmp_path, weld_record('a')), begun(tmp_path, weld_record('b'))
    assert second.finish(weld_record('b')).number == 1
    assert first.finish(weld_record('a')).number == 2
    assert [row.cycle for row in RecordFolder(tmp_path).find(Wanted())] == ['b', 'a']
    assert verify(tmp_path).findings == ()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 3 MB of its own."""
    folder = tmp_path / 'disk'
    folder.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip('a disk cannot be mounted here; RLIMIT_FSIZE stands in for a full one in another test')
    yield folder
    subprocess.run(['umount', '-l', folder], check=True)


def test_a_full_disk_is_a_fault_before_the_cycle_begins(small_disk):
    (small_disk / 'other').write_bytes(bytes(2_500_000))
    with pytest.raises(RecordError, match=r'No space left.*Remedy: .*free space'):
        begun(small_disk, weld_record())
    (small_disk / 'other').unlink()
    assert keep(small_disk, weld_record()).number == 1  # and nothing is left of the attempt
    assert verify(small_disk).findings == ()


def test_a_disk_that_fills_during_the_cycle_takes_its_record_still(small_disk):
    opened = begun(small_disk, weld_record())
    with pytest.raises(OSError, match='No space'), (small_disk / 'other').open('wb') as stream:
        while True:
            stream.write(bytes(4096))
            stream.flush()
    with pytest.raises(RecordError, match='No space left'):  # before the arc burns: nothing more can be written
        opened.require_room(weld_record())
    assert opened.finish(weld_record()).number == 1  # into the room that was held
    assert read(small_disk, 1) == weld_record()


def test_a_disk_that_turns_read_only_is_a_fault_before_the_arc_burns(small_disk):
    opened = begun(small_disk, weld_record())
    opened.require_room(weld_record())
    subprocess.run(['mount', '-o', 'remount,ro', small_disk], check=True)
    with pytest.raises(RecordError, match='Read-only'):
        opened.require_room(weld_record())
    with pytest.raises(RecordError, match='Read-only'):
        begun(small_disk, weld_record('other'))


@pytest.mark.parametrize('index', ['there', 'missing', 'behind'])
def test_a_read_only_folder_is_listed_and_verified(small_disk, index):
    keep_five(small_disk)
    file = small_disk / INDEX_FILE
    five = file.read_bytes()
    keep(small_disk, weld_record('c6'))
    if index == 'behind':
        file.write_bytes(five)
    if index == 'missing':
        file.unlink()
    subprocess.run(['mount', '-o', 'remount,ro', small_disk], check=True)
    reader = RecordFolder(small_disk)
    assert len(reader.find(Wanted())) == 6 and reader.warnings == [] and len(reader.notes) == (index != 'there')
    assert verify(small_disk).whole


def test_records_cut_from_a_read_only_folder_are_told(small_disk):
    keep_five(small_disk)
    lines = small_disk / LINES_FILE
    lines.write_bytes(b''.join(lines.read_bytes().splitlines(keepends=True)[:3]))
    subprocess.run(['mount', '-o', 'remount,ro', small_disk], check=True)
    assert 'record 5' in RecordFolder(small_disk).warnings[0]
    assert [finding.number for finding in verify(small_disk).findings] == [4, 5]


def test_a_limit_of_the_files_size_is_a_full_disk(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(RecordError, match='too large'):
            begun(tmp_path, weld_record())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / 'records').write_text('')
    with pytest.raises(RecordError, match=r'records: cannot be written'):
        begun(tmp_path / 'records', weld_record())


def test_room_that_somebody_removed_is_noticed_before_the_arc_burns(tmp_path):
    opened = begun(tmp_path, weld_record())
    (tmp_path / OPEN / 'c1.room').unlink()
    with pytest.raises(RecordError, match='the room .* is gone'):
        opened.require_room(weld_record())


@pytest.mark.parametrize(
    ('wanted', 'numbers'),
    [
        (Wanted(), [1, 2, 3, 4, 5]),
        (Wanted(part='B-L'), []),
        (Wanted(part='A-R'), [1, 2, 4, 5]),
        (Wanted(joint_type='lap'), [2, 5]),
        (Wanted(joint_type='la'), []),
        (Wanted(verdict='uninspected'), [2, 3]),
        (Wanted(verdict='defective'), [5]),
        (Wanted(outcome='fault'), [3]),
        (Wanted(since='2026-11-29T12'), [3, 4, 5]),
        (Wanted(until='2026-11-29'), [1, 2, 3, 4]),
        (Wanted(since='2026-11-29T11', until='2026-11-29T12', part='A-R'), [2]),
        (Wanted(numbers=(5, 1)), [1, 5]),
    ],
)
def test_records_are_found(tmp_path_factory, wanted, numbers):
    folder = tmp_path_factory.getbasetemp() / 'five'
    if not folder.exists():
        keep_five(folder)
    assert [row.number for row in RecordFolder(folder).find(wanted)] == numbers


@pytest.mark.parametrize('damage', ['missing', 'garbage', 'behind'])
def test_an_index_is_made_again_from_the_lines(tmp_path, damage):
    keep_five(tmp_path)
    before = RecordFolder(tmp_path).find(Wanted())
    index = tmp_path / INDEX_FILE
    if damage == 'missing':
        index.unlink()
    elif damage == 'garbage':
        index.write_bytes(b'SQLite no more' * 1000)
    else:
        old = index.read_bytes()
        keep(tmp_path, weld_record('c6', '2026-11-30T10:00:00.000Z'))
        index.write_bytes(old)
    after = RecordFolder(tmp_path).find(Wanted())
    assert after[:5] == before and len(after) == (6 if damage == 'behind' else 5)
    assert rebuild_index(tmp_path) == len(after)


def test_many_records_are_found_without_reading_them(tmp_path):
    keep_five(tmp_path)
    RecordFolder(tmp_path).close()
    lines = tmp_path / LINES_FILE
    content = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(b'x' * len(b''.join(content[:4])) + content[4])  # only the last line is looked at
    began = time.monotonic()
    assert len(RecordFolder(tmp_path).find(Wanted())) == 5
    assert time.monotonic() - began < 5.0


def test_a_record_tells_how_a_seam_was_filled():
    fill = FillRecord((0.0, 4.0), (1.0, 1.5), (0.0, 0.1), (8.0, 7.2), (5.0, 5.2), (0.0, 0.7), 1)
    tracking = TrackingRecord((0.0,), (0.1,), (0.0,), 0.1, 0.1, 9, 0, 0, fill=fill)
    seam = SeamRecord(1, tracking=tracking)
    record = WeldRecord('a', 'cell', '2026-11-30T07:00:00.000Z', seams=(seam,))
    assert record_from_plain(json.loads(to_json(record))) == record
    told = dict(seam_facts(seam))['Adaptive fill']
    assert told.startswith('speed 7.2 to 8.0 mm/s, wire feed 5.0 to 5.2 m/min, weave 0.0 to 0.7 mm by root gap 1.00 ')
    assert told.endswith('1 of 2 places measured during the weld')
    assert 'Adaptive fill' not in dict(seam_facts(SeamRecord(1)))


def test_a_record_tells_how_a_seam_was_tracked():
    tracking = TrackingRecord((0.0,), (0.1,), (0.0,), 1.234, 0.5, 900, 9, 1)
    told = dict(seam_facts(SeamRecord(1, tracking=tracking)))['Tracking']
    points = '900 seam points, 9 outliers and 1 late ones left out'
    assert told == f'corrected by at most 1.23 mm, RMS 0.50 mm; {points}; stripe never lost'
    told = dict(seam_facts(SeamRecord(1, tracking=replace(tracking, moved=False))))['Tracking']
    assert 'RMS 0.50 mm; the workpiece did not move; 900' in told
    lost = LostStripe(3.0, 0.25), LostStripe(5.0, 0.1)
    tracking = TrackingRecord((0.0,), (0.1,), (0.0,), 1.0, 0.5, 900, 9, 1, lost, (30.2, 80.4))
    told = dict(seam_facts(SeamRecord(1, tracking=tracking)))['Tracking']
    assert told.endswith('; stripe lost 2 times, 0.35 s in all; image to changed course 30 ms, p99 80 ms')
    assert 'Tracking' not in dict(seam_facts(SeamRecord(1)))


def test_a_record_tells_what_the_controller_answered():
    (seam,) = weld_record().seams
    assert dict(seam_facts(seam))['Controller'].startswith('no answer (topic); robot reached its end')
    answered = replace(seam.controller, interface='action', answer='goal succeeded, code 0', replaced=80)
    told = dict(seam_facts(replace(seam, controller=answered)))['Controller']
    assert told.startswith('goal succeeded, code 0; 80 goals replaced by later ones of ours; robot reached its end')
