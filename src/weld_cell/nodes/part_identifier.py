"""Node part_identifier: which part lies on the table, and where. It looks when `part/identify` asks for it."""

import time
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PoseStamped
from std_msgs.msg import String
from tf2_ros import StaticTransformBroadcaster

from weld_cell.errors import PartError, WeldCellError
from weld_cell.part_library import load_library
from weld_cell.records import CameraImage, FloatArray
from weld_cell.ros.conversions import BASE_FRAME, make_header, pose_from_transform, transforms_to_messages
from weld_cell.ros.parameters import declare_file
from weld_cell.ros.qos import LATCHED, publisher
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import StationTopics
from weld_cell.ros.transforms import Transforms
from weld_cell.settings import PartStationSettings
from weld_cell.stations.part import PartsSeen, PartStation


class PartIdentifierNode(StationNode[PartsSeen]):
    """Image -> metric view -> code and pose; anything but one part, identified with certainty, is refused."""

    def __init__(self) -> None:
        super().__init__('part_identifier')
        parameters = StationParameters(self, PartStationSettings(), fixed=['parts'])
        folder = declare_file(self, 'parts_folder', 'parts', 'Part library')
        self._transforms, self._frames = Transforms(self), StaticTransformBroadcaster(self)
        self._code = publisher(self, String, 'part/code', LATCHED)
        self._pose = publisher(self, PoseStamped, 'part/pose', LATCHED)
        self._out = StationTopics(self, self.health, 'part', self._reset, latched=True)
        self._station = self._learned(Path(folder), parameters.settings)
        self._code.publish(String(data=''))
        self.begin(self._station, parameters, self._out, 'mako', trigger='part/identify')

    def publish(self, image: CameraImage, result: PartsSeen) -> str:
        """See StationNode: the one part that lies there.

        Raises:
            PartError: none, one that is not identified with certainty, or several.
        """
        status = self._station.status(result)
        try:
            part, match = result.the_part()
        except PartError as error:
            self._code.publish(String(data=''))
            self._out.tell(status, DiagnosticStatus.WARN, str(error))
            raise
        header = make_header(part.stamp_ns, BASE_FRAME)
        self._pose.publish(PoseStamped(header=header, pose=pose_from_transform(part.T_base_part)))
        frame = BASE_FRAME, f'part_{part.code}', part.T_base_part
        self._frames.sendTransform(transforms_to_messages([frame], part.stamp_ns))
        self._code.publish(String(data=part.code))
        self._out.tell(status, message=part.code)
        return f'{part.code}, margin {match.margin:.2f}'

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """See StationNode."""
        self._code.publish(String(data=''))
        super().failed(image, error)

    def withdraw(self) -> None:
        """See StationNode."""
        self._code.publish(String(data=''))

    def _learned(self, folder: Path, settings: PartStationSettings) -> PartStation:
        began_s, library = time.monotonic(), load_library(folder)
        for fault in library.faults:
            self.health.report(fault)
        self.get_logger().info(f'Learning to tell the {len(library.parts)} parts of {folder} apart.')
        station = PartStation(library, self._T_base_camera, settings)
        codes = ', '.join(part.code for part in library.parts)
        self.get_logger().info(f'Knows {codes} after {time.monotonic() - began_s:.1f} s.')
        return station

    def _T_base_camera(self, image: CameraImage) -> FloatArray:
        return self._transforms.at(BASE_FRAME, image.frame, image.stamp_ns)

    def _reset(self) -> str:
        self._code.publish(String(data=''))
        return self._station.reset()


def main() -> int:
    """Run the node."""
    return run_node(PartIdentifierNode)
