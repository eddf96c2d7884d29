"""Node joint_type: only the vote on the joint type, for who wants no seam. `seam_detector` votes itself."""

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import WeldCellError
from weld_cell.records import CameraImage
from weld_cell.ros.parameters import declare_file
from weld_cell.ros.patient_file import PatientFile
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import JointTypeTopics
from weld_cell.settings import VoteSettings
from weld_cell.stations.joint_type_vote import JointTypeLook, JointTypeStation


class JointTypeNode(StationNode[JointTypeLook]):
    """Votes from the first image with a stripe, and again after each `joint_type/reset`.

    After the decision images are looked at only while somebody watches the overlay.
    """

    def __init__(self) -> None:
        super().__init__('joint_type')
        parameters = StationParameters(self, VoteSettings(), fixed=['joint_type'])
        rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        rig = PatientFile(self, self.health, lambda: load_rig(rig_file))
        station = JointTypeStation(parameters.settings, lambda: rig.get().laser_sensor.laser_plane)
        self._voting = station.voting
        self._out = JointTypeTopics(self, self.health, station.reset)
        self.begin(station, parameters, self._out, 'laser_sensor')

    def wanted(self) -> bool:
        """See StationNode."""
        return self._voting.decision is None or self._out.overlay.wanted

    def publish(self, image: CameraImage, result: JointTypeLook) -> str:
        """See StationNode."""
        self._out.publish_ballot(result.ballot, self.look_ms)
        return 'ok'

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """See StationNode: an image without a stripe has no vote, and no status."""

    def on_end(self) -> bool:
        """See StationNode."""
        if self._voting.begun:
            self._out.publish_outcome(self._voting.conclude())
        return True


def main() -> int:
    """Run the node."""
    return run_node(JointTypeNode)
