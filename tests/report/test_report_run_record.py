"""The record of a run: what is written is read again, and what is none is refused."""

import numpy as np
import pytest

from weld_cell.errors import ConfigurationError
from weld_cell.report.run_record import ARRAYS_FILE, FACTS_FILE, RunFacts, RunRecord, load_record, make_room


def same(one, other):
    arrays = {name for name in vars(one) if name != 'facts'}
    return vars(one.facts).keys() == vars(other.facts).keys() and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays
    )


def test_an_empty_record(tmp_path):
    RunRecord().save(tmp_path / 'new')
    loaded = load_record(tmp_path / 'new')
    assert same(loaded, RunRecord()) and loaded.facts.stages == [] and loaded.path.shape == (0, 9)


def test_a_full_record(tmp_path):
    rng = np.random.default_rng(0)
    record = RunRecord(
        RunFacts(
            'sim',
            'lap',
            3,
            [(0.5, 'approach', ''), (9.0, 'fault', 'no plate')],
            'lap',
            100,
            2,
            True,
            (1.0, 2.0),
            8.0,
            10**18 + 1,
            9.0,
        ),
        latencies_ms=rng.random(4),
        path=rng.random((5, 9)),
        trajectory=rng.random((6, 13)),
    )
    record.save(tmp_path)
    loaded = load_record(tmp_path)
    assert same(loaded, record)
    assert loaded.facts.weld_start_ns == 10**18 + 1
    assert [tuple(stage) for stage in loaded.facts.stages] == record.facts.stages


@pytest.mark.parametrize(
    ('damage', 'told'),
    [
        ('no folder', 'There is no run at {folder}.'),
        ('nothing', '{folder} holds no record of a run: run.json and run.npz missing.'),
        ('no arrays', '{folder} holds no record of a run: run.npz missing.'),
        ('cut facts', '{folder}/run.json is damaged'),
        ('unknown fact', '{folder}/run.json is damaged'),
        ('cut arrays', '{folder}/run.npz is damaged'),
        ('empty arrays', '{folder}/run.npz is damaged'),
        ('changed arrays', '{folder}/run.npz is damaged'),
        ('unknown arrays', '{folder}/run.npz is damaged'),
    ],
)
def test_what_is_no_record_is_refused_in_words(tmp_path, damage, told):
    folder = tmp_path / 'run'
    facts, arrays = folder / FACTS_FILE, folder / ARRAYS_FILE
    if damage == 'nothing':
        folder.mkdir()
    elif damage != 'no folder':
        RunRecord(path=np.random.default_rng(0).random((50, 9))).save(folder)
    if damage == 'no arrays':
        arrays.unlink()
    if damage == 'cut facts':
        facts.write_text('{"source": "si')
    if damage == 'unknown fact':
        facts.write_text('{"colour": "red"}')
    if damage == 'cut arrays':
        arrays.write_bytes(arrays.read_bytes()[:200])
    if damage == 'empty arrays':
        arrays.write_bytes(b'')
    if damage == 'changed arrays':
        content = bytearray(arrays.read_bytes())
        content[len(content) // 2 - 300 : len(content) // 2 + 300] = bytes(600)
        arrays.write_bytes(content)
    if damage == 'unknown arrays':
        np.savez(arrays, colour=np.zeros(3))
    with pytest.raises(ConfigurationError) as refused:
        load_record(folder)
    assert refused.value.message.startswith(told.format(folder=folder))
    assert 'Errno' not in str(refused.value) and 'zip' not in str(refused.value)


def test_room_is_made_for_a_run_and_nothing_else_is_lost(tmp_path):
    make_room(tmp_path / 'new')
    RunRecord().save(tmp_path / 'new')
    (tmp_path / 'new' / 'photos').mkdir()
    (tmp_path / 'new' / 'photos' / 'mine.png').touch()
    make_room(tmp_path / 'new')
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['photos']
    assert (tmp_path / 'new' / 'photos' / 'mine.png').exists()


@pytest.mark.parametrize('make', [lambda path: path.touch(), lambda path: (path / FACTS_FILE).mkdir(parents=True)])
def test_a_folder_of_a_run_that_cannot_be_written_is_named(tmp_path, make):
    make(tmp_path / 'out')
    with pytest.raises(ConfigurationError, match='out: cannot be written'):
        make_room(tmp_path / 'out')
