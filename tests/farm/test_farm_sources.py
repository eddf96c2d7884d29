"""Which bags are meant by words."""

import os
import sys

import pytest

from weld_cell.errors import BagError, FarmLibraryError
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.sources import find_bags, is_plain_path


@pytest.fixture
def folder(tmp_path):
    for name in ('line/b/b_0.mcap', 'line/a/a_0.db3', 'line/a/a_0.db3-wal', 'line/a/metadata.yaml', 'line/notes.txt'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize('word', ['nowhere', 'empty', 'line/notes.txt', 'line/*.mcap', 'x[1].mcap'])
def test_a_word_that_means_no_bag_is_named(folder, word):
    (folder / 'empty').mkdir()
    with pytest.raises(BagError, match='no bag there') as error:
        find_bags([str(folder / word)])
    assert word.partition('[')[0] in error.value.message


@pytest.mark.parametrize('word', ['nonsense://x/y.mcap', 'http://127.0.0.1:1/x.mcap'])
def test_an_address_that_cannot_be_read_is_named(word):
    with pytest.raises((BagError, ValueError), match=r'nonsense|127\.0\.0\.1:1/x'):
        find_bags([word])


def test_a_missing_library_is_named_with_the_remedy():
    with pytest.raises(FarmLibraryError, match=r"no_such_library.*pip install 'weld_cell\[farm\]'"):
        farm_library('no_such_library.part')


def test_s3_without_its_library_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 's3fs', None)
    with pytest.raises(FarmLibraryError, match='s3://plant/line_2') as error:
        find_bags(['s3://plant/line_2'])
    assert 'pip install s3fs' in error.value.remedy


def test_folders_patterns_and_files_each_bag_once(folder):
    line = folder / 'line'
    expected = [str(line / 'a'), str(line / 'b')]
    assert [bag.address for bag in find_bags([str(line)])] == expected
    assert [bag.address for bag in find_bags([f'{line}/*', str(line), f'file://{line}/a'])] == expected
    assert [bag.address for bag in find_bags([str(line / 'b'), str(line)])] == expected[::-1]
    (single,) = find_bags([str(line / 'a' / 'a_0.db3')])
    assert [file.name for file in single.files] == ['a_0.db3', 'a_0.db3-wal']  # its journal is a part of it
    (bag, _) = find_bags([str(line)])
    assert [file.name for file in bag.files] == ['a_0.db3', 'a_0.db3-wal', 'metadata.yaml']
    assert bag.size == sum(file.stat().st_size for file in (line / 'a').iterdir())


def test_names_on_a_server_may_look_like_patterns():
    fsspec = farm_library('fsspec')
    for name in ('line_1/a[1].mcap', 'line_1/b#2?.mcap', 'line_*/c.mcap'):
        fsspec.filesystem('memory').pipe_file(f'/plant/{name}', b'')
    try:
        told = [
            [bag.address for bag in find_bags([f'memory://plant/{word}'])] for word in ('line_*/*.mcap', 'line_1')
        ]
        assert told[0] == [
            f'memory:///plant/{name}' for name in ('line_*/c.mcap', 'line_1/a[1].mcap', 'line_1/b#2?.mcap')
        ]
        assert told[1] == ['memory:///plant/line_1']
        (single,) = find_bags(['memory://plant/line_1/b#2?.mcap'])
        assert [file.name for file in single.files] == ['b#2?.mcap']
        with pytest.raises(BagError, match='no bag there'):
            find_bags(['memory://plant/line_1/none.mcap'])
    finally:
        fsspec.filesystem('memory').rm('/plant', recursive=True)


def test_bags_of_one_name_have_different_results(folder):
    (folder / 'other' / 'a').mkdir(parents=True)
    (folder / 'other' / 'a' / 'a_0.db3').write_text('')
    names = {bag.name for bag in find_bags([str(folder)])}
    assert len(names) == 3 and sum(name.startswith('a-') for name in names) == 2


def test_what_changes_tells_so(folder):
    file = folder / 'line' / 'b' / 'b_0.mcap'
    before = find_bags([str(file)])[0]
    os.utime(file, ns=(1, 1))
    after = find_bags([str(file)])[0]
    assert (before.name, before.size) == (after.name, after.size) and before.stamp != after.stamp


@pytest.mark.parametrize(
    ('word', 'plain'),
    [('nowhere', True), ('line/b', True), ('line/b/b_0.mcap', True), ('line', False), ('line/*', False)],
)
def test_one_bag_is_replayed_as_ever(folder, word, plain):
    assert is_plain_path(str(folder / word)) is plain
    assert not is_plain_path('http://127.0.0.1/x.mcap')
