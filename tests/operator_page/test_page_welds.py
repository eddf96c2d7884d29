"""The records of welds as the page reads them."""

import sys
from dataclasses import replace
from pathlib import Path

from weld_cell.operator_page import welds
from weld_cell.operator_page.welds import Welds
from weld_cell.traceability.chain import FIRST, seal
from weld_cell.traceability.lines import LINES_FILE

sys.path.insert(0, str(Path(__file__).parents[1] / 'traceability'))
from weld_records import keep_five, weld_record  # noqa: E402


def test_thousands_of_records_come_some_at_a_time(tmp_path):
    record, before, lines = weld_record(), FIRST, []
    for number in range(1, 2 * welds.MOST + 2):
        sealed = seal(replace(record, cycle=f'c{number}'), number, before)
        before = sealed.sha256
        lines.append(sealed.line)
    (tmp_path / LINES_FILE).write_bytes(b''.join(lines))
    found, below = [], 0
    while True:
        told = Welds(str(tmp_path)).newest(below)
        found += [each['number'] for each in told['records']]
        assert len(told['records']) <= welds.MOST and not told['warnings']
        if not told['older']:
            break
        below = found[-1]
    assert found == list(range(2 * welds.MOST + 1, 0, -1))
    assert Welds(str(tmp_path)).newest(1) == {'records': [], 'older': False, 'warnings': []}


def test_an_altered_picture_is_told(tmp_path):
    keep_five(tmp_path)
    assert Welds(str(tmp_path)).record(2)['pictures'] == [{'what': 'the seam in an image', 'wrong': ''}]
    (picture,) = tmp_path.glob('pictures/c2/*.png')
    picture.write_bytes(b'another one')
    (told,) = Welds(str(tmp_path)).record(2)['pictures']
    assert told['wrong'] == 'was altered'
    picture.unlink()
    (told,) = Welds(str(tmp_path)).record(2)['pictures']
    assert told['wrong'] == 'is gone'
