"""Plate seams in a recording of the area camera, image by image: offline equivalent of the node."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weld_cell.bags.reading import RecordedImage
from weld_cell.errors import WeldCellError
from weld_cell.records import ImageArray, PlateSeam
from weld_cell.report.overlays import to_bgr
from weld_cell.settings import PlateSeamStationSettings
from weld_cell.stations.plate_seam import PlateSeamStation, PlatesSeen
from weld_cell.stations.station import PoseOf


@dataclass(frozen=True, eq=False)
class ReplayedPlates:
    """What one image of a recording shows.

    Attributes:
        stamp_ns: Of the image.
        seen: Its seams, or why they cannot be looked for.
        overlay: (h, w, 3) BGR; the image itself where it cannot be looked at.
    """

    stamp_ns: int
    seen: PlatesSeen | WeldCellError
    overlay: ImageArray

    @property
    def outcome(self) -> PlateSeam | WeldCellError:
        """The seam to weld, or why there is none."""
        if isinstance(self.seen, WeldCellError):
            return self.seen
        choice = self.seen.choice
        return self.seen.survey.seams[choice] if isinstance(choice, int) else choice


def replay_plates(
    recording: Iterable[RecordedImage], T_base_camera: PoseOf, settings: PlateSeamStationSettings
) -> Iterator[ReplayedPlates]:
    """Look at each image of a recording, in order: same recording, same seams.

    Args:
        recording: The images, read once, one at a time.
        T_base_camera: Where the camera was.
        settings: Of every step.

    Raises:
        ModelError: the network is asked for, and missing or damaged.
    """
    station = PlateSeamStation(T_base_camera, settings)
    for recorded in recording:
        image = recorded.image
        height, width = image.pixels.shape[:2]
        station.cameras.add((width, height), recorded.camera)
        try:
            seen = station.look(image)
        except WeldCellError as error:
            yield ReplayedPlates(image.stamp_ns, error.with_traceback(None), to_bgr(image.pixels))
        else:
            yield ReplayedPlates(image.stamp_ns, seen, station.overlay(image, seen))
