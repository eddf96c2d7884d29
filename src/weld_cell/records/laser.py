"""The data passed between the laser stages: stripe, joint type, seam point.

The laser stripe runs down the columns of the image, or of the upright image that was turned for it: one stripe centre
for each row; the seam runs roughly along that image's x and the cross-section of the joint along its y.
"""

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from weld_cell.records.arrays import BoolArray, FloatArray, ImageArray
from weld_cell.records.image_turn import UPRIGHT, ImageTurn


class JointType(str, Enum):
    """Weld joint types, in the order of the paper (Zeng et al. 2020, figure 3 and section 5.4)."""

    LAP = 'lap'
    BUTT = 'butt'
    SPLICE = 'splice'
    FILLET = 'fillet'
    V = 'v'
    FILLER_LAYER = 'filler_layer'

    def __str__(self) -> str:
        return self.value


class LengthScale(str, Enum):
    """By what a joint type's lengths were told: camera and laser plane, the scale that the settings assume, or the
    pixels of the very sensor that the model was trained for."""

    CALIBRATED = 'calibrated'
    ASSUMED = 'assumed'
    PIXELS = 'pixels'

    def __str__(self) -> str:
        return self.value


VOTED = 'voted'
"""Word for the joint type of a setting where the images shall tell it."""


@dataclass(frozen=True, eq=False)
class StripeProfile:
    """The laser stripe in one image: at most one centre for each row, rows ascending.

    Rows and columns are those of the upright image; `pixels` are those of the camera's.

    Attributes:
        rows_px: (n,) rows (whole numbers, as float).
        columns_px: (n,) stripe centre in that row, sub-pixel.
        intensity: (n,) grey value of the stripe at its centre, 0 to 255; 0 where bridged.
        bridged: (n,) True where the stripe was not seen and the centre is interpolated.
        image_size_px: (width, height) of the camera's image.
        light: (h, w) uint8 the part of the upright image around the stripe, laser light bright; empty if not known.
        light_origin_px: (u, v) in the upright image of its first pixel.
        turn: From the upright image to the camera's.
    """

    rows_px: FloatArray
    columns_px: FloatArray
    intensity: FloatArray
    bridged: BoolArray
    image_size_px: tuple[int, int]
    light: ImageArray = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    light_origin_px: tuple[int, int] = (0, 0)
    turn: ImageTurn = UPRIGHT

    @property
    def pixels(self) -> FloatArray:
        """(n, 2) u, v of the centres in the camera's image."""
        return self.turn.to_image(np.column_stack([self.columns_px, self.rows_px]))

    def measured(self) -> 'StripeProfile':
        """The same profile without its bridged rows."""
        seen = ~self.bridged
        return replace(
            self,
            rows_px=self.rows_px[seen],
            columns_px=self.columns_px[seen],
            intensity=self.intensity[seen],
            bridged=self.bridged[seen],
        )


@dataclass(frozen=True, eq=False)
class JointTypeEstimate:
    """What one image says of the joint type.

    Attributes:
        joint_type: The most probable type.
        votes: One-against-one votes for each type.
        margin: Smallest decision value by which the winner beat another type; near 0 is a close call.
        features: (k,) the feature vector before normalisation, V1..V7 first.
        scale: By what the lengths were told.
    """

    joint_type: JointType
    votes: dict[JointType, int]
    margin: float
    features: FloatArray
    scale: LengthScale = LengthScale.PIXELS


@dataclass(frozen=True, eq=False)
class JointTypeDecision:
    """The vote over the first images (paper, stage L2).

    Attributes:
        joint_type: The type with the most images.
        share: Share of the images that voted for it, 0 to 1.
        counts: Images for each type.
        images: Images that took part.
        scale: By what the lengths were told; assumed, where any of these images had to.
    """

    joint_type: JointType
    share: float
    counts: dict[JointType, int]
    images: int
    scale: LengthScale = LengthScale.PIXELS


@dataclass(frozen=True, eq=False)
class SeamObservation:
    """The seam point in one image, and the joint's cross-section that led to it.

    Attributes:
        joint_type: By which rule the point was found.
        seam_px: (2,) the seam point (u, v) in the image.
        break_points_px: (k, 2) the break points of the profile, ordered by row; what they mean is said by
            the rule of the joint type (weld_cell.seam).
        seam_m: (3,) the seam point in the laser sensor's optical frame.
        normal: (3,) unit vector out of the joint towards the sensor, in the laser plane, optical frame: the
            bisector between the two plates' surfaces (the direction of a work angle of 0).
        gap_mm: Root gap, 0 where the joint has none.
        mismatch_mm: Height of the plate at larger rows of the upright image over the other one at the seam, towards
            the sensor.
        profile_m: (n, 3) the whole measured profile in the optical frame.
        stamp_ns: Time of the image.
        evidence: What the rule keeps of the image for its refinement of the scan; opaque to all but the rule.
        gap_lift: By how much the seam lies higher (along the normal) for each unit that the gap is wider; 0 where the
            seam point does not follow from the gap.
        gap_aside: By how much the seam lies to one side or the other for each unit by which the gap is misread; 0
            where the seam point is not the middle of the gap.
    """

    joint_type: JointType
    seam_px: FloatArray
    break_points_px: FloatArray
    seam_m: FloatArray
    normal: FloatArray
    gap_mm: float
    mismatch_mm: float
    profile_m: FloatArray
    stamp_ns: int
    evidence: object | None = None
    gap_lift: float = 0.0
    gap_aside: float = 0.0


@dataclass(frozen=True, eq=False)
class SeamPoint:
    """A seam point in the robot's base.

    Attributes:
        position_m: (3,) in base_link.
        normal: (3,) unit vector out of the joint, in base_link.
        stamp_ns: Time of the image.
        gap_mm: Root gap where it was measured; one that differs from its neighbours' tells of a shadow.
        evidence: As of SeamObservation.
        gap_lift: As of SeamObservation.
        gap_aside: As of SeamObservation.
        mismatch_mm: As of SeamObservation; 0 where it was not told.
    """

    position_m: FloatArray
    normal: FloatArray
    stamp_ns: int
    gap_mm: float = 0.0
    evidence: object | None = None
    gap_lift: float = 0.0
    gap_aside: float = 0.0
    mismatch_mm: float = 0.0
