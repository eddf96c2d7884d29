"""weldx files: valid by weldx, and the same record again."""

import sys
from dataclasses import replace

import pytest
from weld_records import PICTURE, keep, weld_record

from weld_cell.cli import main
from weld_cell.errors import RecordError
from weld_cell.traceability.folder import RecordFolder
from weld_cell.traceability.index import Wanted

weldx = pytest.importorskip('weldx', reason='the extra weldx is not installed')


@pytest.fixture(scope='module')
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp('kept')
    keep(folder, replace(weld_record('nothing'), seams=(), part=None, outcome='fault', calibration=None))
    keep(folder, weld_record('c2'), PICTURE)
    return folder


@pytest.mark.parametrize('number', [1, 2])
def test_a_record_comes_back_out_of_its_weldx_file(kept, tmp_path, number):
    from weld_cell.traceability.weldx_file import read_weldx

    assert main(['records', 'export', str(number), '--weldx', str(tmp_path), '--folder', str(kept)]) == 0
    (path,) = tmp_path.iterdir()  # and nothing unfinished beside it
    reader = RecordFolder(kept)
    entry = reader.entry(reader.find(Wanted((number,)))[0])
    found = read_weldx(path)
    assert path.name == f'record_{number:06d}.wx' and found == entry and found.whole


def test_weldx_reads_the_weld_in_its_own_terms(kept, tmp_path):
    """100 mm from (1, 0, 0.2) along y in 12.5 s, at 160 A, 20 V and 7 m/min."""
    path = tmp_path / 'r.wx'
    assert main(['records', 'export', '2', '--weldx', str(path), '--folder', str(kept)]) == 0
    with weldx.WeldxFile(str(path), 'r', custom_schema='multi_pass_weld-0.1.1') as file:
        weldment = file['weld_seam'][0][0][0][0]
        tip, process = weldment['TCP'], weldment['process']['welding_process']
        assert tip.coordinates.pint.to('mm').values.tolist() == [[1000.0, 0.0, 200.0], [1000.0, 100.0, 200.0]]
        assert tip.time.as_quantity().to('s').magnitude.tolist() == [0.0, 12.5]
        assert process.parameters['current'].data.to('A').magnitude == 160.0
        assert process.parameters['wire_feedrate'].data.to('m/min').magnitude == pytest.approx(7.0)
        ours = file['wx_user']['weld_cell']
        assert bytes(next(iter(ours['pictures'].values()))) == PICTURE
        assert ours['seams'][0]['along']['gap'].to('mm').magnitude[-1] == pytest.approx(0.4)


def test_what_weldx_refuses_leaves_no_file(kept, tmp_path, monkeypatch):
    from weld_cell.traceability import weldx_file

    monkeypatch.setattr(weldx_file, '_weldment', lambda seam, record: {'TCP': 'no coordinate system'})
    reader = RecordFolder(kept)
    entry = reader.entry(reader.find(Wanted((2,)))[0])
    with pytest.raises(RecordError, match='Record 2: weldx refuses it'):
        weldx_file.write_weldx(entry, kept, tmp_path / 'r.wx')
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_version_or_kind_is_named(tmp_path):
    from weld_cell.traceability.weldx_file import read_weldx

    path = tmp_path / 'other.wx'
    with pytest.raises(RecordError, match=r'other\.wx: this is no weldx file'):
        read_weldx(path)
    path.write_bytes(b'#ASDF 9.9.9\n')
    with pytest.raises(RecordError, match=r'other\.wx: this is no weldx file'):
        read_weldx(path)
    weldx.WeldxFile(str(path.with_name('empty.wx')), tree={'weld_seam': []}, mode='rw').close()
    with pytest.raises(RecordError, match=r'empty\.wx: this is no weldx file of a weld record \(KeyError'):
        read_weldx(path.with_name('empty.wx'))


def test_without_weldx_the_remedy_is_named(kept, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'weld_cell.traceability.weldx_file', None)
    assert main(['records', 'export', '--weldx', str(tmp_path), '--folder', str(kept)]) == 1
    assert 'pip install "weldx==0.8.2"' in capsys.readouterr().err
