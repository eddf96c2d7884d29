"""A recording from launch on, as the README says to record, and every cut of it: the scan is found in it."""

import csv
import json

import numpy as np
import pytest
from recorded_cycle import TOPIC, record_cycle
from scipy.spatial import cKDTree

from weld_cell.bags.reading import open_bag
from weld_cell.cli import main
from weld_cell.errors import SeamError
from weld_cell.records import JointType
from weld_cell.records.status import Stage
from weld_cell.seam.locate import locate_seam

WITHIN_MM, SAME_LENGTH_MM = 0.3, 0.5


@pytest.fixture(scope='module')
def recorded(tmp_path_factory):
    """Bag of a splice joint, from launch to the weld, and the cell that was recorded."""
    bag = tmp_path_factory.mktemp('recorded') / 'bag'
    return bag, record_cycle(JointType.SPLICE, 2, bag, stop_in=Stage.WELD)


def replay(bag, out, *options):
    """Exit code, what joint_type.json says, points of the path (n, 3), rows of the images."""
    code = main(['replay', str(bag), '--out', str(out), *map(str, options)])
    told = json.loads((out / 'joint_type.json').read_text())
    path = np.array([[float(row[axis]) for axis in ('x_m', 'y_m', 'z_m')] for row in rows(out / 'seam_path.csv')])
    return code, told, path, rows(out / 'seam_points.csv')


def rows(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def length_mm(path_m):
    return 1e3 * np.linalg.norm(np.diff(path_m, axis=0), axis=1).sum()


def first_s(cell, stage):
    """When a stage began, after the first image."""
    stamps = sorted(cell.stage_of)
    return (min(stamp for stamp in stamps if cell.stage_of[stamp] is stage) - stamps[0]) / 1e9


def test_the_whole_recording_gives_the_path_of_the_cell(recorded, tmp_path):
    bag, cell = recorded
    code, told, path, images = replay(bag, tmp_path / 'out')
    assert code == 0 and told['joint_type'] == 'splice' and told['path_error'] == '' and told['open_ends'] == []
    off_mm = 1e3 * cKDTree(cell.truth.positions_m).query(path)[0]
    assert off_mm.max() < WITHIN_MM
    assert length_mm(path) == pytest.approx(1e3 * cell.path.length_m, abs=SAME_LENGTH_MM)
    assert len(images) == len(cell.images)


@pytest.mark.parametrize('more', [0, 35, 90, 200])
def test_images_from_before_the_scan_take_nothing_from_its_path(recorded, tmp_path, more):
    """The way back to the start, the vote and the search before it lie on the same seam."""
    bag, cell = recorded
    start_s = first_s(cell, Stage.TRACK) - 0.025 * more
    code, _, path, images = replay(bag, tmp_path / 'out', '--start', start_s)
    assert code == 0 and len(images) <= len(cell.images) - 0.9 * start_s / 0.025
    assert length_mm(path) == pytest.approx(1e3 * cell.path.length_m, abs=SAME_LENGTH_MM)


def test_a_given_type_is_taken_and_an_end_cuts(recorded, tmp_path):
    bag, cell = recorded
    end_s = first_s(cell, Stage.TRACK) + 5.0
    code, told, path, _ = replay(bag, tmp_path / 'out', '--joint-type', 'splice', '--end', end_s)
    assert code == 0 and told['counts'] == {} and told['joint_type'] == 'splice'
    assert len(told['open_ends']) == 1 and 'The end of the seam may lie beyond' in told['open_ends'][0]
    assert 60.0 < length_mm(path) < 125.0  # 25 mm/s, less what lies before the plates
    code, told, _, images = replay(bag, tmp_path / 'wrong', '--joint-type', 'fillet')
    assert code == 4 and told['path_error'] and all(row['error'] for row in images if not row['x_m'])


@pytest.mark.parametrize('end', ['start', 'end'])
def test_a_path_that_lost_an_end_is_refused(recorded, tmp_path, monkeypatch, end):
    """Images that show the joint, in which the rule finds no seam point: 10 mm of them."""
    bag, cell = recorded
    stamps = [point.stamp_ns for point in cell.seam_points()]
    lost_ns = (stamps[0], stamps[0] + 400_000_000) if end == 'start' else (stamps[-1] - 400_000_000, stamps[-1])

    def located(*arguments):
        if lost_ns[0] <= arguments[-1] <= lost_ns[1]:
            raise SeamError('no notch')
        return locate_seam(*arguments)

    monkeypatch.setattr('weld_cell.stations.laser_scan.locate_seam', located)
    code, told, path, images = replay(bag, tmp_path / 'out')
    assert code == 4 and f'The {end} of the seam is missing' in told['path_error'] and not len(path)
    assert sum('no notch' in row['why'] for row in images) >= 16


def test_a_recording_that_never_saw_the_plates_has_no_type_and_says_why(recorded, tmp_path, capsys):
    bag, cell = recorded
    end_s = first_s(cell, Stage.APPROACH) + 0.5
    code, told, path, images = replay(bag, tmp_path / 'out', '--end', end_s, '--overlays')
    assert code in (3, 4) and not len(path)
    assert all(row['error'] and row['why'] for row in images if not row['x_m'])
    assert told['path_error'][:40] in capsys.readouterr().out
    page = (tmp_path / 'out' / 'index.html').read_text()
    assert told['path_error'][:20] in page and 'class="bad"' in page


def test_frames_are_read_before_the_images(recorded):
    bag, cell = recorded
    with open_bag(bag) as reading:
        frames = reading.frame_tree()
        assert next(reading.images(TOPIC)).image.stamp_ns == cell.images[0][0]
        assert frames.lookup('base_link', 'tool0', cell.images[-1][0]).shape == (4, 4)
