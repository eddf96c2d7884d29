"""A folder of images, or a video file, as a camera with an even rate."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from weld_cell.devices.base import Clock
from weld_cell.devices.pacing import Pacer
from weld_cell.errors import DeviceLostError, DeviceNotFoundError, EndOfImagesError, ImageError
from weld_cell.images import image_files, read_image
from weld_cell.records import CameraImage, ImageArray


class FilesCamera:
    """Images from files, one for each tick of the rate.

    Args:
        source: Folder of images (natural order: 2 before 10), or a video file.
        rate_hz: Images per second, whatever rate a video was recorded at.
        loop: Start again at the end.
        clock: For the stamps.
    """

    def __init__(self, source: Path, rate_hz: float, loop: bool, clock: Clock) -> None:
        self._source = source
        self._loop = loop
        self._clock = clock
        self._pacer = Pacer(rate_hz)
        self._images: Iterator[ImageArray] | None = None
        self._sequence = 0

    @property
    def name(self) -> str:
        """The folder or file."""
        return str(self._source)

    def open(self) -> None:
        """Start at the first image.

        Raises:
            DeviceNotFoundError: no such folder or video, or no images in it.
        """
        if self._source.is_dir():
            self._images = _FolderImages(_files_in(self._source), self._loop)
        else:
            _open_video(self._source).release()
            self._images = self._video_images()
        self._pacer.start()

    def grab(self, timeout_s: float) -> CameraImage:
        """The next image, at its time.

        Raises:
            DeviceLostError: closed, the next image is due later than the time-out, or its file went away.
            EndOfImagesError: there is no further image.
            ImageError: the next file cannot be read; the one after it comes with the next call.
        """
        images = self._images
        if images is None:
            raise DeviceLostError(f'{self._source} is not open.', 'Open it first.')
        self._pacer.wait(timeout_s)
        stamp_ns = self._clock()
        pixels = next(images, None)
        if pixels is None:
            raise EndOfImagesError(
                f'{self._source} has no further image after {self._sequence}.', 'Set loop to start again.'
            )
        self._sequence += 1
        return CameraImage(pixels, stamp_ns, self._sequence - 1)

    def close(self) -> None:
        """Stop; a waiting `grab` ends."""
        self._pacer.stop()
        self._images = None

    def _video_images(self) -> Iterator[ImageArray]:
        while True:
            video = _open_video(self._source)
            found, pixels = video.read()
            while found:
                yield np.asarray(pixels, dtype=np.uint8)
                found, pixels = video.read()
            video.release()
            if not self._loop:
                return


class _FolderImages:
    """Iterator over image files that survives an unreadable one (a generator ends with its first error)."""

    def __init__(self, files: list[Path], loop: bool) -> None:
        self._files = files
        self._loop = loop
        self._index = 0

    def __iter__(self) -> '_FolderImages':
        return self

    def __next__(self) -> ImageArray:
        if self._index == len(self._files) and self._loop:
            self._index = 0
        if self._index == len(self._files):
            raise StopIteration
        self._index += 1
        path = self._files[self._index - 1]
        if not path.exists():  # a network folder, or a stick, that was pulled out
            raise DeviceLostError(f'{path} is no longer there.', 'Plug it in again; it is reopened automatically.')
        return read_image(path)


def _files_in(folder: Path) -> list[Path]:
    try:
        return image_files(folder)
    except ImageError as error:
        raise DeviceNotFoundError(error.message, error.remedy) from error


def _open_video(path: Path) -> cv2.VideoCapture:
    video = cv2.VideoCapture(str(path)) if path.is_file() else None
    if video is None or not video.isOpened():
        raise DeviceNotFoundError(
            f'{path} is neither a folder of images nor a video.', 'Name an existing folder or video file.'
        )
    return video
