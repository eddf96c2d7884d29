"""Topics of the laser scan: profile, seam point and status of each image, and the path."""

from dataclasses import replace

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import Point, PointStamped
from nav_msgs.msg import Path
from sensor_msgs.msg import PointCloud2
from visualization_msgs.msg import MarkerArray

from weld_cell.errors import WeldCellError
from weld_cell.records import FloatArray, SeamPath, SeamPoint
from weld_cell.records.status import ImageCounts, SeamStatus
from weld_cell.ros.conversions import BASE_FRAME, make_header, point_cloud, seam_path_to_message
from weld_cell.ros.markers import words_at
from weld_cell.ros.parameters import declare
from weld_cell.ros.qos import BURST, LATCHED, RESULT, publisher
from weld_cell.ros.services import trigger_service
from weld_cell.ros.station_node import StationNode
from weld_cell.ros.station_topics import StationTopics
from weld_cell.ros.statuses import key_values
from weld_cell.ros.transforms import PoseQueue, Transforms
from weld_cell.stations.laser_scan import LaserScan
from weld_cell.stations.scanned_image import LaserLook, ScannedImage

_WORDS_OVER_SEAM_M = np.array([0.0, 0.0, 0.1])


class SeamTopics(StationTopics):
    """Publishes what a scan finds; seam points wait here for the poses of their images, by TF.

    Args:
        node: The node; `tf_timeout_s` is declared as its parameter.
        scan: Whose results are published.

    Attributes:
        timeout_s: How long a seam point waits for its pose.
    """

    def __init__(self, node: StationNode[LaserLook], scan: LaserScan) -> None:
        super().__init__(node, node.health, 'seam', self._reset)
        self._node, self._scan = node, scan
        self.timeout_s: float = declare(node, 'tf_timeout_s', 0.5, 'How long a seam point waits for its pose. [s]')
        self._profile = publisher(node, PointCloud2, 'seam/profile', RESULT)
        self._point = publisher(node, PointStamped, 'seam/point', BURST)
        self._path = publisher(node, Path, 'seam/path', LATCHED)
        self._words = publisher(node, MarkerArray, 'seam/markers', LATCHED)
        self._published = False
        self._poses: PoseQueue[ScannedImage] = PoseQueue(
            node, Transforms(node), BASE_FRAME, self.timeout_s, self._place, self._give_up
        )
        self._profile_poses: PoseQueue[tuple[int, FloatArray]] = PoseQueue(
            node, Transforms(node), BASE_FRAME, self.timeout_s, self._keep_profile, lambda *_: None
        )
        trigger_service(node, 'seam/finish', node.health, self.finish)
        trigger_service(node, 'seam/watch', node.health, self._watch)
        trigger_service(node, 'seam/rest', node.health, scan.rest)

    @property
    def complete(self) -> bool:
        """Whether there are points, and none is to come of the images so far."""
        return bool(self._scan.points) and not self._scan.held and not len(self._poses)

    def publish_look(self, look: LaserLook) -> None:
        """Publish the result of an image.

        Raises:
            WeldCellError: why it shows no seam point, or no cross-section; also published as seam/status.
        """
        self._publish_earlier(*look.earlier)
        if self._scan.following:
            try:
                self._publish_image(look.newest)
            finally:  # after the seam point, for which a robot may wait; and also where there is none
                points_m = self.publish_profile(look.newest)
                if points_m is not None:
                    stamp_ns = look.newest.stamp_ns
                    self._profile_poses.put((stamp_ns, points_m), look.newest.frame, stamp_ns)

    def publish_failure(self, stamp_ns: int, error: WeldCellError) -> None:
        """That an image shows no stripe."""
        if self._scan.following:
            self._publish_error(ScannedImage(stamp_ns, error=error), error)

    def release(self) -> None:
        """Publish what the scan has held and can search by now."""
        self._publish_earlier(*self._scan.release())

    def finish(self, follow_on: bool = False) -> str:
        """Publish the path; a sentence about it.

        Raises:
            SeamPathError: the points make none.
        """
        path, points = self._scan.finish(follow_on), self._scan.points
        self.publish_path(path, points[-1].stamp_ns)
        return (
            f'{len(path.positions_m)} path points over {1e3 * path.length_m:.1f} mm from {len(points)} seam points, '
            f'{path.rejected} rejected.'
        )

    def publish_path(self, path: SeamPath, stamp_ns: int) -> None:
        """The path, with the stamp of the image of its last point."""
        self._path.publish(seam_path_to_message(path, stamp_ns, BASE_FRAME))
        self._words.publish(self._said_of(path, stamp_ns))
        self._published = True

    def publish_placed(self, result: ScannedImage) -> None:
        """Publish the result of an image whose pose was known before it was looked at."""
        if result.point is not None:
            self._publish_point(result.point)
            self.tell(self._counted(self._scan.status_of(result)))
        elif result.error is not None:
            self._node.health.report(result.error)
            self._publish_error(result, result.error)

    def _said_of(self, path: SeamPath, stamp_ns: int) -> MarkerArray:
        """Type, length and gap, beside the middle of the path."""
        text = f'{self._scan.joint_type or ""} {1e3 * path.length_m:.0f} mm'.strip()
        if self._scan.points:
            text += f', gap {np.median([point.gap_mm for point in self._scan.points]):.2f} mm'
        middle = path.positions_m[len(path.positions_m) // 2]
        return words_at(text, middle + _WORDS_OVER_SEAM_M, stamp_ns, BASE_FRAME)

    def _withdraw(self) -> None:
        """No path: what was published before holds no longer."""
        if self._published:
            self._path.publish(Path(header=make_header(0, BASE_FRAME)))
            self._words.publish(words_at('', np.zeros(3), 0, BASE_FRAME))
            self._published = False

    def _reset(self) -> str:
        self._node.prepare_beside()
        self._withdraw()
        self._poses.clear()
        self._profile_poses.clear()
        sentence = self._scan.reset()
        self._node.listen()
        return sentence

    def _watch(self) -> str:
        self._poses.clear()
        self._profile_poses.clear()
        sentence = self._scan.watch()
        self._node.listen()
        return sentence

    def _publish_earlier(self, *results: ScannedImage) -> None:
        for result in results:
            with self._node.health.watch():
                self._publish_image(result)

    def _publish_image(self, result: ScannedImage) -> None:
        if result.error is not None:
            self._publish_error(result, result.error)
            raise result.error
        if result.observation is not None:
            self._poses.put(result, result.frame, result.stamp_ns)

    def publish_profile(self, seen: ScannedImage) -> FloatArray | None:
        """The cross-section (n, 3), whether or not the joint type is known: by it the supervisor finds the joint.

        Returns:
            It, as far as the camera is known.

        Raises:
            WeldCellError: there is none; also published as seam/status.
        """
        if self._scan.awaits_camera(seen):
            return None
        try:
            points_m = self._scan.cross_section(seen)
        except WeldCellError as error:
            self._publish_error(replace(seen, error=error), error)
            raise
        self._profile.publish(point_cloud(points_m, seen.stamp_ns, seen.frame))
        return points_m

    def _keep_profile(self, profile: tuple[int, FloatArray], T_base_sensor: FloatArray) -> None:
        self._scan.add_profile(*profile, T_base_sensor)

    def _place(self, located: ScannedImage, T_base_sensor: FloatArray) -> None:
        self._publish_point(self._scan.add_pose(located, T_base_sensor))
        self.tell(self._counted(replace(self._scan.status_of(located), ms=self._node.look_ms)))

    def _publish_point(self, point: SeamPoint) -> None:
        x, y, z = point.position_m.tolist()
        header = make_header(point.stamp_ns, BASE_FRAME)
        self._point.publish(PointStamped(header=header, point=Point(x=x, y=y, z=z)))

    def _give_up(self, located: ScannedImage, error: WeldCellError) -> None:
        self._node.health.report(error)
        self._publish_error(replace(located, error=error), error)

    def _publish_error(self, result: ScannedImage, error: WeldCellError) -> None:
        self.tell(self._counted(self._scan.status_of(result)), DiagnosticStatus.WARN, str(error))

    def _counted(self, status: SeamStatus) -> SeamStatus:
        """The status with what the node has counted; /diagnostics shows the counts too."""
        images: ImageCounts = self._node.input.counts
        counts = SeamStatus(
            images.images_received, images.images_processed, status.points, status.held, len(self._poses)
        )
        self._node.health.values.update(key_values(counts))
        return replace(status, **{name: getattr(counts, name) for name in key_values(counts)})
