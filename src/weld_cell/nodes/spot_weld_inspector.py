"""Node spot_weld_inspector: every spot weld in view, judged. It looks when `spot_weld/inspect` asks for it.

`spot_weld/report` has one status a weld; none where an image could not be judged.
"""

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from sensor_msgs.msg import Image

from weld_cell.errors import WeldCellError
from weld_cell.records import CameraImage, FloatArray, WeldVerdict
from weld_cell.ros.conversions import BASE_FRAME, image_to_message, make_header, map_to_message
from weld_cell.ros.parameters import declare
from weld_cell.ros.qos import RESULT, publisher
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import StationTopics
from weld_cell.ros.statuses import status_to_message
from weld_cell.ros.transforms import Transforms
from weld_cell.settings import SpotWeldStationSettings
from weld_cell.stations.spot_weld import SpotWeldStation, WeldsSeen

LEVELS = {
    WeldVerdict.GOOD: DiagnosticStatus.OK,
    WeldVerdict.DOUBTFUL: DiagnosticStatus.WARN,
    WeldVerdict.DEFECTIVE: DiagnosticStatus.ERROR,
}


class SpotWeldInspector(StationNode[WeldsSeen]):
    """Image -> regions -> anomaly maps -> a verdict on each weld."""

    def __init__(self) -> None:
        super().__init__('spot_weld_inspector')
        parameters = StationParameters(self, SpotWeldStationSettings())
        streams = declare(self, 'streaming', False, 'Look also at the newest image as it comes, for replays.')
        self._transforms = Transforms(self)
        self._map = publisher(self, Image, 'spot_weld/anomaly_map', RESULT)
        self._mask = publisher(self, Image, 'spot_weld/defect_mask', RESULT)
        self._report = publisher(self, DiagnosticArray, 'spot_weld/report', RESULT)
        self._welds = SpotWeldStation(self._T_base_camera, parameters.settings)
        self._out = StationTopics(self, self.health, 'spot_weld', self._welds.reset, latched=True)
        calibrated = parameters.settings.spot_weld.millimetres
        words = {'trigger': 'spot_weld/inspect', 'calibrated': calibrated, 'streams': streams}
        self.begin(self._welds, parameters, self._out, 'mako', **words)

    def publish(self, image: CameraImage, result: WeldsSeen) -> str:
        """See StationNode: map, mask and report."""
        found, stamp_ns = result.inspection, result.stamp_ns
        self._map.publish(map_to_message(found.anomaly_map, stamp_ns, image.frame))
        self._mask.publish(image_to_message(255 * found.mask.astype(np.uint8), stamp_ns, image.frame))
        statuses = [
            status_to_message(f'spot_weld/{status.number}', status, LEVELS[weld.verdict], status.verdict)
            for weld, status in zip(found.welds, self._welds.report(result), strict=True)
        ]
        self._report.publish(DiagnosticArray(header=make_header(stamp_ns, image.frame), status=statuses))
        status = self._welds.status(result)
        said = f'{status.good} good, {status.doubtful} doubtful, {status.defective} defective'
        said += f', {status.cut} cut by the border' if status.cut else ''
        self._out.tell(status, max(LEVELS[weld.verdict] for weld in found.welds), said)
        return said

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """See StationNode."""
        self._report.publish(DiagnosticArray(header=make_header(image.stamp_ns, image.frame)))
        super().failed(image, error)

    def withdraw(self) -> None:
        """See StationNode."""
        self._report.publish(DiagnosticArray(header=make_header(0, '')))

    def _T_base_camera(self, image: CameraImage) -> FloatArray:
        return self._transforms.at(BASE_FRAME, image.frame, image.stamp_ns)


def main() -> int:
    """Run the node."""
    return run_node(SpotWeldInspector)
