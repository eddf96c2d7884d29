"""What is exported can be read again, and says where things are in the image."""

import json

import cv2
import numpy as np
import pytest

from weld_cell.cli import main
from weld_cell.plate_seam.training.labels import labelled_photos
from weld_cell.records import JointType


def exported(folder, kind, *words):
    assert main(['sim', 'export', kind, str(folder), *words]) == 0
    labels = [json.loads(line) for line in (folder / 'labels.jsonl').read_text().splitlines()]
    return [(cv2.imread(str(folder / label['image']), cv2.IMREAD_UNCHANGED), label) for label in labels]


def test_nothing_asked_for_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(['sim', 'export', 'plates', str(tmp_path), '--images', '0'])
    assert ended.value.code == 2
    assert 'argument --images: expected' in capsys.readouterr().err


def test_labels_are_not_written_over(tmp_path, capsys):
    (tmp_path / 'labels.jsonl').write_text('mine')
    assert main(['sim', 'export', 'plates', str(tmp_path)]) == 2
    assert 'another folder' in capsys.readouterr().err
    assert (tmp_path / 'labels.jsonl').read_text() == 'mine'


def test_stripes_are_bright_where_the_labels_say(tmp_path):
    images = exported(tmp_path, 'stripes', '--images', '1', '--seed', '5')
    assert [label['joint_type'] for _, label in images] == list(JointType)
    for pixels, label in images:
        assert label['image'].startswith(f'{label["joint_type"]}/')
        columns, rows = np.array(label['stripe_px']).T
        inside = (columns >= 20) & (columns < pixels.shape[1] - 20)
        u, v = np.round(columns[inside]).astype(int), np.round(rows[inside]).astype(int)
        aside = np.maximum(pixels[v, u - 20], pixels[v, u + 20])
        assert np.mean(pixels[v, u] > aside) > 0.7


def test_plates_are_photographs_to_learn_from(tmp_path):
    images = exported(tmp_path, 'plates', '--images', '6', '--seed', '2')
    photos = {photo.path.name: photo for photo in labelled_photos(tmp_path)}
    assert len(photos) == 6 and sum(len(label['seam_boxes_xyxy_px']) for _, label in images) > 0
    for pixels, label in images:
        boxes = photos[label['image'].split('/')[1]].in_pixels(pixels.shape[1::-1])
        assert boxes == pytest.approx(np.array(label['seam_boxes_xyxy_px']).reshape(-1, 4), abs=0.01)


def test_defects_lie_on_welds(tmp_path):
    ((pixels, label),) = exported(tmp_path, 'spot-welds', '--images', '1', '--split', 'test')
    mask = cv2.imread(str(tmp_path / label['mask']), cv2.IMREAD_UNCHANGED)
    welds = label['welds'] + label['cut_by_border']
    assert mask.shape == pixels.shape and set(np.unique(mask)) <= {0, 255}
    assert bool(mask.any()) == any(weld['defect'] != 'none' for weld in welds)
    near = np.zeros_like(mask)
    for weld in welds:
        cv2.circle(near, np.round(weld['centre_px']).astype(int).tolist(), round(2.5 * weld['radius_px']), 255, -1)
    assert not (mask & ~near).any()


@pytest.mark.parametrize('kind', ['plates', 'stripes', 'scans'])
def test_what_is_interrupted_leaves_the_folder_as_it_was(tmp_path, monkeypatch, kind):
    """Nothing of mine is lost, and the next call begins anew."""
    (tmp_path / 'mine.txt').write_text('mine')
    write, left = cv2.imwrite, iter(range(2))

    def interrupted(*words):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return write(*words)

    with monkeypatch.context() as patched:
        patched.setattr(cv2, 'imwrite', interrupted)
        assert main(['sim', 'export', kind, str(tmp_path), '--images', '3']) == 130
    assert [path.name for path in tmp_path.rglob('*')] == ['mine.txt']
    assert main(['sim', 'export', kind, str(tmp_path), '--images', '1']) == 0


def test_a_robot_that_errs_says_other_poses_of_the_same_images(tmp_path):
    poses = []
    for name, words in (('exact', ()), ('errs', ('--robot-mm', '2', '--robot-deg', '0.5'))):
        assert main(['sim', 'export', 'scans', str(tmp_path / name), '--images', '1', *words]) == 0
        poses.append(np.genfromtxt(tmp_path / name / 'poses.csv', delimiter=',', skip_header=1)[1:])
    off_mm = 1e3 * np.linalg.norm(poses[1][:3] - poses[0][:3])
    assert 0.1 < off_mm < 12.0 and np.linalg.norm(poses[1][3:]) == pytest.approx(1.0)
    first = [(tmp_path / name / '000.png').read_bytes() for name in ('exact', 'errs')]
    assert first[0] == first[1]


def test_a_negative_error_of_the_robot_is_refused(tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(['sim', 'export', 'scans', str(tmp_path / 'none'), '--robot-mm', '-1'])
    assert ended.value.code == 2
