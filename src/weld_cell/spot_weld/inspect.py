"""Inspection of an image: welds detected, cropped, compared with the bank, judged."""

import cv2
import numpy as np

from weld_cell.errors import SpotWeldAbsentError, SpotWeldCutError, SpotWeldImageError
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.records import (
    BoolArray,
    FloatArray,
    ImageArray,
    InspectedWeld,
    WeldInspection,
    WeldRegion,
    WeldVerdict,
)
from weld_cell.spot_weld.bank import FeatureBank
from weld_cell.spot_weld.crops import boxes_about, cells_of, cut_out, diameters_of
from weld_cell.spot_weld.defects import defect_areas, without_small
from weld_cell.spot_weld.describe import Places
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.judgement import compare
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import SpotWeldSettings
from weld_cell.spot_weld.sharpness import sharpness
from weld_cell.spot_weld.threshold import Thresholds

WHITE = 254
_OTHER_SIZE = 1.5
"""Welds so many times larger or smaller than any of the bank are not compared with it."""


class Inspector:
    """Looks at images of spot welds.

    Args:
        bank: Of good welds.
        features: With which the bank was made.
        finder: Says where welds are.
        settings: What is refused.

    Raises:
        FeatureBankError: the bank was made with other features.
    """

    def __init__(
        self,
        bank: FeatureBank,
        features: Features,
        finder: WeldFinder,
        settings: SpotWeldSettings | None = None,
    ) -> None:
        bank.require(features)
        self.bank, self._features, self._finder = bank, features, finder
        self.settings = settings or SpotWeldSettings()

    def look(self, grey: ImageArray, plane: WorkPlane | None = None) -> WeldInspection:
        """Find and judge every spot weld of an image.

        Args:
            grey: (h, w) uint8.
            plane: On which the welds lie, for places and areas in millimetres; None: pixels alone.

        Raises:
            SpotWeldAbsentError: no weld in view.
            SpotWeldCutError: the border cuts each.
            SpotWeldImageError: over-exposed or blurred where the welds are.
        """
        whole, cut = self.find(grey)
        return self.judge(grey, whole, cut, plane)

    def find(self, grey: ImageArray) -> tuple[list[WeldRegion], tuple[WeldRegion, ...]]:
        """The spot welds of an image (h, w) uint8: the whole ones from top to bottom, and those that its border cuts.

        Raises:
            SpotWeldAbsentError: no weld in view.
            SpotWeldCutError: the border cuts each.
        """
        found = self._finder.regions(grey)
        if not found:
            raise SpotWeldAbsentError(
                'No spot weld in view.', "Check where the camera looks, its light, and the finder's diameters."
            )
        whole = [region for region in found if is_whole(region, grey.shape)]
        cut = tuple(region for region in found if not is_whole(region, grey.shape))
        if not whole:
            raise SpotWeldCutError(
                f"The image's border cuts all {len(cut)} spot welds in view.", 'Move the camera or the part.'
            )
        whole.sort(key=lambda region: (float(region.centre_px[1]), float(region.centre_px[0])))
        return whole, cut

    def judge(
        self,
        grey: ImageArray,
        regions: list[WeldRegion],
        cut: tuple[WeldRegion, ...] = (),
        plane: WorkPlane | None = None,
    ) -> WeldInspection:
        """Judge welds whose places are known.

        Args:
            grey: (h, w) uint8.
            regions: One at least.
            cut: Those that are not judged.
            plane: On which the welds lie, for places and areas in millimetres; None: pixels alone.

        Raises:
            SpotWeldImageError: over-exposed or blurred where the welds are, or these of another size than the bank's.
        """
        how = self.bank.settings
        boxes = boxes_about(regions, how)
        crops = cut_out(grey, boxes, how.grid)
        self._require_usable(crops, cells_of(boxes, how.grid))
        found = compare(Places.of(crops, self._features), how, self.bank.good)
        maps, scores = found.maps(self.bank.thresholds), found.scores(self.bank.thresholds)
        judged = zip(regions, boxes, maps, scores.tolist(), strict=True)
        welds = tuple(self._weld(region, box, map_, score, plane) for region, box, map_, score in judged)
        return WeldInspection(welds, cut, *_painted(welds, grey.shape))

    def _require_usable(self, crops: Float32Array, cells_px: FloatArray) -> None:
        """Refuse an image whose welds cannot be judged.

        Raises:
            SpotWeldImageError: over-exposed, blurred, or of another size than the bank's.
        """
        diameter_px = float(np.median(diameters_of(cells_px, self.bank.settings)))
        least_px, greatest_px = self.bank.diameters_px or (diameter_px, diameter_px)
        if not least_px / _OTHER_SIZE <= diameter_px <= greatest_px * _OTHER_SIZE:
            raise SpotWeldImageError(
                f'Spot welds of {diameter_px:.0f} px; those of the bank have {least_px:.0f} to {greatest_px:.0f} px.',
                'Find them as for the bank (--finder, --diameter, --single), or build one from images of this scale.',
            )
        white = float((crops >= WHITE).mean())
        if white > self.settings.most_saturated:
            raise SpotWeldImageError(
                f'Over-exposed: {100.0 * white:.0f} % of the pixels on the spot welds are white.',
                'Shorten the exposure, or move the lamp.',
            )
        measured = float(np.median(sharpness(crops, cells_px)))
        if measured < self.bank.least_sharpness:
            raise SpotWeldImageError(
                f'Blurred: sharpness {measured:.2f} on the spot welds, {self.bank.least_sharpness:.2f} is needed.',
                'Focus the lens, and take the image while nothing moves.',
            )

    def _weld(
        self, region: WeldRegion, box: FloatArray, coarse: FloatArray, score: float, plane: WorkPlane | None
    ) -> InspectedWeld:
        how = self.bank.settings
        resized = cv2.resize(coarse.astype(np.float32), (how.grid, how.grid), interpolation=cv2.INTER_LINEAR)
        fine = np.asarray(resized, float)
        circle_cells = np.pi * (0.5 * how.grid / how.context) ** 2
        mask = without_small(fine >= 1.0, self.settings.least_area * circle_cells)
        said = verdict(score, self.bank.thresholds)
        return InspectedWeld(region, box, score, said, fine, mask, defect_areas(mask, box, plane))


def verdict(score: float, limits: Thresholds) -> WeldVerdict:
    """What is said of a weld of a score, of which 1 is the threshold of a defective one."""
    if score >= 1.0:
        return WeldVerdict.DEFECTIVE
    return WeldVerdict.DOUBTFUL if score >= limits.doubtful else WeldVerdict.GOOD


def is_whole(region: WeldRegion, shape: tuple[int, ...]) -> bool:
    """Whether a weld lies within an image of shape (h, w)."""
    low, high = region.centre_px - region.radius_px, region.centre_px + region.radius_px
    return bool((low >= -0.5).all() and (high <= np.array(shape[1::-1]) - 0.5).all())


def _painted(welds: tuple[InspectedWeld, ...], shape: tuple[int, ...]) -> tuple[FloatArray, BoolArray]:
    """The maps and masks of all welds in the image; where two overlap the greater counts."""
    whole, mask = np.zeros(shape[:2]), np.zeros(shape[:2], bool)
    for weld in welds:
        rows, columns, values = _resampled(weld.anomaly_map, weld.box_xyxy, shape)
        _, _, shown = _resampled(weld.mask.astype(float), weld.box_xyxy, shape)
        whole[rows, columns] = np.maximum(whole[rows, columns], values)
        mask[rows, columns] |= shown > 0.5
    return whole, mask


def _resampled(values: FloatArray, box: FloatArray, shape: tuple[int, ...]) -> tuple[slice, slice, FloatArray]:
    """Rows and columns of the image that a box covers, and what they see of a grid (g, g) over it."""
    left, top = np.maximum(np.ceil(box[:2]), 0.0).astype(int)
    right, bottom = np.minimum(np.floor(box[2:]) + 1.0, shape[1::-1]).astype(int)
    cell = (box[2:] - box[:2]) / values.shape[::-1]
    columns = ((np.arange(left, right) - box[0]) / cell[0] - 0.5).astype(np.float32)
    rows = ((np.arange(top, bottom) - box[1]) / cell[1] - 0.5).astype(np.float32)
    x, y = np.meshgrid(columns, rows)
    seen = cv2.remap(values.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return slice(top, bottom), slice(left, right), np.asarray(seen, float)
