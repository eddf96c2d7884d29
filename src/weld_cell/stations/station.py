"""The protocol of a station: image in, result out, with state between images.

Three things run stations: a node (`ros/station_node.py`), the offline replay (`pipeline.py`) and the evaluation.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.records import CameraImage, FloatArray, ImageArray

Result = TypeVar('Result')
PoseOf = Callable[[CameraImage], FloatArray]
"""(4, 4) T_base_camera at the time of an image; raises TransformError where it is not known."""


class Cameras:
    """The calibrations of a camera by image size: it may send several, some of them not calibrated."""

    def __init__(self) -> None:
        self._by_size: dict[tuple[int, int], CameraModel | CalibrationError] = {}

    def add(self, size_px: tuple[int, int], camera: CameraModel | CalibrationError) -> None:
        """From now on images of a size (width, height) are seen so; a CalibrationError says why they cannot be."""
        self._by_size[size_px] = camera

    def knows(self, size_px: tuple[int, int]) -> bool:
        """Whether anything was said of images of this size."""
        return size_px in self._by_size

    def get(self, size_px: tuple[int, int]) -> CameraModel | CalibrationError | None:
        """What was said of images of a size, None where nothing was."""
        return self._by_size.get(size_px)

    def known(self, size_px: tuple[int, int]) -> CameraModel | CalibrationError:
        """Intrinsics for images of a size, or why there are none."""
        try:
            return self.of(size_px)
        except CalibrationError as error:
            return error.with_traceback(None)

    def of(self, size_px: tuple[int, int]) -> CameraModel:
        """Intrinsics for images of a size.

        Raises:
            CalibrationError: they are not calibrated, or nothing was said of this size.
        """
        camera = self.get(size_px)
        if camera is None:
            raise CalibrationError(
                f'No camera_info was received for images of {size_px[0]} x {size_px[1]}.',
                'Let the camera driver publish camera_info beside its images.',
            )
        if isinstance(camera, CalibrationError):
            raise CalibrationError(camera.message, camera.remedy)  # one raised again and again would grow
        return camera


class Station(Protocol[Result]):
    """A stage at work.

    Attributes:
        settings: A frozen dataclass, one field for each stage's Settings; replaced whole while the station works.
        cameras: What is known of the camera; filled by who runs the station.
    """

    settings: Any
    cameras: Cameras

    def prepare(self) -> None:
        """Load what the first image would otherwise wait for; called once, perhaps in another thread.

        Raises:
            WeldCellError: something is missing or damaged; each image that needs it raises the same.
        """

    def look(self, image: CameraImage) -> Result:
        """What the image shows.

        Raises:
            WeldCellError: the image does not show it, or something is missing that is named.
        """

    def overlay(self, image: CameraImage, result: Result) -> ImageArray:
        """A picture (h, w, 3) BGR of what was seen, for people."""

    def status(self, result: Result) -> Any:
        """What the result is in short, as a record of `weld_cell.records.status`."""

    def reset(self) -> str:
        """Forget what was remembered between images; a sentence about it."""
