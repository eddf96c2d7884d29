"""Output of seam_detector: profiles during the approach, seam points, and the images it has processed.

Callbacks run in the thread that spins; what another thread reads is replaced whole and never changed in place.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import PointStamped
from nav_msgs.msg import Path
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, PointCloud2

from weld_cell.errors import TransformError
from weld_cell.geometry.transforms import transform_points
from weld_cell.records import FloatArray, SeamPath, SeamPoint
from weld_cell.records.status import SeamStatus
from weld_cell.ros.conversions import (
    BASE_FRAME,
    ns_from_time,
    point_from_message,
    points_from_cloud,
    seam_path_from_message,
)
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.latched_too import latched_too
from weld_cell.ros.qos import BURST, IMAGE, LATCHED_INPUT, RESULT, subscription
from weld_cell.ros.statuses import status_from_message
from weld_cell.ros.transforms import PoseQueue, Transforms
from weld_cell.seam.ends import thinned
from weld_cell.stations.laser_scan import MOST_PROFILES

TF_TIMEOUT_S = 0.5
LATE_NS = 250_000_000
"""An image that is dealt with later than so after it was taken is late."""


class SeamInput:
    """Listens to `laser_sensor/camera_info`, `seam/profile`, `seam/point`, `seam/status` and `seam/path`.

    Args:
        node: The node that listens.
        health: Gets what is wrong with messages.

    Attributes:
        profile: Stamp and points (n, 3) in base_link of the newest profile; None before the first one.
        profiles: The same of the last ones since they are wanted, with fewer points.
        points: Of the scan since the last reset, in the order of their images.
        path: Fitted to them; None before it was received.
        ahead: Seam points since the seam is watched while it is welded, with their root gaps and mismatches.
        news: Set whenever an image has been dealt with; who waits for that clears it.
        newest_image_ns: Stamp of the newest image that has been dealt with, with a seam point or without.
        images_ns: Stamps of all images processed since the last reset, in the order received.
        sizes: Gap and mismatch in mm that an image showed, by its stamp, since the last reset.
        late: How many of them were late, and by how many seconds the latest.
        images_come: Whether anything was received from the laser sensor.
    """

    def __init__(self, node: Node, health: NodeHealth) -> None:
        self.images_come = self._listens = False
        self.profile: tuple[int, FloatArray] | None = None
        self.profiles: list[tuple[int, FloatArray]] = []
        self.points: list[SeamPoint] = []
        self.path: SeamPath | None = None
        self.ahead: list[SeamPoint] = []
        self.news = threading.Event()
        self.newest_image_ns = 0
        self.images_ns: list[int] = []
        self.sizes: dict[int, tuple[float | None, float | None]] = {}
        self.late = 0, 0.0
        self._clock = node.get_clock()
        self._newest_point_ns = self._announced_point_ns = self._since_ns = 0
        self._normal = np.array([0.0, 0.0, 1.0])
        self._lifts: dict[int, float] = {}
        self._watched_since_ns: int | None = None
        self._unmatched: dict[int, SeamPoint | SeamStatus] = {}
        self._logger = node.get_logger()
        self._poses: PoseQueue[tuple[int, FloatArray]] = PoseQueue(
            node, Transforms(node), BASE_FRAME, TF_TIMEOUT_S, self._keep_profile, self._no_pose
        )
        latched_too(node, CameraInfo, 'laser_sensor/camera_info', health.watched(self._on_camera_info), IMAGE)
        listened: tuple[tuple[type, str, Callable[[Any], None], QoSProfile], ...] = (
            (PointCloud2, 'seam/profile', self._on_profile, RESULT),
            (DiagnosticStatus, 'seam/status', self._on_status, BURST),
            (PointStamped, 'seam/point', self._on_point, BURST),
            (Path, 'seam/path', self._on_path, LATCHED_INPUT),
        )
        for kind, topic, callback, profile in listened:
            subscription(node, kind, topic, health.watched(callback), profile)

    def listen(self, listens: bool) -> None:
        """Whether profiles are wanted; they are kept until they are wanted again."""
        if listens and not self._listens:
            self.profiles = []
        self._listens = listens

    def reset(self, since_ns: int, normal: FloatArray) -> None:
        """Forget all points; those of images from a stamp on lie on a joint whose nominal normal (3,) is given."""
        self._since_ns, self.points, self._normal = since_ns, [], normal
        self.images_ns, self.late, self.sizes = [], (0, 0.0), {}
        self.path, self._lifts, self._watched_since_ns = None, {}, None

    def watch(self, since_ns: int | None) -> None:
        """The seam is watched while it is welded, by images from a stamp on; None: no longer."""
        if since_ns is not None:
            self.ahead, self._unmatched = [], {}
        self._watched_since_ns = since_ns

    def scanned(self) -> list[SeamPoint]:
        """The points of the scan with their root gaps, where those were reported."""
        sizes, lifts = self.sizes, self._lifts
        return [
            replace(point, gap_mm=gap, gap_lift=lifts.get(point.stamp_ns, 0.0), mismatch_mm=mismatch or 0.0)
            for point in self.points
            for gap, mismatch in [sizes.get(point.stamp_ns, (None, None))]
            if gap is not None
        ]

    def _is_watched(self, stamp_ns: int) -> bool:
        return self._watched_since_ns is not None and stamp_ns >= self._watched_since_ns

    def _match(self, point: SeamPoint | None, status: SeamStatus | None, stamp_ns: int) -> None:
        """A point and the status of its image come on two topics; together they are a point with its root gap."""
        other = self._unmatched.pop(stamp_ns, None)
        point = other if isinstance(other, SeamPoint) else point
        status = other if isinstance(other, SeamStatus) else status
        if point is None or status is None:
            self._unmatched[stamp_ns] = point or status  # type: ignore[assignment]
            return
        point = replace(
            point,
            gap_mm=status.gap_mm or 0.0,
            gap_lift=status.gap_lift or 0.0,
            gap_aside=status.gap_aside or 0.0,
            mismatch_mm=status.mismatch_mm or 0.0,
        )
        self.ahead = [*self.ahead, point]

    def _on_camera_info(self, _: CameraInfo) -> None:
        self.images_come = True

    def _on_status(self, message: DiagnosticStatus) -> None:
        """Sent for each image, with a seam point or without: so a busy machine does not look like a lost seam."""
        seen = status_from_message(SeamStatus, message)
        if seen.stamp_ns is None:
            return
        self._count(seen.stamp_ns)
        if seen.error is None:
            self._announced_point_ns = seen.stamp_ns
            self._keep_sizes(seen, seen.stamp_ns)
        # No earlier image may still give a point, and none that was given may be under way: where a packet was lost,
        # the points are held up until it has been sent again, and the statuses go on.
        if seen.poses_awaited == 0 and self._announced_point_ns <= self._newest_point_ns:
            self.newest_image_ns = seen.stamp_ns
        self.news.set()

    def _keep_sizes(self, seen: SeamStatus, stamp_ns: int) -> None:
        if self._is_watched(stamp_ns):
            self._match(None, seen, stamp_ns)
        elif stamp_ns >= self._since_ns:
            self.sizes = {**self.sizes, stamp_ns: (seen.gap_mm, seen.mismatch_mm)}
            self._lifts = {**self._lifts, stamp_ns: seen.gap_lift or 0.0}

    def _on_path(self, message: Path) -> None:
        self.path = seam_path_from_message(message) if message.poses else None

    def _count(self, stamp_ns: int) -> None:
        if stamp_ns < self._since_ns:
            return
        self.images_ns = [*self.images_ns, stamp_ns]
        age_ns = self._clock.now().nanoseconds - stamp_ns
        if age_ns > LATE_NS:
            count, latest_s = self.late
            self.late = count + 1, max(latest_s, age_ns / 1e9)

    def _on_profile(self, message: PointCloud2) -> None:
        if not self._listens:
            return
        stamp_ns = ns_from_time(message.header.stamp)
        self._poses.put((stamp_ns, points_from_cloud(message)), message.header.frame_id, stamp_ns)

    def _keep_profile(self, profile: tuple[int, FloatArray], T_base_sensor: FloatArray) -> None:
        stamp_ns, points_m = profile
        placed_m = transform_points(T_base_sensor, points_m)
        self.profile = stamp_ns, placed_m
        self.profiles = [*self.profiles[-MOST_PROFILES:], (stamp_ns, thinned(placed_m))]

    def _no_pose(self, _: tuple[int, FloatArray], error: TransformError) -> None:
        self._logger.warning(str(error), throttle_duration_sec=5.0)

    def _on_point(self, message: PointStamped) -> None:
        self._newest_point_ns = stamp_ns = ns_from_time(message.header.stamp)
        point = SeamPoint(point_from_message(message), self._normal, stamp_ns)
        if self._is_watched(stamp_ns):
            self._match(point, None, stamp_ns)
        elif stamp_ns >= self._since_ns:
            self.points = [*self.points, point]
