"""What was altered, removed or put elsewhere is found, by its number."""

import json

import pytest
from weld_records import keep, keep_five, weld_record

from weld_cell.errors import RecordError
from weld_cell.traceability.chain import parse
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import INDEX_FILE, Wanted
from weld_cell.traceability.lines import LINES_FILE
from weld_cell.traceability.record import record_from_plain
from weld_cell.traceability.store import RecordStore
from weld_cell.traceability.verify import verify


@pytest.fixture
def five(tmp_path):
    keep_five(tmp_path)
    return tmp_path


def lines_of(folder):
    return (folder / LINES_FILE).read_bytes().splitlines(keepends=True)


def told(folder, head=''):
    return [str(finding) for finding in verify(folder, head).findings]


def test_nothing_to_verify(tmp_path):
    with pytest.raises(RecordError, match='there are no records'):
        verify(tmp_path)


def test_what_was_written_is_whole(five):
    found = verify(five, lines_of(five)[2] and parse(lines_of(five)[2]).sha256)
    assert found.whole and found.findings == () and found.records == 5
    assert found.head == parse(lines_of(five)[4]).sha256


def forge(line):
    """Alter a record and write the sum that fits it."""
    from weld_cell.traceability.chain import seal

    entry = parse(line)
    plain = {**entry.plain, 'cell': 'another'}
    return seal(record_from_plain(plain), entry.number, entry.previous).line


@pytest.mark.parametrize(
    ('change', 'findings'),
    [
        (lambda lines: [], [f'record {k}: was removed from the end' for k in range(1, 6)]),
        (lambda lines: [lines[0], lines[1].replace(b'"gap_mm":[null,0.204', b'"gap_mm":[null,0.104'), *lines[2:]],
         ['record 2: was altered: it is not']),
        (lambda lines: [*lines[:2], lines[2].replace(b'"number":3', b'"number": 3'), *lines[3:]],
         ['record 3: was altered']),
        (lambda lines: [*lines[:3], forge(lines[3]), lines[4]], ['record 4: was altered with its SHA-256']),
        (lambda lines: [*lines[:1], *lines[2:]], ['record 2: was removed']),
        (lambda lines: lines[1:], ['record 1: was removed']),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], ['record 2: stands after record 3']),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], ['record 3: stands after record 3']),
        (lambda lines: lines[:3], ['record 4: was removed from the end', 'record 5: was removed from the end']),
        (lambda lines: [*lines[:2], b'oil\n', *lines[3:]], ['record 3: was removed', 'The line at byte']),
        (lambda lines: [*lines[:4], lines[4][:-9]], ['record 5: the last line is half written']),
        (lambda lines: [*lines[:4], forge(lines[4])], ['record 5: is another one than the index knows']),
    ],
)  # fmt: skip
def test_what_was_done_to_the_lines_is_told(five, change, findings):
    lines = lines_of(five)
    changed = change(lines)
    assert changed != lines
    (five / LINES_FILE).write_bytes(b''.join(changed))
    found = told(five)
    assert len(found) == len(findings) and all(map(str.startswith, found, findings)), found
    assert not verify(five).whole


def test_a_picture_that_was_altered_or_removed_is_told(five):
    (picture,) = RecordFolder(five).entry(RecordFolder(five).find(Wanted((2,)))[0]).record.pictures
    path = five / picture.file
    path.write_bytes(path.read_bytes() + b' ')
    assert told(five) == [f'record 2: its picture {picture.file} was altered']
    path.unlink()
    assert told(five) == [f'record 2: its picture {picture.file} is gone']


def test_a_chain_that_was_made_again_lacks_the_sum_that_was_noted(five):
    noted = verify(five).head
    for name in (LINES_FILE, INDEX_FILE):
        (five / name).unlink()
    keep(five, weld_record('c1', cell='another'))
    assert told(five, noted) == [f'no record has the sum {noted}, which was noted']


def test_without_its_index_the_end_is_not_sure(five):
    (five / LINES_FILE).write_bytes(b''.join(lines_of(five)[:3]))
    (five / INDEX_FILE).unlink()
    assert told(five) == ['there is no index: records that were removed from the end would not show']


def test_no_cycle_begins_over_records_that_were_removed(five):
    (five / LINES_FILE).write_bytes(b''.join(lines_of(five)[:3]))
    with pytest.raises(RecordError, match=r'record 5, which the index knows, is not where it was'):
        RecordStore(five, 1.0).begin(weld_record('c6'))
    reader = RecordFolder(five)
    assert len(reader.find(Wanted())) == 3 and 'record 5' in reader.warnings[0]


def test_a_record_of_another_version_is_told_and_the_others_are_read(five):
    lines = lines_of(five)
    content = json.loads(lines[1])
    content['record']['version'] = 7
    lines[1] = json.dumps(content, sort_keys=True, separators=(',', ':')).encode() + b'\n'
    (five / LINES_FILE).write_bytes(b''.join(lines))
    (five / INDEX_FILE).unlink()
    reader = RecordFolder(five)
    assert [row.number for row in reader.find(Wanted())] == [1, 3, 4, 5]
    assert 'Record 2: A record of version 7' in reader.warnings[0]
    with pytest.raises(RecordError, match='there is no record 2'):
        reader.find(Wanted((2,)))
