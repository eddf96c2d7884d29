"""The joint's cross-section: the profile in metres in the laser plane, with the mapping to space and image."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from weld_cell.errors import CalibrationError, SeamError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import plane_basis, triangulate
from weld_cell.geometry.projection import project
from weld_cell.records import FloatArray, ImageArray, ImageTurn, StripeProfile
from weld_cell.seam.settings import SeamSettings

_MOST_TURNED_DEG = 20.0


@dataclass(frozen=True, eq=False)
class CrossSection:
    """A measured profile drawn in the laser plane: y across the seam, z up towards the sensor.

    Attributes:
        rows: (n,) rows of the upright image, ascending integers; only rows where the stripe was seen.
        y: (n,) metres, ascending with the rows.
        z: (n,) metres.
        intensity: (n,) grey value of the stripe, 0 to 255.
        row_pitch: Distance in y between neighbouring rows, metres.
        points_m: (n, 3) the same points in the optical frame.
        origin: (3,) of y = z = 0 in the optical frame.
        across: (3,) unit vector of y.
        up: (3,) unit vector of z.
        eye_height: z of the point on y = 0 in which all lines of constant row meet, metres; infinite where they
            are parallel.
        camera: Intrinsics, from the optical frame to the camera's image.
        light: (h, w), its origin light_origin_px and turn: as of StripeProfile.
    """

    rows: np.ndarray
    y: FloatArray
    z: FloatArray
    intensity: FloatArray
    row_pitch: float
    points_m: FloatArray
    origin: FloatArray
    across: FloatArray
    up: FloatArray
    eye_height: float
    camera: CameraModel
    light: ImageArray
    light_origin_px: tuple[int, int]
    turn: ImageTurn

    def upright_px(self, points_m: FloatArray) -> FloatArray:
        """Pixels (k, 2) of the upright image at which points (k, 3) of the optical frame are seen."""
        return self.turn.from_image(project(self.camera, points_m))

    def to_optical(self, points: FloatArray) -> FloatArray:
        """(k, 3) metres in the optical frame of points (k, 2) y, z."""
        lifted: FloatArray = self.origin + points[:, :1] * self.across + points[:, 1:] * self.up
        return lifted

    def direction_to_optical(self, direction: FloatArray) -> FloatArray:
        """(3,) unit vector in the optical frame of a direction (2,) y, z."""
        turned: FloatArray = direction[0] * self.across + direction[1] * self.up
        return turned / float(np.linalg.norm(turned))


@lru_cache(maxsize=4)
def _basis(laser_plane: tuple[float, ...], turn: ImageTurn) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Basis of a laser plane, worked out once: the plane is the same in every image."""
    return plane_basis(np.array(laser_plane), turn.down)


def _require_upright(laser_plane: FloatArray, turn: ImageTurn) -> None:
    """Refuse a laser plane whose line is turned in the upright image: rows would show it slantingly."""
    beside, along = abs(float(laser_plane[:2] @ turn.right)), abs(float(laser_plane[:2] @ turn.down))
    turned = math.degrees(math.atan2(along, beside))
    if turned > _MOST_TURNED_DEG:
        raise CalibrationError(
            f'By the laser plane the line is turned by {turned:.0f} deg to where the stripe is looked for; '
            f'{_MOST_TURNED_DEG:g} are allowed.',
            'Set stripe.direction as the sensor is mounted (vertical, horizontal), or to auto; check the signs of '
            'the laser plane in rig.yaml.',
        )


def cut(profile: StripeProfile, camera: CameraModel, laser_plane: FloatArray, settings: SeamSettings) -> CrossSection:
    """The cross-section that a profile draws.

    Args:
        profile: Stripe centres, rows ascending; bridged rows are left out.
        camera: Intrinsics.
        laser_plane: (3,) A, B, C, optical frame.
        settings: Of the stage.

    Raises:
        SeamError: too few measured rows.
        CalibrationError: a viewing ray does not meet the laser plane, or by the plane the laser line does not run
            down the columns of the upright image.
    """
    _require_upright(laser_plane, profile.turn)
    seen = ~profile.bridged
    pixels = profile.measured().pixels
    if len(pixels) < settings.min_rows:
        raise SeamError(
            f'The stripe is seen in {len(pixels)} rows; {settings.min_rows} are needed to read a cross-section.',
            'Bring the sensor to its working distance over the joint, or lower seam.min_rows.',
        )
    points = triangulate(camera, laser_plane, pixels)
    origin, across, up = _basis(tuple(laser_plane.tolist()), profile.turn)
    relative = points - origin
    y, z, rows = relative @ across, relative @ up, np.rint(profile.rows_px[seen]).astype(np.intp)
    pitch = float((y[-1] - y[0]) / (rows[-1] - rows[0]))
    right = np.array([*profile.turn.right, 0.0])
    closeness = float(laser_plane @ right)
    eye = right / closeness if abs(closeness) > 1e-9 else None
    eye_height = math.inf if eye is None else float((eye - origin) @ up)
    return CrossSection(
        rows,
        y,
        z,
        profile.intensity[seen],
        pitch,
        points,
        origin,
        across,
        up,
        eye_height,
        camera,
        profile.light,
        profile.light_origin_px,
        profile.turn,
    )
