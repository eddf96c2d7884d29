"""The part library on disk: what is written is what is read, and what is wrong with it is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from weld_cell.errors import ConfigurationError, ImageError, PartError
from weld_cell.part_library import (
    LibraryPart,
    PartThresholds,
    load_library,
    load_part,
    save_part,
)
from weld_cell.part_library.storage import FORMER
from weld_cell.records import JobSeam, JointType

SHIPPED = Path(__file__).parents[2] / 'config' / 'parts'


@pytest.fixture
def part():
    """A rectangle of 20 x 10 px with one seam."""
    cover = np.zeros((30, 40), np.uint8)
    cover[10:20, 10:30] = 255
    seam = JobSeam(np.array([0.0, 0.0, 0.0]), np.array([0.1, 0.0, 0.0]), np.array([0.0, 0.6, 0.8]), JointType.V)
    thresholds = PartThresholds(score_max=0.01)
    return LibraryPart(
        'P-1', cover // 2, cover, np.array([19.5, 14.5]), -90.0, 0.5, 2.0, (seam,), thresholds, 'Müller'
    )


@pytest.mark.parametrize('make', [lambda folder: None, Path.mkdir])
def test_no_library_and_an_empty_one(tmp_path, make):
    make(tmp_path / 'library')
    if (tmp_path / 'library').is_dir():
        assert load_library(tmp_path / 'library').parts == ()
    else:
        with pytest.raises(ConfigurationError, match='no such folder'):
            load_library(tmp_path / 'library')


def test_a_part_reads_back_the_same(tmp_path, part):
    again = load_part(save_part(tmp_path / 'library', part))
    assert (again.code, again.axis_deg, again.mm_per_px, again.thickness_mm) == ('P-1', -90.0, 0.5, 2.0)
    assert (again.notes, again.thresholds) == ('Müller', part.thresholds)
    np.testing.assert_array_equal(again.pixels, part.pixels)
    np.testing.assert_array_equal(again.cover, part.cover)
    np.testing.assert_array_equal(again.origin_px, part.origin_px)
    (seam,) = again.job
    assert seam.joint_type is JointType.V
    np.testing.assert_allclose(
        np.stack([seam.start_m, seam.end_m, seam.normal]), [[0, 0, 0], [0.1, 0, 0], [0, 0.6, 0.8]]
    )


def test_what_a_part_says_of_itself(part):
    assert part.area_mm2 == pytest.approx(200 * 0.25)
    assert part.size_mm == (10.0, 5.0)


@pytest.mark.parametrize(('side', 'background'), [(10, 3), (45, 4), (70, 7), (200, 8)])
def test_a_tenth_of_a_small_parts_side_is_the_background_that_counts(part, side, background):
    """Three pixels at least, eight at most; around a corner the mask is round."""
    cover = np.zeros((side + 20, side + 50), np.uint8)
    cover[10:-10, 10:-10] = 255
    mask = replace(part, pixels=cover // 2, cover=cover).template.mask
    np.testing.assert_array_equal(
        np.flatnonzero(mask[side // 2 + 10])[[0, -1]], [10 - background, side + 39 + background]
    )
    np.testing.assert_array_equal(np.flatnonzero(mask[:, 30])[[0, -1]], [10 - background, side + 9 + background])
    assert not mask[10 - background, 10 - background]


def test_a_part_is_replaced_only_when_asked_and_leaves_nothing_behind(tmp_path, part):
    save_part(tmp_path, part)
    with pytest.raises(ConfigurationError, match='there is a part P-1 already'):
        save_part(tmp_path, part)
    said = (tmp_path / 'P-1' / 'part.yaml').read_bytes()
    save_part(tmp_path, replace(part, thickness_mm=5.0), replace=True)
    assert load_part(tmp_path / 'P-1').thickness_mm == 5.0
    assert (tmp_path / 'P-1' / FORMER).read_bytes() == said, 'a job that a person wrote is not lost'
    assert [path.name for path in tmp_path.iterdir()] == ['P-1']


@pytest.mark.parametrize('renames', [1, 2])
def test_ctrl_c_between_two_renames_leaves_a_part(tmp_path, part, monkeypatch, renames):
    save_part(tmp_path, part)
    rename, done = Path.rename, []

    def interrupted(path, target):
        done.append(rename(path, target))
        if len(done) == renames:
            raise KeyboardInterrupt
        return done[-1]

    monkeypatch.setattr(Path, 'rename', interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_part(tmp_path, replace(part, thickness_mm=5.0), replace=True)
    assert load_part(tmp_path / 'P-1').thickness_mm == (part.thickness_mm if renames == 1 else 5.0)
    assert [path.name for path in tmp_path.iterdir()] == ['P-1']


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'code': ''}, 'cannot be the code'),
        ({'code': '../P'}, 'cannot be the code'),
        ({'code': 'P 1'}, 'cannot be the code'),
        ({'thickness_mm': 0.0}, '"thickness_mm": expected a number from 0.05'),
        ({'mm_per_px': float('nan')}, '"mm_per_px": expected a number'),
        ({'origin_px': np.array([np.inf, 0.0])}, '"origin_px": expected a row of 2 numbers'),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, part, changes, message):
    with pytest.raises(ConfigurationError, match=message):
        save_part(tmp_path, replace(part, **changes))
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_cannot_be_written(tmp_path, part):
    (tmp_path / 'file').touch()
    with pytest.raises(ConfigurationError, match='cannot be written'):
        save_part(tmp_path / 'file' / 'library', part)


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('code: A-L', 'name: A-L', '"code" is missing'),
        ('code: A-L', 'code: A-R', 'line 2: "code": A-R stands in the folder A-L: a part is kept twice'),
        ('axis_deg: 0.0', 'axis_deg: 190', 'line 4: "axis_deg": expected a number from -180 to 180, got 190'),
        ('axis_deg: 0.0', 'axis_deg: true', '"axis_deg": expected a number'),
        ('origin_px: [', 'origin_px: [0, ', '"origin_px": expected a row of 2 numbers'),
        ('origin_px: [', 'origin_px: [1000000, 0]\nold: [', '"origin_px": expected pixels within 100000'),
        ('origin_px: [', f'origin_px: [{10**400}, 0]\nold: [', '"origin_px": expected a row of 2 numbers'),
        ('mm_per_px: 0.56', f'mm_per_px: {2**70}', '"mm_per_px": expected a number from 0.001'),
        ('mm_per_px: 0.56', 'mm_per_px: 0', '"mm_per_px": expected a number from 0.001'),
        ('thickness_mm', 'thickness', '"thickness_mm" is missing'),
        ('job:\n-', 'job:\n- 3\n-', '"job": expected a list of mappings'),
        ('  end_m: [', '  end_m: [x, ', 'line 9: "job[0].end_m": expected a row of 3 numbers'),
        ('end_m:', 'finish_m:', 'section "job[0]": key "end_m" is missing'),
        (
            'normal: [0.0, 0.0, 1.0]',
            'normal: [0.0, 0.0, 0.0]',
            '"job[0].normal": expected a direction across the seam',
        ),
        (
            'normal: [0.0, 0.0, 1.0]',
            'normal: [1.0, 0.0, 0.1]',
            '"job[0].normal": expected a direction across the seam',
        ),
        ('joint_type: lap', 'joint_type: glued', '"job[0].joint_type": expected one of lap, butt'),
        ('joint_type: lap', 'jointtype: lap', '"job[0].jointtype": unknown key'),
        ('notes:', 'thresholds: {score_max: 2}\nnotes:', '"thresholds.score_max": expected a number from 0 to 1'),
        ('notes:', 'thresholds: {margin: 0.2}\nnotes:', '"thresholds.margin": unknown key'),
        ('notes:', 'colour: red\nnotes:', '"colour": unknown key'),
        ('job:', 'job', 'malformed YAML'),
    ],
)
def test_a_wrong_value_is_named_with_file_line_and_key(tmp_path, old, new, message):
    folder = tmp_path / 'A-L'
    shutil.copytree(SHIPPED / 'A-L', folder)
    text = (folder / 'part.yaml').read_text()
    assert old in text
    (folder / 'part.yaml').write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as caught:
        load_part(folder)
    assert message in str(caught.value) and str(folder / 'part.yaml') in str(caught.value)


def test_a_seam_without_length(tmp_path):
    folder = tmp_path / 'A-L'
    shutil.copytree(SHIPPED / 'A-L', folder)
    lines = (folder / 'part.yaml').read_text().splitlines()
    start = next(line for line in lines if 'start_m' in line)
    lines = [start.replace('- start_m', '  end_m') if 'end_m' in line else line for line in lines]
    (folder / 'part.yaml').write_text('\n'.join(lines))
    with pytest.raises(
        ConfigurationError, match='"job\\[0\\].end_m": expected an end at least 0.001 m from the start'
    ):
        load_part(folder)


@pytest.mark.parametrize(
    ('file', 'damage', 'message'),
    [
        ('mask.png', Path.unlink, 'mask.png missing'),
        ('part.yaml', Path.unlink, 'part.yaml missing'),
        ('template.png', lambda path: path.write_bytes(path.read_bytes()[:100]), 'the file is cut'),
        ('template.png', lambda path: path.write_bytes(b''), 'cannot be read as an image'),
        (
            'template.png',
            lambda path: cv2.imwrite(str(path), np.zeros((50, 50, 3), np.uint8)),
            'expected a grey picture',
        ),
        ('mask.png', lambda path: cv2.imwrite(str(path), np.full((50, 50), 255, np.uint8)), 'expected one size'),
        ('mask.png', lambda path: cv2.imwrite(str(path), 0 * cv2.imread(str(path), 0)), 'a mask that is white on'),
    ],
)
def test_a_damaged_folder_is_named_and_the_others_still_load(tmp_path, file, damage, message):
    library = tmp_path / 'parts'
    shutil.copytree(SHIPPED, library)
    damage(library / 'B-L' / file)
    (library / '.A-R.4711').mkdir()
    (library / 'README.md').touch()
    found = load_library(library)
    assert [part.code for part in found.parts] == ['A-L', 'A-R', 'B-R']
    (fault,) = found.faults
    assert isinstance(fault, ConfigurationError | ImageError)
    assert message in str(fault) and 'B-L' in str(fault) and fault.remedy


def test_a_part_that_is_not_in_the_library_is_named(tmp_path, part):
    save_part(tmp_path, part)
    load_library(tmp_path).require('P-1')
    with pytest.raises(PartError, match='has no part "P-2"') as caught:
        load_library(tmp_path).require('P-2')
    assert caught.value.remedy == 'Name one of: P-1.'


def test_two_templates_of_one_code(tmp_path):
    shutil.copytree(SHIPPED / 'A-R', tmp_path / 'A-R')
    shutil.copytree(SHIPPED / 'A-R', tmp_path / 'A-R_copy')
    found = load_library(tmp_path)
    assert [part.code for part in found.parts] == ['A-R']
    assert 'A-R stands in the folder A-R_copy' in str(found.faults[0])
