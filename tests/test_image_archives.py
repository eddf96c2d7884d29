"""Images out of archives, as camera_calibration saves them."""

import io
import tarfile
import zipfile

import cv2
import numpy as np
import pytest

from weld_cell.errors import ImageError
from weld_cell.image_archives import unpacked
from weld_cell.images import image_files, read_image

PNG = cv2.imencode('.png', np.full((4, 6), 7, np.uint8))[1].tobytes()
MEMBERS = {'left-0001.png': PNG, './left-0000.png': PNG, 'ost.yaml': b'x: 1', '../../outside.png': PNG}


def test_a_folder_is_itself(tmp_path):
    with unpacked(tmp_path) as folder:
        assert folder == tmp_path


@pytest.mark.parametrize('name', ['calibrationdata.tar.gz', 'images.zip'])
def test_the_images_and_nothing_else(tmp_path, name):
    archive = tmp_path / name
    if name.endswith('.zip'):
        with zipfile.ZipFile(archive, 'w') as packed:
            for member, content in MEMBERS.items():
                packed.writestr(member, content)
    else:
        with tarfile.open(archive, 'w:gz') as packed:
            for member, content in MEMBERS.items():
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                packed.addfile(entry, io.BytesIO(content))
    with unpacked(archive) as folder:
        found = image_files(folder)
        assert [file.name for file in found] == ['left-0000.png', 'left-0001.png', 'outside.png']
        assert read_image(found[0]).shape == (4, 6)
    assert not folder.exists() and not (tmp_path.parent / 'outside.png').exists()


def test_what_is_no_archive(tmp_path):
    (tmp_path / 'cut.tar.gz').write_bytes(b'\x1f\x8b\x08\x00cut')
    with pytest.raises(ImageError, match='cannot be unpacked'), unpacked(tmp_path / 'cut.tar.gz'):
        pass


@pytest.mark.parametrize(
    ('members', 'told'),
    [(('left/1.png', 'right/1.png'), 'are called 1.png'), (('left-0000.png', 'right-0000.png'), 'two cameras')],
)
def test_images_of_two_cameras_are_not_mixed(tmp_path, members, told):
    with zipfile.ZipFile(tmp_path / 'images.zip', 'w') as packed:
        for member in members:
            packed.writestr(member, PNG)
    with pytest.raises(ImageError, match=told), unpacked(tmp_path / 'images.zip'):
        pass
