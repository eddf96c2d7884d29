"""Images in an archive, as written by ROS's camera_calibration (calibrationdata.tar.gz)."""

import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from weld_cell.errors import ImageError
from weld_cell.images import SUFFIXES

ARCHIVES = ('.tar', '.tar.gz', '.tgz', '.tar.bz2', '.tar.xz', '.zip')


@contextmanager
def unpacked(place: Path) -> Iterator[Path]:
    """A folder of images: the place itself, or what an archive holds, for as long as it is needed.

    Raises:
        ImageError: the archive cannot be read.
    """
    if not (place.is_file() and place.name.lower().endswith(ARCHIVES)):
        yield place
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            _unpack(place, Path(folder))
        except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
            raise ImageError(f'{place}: cannot be unpacked ({error}).', 'Copy it again, or unpack it.') from error
        _require_one_camera(place, Path(folder))
        yield Path(folder)


def _unpack(archive: Path, folder: Path) -> None:
    """Only the images, by their bare names: no member says where it goes."""
    if archive.name.lower().endswith('.zip'):
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                if not member.is_dir() and (name := _image_name(member.filename)):
                    with packed.open(member) as source, open(_new(folder / name), 'wb') as target:
                        shutil.copyfileobj(source, target)
        return
    with tarfile.open(archive) as packed_tar:
        for entry in packed_tar:
            content = packed_tar.extractfile(entry) if entry.isfile() else None
            if content is not None and (name := _image_name(entry.name)):
                with open(_new(folder / name), 'wb') as target:
                    shutil.copyfileobj(content, target)


def _require_one_camera(archive: Path, folder: Path) -> None:
    """ROS's camera_calibration saves the images of a pair of cameras as left-0000.png and right-0000.png."""
    if all(any(folder.glob(f'{side}-*')) for side in ('left', 'right')):
        raise ImageError(
            f'{archive}: images of two cameras, left and right.', 'Unpack it, and name a folder with those of one.'
        )


def _new(file: Path) -> Path:
    if file.exists():
        raise ImageError(
            f'Two images in the archive are called {file.name}.', 'Unpack it, and name the folder of one camera.'
        )
    return file


def _image_name(member: str) -> str:
    name = Path(member.replace('\\', '/')).name
    return name if Path(name).suffix.lower() in SUFFIXES and not name.startswith('.') else ''
