"""Rendering of a stripe as the model's training sensor would see it, from the cross-section in millimetres.

Features count rows and columns, and the model knows what these are for one sensor. The stripe of any other calibrated
sensor, and the light around it, is drawn anew as that one would see it: through the laser plane, of which both show a
picture.
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import line_direction, plane_basis, triangulate
from weld_cell.joint_type.settings import DEEPER
from weld_cell.records import UPRIGHT, BoolArray, FloatArray, ImageTurn, StripeProfile

FOCAL_PX, DISTANCE_M, ANGLE_DEG = 2000.0, 0.3, 30.0
"""The sensor of the model's card: 0.15 mm a row and 3.3 columns a millimetre of height, seen from 300 mm."""
SIZE_PX = (640, 480)
ALIKE = 0.1
"""Sensors whose rows and columns stand for the same lengths within a tenth are taken for the same."""
_GRID_POINTS = 5  # along each side, at which the two images are registered
_AROUND_PX = 40
_TORN_ROWS = 6.0
_MIRROR_ACROSS = np.array([[-1.0, 0.0, SIZE_PX[0] - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
_PROBE_M = 1e-3


def model_view(
    profile: StripeProfile, camera: CameraModel, laser_plane: FloatArray, deeper: str = DEEPER[0]
) -> StripeProfile:
    """The profile as the model's sensor would see it; the same one where that would see as much of it, and alike.

    Args:
        profile: At least one measured row.
        camera: Intrinsics of the sensor.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        deeper: Where the stripe shall move in the new view when the surface is farther away.

    Raises:
        CalibrationError: a viewing ray does not meet the laser plane.
    """
    fits = profile.rows_px[-1] - profile.rows_px[0] < SIZE_PX[1]
    if fits and is_model_sensor(camera, tuple(laser_plane.tolist()), profile.turn, deeper):
        return profile
    upright = np.column_stack([profile.columns_px, profile.rows_px])
    view = _homography(upright, ~profile.bridged, lambda places: _in_plane(places, camera, laser_plane, profile.turn))
    return _redrawn(profile, _MIRROR_ACROSS @ view if deeper != DEEPER[0] else view)


def model_sensor(deeper: str = DEEPER[0]) -> tuple[CameraModel, FloatArray]:
    """The model's sensor: its camera, and its laser plane (3,) A, B, C of A x + B y + C z = 1 in 1/m.

    Args:
        deeper: Where the stripe moves in its images when the surface is farther away.
    """
    matrix = np.array([[FOCAL_PX, 0.0, 0.5 * SIZE_PX[0]], [0.0, FOCAL_PX, 0.5 * SIZE_PX[1]], [0.0, 0.0, 1.0]])
    side = -1.0 if deeper == DEEPER[0] else 1.0
    plane = np.array([side / np.tan(np.radians(ANGLE_DEG)), 0.0, 1.0]) / DISTANCE_M
    return CameraModel(matrix, np.zeros(5), SIZE_PX), plane


def assumed_view(profile: StripeProfile, row_mm: float, column_mm: float) -> StripeProfile:
    """The profile of a sensor that is not calibrated as the model's would see it; the same one where both are alike.

    Args:
        profile: At least one measured row.
        row_mm: How far rows are apart on the workpiece.
        column_mm: By how much the surface lies deeper for a column of the stripe.
    """
    middle, beside, above = model_pixels(np.array([[0.0, 0.0], [_PROBE_M, 0.0], [0.0, _PROBE_M]]))
    columns, rows = column_mm * abs(above[0] - middle[0]), row_mm * abs(beside[1] - middle[1])
    if max(abs(columns - 1.0), abs(rows - 1.0)) < ALIKE:
        return profile
    measured = profile.measured()
    u, v = middle - [columns * np.median(measured.columns_px), rows * np.median(measured.rows_px)]
    return _redrawn(profile, np.array([[columns, 0.0, u], [0.0, rows, v], [0.0, 0.0, 1.0]]))


def _redrawn(profile: StripeProfile, view: FloatArray) -> StripeProfile:
    """The profile and its light by a homography (3, 3) from its upright image to the model's."""
    upright = np.column_stack([profile.columns_px, profile.rows_px])
    seen = cv2.perspectiveTransform(upright[None], view)[0]
    rows = np.arange(np.ceil(max(seen[0, 1], 0.0)), np.floor(min(seen[-1, 1], SIZE_PX[1] - 1.0)) + 1.0)
    at = np.maximum.accumulate(seen[:, 1])  # what a leap hides in the new view is cut off
    nearest = np.clip(np.searchsorted(at, rows), 1, len(seen) - 1)
    torn = at[nearest] - at[nearest - 1] > _TORN_ROWS
    light = profile.light
    if light.size:
        left, top = profile.light_origin_px
        place = view @ np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
        light = np.ascontiguousarray(cv2.warpPerspective(light, place, SIZE_PX))
    return StripeProfile(
        rows,
        np.interp(rows, at, seen[:, 0]),
        profile.intensity[nearest],
        profile.bridged[nearest] | torn,
        SIZE_PX,
        light,
    )


@lru_cache(maxsize=8)
def is_model_sensor(
    camera: CameraModel, laser_plane: tuple[float, ...], turn: ImageTurn = UPRIGHT, deeper: str = DEEPER[0]
) -> bool:
    """Whether rows and columns of a sensor's upright images stand for the same lengths and directions as of the
    model's, within a tenth, and the stripe moves to the side that is said when the surface is farther away."""
    middle = turn.from_image(0.5 * np.array([camera.size_px], float))
    upright = middle + np.array([[0.0, -0.5], [0.0, 0.5], [-0.5, 0.0], [0.5, 0.0]])
    places = _in_plane(upright, camera, np.array(laser_plane), turn)
    side = 1.0 if deeper == DEEPER[0] else -1.0
    run = np.column_stack([places[1] - places[0], side * (places[3] - places[2])])
    middle, beside, above = model_pixels(np.array([[0.0, 0.0], [_PROBE_M, 0.0], [0.0, _PROBE_M]]))
    in_model = np.column_stack([(beside - middle)[::-1], (above - middle)[::-1]]) / _PROBE_M
    return bool(np.abs(in_model @ run - np.eye(2)).max() < ALIKE)


def model_pixels(places: FloatArray) -> FloatArray:
    """(n, 2) pixels at which the model's sensor sees places (n, 2) of its laser plane: across and up, metres."""
    angle = np.radians(ANGLE_DEG)
    x, depth = -places[:, 1] * np.sin(angle), DISTANCE_M - places[:, 1] * np.cos(angle)
    pixels: FloatArray = np.column_stack([x, places[:, 0]]) * (FOCAL_PX / depth[:, None]) + 0.5 * np.array(SIZE_PX)
    return pixels


def _in_plane(upright: FloatArray, camera: CameraModel, plane: FloatArray, turn: ImageTurn) -> FloatArray:
    """(n, 2) places of pixels (n, 2) of the upright image in the laser plane, across and up, metres."""
    along = np.array(line_direction(plane))
    along = along if along @ turn.down > 0.0 else -along
    origin, across, up = plane_basis(plane, (float(along[0]), float(along[1])))
    points = triangulate(camera, plane, turn.to_image(upright)) - origin
    return np.column_stack([points @ across, points @ up])


def _homography(pixels: FloatArray, measured: BoolArray, in_plane: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """(3, 3) from the sensor's pixels to the model's, about a stripe (n, 2) whose middle comes into the middle."""
    (left, top), (right, bottom) = pixels.min(axis=0) - _AROUND_PX, pixels.max(axis=0) + _AROUND_PX
    lattice = np.meshgrid(np.linspace(left, right, _GRID_POINTS), np.linspace(top, bottom, _GRID_POINTS))
    around = np.stack(lattice, axis=-1).reshape(-1, 2)
    middle = np.median(in_plane(pixels[measured]), axis=0)
    view, _ = cv2.findHomography(around, model_pixels(in_plane(around) - middle))
    return np.asarray(view, dtype=float)
