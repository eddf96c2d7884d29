"""A part of the library."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from weld_cell.records import FloatArray, ImageArray, JobSeam, PartTemplate

BACKGROUND_PX = 8
"""So far around the part its background counts for the template, at most."""
FARTHEST_PX = 1e5
"""So far from the template the origin of its frame may lie."""
_BACKGROUND_SHARE = 0.1
_LEAST_BACKGROUND_PX = 3


@dataclass(frozen=True)
class PartThresholds:
    """What a match of this part must reach to count; by default any does.

    Attributes:
        score_max: Greatest F.
        margin_min: Least margin to the runner-up.
    """

    score_max: float = float('inf')
    margin_min: float = 0.0


@dataclass(frozen=True, eq=False)
class LibraryPart:
    """A part of the library.

    Attributes:
        code: Name, hand included.
        pixels: (m, n) grey, the part on its background.
        cover: (m, n) share of each pixel that is the part, 0 to 255.
        origin_px: (2,) u, v of the origin of the part's frame in the template.
        axis_deg: Direction of its x axis in the template, from +u towards +v.
        mm_per_px: Size of a pixel on the part.
        thickness_mm: Of the sheet.
        job: Its seams, in the order in which they are welded.
        thresholds: What a match must reach.
        notes: What a person should know.
    """

    code: str
    pixels: ImageArray
    cover: ImageArray
    origin_px: FloatArray
    axis_deg: float
    mm_per_px: float
    thickness_mm: float
    job: tuple[JobSeam, ...] = ()
    thresholds: PartThresholds = PartThresholds()
    notes: str = ''

    @cached_property
    def template(self) -> PartTemplate:
        """What the matching takes."""
        side = 2 * self._background_px + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        mask = np.asarray(cv2.dilate(self.cover, disc)) > 127
        return PartTemplate(self.code, self.pixels, mask, self.origin_px, self.axis_deg, self.mm_per_px)

    @property
    def area_mm2(self) -> float:
        """Of the metal seen from above."""
        return float(self.cover.sum(dtype=np.int64)) / 255.0 * self.mm_per_px**2

    @property
    def _background_px(self) -> int:
        """A tenth of a small part's shorter side: with more its surroundings would outweigh it."""
        _, _, width, height = cv2.boundingRect((self.cover > 127).astype(np.uint8))
        share = round(_BACKGROUND_SHARE * min(width, height))
        return min(max(share, _LEAST_BACKGROUND_PX), BACKGROUND_PX)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the part in the template."""
        _, _, width, height = cv2.boundingRect((self.cover > 127).astype(np.uint8))
        return width * self.mm_per_px, height * self.mm_per_px
