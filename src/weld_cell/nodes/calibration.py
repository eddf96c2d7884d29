"""Node calibration: a board is captured at one place after the other, then solved and saved into the rig file.

Nothing here moves the robot. `calibration/capture` takes the newest image and, for hand-eye and eye-to-hand, where
the hand stands; `undo` takes it away again; `solve` says the answer so far; `save` writes the last answer into the
rig file, the old one kept, and has hand_eye_tf read it.
"""

import datetime

import numpy as np
from rclpy.node import Node
from scipy.spatial.transform import Rotation
from std_srvs.srv import Trigger

from weld_cell.calibration.outcomes import outdated_by
from weld_cell.calibration.rig import load_rig
from weld_cell.calibration.rig_file import update_rig_file
from weld_cell.calibration.session import Answer, CalibrationSession
from weld_cell.calibration.session_settings import CalibrationSettings
from weld_cell.errors import CalibrationError, ConfigurationError, TransformError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert
from weld_cell.records import CameraImage, FloatArray, ImageArray
from weld_cell.report.board_overlay import board_overlay
from weld_cell.report.coverage_picture import coverage_picture
from weld_cell.ros.conversions import BASE_FRAME
from weld_cell.ros.diagnostics import NodeHealth
from weld_cell.ros.image_input import NewestImage
from weld_cell.ros.parameters import SettingsParameters, declare_file
from weld_cell.ros.services import trigger_service
from weld_cell.ros.spin import run_node
from weld_cell.ros.station_topics import OverlayOutput
from weld_cell.ros.transforms import Transforms
from weld_cell.wording import counted

HAND_FRAME = 'tool0'
STILL_NS = 200_000_000
STILL_MM, STILL_DEG = 0.3, 0.03


class CalibrationNode(Node):
    """Capture, undo, solve, save."""

    def __init__(self) -> None:
        super().__init__('calibration')
        self._health = NodeHealth(self)
        self._rig_file = declare_file(self, 'rig_file', 'rig.yaml', 'Calibrated rig')
        settings = SettingsParameters(self, 'calibration', CalibrationSettings()).settings
        try:
            self._session = CalibrationSession(settings)
        except ValueError as error:
            raise ConfigurationError(f'Parameters calibration.*: {error}.', 'Describe the board as it is.') from error
        self._answer: Answer | None = None
        self._transforms = Transforms(self)
        self._images = NewestImage(self, f'{settings.camera}/image_raw')
        self._overlay = OverlayOutput(self, 'calibration/overlay', latched=True)
        self._coverage = OverlayOutput(self, 'calibration/coverage', latched=True)
        self._reload = self.create_client(Trigger, 'hand_eye_tf/reload')
        for name, act in (
            ('capture', self._capture),
            ('undo', self._undo),
            ('solve', self._solve),
            ('save', self._save),
        ):
            trigger_service(self, f'calibration/{name}', self._health, act)

    def _capture(self) -> str:
        """Add the newest image.

        Raises:
            WeldCellError: no image, no board in it, a robot that moves, or the same view again.
        """
        image = self._images.take((), lambda _: True)
        pose = self._still_pose(image.stamp_ns) if self._session.needs_pose else None
        view = self._session.capture(image.pixels, pose)
        self._answer = None
        self._overlay.show(lambda: board_overlay(image.pixels, view), image, asked=True)
        missing = self._session.missing(self._camera())
        self._show_coverage(image, missing)
        self._health.succeeded()
        self._health.values.update(views=len(self._session.views), missing='; '.join(missing) or 'nothing')
        return f'{view.name}: {counted(len(view.pixels), "point")}. Missing: {"; ".join(missing) or "nothing"}.'

    def _show_coverage(self, image: CameraImage, missing: list[str]) -> None:
        def draw() -> ImageArray:
            return coverage_picture(self._session.views, (), missing)

        self._coverage.show(draw, image, asked=True)

    def _undo(self) -> str:
        name = self._session.undo()
        self._answer = None
        self._health.values['views'] = len(self._session.views)
        return f'{name} is taken away; {counted(len(self._session.views), "view is", "views are")} left.'

    def _solve(self) -> str:
        self._answer = self._session.solve(self._camera(), datetime.date.today())
        self._health.succeeded()
        return self._answer.words

    def _save(self) -> str:
        """Write the answer of the last `solve`.

        Raises:
            CalibrationError: there is none since the last capture.
            ConfigurationError: the rig file cannot be written; it is as it was.
        """
        if self._answer is None:
            raise CalibrationError('No answer since the last capture.', 'Call calibration/solve first.')
        before, name = load_rig(self._rig_file), self._session.settings.camera
        kept = update_rig_file(self._rig_file, {self._answer.section: self._answer.change})
        outdated = ''.join(f' {words}' for words in outdated_by(before, name, self._camera()))
        if self._reload.service_is_ready():
            self._reload.call_async(Trigger.Request())
        return f'{self._rig_file}: {self._answer.section} is written; the old file is kept as {kept}.{outdated}'

    def _camera(self) -> CameraModel:
        camera: CameraModel = getattr(load_rig(self._rig_file), self._session.settings.camera).camera
        return camera

    def _still_pose(self, stamp_ns: int) -> FloatArray:
        """(4, 4) T_base_hand of a hand that stands still.

        Raises:
            TransformError: it is not known.
            CalibrationError: the hand moves.
        """
        try:
            pose = self._transforms.at(BASE_FRAME, HAND_FRAME, stamp_ns)
        except TransformError:  # the robot publishes its state less often than the camera its images
            pose, stamp_ns = self._transforms.newest(BASE_FRAME, HAND_FRAME)
        between = invert(self._transforms.at(BASE_FRAME, HAND_FRAME, stamp_ns - STILL_NS)) @ pose
        moved_mm = 1000 * np.linalg.norm(between[:3, 3])
        turned_deg = np.degrees(Rotation.from_matrix(between[:3, :3]).magnitude())
        if moved_mm > STILL_MM or turned_deg > STILL_DEG:
            raise CalibrationError(
                f'The hand moves: {moved_mm:.2f} mm and {turned_deg:.2f} degrees within 0.2 s.', 'Let it stand still.'
            )
        return pose


def main() -> int:
    """Run the node."""
    return run_node(CalibrationNode)
