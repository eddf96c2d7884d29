"""The seam point of one image, in the sensor frame and in base_link."""

import numpy as np

from weld_cell.errors import SeamError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.projection import project
from weld_cell.geometry.transforms import rotate_vectors, transform_points
from weld_cell.records import FloatArray, JointType, SeamObservation, SeamPoint, StripeProfile
from weld_cell.seam.breakpoints import Finding
from weld_cell.seam.cross_section import CrossSection, cut
from weld_cell.seam.rules import RULES
from weld_cell.seam.segmentation import straight_stretches
from weld_cell.seam.settings import SeamSettings


def locate_seam(
    profile: StripeProfile,
    joint_type: JointType,
    camera: CameraModel,
    laser_plane: FloatArray,
    settings: SeamSettings,
    stamp_ns: int,
) -> SeamObservation:
    """Find the seam point in a profile by the rule of its joint type.

    Args:
        profile: The stripe of one image; bridged rows are left out.
        joint_type: Which rule.
        camera: Intrinsics.
        laser_plane: (3,) A, B, C of A x + B y + C z = 1 in 1/m, optical frame.
        settings: Of the stage.
        stamp_ns: Time of the image.

    Raises:
        SeamError: the profile does not show what the joint type promises.
        CalibrationError: a viewing ray does not meet the laser plane.
    """
    section = cut(profile, camera, laser_plane, settings)
    found = RULES[joint_type].find(section, straight_stretches(section, settings), settings)
    _require_stripe_near(section, found, settings)
    points = section.to_optical(np.vstack([found.seam, found.breaks]))
    pixels = project(camera, points)
    _require_in_image(pixels[0], profile.image_size_px)
    return SeamObservation(
        joint_type=joint_type,
        seam_px=pixels[0],
        break_points_px=pixels[1:],
        seam_m=points[0],
        normal=section.direction_to_optical(found.normal),
        gap_mm=1e3 * found.gap,
        mismatch_mm=1e3 * found.mismatch,
        profile_m=section.points_m,
        stamp_ns=stamp_ns,
        evidence=found.evidence,
        gap_lift=found.gap_lift,
        gap_aside=found.gap_aside,
    )


def _require_stripe_near(section: CrossSection, found: Finding, settings: SeamSettings) -> None:
    """Refuse a seam point that was only extrapolated, such as beyond the ends of the plates.

    In the middle of a gap nothing is to be seen: from there on it counts from the gap's sides.
    """
    away = float(np.hypot(section.y - found.seam[0], section.z - found.seam[1]).min())
    unseen = 1e3 * (away - 0.5 * found.gap)
    if unseen > settings.max_unseen_mm:
        raise SeamError(
            f'The nearest point of the stripe is {unseen:.1f} mm away from where the seam should be; '
            f'{settings.max_unseen_mm:g} mm are allowed.',
            'Bring the joint into the field of view; at the ends of the plates this is expected.',
        )


def _require_in_image(seam_px: FloatArray, size_px: tuple[int, int]) -> None:
    """Refuse a seam point beyond the image's edge: prolonged lines may meet there, but nobody saw it."""
    if not ((seam_px >= 0.0) & (seam_px <= np.array(size_px) - 1.0)).all():
        raise SeamError(
            f'The seam would be at ({seam_px[0]:.1f}, {seam_px[1]:.1f}) px, outside of the image of '
            f'{size_px[0]} x {size_px[1]} px.',
            'Bring the joint into the field of view.',
        )


def to_base(observation: SeamObservation, T_base_sensor: FloatArray) -> SeamPoint:
    """The observed seam point in base_link, by the pose (4, 4) of the optical frame at the image's stamp."""
    return SeamPoint(
        transform_points(T_base_sensor, observation.seam_m),
        rotate_vectors(T_base_sensor, observation.normal),
        observation.stamp_ns,
        observation.gap_mm,
        observation.evidence,
        observation.gap_lift,
        observation.gap_aside,
    )
