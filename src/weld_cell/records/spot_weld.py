"""Spot welds: position, appearance, defective pixels."""

from dataclasses import dataclass
from enum import StrEnum

from weld_cell.records.arrays import BoolArray, FloatArray


class WeldVerdict(StrEnum):
    """What is said of a spot weld."""

    GOOD = 'good'
    DOUBTFUL = 'doubtful'
    DEFECTIVE = 'defective'


@dataclass(frozen=True, eq=False)
class WeldRegion:
    """A spot weld in an image.

    Attributes:
        centre_px: (2,) u, v of its middle.
        radius_px: Of its indentation, wall included.
        score: How sure it is that this is a weld, 0 to 1.
    """

    centre_px: FloatArray
    radius_px: float
    score: float


@dataclass(frozen=True, eq=False)
class DefectArea:
    """A connected piece of a weld that is defective.

    Attributes:
        place_px: (2,) u, v of its centroid.
        area_px: Of it.
        place_m: (2,) x, y on the work plane in base_link; None where no work plane was given.
        area_mm2: None where no work plane was given.
    """

    place_px: FloatArray
    area_px: float
    place_m: FloatArray | None = None
    area_mm2: float | None = None


@dataclass(frozen=True, eq=False)
class InspectedWeld:
    """A spot weld that was judged.

    Attributes:
        region: Where it is.
        box_xyxy: (4,) of what was looked at, in pixels, within the image or beyond its border.
        score: Anomaly score of the weld as a whole; 1 is the threshold between good and defective.
        verdict: What is said of it.
        anomaly_map: (g, g) score of each place of the box, evenly spaced; 1 is the threshold of the mask.
        mask: (g, g) True where it is defective.
        defects: The pieces of the mask; empty where there are none.
    """

    region: WeldRegion
    box_xyxy: FloatArray
    score: float
    verdict: WeldVerdict
    anomaly_map: FloatArray
    mask: BoolArray
    defects: tuple[DefectArea, ...]

    @property
    def defect_px(self) -> float:
        """Area of its defects together, in pixels."""
        return sum(area.area_px for area in self.defects)

    @property
    def defect_mm2(self) -> float | None:
        """The same on the work plane; None where that is not known."""
        areas = [area.area_mm2 for area in self.defects if area.area_mm2 is not None]
        return sum(areas) if areas else None


@dataclass(frozen=True, eq=False)
class WeldInspection:
    """What an image shows.

    Attributes:
        welds: That were judged, from top to bottom; one at least.
        cut: That the image's border cuts, so that they were not judged.
        anomaly_map: (h, w) float of the image; 0 where no weld is.
        mask: (h, w) True where a weld is defective.
    """

    welds: tuple[InspectedWeld, ...]
    cut: tuple[WeldRegion, ...]
    anomaly_map: FloatArray
    mask: BoolArray
