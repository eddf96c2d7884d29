"""Spot welds in a recording of the area camera, image by image: offline equivalent of the node."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from weld_cell.bags.reading import RecordedImage
from weld_cell.errors import WeldCellError
from weld_cell.images import to_grey
from weld_cell.records import ImageArray, WeldInspection
from weld_cell.settings import SpotWeldStationSettings
from weld_cell.stations.spot_weld import SpotWeldStation
from weld_cell.stations.station import PoseOf


@dataclass(frozen=True, eq=False)
class InspectedImage:
    """An image and what is said of its spot welds.

    Attributes:
        name: Of the image: a file's name, or its stamp.
        time: When it was taken or looked at, ISO 8601.
        sha256: Of its file, or of its pixels.
        grey: (h, w) uint8.
        outcome: Its welds, or why they are not judged.
    """

    name: str
    time: str
    sha256: str
    grey: ImageArray
    outcome: WeldInspection | WeldCellError


def replay_spot_welds(
    recording: Iterable[RecordedImage], T_base_camera: PoseOf, settings: SpotWeldStationSettings
) -> Iterator[InspectedImage]:
    """Look at each image of a recording, in order: same recording, same verdicts.

    Args:
        recording: The images, read once, one at a time.
        T_base_camera: Where the camera was; used only where defects are measured in millimetres.
        settings: Of every step.

    Raises:
        FeatureBankError: the bank cannot be used.
        ModelError: features or finder cannot be used.
    """
    station = SpotWeldStation(T_base_camera, settings)
    for recorded in recording:
        image = recorded.image
        pixels = image.pixels
        station.cameras.add((pixels.shape[1], pixels.shape[0]), recorded.camera)
        outcome: WeldInspection | WeldCellError
        try:
            outcome = station.look(image).inspection
        except WeldCellError as error:
            outcome = error.with_traceback(None)
        taken = datetime.fromtimestamp(image.stamp_ns // 10**9, UTC).isoformat()
        digest = sha256(pixels.tobytes()).hexdigest()
        yield InspectedImage(str(image.stamp_ns), taken, digest, to_grey(pixels), outcome)
