"""Node seam_detector: the laser's scan. It votes on the joint type and finds the seam point in each image.

The points become a path when `seam/finish` asks for it. While the seam is welded, `seam/watch` has its points told
on, ahead of the tool, until `seam/rest`. With `vote` false the joint type comes from its topic. With
`recorded` true nobody asks: the scan is found in what is played, as `weld_cell replay` finds it.
"""

from sensor_msgs.msg import CameraInfo
from std_msgs.msg import String

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import ConfigurationError, JointTypeError, WeldCellError
from weld_cell.records import CameraImage, JointType, JointTypeDecision
from weld_cell.ros.parameters import declare, declare_rig
from weld_cell.ros.patient_file import PatientFile
from weld_cell.ros.qos import LATCHED, RESULT, subscription
from weld_cell.ros.recorded_seam import RecordedSeam
from weld_cell.ros.seam_topics import SeamTopics
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_node import StationNode, StationParameters
from weld_cell.ros.station_topics import JointTypeTopics
from weld_cell.settings import PipelineSettings
from weld_cell.stations.joint_type_vote import JointTypeVoting
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.scanned_image import LaserLook

LISTEN_S = 0.1
"""So often it is decided anew whether images are wanted: nobody announces that an overlay is watched."""
RECORDED = 'The images are a recording, which may begin at the launch: find the scan in it.'


class SeamDetector(StationNode[LaserLook]):
    """Image -> stripe -> joint type -> seam point -> base_link -> path."""

    def __init__(self) -> None:
        super().__init__('seam_detector')
        parameters = StationParameters(self, PipelineSettings(), fixed=['joint_type'])
        rig_file = declare_rig(self)
        vote = declare(self, 'vote', True, 'Vote on the joint type; false: listen to the topic joint_type.')
        rig = PatientFile(self, self.health, lambda: load_rig(rig_file))
        voting = JointTypeVoting(parameters.settings.joint_type) if vote else None
        self._scan = LaserScan(lambda: rig.get().laser_sensor.laser_plane, parameters.settings, voting)
        self._scan.asked = declare(self, 'vote_at_start', True, 'Vote from the first image on; false: when asked to.')
        self._rests_first = not self._scan.asked
        if self._rests_first:
            self._scan.rest()  # until seam/reset: machine code is loaded then, beside the robot's first motion
        self._out = SeamTopics(self, self._scan)
        self._votes = JointTypeTopics(self, self.health, self._scan.reset_joint_type) if vote else None
        self._recorded = self._in_recording() if declare(self, 'recorded', False, RECORDED) else None
        if vote:
            subscription(self, String, 'joint_type/tell', self.health.watched(self._on_told_type), RESULT)
        else:
            subscription(self, String, 'joint_type', self.health.watched(self._on_joint_type), LATCHED)
        self.begin(self._scan, parameters, self._out, 'laser_sensor', prepares=self._scan.asked)
        self.create_timer(LISTEN_S, self.listen)

    def _in_recording(self) -> RecordedSeam:
        if self._votes is None:
            raise ConfigurationError(
                'Parameter recorded: the scan in a recording is found with a vote.', 'Set vote: true.'
            )
        return RecordedSeam(self, self._scan, self._out, self._votes, self._out.timeout_s)

    def on_image(self, image: CameraImage) -> None:
        """See StationNode."""
        if self._recorded is None:
            super().on_image(image)
        else:
            self._recorded.take(image)

    def on_camera_info(self, message: CameraInfo) -> None:
        """See StationNode."""
        super().on_camera_info(message)
        if self._recorded is not None:
            self._recorded.drain()

    def listens(self) -> bool:
        """See StationNode: for as long as images are wanted, or soon may be."""
        if self._recorded is not None or self._scan.following or self._scan.votes:
            return True
        return self._out.overlay.watched or (self._votes is not None and self._votes.overlay.watched)

    def wanted(self) -> bool:
        """See StationNode: before and after a seam only for the vote, and for people who watch an overlay.

        In the cell not before machine code is loaded either: the supervisor waits for the first result, and a
        callback that waited for the code would make the node silent.
        """
        if self._rests_first and self.preparing:
            return False
        self._scan.classifies = self._votes is not None and self._votes.overlay.wanted
        return self._scan.following or self._scan.votes or self._scan.classifies or self._out.overlay.wanted

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
        if self._recorded is not None:
            return self._recorded.end()
        voting = self._scan.voting
        if self._votes is not None and voting is not None and voting.begun:
            self._votes.publish_outcome(self._scan.conclude_vote())
        self._out.release()
        if self._out.complete:
            self.get_logger().info(self._out.finish(follow_on=True))
        return self._out.complete

    def _on_joint_type(self, message: String) -> None:
        self._scan.joint_type = _joint_type(message) if message.data else None
        self._out.release()

    def _on_told_type(self, message: String) -> None:
        """Instead of a vote, until the next `joint_type/reset`."""
        assert self._votes is not None, 'it is voted here'
        self._scan.joint_type = _joint_type(message)
        self._votes.publish_outcome(JointTypeDecision(self._scan.joint_type, 1.0, {}, 0))
        self._out.release()


def _joint_type(message: String) -> JointType:
    if message.data not in list(JointType):
        raise JointTypeError(f'Joint type "{message.data}" is not known.', f'Use one of: {", ".join(JointType)}.')
    return JointType(message.data)


def main() -> int:
    """Run the node."""
    return run_node(SeamDetector)
