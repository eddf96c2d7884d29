"""Node seam_detector: the laser's scan. It votes on the joint type and finds the seam point in each image.

The points become a path when `seam/finish` asks for it. With `vote` false the joint type comes from its topic.
"""

from std_msgs.msg import String

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import JointTypeError, WeldCellError
from weld_cell.records import CameraImage, JointType
from weld_cell.ros.parameters import declare, declare_file
from weld_cell.ros.patient_file import PatientFile
from weld_cell.ros.qos import LATCHED, subscription
from weld_cell.ros.seam_topics import SeamTopics
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import JointTypeTopics
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import JointTypeVoting
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.scanned_image import LaserLook


class SeamDetector(StationNode[LaserLook]):
    """Image -> stripe -> joint type -> seam point -> base_link -> path."""

    def __init__(self) -> None:
        super().__init__('seam_detector')
        parameters = StationParameters(self, PipelineSettings(), fixed=['joint_type'])
        rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        vote = declare(self, 'vote', True, 'Vote on the joint type; false: listen to the topic joint_type.')
        rig = PatientFile(self, self.health, lambda: load_rig(rig_file))
        voting = JointTypeVoting(parameters.settings.joint_type) if vote else None
        self._scan = LaserScan(lambda: rig.get().laser_sensor.laser_plane, parameters.settings, voting)
        self._out = SeamTopics(self, self._scan)
        self._votes = JointTypeTopics(self, self.health, self._scan.reset_joint_type) if vote else None
        if not vote:
            subscription(self, String, 'joint_type', self.health.watched(self._on_joint_type), LATCHED)
        self.begin(self._scan, parameters, self._out, 'laser_sensor')

    def wanted(self) -> bool:
        """See StationNode: after a finished seam only for the vote, and for who watches it."""
        self._scan.classifies = self._votes is not None and self._votes.overlay.wanted
        return self._scan.following or self._scan.votes or self._scan.classifies

    def publish(self, image: CameraImage, result: LaserLook) -> str:
        """See StationNode."""
        newest = result.newest
        if self._votes is not None and newest.ballot is not None:
            with self.health.watch():  # a vote without a winner is no reason to leave out the seam
                self._votes.publish_ballot(newest.ballot, self.look_ms)
            self._votes.overlay.show(lambda: self._scan.vote_overlay(image, newest), image)
        self._out.publish_look(result)
        return 'ok'

    def failed(self, image: CameraImage, error: WeldCellError) -> None:
        """See StationNode."""
        self._out.publish_failure(image.stamp_ns, error)

    def on_end(self) -> bool:
        """See StationNode: decide, then fit the path once every point has its pose."""
        voting = self._scan.voting
        if self._votes is not None and voting is not None and voting.begun:
            self._votes.publish_outcome(self._scan.conclude_vote())
        self._out.release()
        if self._out.complete:
            self.get_logger().info(self._out.finish(follow_on=True))
        return self._out.complete

    def _on_joint_type(self, message: String) -> None:
        if message.data and message.data not in list(JointType):
            raise JointTypeError(f'Joint type "{message.data}" is not known.', f'Use one of: {", ".join(JointType)}.')
        self._scan.joint_type = JointType(message.data) if message.data else None
        self._out.release()


def main() -> int:
    """Run the node."""
    return run_node(SeamDetector)
