"""Labels of photographs: YOLO text and COCO, and what people do wrong in them."""

import json

import cv2
import numpy as np
import pytest

from weld_cell.errors import TrainingError
from weld_cell.plate_seam.training.labels import labelled_photos, scene_of


def picture(path, size=(200, 100)):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full(size[::-1], 90, np.uint8))
    return path


def coco(folder, images, annotations):
    (folder / 'labels.json').write_text(json.dumps({'images': images, 'annotations': annotations}))


def boxes(photo):
    return photo.in_pixels((200, 100)).tolist()


def test_no_images_and_no_labels(tmp_path):
    with pytest.raises(TrainingError, match='no images'):
        labelled_photos(tmp_path)
    picture(tmp_path / 'a.png')
    with pytest.raises(TrainingError, match='without labels'):
        labelled_photos(tmp_path)


def test_yolo_and_coco_say_the_same(tmp_path):
    picture(tmp_path / 'yolo' / 'a.png')
    (tmp_path / 'yolo' / 'a.txt').write_text('0 0.5 0.5 0.5 0.2\n')
    picture(tmp_path / 'coco' / 'b.png')
    coco(tmp_path / 'coco', [{'id': 7, 'file_name': 'b.png'}], [{'image_id': 7, 'bbox': [50, 40, 100, 20]}])
    first, second = labelled_photos(tmp_path)
    assert boxes(first) == boxes(second) == [[49.5, 39.5, 149.5, 59.5]]


def test_labels_of_windows_tools_and_copies_of_jupyter(tmp_path):
    picture(tmp_path / 'shots' / 'b.png')
    picture(tmp_path / 'shots' / '.ipynb_checkpoints' / 'b.png')
    coco(tmp_path, [{'id': 7, 'file_name': 'shots\\b.png'}], [{'image_id': 7, 'bbox': [50, 40, 100, 20]}])
    json_file = tmp_path / 'labels.json'
    json_file.write_text(json_file.read_text(), encoding='utf-8-sig')
    (photo,) = labelled_photos(tmp_path)
    assert boxes(photo) == [[49.5, 39.5, 149.5, 59.5]]


def test_yolo_labels_in_a_folder_of_their_own(tmp_path):
    picture(tmp_path / 'images' / 'a.png')
    (tmp_path / 'labels').mkdir()
    (tmp_path / 'labels' / 'a.txt').write_text('')
    (photo,) = labelled_photos(tmp_path)
    assert boxes(photo) == []


@pytest.mark.parametrize('line', ['0 0.5 0.5 0.5', '0 0.5 x 0.5 0.2', '0 nan 0.5 0.5 0.2', '0 1 2 3 4 5'])
def test_a_line_that_is_no_box(tmp_path, line):
    picture(tmp_path / 'a.png')
    (tmp_path / 'a.txt').write_text(f'0 0.5 0.5 0.5 0.2\n{line}\n')
    with pytest.raises(TrainingError, match='line 2'):
        labelled_photos(tmp_path)


@pytest.mark.parametrize(('line', 'why'), [('0 1.5 0.5 0.2 0.2', 'lies outside'), ('0 0.5 0.5 0.5 0', 'no area')])
def test_a_box_outside_or_without_area(tmp_path, line, why):
    picture(tmp_path / 'a.png')
    (tmp_path / 'a.txt').write_text(line)
    (photo,) = labelled_photos(tmp_path)
    with pytest.raises(TrainingError, match=why):
        photo.in_pixels((200, 100))


def test_a_box_that_reaches_a_little_beyond_is_cut(tmp_path):
    picture(tmp_path / 'a.png')
    (tmp_path / 'a.txt').write_text('0 0.5 0.5 1.02 0.2')
    (photo,) = labelled_photos(tmp_path)
    assert boxes(photo)[0][0] == 0.0
    assert boxes(photo)[0][2] == 199.0


def test_an_image_is_labelled_twice(tmp_path):
    picture(tmp_path / 'a.png')
    (tmp_path / 'a.txt').write_text('')
    entry = {'id': 1, 'file_name': 'a.png'}
    coco(tmp_path, [entry], [])
    with pytest.raises(TrainingError, match='labelled twice'):
        labelled_photos(tmp_path)
    (tmp_path / 'a.txt').unlink()
    coco(tmp_path, [entry, entry | {'id': 2}], [])
    with pytest.raises(TrainingError, match='twice'):
        labelled_photos(tmp_path)


def test_two_images_of_one_name_share_a_yolo_file(tmp_path):
    picture(tmp_path / 'a.png')
    picture(tmp_path / 'a.jpg')
    (tmp_path / 'a.txt').write_text('')
    with pytest.raises(TrainingError, match='labels two images'):
        labelled_photos(tmp_path)


@pytest.mark.parametrize(
    ('images', 'annotations', 'why'),
    [
        ([{'id': 1, 'file_name': 'other.png'}], [], '0 images are called other.png'),
        ([{'id': 1, 'file_name': 'a.png'}], [{'image_id': 2, 'bbox': [0, 0, 9, 9]}], 'of image 2'),
        ([{'id': 1, 'file_name': 'a.png'}], [{'image_id': 1, 'bbox': [0, 0, 9]}], 'of image 1'),
        ([{'file_name': 'a.png'}], [], 'not a COCO file'),
    ],
)
def test_a_damaged_coco_file(tmp_path, images, annotations, why):
    picture(tmp_path / 'a.png')
    coco(tmp_path, images, annotations)
    with pytest.raises(TrainingError, match=why):
        labelled_photos(tmp_path)


@pytest.mark.parametrize(
    ('name', 'scene'),
    [('a_1.png', 'a'), ('a-12.png', 'a'), ('7.png', '7'), ('plate3/x.png', 'plate3'), ('images/b 2.png', 'b')],
)
def test_scenes(tmp_path, name, scene):
    assert scene_of(tmp_path / name, tmp_path) == scene
