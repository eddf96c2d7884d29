"""Node plate_seam_detector: the seam between clamped plates. It looks when `plate_seam/detect` asks for it.

The latched `plate_seam/path` is the seam to weld; without poses it says that there is none.
"""

from diagnostic_msgs.msg import DiagnosticStatus
from nav_msgs.msg import Path

from weld_cell.errors import PlateSeamError, WeldCellError
from weld_cell.plate_seam.weld_path import weld_path
from weld_cell.records import CameraImage, FloatArray
from weld_cell.ros.conversions import BASE_FRAME, make_header, seam_path_to_message
from weld_cell.ros.parameters import declare
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import StationTopics
from weld_cell.ros.transforms import Transforms
from weld_cell.settings import PlateSeamStationSettings
from weld_cell.stations.plate_seam import PlateSeamStation, PlatesSeen


class PlateSeamDetector(StationNode[PlatesSeen]):
    """Image -> regions -> seams on the work plane -> the path of the one to weld."""

    def __init__(self) -> None:
        super().__init__('plate_seam_detector')
        parameters = StationParameters(self, PlateSeamStationSettings())
        streams = declare(self, 'streaming', False, 'Look also at the newest image as it comes, for replays.')
        self._transforms = Transforms(self)
        self._path = publisher(self, Path, 'plate_seam/path', LATCHED)
        self._station = PlateSeamStation(self._T_base_camera, parameters.settings)
        self._out = StationTopics(self, self.health, 'plate_seam', self._reset, latched=True)
        self._withdraw(0)
        self.begin(self._station, parameters, self._out, 'mako', trigger='plate_seam/detect', streams=streams)

    def publish(self, image: CameraImage, result: PlatesSeen) -> str:
        """See StationNode: the path of the seam to weld.

        Raises:
            PlateSeamError: there is none, or none that is certain enough.
        """
        status = self._station.status(result)
        try:
            seam = result.the_seam()
        except PlateSeamError as error:
            self._withdraw(result.stamp_ns)
            self._out.tell(status, DiagnosticStatus.WARN, str(error))
            raise
        self._path.publish(seam_path_to_message(weld_path(seam), result.stamp_ns, BASE_FRAME))
        said = f'seam {status.number} of {status.seams}: {seam.length_mm:.1f} mm, gap {status.gap_mm:.2f} mm'
        self._out.tell(status, message=said)
        return said

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """See StationNode."""
        self._withdraw(image.stamp_ns)
        super().failed(image, error)

    def withdraw(self) -> None:
        """See StationNode."""
        self._withdraw(0)

    def _withdraw(self, stamp_ns: int) -> None:
        """No path: what was published before holds no longer."""
        self._path.publish(Path(header=make_header(stamp_ns, BASE_FRAME)))

    def _T_base_camera(self, image: CameraImage) -> FloatArray:
        return self._transforms.at(BASE_FRAME, image.frame, image.stamp_ns)

    def _reset(self) -> str:
        self._withdraw(0)
        return self._station.reset()


def main() -> int:
    """Run the node."""
    return run_node(PlateSeamDetector)
