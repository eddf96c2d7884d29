"""`weld_cell records`: list, show, export, verify, with what each exit code says."""

import csv
import json
import re
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from weld_cell.cli import main
from weld_cell.traceability.chain import parse
from weld_cell.traceability.lines import LINES_FILE
from weld_cell.traceability.pdf import printable

sys.path.insert(0, str(Path(__file__).parents[1] / 'traceability'))
from weld_records import keep, keep_five, seam_record, weld_record  # noqa: E402


@pytest.fixture(scope='module')
def five(tmp_path_factory):
    folder = tmp_path_factory.mktemp('five')
    keep_five(folder)
    return folder


@pytest.fixture
def altered(tmp_path):
    keep_five(tmp_path)
    lines = tmp_path / LINES_FILE
    lines.write_bytes(lines.read_bytes().replace(b'"cell":"cell 1"', b'"cell":"cell 2"', 1))
    return tmp_path


def records(*words):
    return main(['records', *map(str, words)])


@pytest.mark.parametrize('command', [['list'], ['show', '1'], ['export', '--csv', 'x.csv'], ['verify']])
def test_a_folder_without_records_is_named(tmp_path, capsys, command):
    assert records(*command, '--folder', tmp_path) == 1
    told = capsys.readouterr().err
    assert str(tmp_path) in told and 'there are no records' in told and 'Remedy' in told


def test_the_records_are_listed(five, capsys):
    assert records('list', '--folder', five) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ['record', 'began'] and len(rows) == 5
    assert rows[0].split() == [
        '1',
        '2026-11-29',
        '10:00:00',
        '40',
        'A-R',
        'fillet',
        '1',
        '100.0',
        '-',
        'good',
        'done',
    ]
    assert 'armed' in rows[1] and rows[2].endswith('fault in stage track: lost') and ' v lap ' in rows[4]


def test_only_what_is_asked_for_is_listed(five, capsys):
    asked = ['list', '--folder', five, '--joint', 'lap', '--verdict', 'defective', '--part', 'A-R']
    assert records(*asked, '--since', '2026-11-30') == 0
    assert capsys.readouterr().out.splitlines()[1].startswith('5 ')
    assert records(*asked, '--until', '2026-11-29T23') == 3
    assert 'no record fits what was asked for' in capsys.readouterr().err
    assert records('list', '--folder', five, '--since', '2026-11-29 10:30') == 0
    assert records('list', '--folder', five, '--last', 10**25) == 0


@pytest.mark.parametrize(('option', 'given'), [('--since', 'yesterday'), ('--since', ''), ('--outcome', 'bogus')])
def test_what_cannot_be_asked_for_is_refused(option, given, capsys):
    with pytest.raises(SystemExit) as ended:
        records('list', option, given)
    assert ended.value.code == 2 and '<' not in capsys.readouterr().err


def test_a_record_is_shown_with_what_is_not_known(five, capsys):
    assert records('show', 1, '--folder', five) == 0
    shown = capsys.readouterr().out
    for words in ('fillet (95% of the images: fillet 38, v 2)', '0.20 to 0.40 mm, mean 0.30 mm, 50 of 51 images'):
        assert words in shown
    assert re.search('Armed by +not known', shown) and 'travel speed 10 to 8 mm/s' in shown
    assert records('show', 2, '--folder', five, '--json') == 0
    assert json.loads(capsys.readouterr().out)[0]['record']['seams'][0]['arc']['armed'] is True
    assert records('show', 9, '--folder', five) == 1
    assert 'there is no record 9' in capsys.readouterr().err


def test_a_record_that_was_altered_is_shown_as_such_and_not_exported(altered, tmp_path, capsys):
    assert records('show', 1, '--folder', altered) == 4
    assert 'ALTERED' in capsys.readouterr().out
    assert records('export', '--csv', tmp_path / 'x.csv', '--folder', altered) == 4
    assert 'altered: record 1' in capsys.readouterr().err and not (tmp_path / 'x.csv').exists()
    assert records('verify', '--folder', altered, '--rebuild-index') == 4
    assert 'record 1: was altered' in capsys.readouterr().err


def test_verify_prints_the_sum_to_note(five, capsys):
    assert records('verify', '--folder', five, '--rebuild-index') == 0
    said = capsys.readouterr().out
    head = parse((five / LINES_FILE).read_bytes().splitlines()[-1]).sha256
    assert f'5 records, the last one has the sum {head}' in said and 'The index holds 5 records' in said
    assert records('verify', '--folder', five, '--head', head) == 0
    assert records('verify', '--folder', five, '--head', 'f' * 64) == 4


@pytest.mark.parametrize('head', ['', 'abc', 'g' * 64])
def test_a_sum_that_is_none_is_wrong_usage(five, capsys, head):
    with pytest.raises(SystemExit) as ended:
        records('verify', '--folder', five, '--head', head)
    assert ended.value.code == 2 and 'is no SHA-256' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('content', 'told'), [(b'', 'is empty'), (bytes(range(256)) * 20, 'lines of records.jsonl are no records')]
)
@pytest.mark.parametrize('command', ['list', 'verify'])
def test_a_file_without_any_record_is_told_in_a_line(tmp_path, capsys, content, told, command):
    (tmp_path / LINES_FILE).write_bytes(content)
    assert records(command, '--folder', tmp_path) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f'{tmp_path}: there are no records' in line and told in line and 'codec' not in line


def test_a_line_that_is_no_record_gives_one_exit_code(altered, tmp_path, capsys):
    lines = altered / LINES_FILE
    first, *others = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(b'\xff\x00\n' + b''.join(others))
    (altered / 'index.sqlite').unlink()
    assert records('list', '--folder', altered) == 1
    assert records('export', '--csv', tmp_path / 'x.csv', '--folder', altered) == 1
    assert capsys.readouterr().err.count('The line at byte 0 of records.jsonl is no record (it is no text).') == 2
    assert len((tmp_path / 'x.csv').read_text().splitlines()) == 6  # the four others, one of them of two seams


def test_tables(five, tmp_path, capsys):
    table, lines = tmp_path / 'new' / 'x.csv', tmp_path / 'x.json'
    assert records('export', '--csv', table, '--json', lines, '--folder', five, '--outcome', 'done') == 0
    with table.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row['record'], row['seam'], row['joint_type']) for row in rows] == [
        ('1', '1', 'fillet'),
        ('2', '1', 'lap'),
        ('4', '1', 'v'),
        ('5', '1', 'v'),
        ('5', '2', 'lap'),
    ]
    assert float(rows[0]['gap_mean_mm']) == pytest.approx(0.302) and rows[0]['armed_by'] == ''
    assert rows[1]['armed'] == 'True' and rows[0]['changes'] == 'travel_speed_mm_s 10 to 8 mm/s'
    assert [each['number'] for each in json.loads(lines.read_text())] == [1, 2, 4, 5]


def test_a_report_is_a_pdf_and_says_what_was_welded(five, tmp_path, capsys):
    assert records('export', 5, '--pdf', tmp_path / 'r5.pdf', '--folder', five) == 0
    content = (tmp_path / 'r5.pdf').read_bytes()
    assert content.startswith(b'%PDF-') and content.rstrip().endswith(b'%%EOF')
    assert content.count(b'/Type /Page\n') + content.count(b'/Type /Page ') == 4  # facts, two seams, provenance
    assert records('export', '--pdf', tmp_path / 'all.pdf', '--folder', five) == 2
    assert 'one file for 5 records' in capsys.readouterr().err


def test_a_report_says_that_a_picture_is_missing(tmp_path, capsys):
    keep_five(tmp_path)
    (picture,) = tmp_path.glob('pictures/c2/*.png')
    picture.unlink()
    pdf = tmp_path / 'r2.pdf'
    assert records('export', 2, '--pdf', pdf, '--folder', tmp_path) == 1 and pdf.read_bytes().startswith(b'%PDF-')
    told = capsys.readouterr().err
    assert 'record 2: its picture pictures/c2/seam.png is gone' in told and 'records verify' in told
    pytest.importorskip('weldx', reason='the extra weldx is not installed')
    assert records('export', 2, '--weldx', tmp_path / 'r2.wx', '--folder', tmp_path) == 1
    told = capsys.readouterr().err
    assert 'Record 2: its picture pictures/c2/seam.png is gone' in told and 'records verify' in told


@pytest.mark.parametrize(
    ('words', 'told'), [([], 'name what to write'), (['--csv', '{file}/x.csv'], 'expected a folder, ')]
)
def test_what_cannot_be_written_is_told(five, tmp_path, capsys, words, told):
    (tmp_path / 'file').write_text('')
    words = [word.format(file=tmp_path / 'file') for word in words]
    try:
        code = records('export', *words, '--folder', five)
    except SystemExit as left:  # by argparse
        code = left.code
    assert code == 2 and told in capsys.readouterr().err


@pytest.mark.parametrize('command', ['list', 'show', 'export', 'verify'])
def test_help_has_examples(capsys, command):
    with pytest.raises(SystemExit):
        records(command, '--help')
    assert f'Examples:\n  weld_cell records {command}' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('time', 'numbers'),
    [
        ('2026-11-29T13:00+01:00', '345'),
        ('2026-11-29T10Z', '12345'),
        ('2026-11-30', '5'),
        ('2026-13', 'there is no such time'),
        ('2026-02-30T10', 'there is no such time'),
        ('2026-11-29T13+01:00', 'write it as'),
        ('0001-01-01T00:00+01:00', 'there is no such time'),
    ],
)
def test_times_of_other_zones_and_times_that_are_none(five, capsys, time, numbers):
    try:
        code = records('list', '--folder', five, '--since', time)
    except SystemExit as left:  # by argparse
        code = left.code
    told = capsys.readouterr()
    if numbers.isdecimal():
        assert code == 0 and ''.join(row.split()[0] for row in told.out.splitlines()[1:]) == numbers
    else:
        assert code == 2 and numbers in told.err


def test_the_last_records_alone(five, capsys):
    assert records('list', '--folder', five, '--last', 2) == 0
    assert [row.split()[0] for row in capsys.readouterr().out.splitlines()[1:]] == ['4', '5']
    with pytest.raises(SystemExit, match='2'):
        records('list', '--folder', five, '--last', 0)


def test_texts_that_other_programs_read_as_orders(tmp_path, capsys):
    reason = 'lost\n2  2026-11-29 \x1b[31m in $HOME/a_{b and $x^' + ' and on' * 700
    quality = replace(weld_record().quality, operator='张伟 Müller', examiner='Анна Ångström')
    changes = tuple(replace(seam_record().procedure.changes[0], why=reason) for _ in range(3))
    seam = replace(seam_record(), procedure=replace(seam_record().procedure, changes=changes))
    keep(tmp_path, weld_record(reason=reason, quality=quality, seams=(seam,)))
    assert records('list', '--folder', tmp_path) == 0 and records('show', 1, '--folder', tmp_path) == 0
    told = capsys.readouterr().out
    assert '\x1b' not in told and 'done lost 2 2026-11-29 [31m in $HOME/a_{b' in told
    assert not any(line.startswith('2 ') for line in told.splitlines())
    with warnings.catch_warnings(action='error'):  # of letters that the font lacks
        assert records('export', 1, '--pdf', tmp_path / 'r.pdf', '--folder', tmp_path) == 0
    assert printable('张 Ж\t$') == '[U+5F20] Ж $'
