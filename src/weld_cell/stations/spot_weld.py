"""The spot welds in the area camera's image: position, verdict and defective pixels."""

import time
from dataclasses import dataclass

import numpy as np

from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.images import to_grey
from weld_cell.records import CameraImage, ImageArray, InspectedWeld, WeldInspection, WeldVerdict
from weld_cell.records.status import SpotWeldsStatus, SpotWeldStatus
from weld_cell.report.spot_weld_overlay import draw_inspection
from weld_cell.settings import SpotWeldStationSettings
from weld_cell.spot_weld.inspect import Inspector
from weld_cell.spot_weld.opening import open_inspector
from weld_cell.stations.station import Cameras, PoseOf


@dataclass(frozen=True, eq=False)
class WeldsSeen:
    """What the area camera sees of the spot welds.

    Attributes:
        stamp_ns: Of the image.
        grey: (h, w) uint8 of it.
        inspection: Every weld with its verdict.
        ms: Processing time by step.
    """

    stamp_ns: int
    grey: ImageArray
    inspection: WeldInspection
    ms: dict[str, float]

    def count(self, verdict: WeldVerdict) -> int:
        """How many welds it is said of."""
        return sum(weld.verdict is verdict for weld in self.inspection.welds)


class SpotWeldStation:
    """Finds every spot weld and judges it by the bank of good ones.

    Args:
        T_base_camera: Where the camera is; used only where defects are measured in millimetres.
        settings: As they stand.

    Attributes:
        settings: As they stand.
        cameras: Intrinsics by image size.

    Raises:
        FeatureBankError: the bank is not named, missing, damaged, or made with other features.
        ModelError: features or finder cannot be used.
    """

    def __init__(self, T_base_camera: PoseOf, settings: SpotWeldStationSettings) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self._T_base_camera = T_base_camera
        self._made = settings.spot_weld, settings.spot_weld_find
        self._inspector = open_inspector(*self._made)

    def prepare(self) -> None:
        """See Station: there is nothing to load, it was done in __init__."""

    def look(self, image: CameraImage) -> WeldsSeen:
        """See Station.

        Raises:
            SpotWeldError: no weld in view, each cut by the border, over-exposed or blurred; or no bank to judge by.
            CalibrationError, TransformError: how or from where the camera sees is not known.
            ModelError: features or finder cannot be used.
        """
        plane, inspector = self._work_plane(image), self._opened()
        grey = to_grey(image.pixels)
        began_s = time.perf_counter()
        whole, cut = inspector.find(grey)
        found_s = time.perf_counter()
        inspection = inspector.judge(grey, whole, cut, plane)
        ms = {'find': 1e3 * (found_s - began_s), 'judge': 1e3 * (time.perf_counter() - found_s)}
        return WeldsSeen(image.stamp_ns, grey, inspection, ms)

    def overlay(self, image: CameraImage, result: WeldsSeen) -> ImageArray:
        """See Station: a circle about each weld in the colour of its verdict, defective pixels red."""
        return draw_inspection(result.grey, result.inspection)

    def status(self, result: WeldsSeen) -> SpotWeldsStatus:
        """See Station."""
        scores = [weld.score for weld in result.inspection.welds]
        worst = int(np.argmax(scores))
        return SpotWeldsStatus(
            result.stamp_ns,
            good=result.count(WeldVerdict.GOOD),
            doubtful=result.count(WeldVerdict.DOUBTFUL),
            defective=result.count(WeldVerdict.DEFECTIVE),
            cut=len(result.inspection.cut),
            worst=1 + worst,
            worst_score=scores[worst],
            ms=result.ms,
        )

    def report(self, result: WeldsSeen) -> list[SpotWeldStatus]:
        """One status a weld."""
        return [_status(result.stamp_ns, number, weld) for number, weld in enumerate(result.inspection.welds, 1)]

    def reset(self) -> str:
        """See Station."""
        return 'Nothing is remembered between images.'

    def _work_plane(self, image: CameraImage) -> WorkPlane | None:
        if not self.settings.spot_weld.millimetres:
            return None
        height, width = image.pixels.shape[:2]
        height_m = self.settings.work_plane.height_m + 1e-3 * self.settings.spot_weld.above_table_mm
        return WorkPlane.level(self.cameras.of((width, height)), self._T_base_camera(image), height_m)

    def _opened(self) -> Inspector:
        """A new one where the settings have changed."""
        wanted = self.settings.spot_weld, self.settings.spot_weld_find
        if wanted != self._made:
            self._inspector, self._made = open_inspector(*wanted), wanted
        return self._inspector


def _status(stamp_ns: int, number: int, weld: InspectedWeld) -> SpotWeldStatus:
    """A weld in short; in millimetres only where all of its defects are measured in them."""
    u_px, v_px = weld.region.centre_px.tolist()
    places_m = [area.place_m for area in weld.defects if area.place_m is not None]
    return SpotWeldStatus(
        stamp_ns,
        number,
        u_px,
        v_px,
        weld.region.radius_px,
        weld.score,
        str(weld.verdict),
        len(weld.defects),
        weld.defect_px,
        weld.defect_mm2,
        np.array([area.place_px for area in weld.defects]) if weld.defects else None,
        np.array(places_m) if places_m else None,
    )
