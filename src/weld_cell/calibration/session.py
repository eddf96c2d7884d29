"""A live calibration: views one by one, what is missing, and the result so far."""

import datetime
import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import BoardView, detect_board
from weld_cell.calibration.coverage import missing_views
from weld_cell.calibration.hand_eye import calibrate_hand_eye, require_orientation
from weld_cell.calibration.hand_eye_views import board_pose
from weld_cell.calibration.intrinsics import calibrate_intrinsics
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.outcomes import hand_eye_change, intrinsics_change
from weld_cell.calibration.poses import RobotPoses
from weld_cell.calibration.rig_file import SectionChange
from weld_cell.calibration.session_settings import INTRINSICS, CalibrationSettings
from weld_cell.errors import CalibrationError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import invert
from weld_cell.records import FloatArray, ImageArray
from weld_cell.wording import counted

SAME_MM, SAME_DEG = 2.0, 0.5
"""A hand that has moved less shows the same view again."""
_SEED = 0


@dataclass(frozen=True, eq=False)
class Answer:
    """A result.

    Attributes:
        section: Of the rig file.
        change: Of that section.
        words: The result in a sentence.
    """

    section: str
    change: SectionChange
    words: str


class CalibrationSession:
    """Views that are captured one after the other.

    Args:
        settings: What is calibrated.

    Raises:
        ValueError: such a board cannot be.
        CalibrationError: it looks the same when turned, and where the camera sits is sought.
    """

    def __init__(self, settings: CalibrationSettings) -> None:
        self.settings, self.board = settings, settings.board()
        if self.needs_pose:
            require_orientation(self.board, settings.resolve_turns)
        self.views: list[BoardView] = []
        self._poses: list[FloatArray] = []
        self._hash_of: list[bytes] = []
        self._captured = 0

    @property
    def needs_pose(self) -> bool:
        """Whether the robot's pose belongs to each view."""
        return self.settings.what != INTRINSICS

    def capture(self, pixels: ImageArray, T_base_hand: FloatArray | None = None) -> BoardView:
        """Add a view.

        Args:
            pixels: Image.
            T_base_hand: (4, 4) of the hand, standing still; needed where `needs_pose`.

        Raises:
            BoardNotFoundError: the board is not to be seen.
            CalibrationError: the view is the same as one before, or the image has another size.
        """
        view = detect_board(self.board, pixels, f'view {self._captured + 1}')
        if self.views and view.size_px != self.views[0].size_px:
            raise CalibrationError(
                f'The image has {view.size_px} px, those before have {self.views[0].size_px}.', 'Restart the node.'
            )
        if self.needs_pose:
            assert T_base_hand is not None, 'the caller looks it up'
            self._require_another_place(T_base_hand)
            self._poses.append(T_base_hand)
        self._captured += 1
        self.views.append(view)
        self._hash_of.append(hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).digest())
        return view

    def undo(self) -> str:
        """Take the newest view away; its name.

        Raises:
            CalibrationError: there is none.
        """
        if not self.views:
            raise CalibrationError('No view has been captured.', 'Call calibration/capture first.')
        self._hash_of.pop()
        if self.needs_pose:
            self._poses.pop()
        return self.views.pop().name

    def missing(self, camera: CameraModel) -> list[str]:
        """What to add, in words: regions of the image and tilts of the board.

        Args:
            camera: As it is known so far; a nominal one is good enough for tilts.
        """
        if not self.views:
            return ['any view of the board']
        normals = np.stack([board_pose(view, camera)[:3, 2] for view in self.views if len(view.pixels) >= 4])
        tilts_deg = np.degrees(np.arctan2(normals[:, [1, 0]], normals[:, [2]]))
        return missing_views(self.views, tilts_deg)

    def solve(self, camera: CameraModel, date: datetime.date) -> Answer:
        """The answer of the views so far.

        Args:
            camera: Intrinsics, for where the camera sits.
            date: Of the record.

        Raises:
            CalibrationError: the views do not give one; says what to add.
        """
        name, sha256 = self.settings.camera, self._sha256()
        if not self.needs_pose:
            result = calibrate_intrinsics(self.views)
            left_out = ''.join(f'; left out: {view.name}' for view in result.outliers)
            focal = result.camera.matrix[[0, 1], [0, 1]]
            words = (
                f'f {focal[0]:.1f}, {focal[1]:.1f} px (+- {result.deviations[:2].max():.1f}), RMS '
                f'{result.rms_px:.3f} px over {counted(result.used, "view")}{left_out}'
            )
            return Answer(f'{name}.camera', intrinsics_change(result, self.board, sha256, date), words)
        poses = RobotPoses.of_transforms(np.array(self._poses), source='/tf')
        mount, rng = Mount(self.settings.what), np.random.default_rng(_SEED)
        found = calibrate_hand_eye(self.views, poses, camera, mount, rng, self.settings.resolve_turns)
        left_out = ''.join(f'; left out: {view.name} ({view.off_mm:.1f} mm off)' for view in found.bad)
        x, y, z = 1000 * found.T_parent_camera[:3, 3]
        words = (
            f'{x:.2f}, {y:.2f}, {z:.2f} mm (+- {1000 * found.deviations[:3].max():.2f}), the board scatters by '
            f'{found.scatter_mm:.2f} mm over {counted(found.used, "view")}{left_out}'
            + ''.join(f'; poor: {doubt}' for doubt in found.doubts)
        )
        return Answer(name, hand_eye_change(found, self.board, sha256, date), words)

    def _require_another_place(self, T_base_hand: FloatArray) -> None:
        for view, other in zip(self.views, self._poses, strict=True):
            between = invert(other) @ T_base_hand
            turn_deg = np.degrees(Rotation.from_matrix(between[:3, :3]).magnitude())
            if 1000 * np.linalg.norm(between[:3, 3]) < SAME_MM and turn_deg < SAME_DEG:
                raise CalibrationError(f'The hand is at the same pose as for {view.name}.', 'Move it, and turn it.')

    def _sha256(self) -> str:
        whole = hashlib.sha256(b''.join(self._hash_of))
        for pose in self._poses:
            whole.update(np.ascontiguousarray(pose).tobytes())
        return whole.hexdigest()
