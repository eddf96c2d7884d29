"""Results of board calibrations as changes of the rig file."""

import datetime

from weld_cell.calibration.boards import Board
from weld_cell.calibration.camera_files import is_same_camera
from weld_cell.calibration.hand_eye import HandEye
from weld_cell.calibration.intrinsics import Intrinsics
from weld_cell.calibration.record import CalibrationRecord
from weld_cell.calibration.rig import Rig
from weld_cell.calibration.rig_file import SectionChange, camera_change, frame_change
from weld_cell.geometry.camera import CameraModel


def intrinsics_change(result: Intrinsics, board: Board, sha256: str, date: datetime.date) -> SectionChange:
    """How a camera sees."""
    record = CalibrationRecord(
        date=date,
        method=f'Zhang 2000, {board.describe()}',
        residual=result.rms_px,
        residual_unit='px',
        views=result.used,
        standard_deviations=tuple(map(float, result.deviations)),
        input_sha256=sha256,
    )
    return camera_change(result.camera, round(result.rms_px, 4), record)


def hand_eye_change(result: HandEye, board: Board, sha256: str, date: datetime.date) -> SectionChange:
    """Where a camera sits."""
    record = CalibrationRecord.of_covariance(
        result.covariance,
        date=date,
        method=f'{result.mount}, {result.method}, refined on reprojection, {board.describe()}',
        residual=result.scatter_mm,
        residual_unit='mm',
        views=result.used,
        input_sha256=sha256,
    )
    return frame_change(result.T_parent_camera, round(result.scatter_mm, 4), record)


def camera_told(camera: CameraModel) -> str:
    """Size and focal lengths in words."""
    (width, height), focal = camera.size_px, camera.matrix[[0, 1], [0, 1]]
    return f'{width} x {height} px, f {focal[0]:.5g} and {focal[1]:.5g} px'


def outdated_by(rig: Rig, name: str, camera: CameraModel) -> list[str]:
    """What of a rig no longer fits when a camera of it gets other intrinsics, in words."""
    own = getattr(rig, name).camera
    if is_same_camera(own, camera):
        return []
    told = []
    if own.size_px != camera.size_px:
        told.append(
            f'The rig had {camera_told(own)}: let {name} send images of {camera.size_px[0]} x {camera.size_px[1]} px.'
        )
    measured = [section for section in (name, f'{name}.laser_plane') if section in rig.records]
    if measured:
        told.append(f'{" and ".join(measured)} belong to the intrinsics before: calibrate them again.')
    return told
