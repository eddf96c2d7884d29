"""Node seam_detector: the seam point in each image, by the joint type, in the sensor's frame and in base_link.

Profiles that come before the joint type is known are held and searched as soon as it is: no image of the scan is
left out, and a replayed bag gives the same points as the offline pipeline.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import Point, PointStamped
from nav_msgs.msg import Path
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, PointCloud2
from std_msgs.msg import String

from weld_cell.calibration.rig import load_rig
from weld_cell.errors import CalibrationError, JointTypeError, WeldCellError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.records import CameraImage, FloatArray, JointType, SeamObservation, SeamPoint, StripeProfile
from weld_cell.report.overlays import draw_seam, draw_stripe
from weld_cell.ros.conversions import (
    BASE_FRAME,
    make_header,
    model_from_camera_info,
    point_cloud,
    seam_path_to_message,
)
from weld_cell.ros.diagnostics import NodeHealth, make_status
from weld_cell.ros.image_input import ImageInput, OverlayOutput
from weld_cell.ros.parameters import SettingsParameters, declare, declare_file
from weld_cell.ros.patient_file import PatientFile
from weld_cell.ros.qos import IMAGE_INPUT, LATCHED, RESULT, publisher, subscription
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.transforms import PoseQueue, Transforms
from weld_cell.seam import PathSettings, SeamSettings, fit_seam_path, locate_seam, to_base
from weld_cell.stripe import StripeSettings, extract_stripe

HELD_PROFILES = 400  # ten seconds of images
CAMERA_INFO_DELAY_NS = 10**9


class _Seen(NamedTuple):
    """A stripe, and the image that it was seen in."""

    profile: StripeProfile
    stamp_ns: int
    frame: str


class SeamDetector(Node):
    """Image -> stripe -> seam point -> base_link; the points become a path when `seam/finish` asks for it."""

    def __init__(self) -> None:
        super().__init__('seam_detector')
        self._health = NodeHealth(self)
        self._stripe = SettingsParameters(self, 'stripe', StripeSettings(), live=True)
        self._seam = SettingsParameters(self, 'seam', SeamSettings(), live=True)
        self._path = SettingsParameters(self, 'path', PathSettings(), live=True)
        rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        tf_timeout_s = declare(self, 'tf_timeout_s', 0.5, 'How long a seam point waits for its pose. [s]')
        self._rig = PatientFile(self, self._health, lambda: load_rig(rig_file))
        self._joint_type: JointType | None = None
        self._following = True
        self._cameras: dict[tuple[int, int], CameraModel | CalibrationError] = {}
        self._held: deque[_Seen] = deque(maxlen=HELD_PROFILES)
        self._points: list[SeamPoint] = []
        self._milliseconds = 0.0
        self._open_topics()
        self._poses: PoseQueue[SeamObservation] = PoseQueue(
            self, Transforms(self), BASE_FRAME, tf_timeout_s, self._add_point, self._give_up
        )
        trigger_service(self, 'seam/reset', self._health, self._reset)
        trigger_service(self, 'seam/finish', self._health, self._finish_scan)

    def _open_topics(self) -> None:
        self._profile_out = publisher(self, PointCloud2, 'seam/profile', RESULT)
        self._point_out = publisher(self, PointStamped, 'seam/point', RESULT)
        self._path_out = publisher(self, Path, 'seam/path', LATCHED)
        self._status_out = publisher(self, DiagnosticStatus, 'seam/status', RESULT)
        self._overlay = OverlayOutput(self, 'seam/overlay')
        subscription(
            self, CameraInfo, 'laser_sensor/camera_info', self._health.watched(self._on_camera_info), IMAGE_INPUT
        )
        subscription(self, String, 'joint_type', self._health.watched(self._on_joint_type), LATCHED)
        self._input = ImageInput(self, 'laser_sensor/image_raw', self._health, self._on_image, self._finish_at_end)

    def _on_camera_info(self, message: CameraInfo) -> None:
        """Cameras are kept by image size: a recording may hold images of several, some of them uncalibrated."""
        size_px = (message.width, message.height)
        try:
            self._cameras[size_px] = model_from_camera_info(message)
        except CalibrationError as error:
            self._cameras[size_px] = error
        self._release()

    def _on_joint_type(self, message: String) -> None:
        if message.data and message.data not in list(JointType):
            raise JointTypeError(f'Joint type "{message.data}" is not known.', f'Use one of: {", ".join(JointType)}.')
        self._joint_type = JointType(message.data) if message.data else None
        self._release()

    def _hold(self, seen: _Seen) -> None:
        """Keep a profile until joint type and camera are known; its cross-section is shown meanwhile.

        Raises:
            CalibrationError: camera_info has not come within a second of images.
        """
        self._held.append(seen)
        waited_ns = seen.stamp_ns - self._held[0].stamp_ns
        if seen.profile.image_size_px in self._cameras or waited_ns > CAMERA_INFO_DELAY_NS:
            self._publish_profile(seen)

    def _release(self) -> None:
        """Search the profiles that were held for the joint type."""
        while self._held and self._joint_type is not None and self._held[0].profile.image_size_px in self._cameras:
            seen = self._held.popleft()
            with self._health.watch():
                self._locate(seen, self._joint_type)

    def _on_image(self, image: CameraImage, frame: str) -> None:
        if not self._following:
            return
        begin = time.perf_counter()
        profile = self._or_warn(image.stamp_ns, lambda: extract_stripe(image.pixels, self._stripe.settings))
        seen = _Seen(profile, image.stamp_ns, frame)
        if self._joint_type is None or seen.profile.image_size_px not in self._cameras:
            self._hold(seen)
            self._overlay.show(lambda: draw_stripe(image.pixels, seen.profile), seen.stamp_ns, frame)
            return
        try:
            observation = self._locate(seen, self._joint_type)
        finally:  # after the seam point, for which a robot may wait; and also where there is none
            self._publish_profile(seen)
        self._milliseconds = 1e3 * (time.perf_counter() - begin)
        self._overlay.show(lambda: draw_seam(image.pixels, seen.profile, observation), seen.stamp_ns, frame)

    def _locate(self, seen: _Seen, joint_type: JointType) -> SeamObservation:
        observation: SeamObservation = self._or_warn(
            seen.stamp_ns,
            lambda: locate_seam(
                seen.profile,
                joint_type,
                self._camera_for(seen.profile.image_size_px),
                self._laser_plane(),
                self._seam.settings,
                seen.stamp_ns,
            ),
        )
        self._poses.put(observation, seen.frame, seen.stamp_ns)
        return observation

    def _publish_profile(self, seen: _Seen) -> None:
        """The cross-section, whether or not the joint type is known: by it the supervisor finds the joint."""
        camera = self._or_warn(seen.stamp_ns, lambda: self._camera_for(seen.profile.image_size_px))
        measured = seen.profile.measured()
        pixels = np.column_stack([measured.columns_px, measured.rows_px])
        points_m = self._or_warn(seen.stamp_ns, lambda: triangulate(camera, self._laser_plane(), pixels))
        self._profile_out.publish(point_cloud(points_m, seen.stamp_ns, seen.frame))

    def _laser_plane(self) -> FloatArray:
        return self._rig.get().laser_sensor.laser_plane

    def _camera_for(self, size_px: tuple[int, int]) -> CameraModel:
        camera = self._cameras.get(size_px)
        if camera is None:
            raise CalibrationError(
                f'No camera_info has come for images of {size_px[0]} x {size_px[1]}.',
                'Let the camera driver publish laser_sensor/camera_info beside its images.',
            )
        if isinstance(camera, CalibrationError):
            raise camera
        return camera

    def _or_warn(self, stamp_ns: int, stage: Callable[[], Any]) -> Any:
        """A stage's result; its WeldCellError is also published as seam/status, for who follows the scan."""
        try:
            return stage()
        except WeldCellError as error:
            self._publish_status(
                {'stamp_ns': stamp_ns, 'error': type(error).__name__}, DiagnosticStatus.WARN, str(error)
            )
            raise

    def _add_point(self, observation: SeamObservation, T_base_sensor: FloatArray) -> None:
        point = to_base(observation, T_base_sensor)
        self._points.append(point)
        x, y, z = point.position_m.tolist()
        header = make_header(point.stamp_ns, BASE_FRAME)
        self._point_out.publish(PointStamped(header=header, point=Point(x=x, y=y, z=z)))
        self._publish_status(
            {
                'joint_type': observation.joint_type,
                'stamp_ns': point.stamp_ns,
                'gap_mm': observation.gap_mm,
                'mismatch_mm': observation.mismatch_mm,
                'ms': self._milliseconds,
                'seam_px': _pixels_text(observation.seam_px),
                'break_points_px': _pixels_text(observation.break_points_px),
            }
        )

    def _give_up(self, error: WeldCellError) -> None:
        self._health.report(error)
        self._publish_status({'error': type(error).__name__}, DiagnosticStatus.WARN, str(error))

    def _publish_status(
        self,
        values: dict[str, Any],
        level: bytes = DiagnosticStatus.OK,
        message: str = 'ok',
    ) -> None:
        counts = {
            **self._input.counts(),
            'points': len(self._points),
            'held': len(self._held),
            'poses_awaited': len(self._poses),
        }
        self._health.values.update(counts)
        self._status_out.publish(make_status('seam', {**counts, **values}, level, message))

    def _reset(self) -> str:
        self._following = True
        forgotten = len(self._points)
        self._points.clear()
        self._held.clear()
        self._poses.clear()
        return f'{forgotten} points forgotten.'

    def _finish_at_end(self) -> bool:
        """Fit the path of a recording once its joint type is known and every point has its pose."""
        complete = bool(self._points) and not self._held and not len(self._poses)
        if complete:
            self.get_logger().info(self._finish())
        return complete

    def _finish_scan(self) -> str:
        """Fit the path; what the sensor sees from here to the next reset is no seam."""
        self._following = False
        return self._finish()

    def _finish(self) -> str:
        path = fit_seam_path(self._points, self._path.settings)
        self._path_out.publish(seam_path_to_message(path, self._points[-1].stamp_ns, BASE_FRAME))
        return (
            f'{len(path.positions_m)} path points over {1e3 * path.length_m:.1f} mm from {len(self._points)} seam '
            f'points, {path.rejected} rejected.'
        )


def _pixels_text(pixels: FloatArray) -> str:
    """u v u v ..., for a key-value pair."""
    return ' '.join(f'{value:.3f}' for value in pixels.ravel())


def main() -> int:
    """Run the node."""
    return run_node(SeamDetector)
