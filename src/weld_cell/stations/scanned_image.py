"""Result of the laser scan for one image."""

from dataclasses import dataclass

import numpy as np

from weld_cell.errors import WeldCellError
from weld_cell.records import (
    ImageArray,
    JointTypeEstimate,
    SeamObservation,
    SeamPoint,
    StripeProfile,
)
from weld_cell.records.status import SeamStatus
from weld_cell.report.overlays import draw_seam, draw_stripe, to_bgr
from weld_cell.stations.joint_type_vote import Ballot


@dataclass(frozen=True, eq=False)
class ScannedImage:
    """One image in the scan. Where a stage gave up, what it and later ones add is absent.

    Attributes:
        stamp_ns: Time of the image.
        sequence: Its count.
        frame: Optical frame of the sensor.
        profile: The stripe, without its light: only the scan itself keeps that, until it has searched for the seam.
        ballot: What it said of the joint type, if it was asked.
        observation: The seam point in the sensor's frame.
        point: The seam point in base_link.
        error: Why the scan got no further.
        sweep: Of a recording, in which sweep of the sensor it was taken.
    """

    stamp_ns: int
    sequence: int = 0
    frame: str = ''
    profile: StripeProfile | None = None
    ballot: Ballot | None = None
    observation: SeamObservation | None = None
    point: SeamPoint | None = None
    error: WeldCellError | None = None
    sweep: int = 0

    @property
    def estimate(self) -> JointTypeEstimate | None:
        """The joint type by this image alone, if it was asked."""
        return None if self.ballot is None else self.ballot.estimate


@dataclass(frozen=True, eq=False)
class LaserLook:
    """What came of one image.

    Attributes:
        newest: Of this image, as far as it came.
        earlier: Of images before it that were held and have now been searched, in order.
    """

    newest: ScannedImage
    earlier: tuple[ScannedImage, ...] = ()


def draw_scanned(pixels: ImageArray, scanned: ScannedImage) -> ImageArray:
    """The seam point where there is one, else the stripe where there is one, over the image (h, w) or (h, w, 3)."""
    if scanned.profile is None:
        return to_bgr(pixels)
    if scanned.observation is None:
        return draw_stripe(pixels, scanned.profile)
    return draw_seam(pixels, scanned.profile, scanned.observation)


def seam_status(scanned: ScannedImage, points: int, held: int) -> SeamStatus:
    """An image's part in seam/status, beside the seam points and the profiles that wait."""
    seen = scanned.observation
    if scanned.error is not None or seen is None:
        error = None if scanned.error is None else type(scanned.error).__name__
        return SeamStatus(points=points, held=held, stamp_ns=scanned.stamp_ns, error=error)
    return SeamStatus(
        points=points,
        held=held,
        joint_type=seen.joint_type,
        stamp_ns=scanned.stamp_ns,
        gap_mm=seen.gap_mm,
        mismatch_mm=seen.mismatch_mm,
        gap_lift=seen.gap_lift,
        gap_aside=seen.gap_aside,
        seam_px=np.atleast_2d(seen.seam_px),
        break_points_px=seen.break_points_px,
    )
