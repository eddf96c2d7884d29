"""The scan in a played recording: the node-graph equivalent of `weld_cell replay`."""

from collections import deque

from weld_cell.bags.time_order import TimeOrder
from weld_cell.errors import JointTypeError, TimeJumpError, TransformError, WeldCellError
from weld_cell.records import CameraImage, FloatArray
from weld_cell.ros.conversions import BASE_FRAME
from weld_cell.ros.parameters import SettingsParameters
from weld_cell.ros.seam_topics import SeamTopics
from weld_cell.ros.station_node import StationNode
from weld_cell.ros.station_topics import JointTypeTopics
from weld_cell.ros.transforms import PoseQueue, Transforms
from weld_cell.stations.joint_type_vote import CAMERA_DELAY_NS
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.recorded_scan import PlacedImage, RecordedLook, RecordedScan, RecordingSettings, Sweep
from weld_cell.stations.scanned_image import LaserLook, ScannedImage

IMAGES = 'the images'


class RecordedSeam:
    """Gives images to a `RecordedScan` once pose and camera are known, and publishes what comes of them.

    Args:
        node: The node; the parameters `recording.*` are declared on it.
        scan: Does the work.
        seam: Topics of the seam.
        votes: Topics of the vote.
        timeout_s: How long an image waits for its pose.
    """

    def __init__(
        self,
        node: StationNode[LaserLook],
        scan: LaserScan,
        seam: SeamTopics,
        votes: JointTypeTopics,
        timeout_s: float,
    ) -> None:
        settings = SettingsParameters(node, 'recording', RecordingSettings()).settings
        self._node, self._seam, self._votes = node, seam, votes
        self._recorded = RecordedScan(scan, settings)
        self._poses: PoseQueue[CameraImage] = PoseQueue(
            node, Transforms(node), BASE_FRAME, timeout_s, self._place, self._give_up
        )
        self._placed: deque[tuple[CameraImage, FloatArray | WeldCellError]] = deque()
        self._begun = False
        self._order = TimeOrder(IMAGES)
        self._jump: TimeJumpError | None = None

    def take(self, image: CameraImage) -> None:
        """The next image; none after one at which the time of the recording jumps back."""
        if not self._begun:
            self._recorded.reset()
            self._begun = True
            self._order, self._jump = TimeOrder(IMAGES), None
        if self._jump is not None:
            return
        try:
            self._order.check(image.stamp_ns)
        except TimeJumpError as error:
            self._jump = error
            self._node.health.report(error)
            return
        self._poses.put(image, image.frame, image.stamp_ns)

    def end(self) -> bool:
        """At the end of the recording: publish what was found in it; False while images wait for their poses.

        Raises:
            WeldCellError: it has no path, and why.
        """
        if len(self._poses):
            return False
        self.drain(wait=False)
        self._begun = False
        if self._jump is not None:
            raise self._jump
        self._publish(self._recorded.end())
        found = self._recorded.found()
        self._votes.publish_outcome(found.decision)
        if isinstance(found.path, WeldCellError):
            raise found.path
        self._node.get_logger().info(_said(found))
        for other in self._recorded.other_scans():
            self._node.get_logger().warning(other)
        return True

    def _give_up(self, image: CameraImage, error: TransformError) -> None:
        self._node.health.report(error)
        self._place(image, error)

    def _place(self, image: CameraImage, pose: FloatArray | WeldCellError) -> None:
        self._placed.append((image, pose))
        self.drain()

    def drain(self, wait: bool = True) -> None:
        """Look at the images whose camera is known by now, or, where it is not waited for, at all of them."""
        cameras = self._recorded.scan.cameras
        while self._placed:
            image, pose = self._placed[0]
            height, width = image.pixels.shape[:2]
            late = self._placed[-1][0].stamp_ns - image.stamp_ns > CAMERA_DELAY_NS
            if wait and not late and not cameras.knows((width, height)):
                return
            self._placed.popleft()
            self._look(PlacedImage(image, cameras.known((width, height)), pose))

    def _look(self, placed: PlacedImage) -> None:
        try:
            look = self._recorded.put([placed])
        except WeldCellError as error:  # the rig cannot be read
            self._node.health.report(error)
            self._seam.publish_failure(placed.image.stamp_ns, error)
            return
        for seen in look.held:
            self._show(placed.image, seen)
        self._publish(look)

    def _show(self, image: CameraImage, seen: ScannedImage) -> None:
        """What is seen at once: the vote, the profile, and the pictures."""
        with self._node.health.watch():
            if seen.ballot is not None:
                self._votes.publish_ballot(seen.ballot, 0.0)
            if seen.profile is not None:
                self._seam.publish_profile(seen)
        if seen.sequence == image.sequence:
            self._seam.overlay.show(lambda: self._recorded.scan.overlay(image, LaserLook(seen)), image)
            if seen.ballot is not None:
                self._votes.overlay.show(lambda: self._recorded.scan.vote_overlay(image, seen), image)

    def _publish(self, look: RecordedLook) -> None:
        for result in look.done:
            self._seam.publish_placed(result)
        for sweep in look.ended:
            self._end_sweep(sweep)

    def _end_sweep(self, sweep: Sweep) -> None:
        """The path is always that of the sweep which saw the most of a seam so far."""
        if not isinstance(sweep.path, WeldCellError) and self._recorded.found() is sweep:
            self._seam.publish_path(sweep.path, sweep.last_ns)
        self._votes.forget()


def _said(sweep: Sweep) -> str:
    assert not isinstance(sweep.path, WeldCellError) and not isinstance(sweep.decision, JointTypeError), (
        'it has a path'
    )
    path = sweep.path
    return (
        f'{len(path.positions_m)} path points over {1e3 * path.length_m:.1f} mm from {sweep.points} seam points, '
        f'{path.rejected} rejected, in sweep {sweep.number + 1} of the recording.'
    )
