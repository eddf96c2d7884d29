"""The data passed between the stages of the area camera.

Angles in the image turn from +u (right) towards +v (down), in degrees, and are told within -180 to 180.
"""

from dataclasses import dataclass
from enum import StrEnum

from weld_cell.records.arrays import BoolArray, FloatArray, ImageArray
from weld_cell.records.laser import JointType


@dataclass(frozen=True, eq=False)
class PartTemplate:
    """A part as the area camera sees it, cut out of an image.

    Attributes:
        code: Name of the part, hand included, for instance A-R.
        pixels: (m, n) grey, the part on its background.
        mask: (m, n) True where the template counts: the part and, around it, as much background as is its own.
        origin_px: (2,) u, v of the origin of the part's frame in the template.
        axis_deg: Direction of the part's x axis in the template.
        mm_per_px: Size of a pixel of the template on the part.
    """

    code: str
    pixels: ImageArray
    mask: BoolArray
    origin_px: FloatArray
    axis_deg: float
    mm_per_px: float


@dataclass(frozen=True, eq=False)
class PartMatch:
    """A template found in an image.

    Attributes:
        code: Of the template.
        origin_px: (2,) u, v in the image of the origin of the part's frame.
        axis_deg: Direction of the part's x axis in the image.
        scale: Size of the part in the image over its size in the template.
        score: F of the match, smaller is better.
        runner_up: Code of the next best template at this place; empty where there is none.
        runner_up_score: Its F; infinite where there is none.
    """

    code: str
    origin_px: FloatArray
    axis_deg: float
    scale: float
    score: float
    runner_up: str = ''
    runner_up_score: float = float('inf')

    @property
    def margin(self) -> float:
        """By how much the runner-up is worse, as a part of its F: 0 is a tie, 1 is beyond doubt."""
        if self.runner_up_score == float('inf'):
            return 1.0
        return 1.0 - self.score / self.runner_up_score if self.runner_up_score > 0.0 else 0.0


@dataclass(frozen=True, eq=False)
class JobSeam:
    """A seam of a part's job where it should be, in the part's frame: z up out of the sheet, z = 0 on its upper side.

    Attributes:
        start_m: (3,).
        end_m: (3,).
        normal: (3,) unit vector from the seam to the side from which it is welded.
        joint_type: What joint it is; None where the laser shall tell.
    """

    start_m: FloatArray
    end_m: FloatArray
    normal: FloatArray
    joint_type: JointType | None = None


@dataclass(frozen=True, eq=False)
class PartSighting:
    """A part on the table.

    Attributes:
        code: Which one.
        T_base_part: (4, 4) where its frame is: x along its axis, z up out of its upper side.
        stamp_ns: Time of the image.
    """

    code: str
    T_base_part: FloatArray
    stamp_ns: int


class SeamEnd(StrEnum):
    """What is at an end of a plate seam."""

    PLATE_END = 'plate_end'
    IMAGE_BORDER = 'image_border'
    """The seam goes on where the camera does not see it."""
    UNSEEN = 'unseen'
    """No more is seen of it, though the plates go on: it may be hidden, or welded."""


@dataclass(frozen=True, eq=False)
class PlateSeam:
    """The seam between clamped plates, measured on the work plane.

    Attributes:
        path_m: (n, 3) its centre line in base_link from start to end, evenly spaced.
        path_px: (n, 2) u, v of the same points.
        gap_mm: (n,) width of the gap there, read where it is seen and interpolated elsewhere.
        degree: Of the polynomial over the chord; 1 is a straight line.
        length_mm: Of the path.
        straightness_mm: Width of the strip about the line of least squares that holds the whole path.
        seen_share: Share of the path along which the seam is seen, 0 to 1; the rest lies under tack welds or clamps.
        scatter_mm: Robust standard deviation of single readings about the path.
        confidence: 0 to 1, of share seen on the path, scatter, contrast and the strongest rival.
        contrast: Median of the seam's darkness over the noise beside it.
        ends: What is at its start and at its end.
    """

    path_m: FloatArray
    path_px: FloatArray
    gap_mm: FloatArray
    degree: int
    length_mm: float
    straightness_mm: float
    seen_share: float
    scatter_mm: float
    confidence: float
    contrast: float = 0.0
    ends: tuple[SeamEnd, SeamEnd] = (SeamEnd.UNSEEN, SeamEnd.UNSEEN)
