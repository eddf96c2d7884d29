"""The seam between clamped plates in the area camera's image: course, length and gap.

The work plane is that in which the upper side of the plates lies: the table's top at `work_plane.height_m`, and above
it `plates.thickness_mm`.
"""

import time
from dataclasses import dataclass

import numpy as np

from weld_cell.errors import PlateSeamAbsentError, PlateSeamError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.images import to_grey
from weld_cell.plate_seam.locate import Regions
from weld_cell.plate_seam.plates import PlatesSettings, chosen_seam
from weld_cell.plate_seam.regions import RegionFinder, make_region_finder, seams_in, traceable
from weld_cell.plate_seam.settings import LocateSettings
from weld_cell.plate_seam.survey import Survey
from weld_cell.records import CameraImage, FloatArray, ImageArray, PlateSeam
from weld_cell.records.status import PlateSeamStatus
from weld_cell.report.plate_overlay import draw_plate_seams
from weld_cell.settings import PlateSeamStationSettings
from weld_cell.stations.station import Cameras, PoseOf


@dataclass(frozen=True, eq=False)
class PlatesSeen:
    """What the area camera sees of the plates.

    Attributes:
        stamp_ns: Of the image.
        regions: Where a seam was looked for.
        survey: All seams in their order, and why other regions have none.
        choice: Number of the seam to weld, from 0, or why there is none.
        ms: Processing time by step.
    """

    stamp_ns: int
    regions: Regions
    survey: Survey
    choice: int | PlateSeamError
    ms: dict[str, float]

    def the_seam(self) -> PlateSeam:
        """The seam to weld.

        Raises:
            PlateSeamError: there is none, or none that is certain enough.
        """
        if isinstance(self.choice, PlateSeamError):
            raise self.choice
        return self.survey.seams[self.choice]


class PlateSeamStation:
    """Finds the seams between the plates, and chooses the one to weld.

    Args:
        T_base_camera: Where the camera is.
        settings: As they stand.

    Attributes:
        settings: As they stand.
        cameras: Intrinsics by image size.

    Raises:
        ModelError: the network is asked for, and missing or damaged.
    """

    def __init__(self, T_base_camera: PoseOf, settings: PlateSeamStationSettings) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self._T_base_camera = T_base_camera
        self._made: tuple[PlatesSettings, LocateSettings] = settings.plates, settings.locate
        self._finder = make_region_finder(*self._made)

    def prepare(self) -> None:
        """See Station: there is nothing to load, it was done in __init__."""

    def look(self, image: CameraImage) -> PlatesSeen:
        """See Station.

        Raises:
            CalibrationError, TransformError: how or from where the camera sees is not known.
            ImageError, ConfigurationError: the image is too small, or the region of the settings lies outside of it.
            ModelError: the network is asked for, and missing or damaged.
        """
        height, width = image.pixels.shape[:2]
        plane = self._work_plane(self.cameras.of((width, height)), self._T_base_camera(image))
        finder, steps = self._region_finder(), _Steps()
        grey = to_grey(image.pixels)
        steps.end('grey')
        regions = traceable(finder.regions(grey))
        steps.end('locate')
        survey = seams_in(grey, regions, plane, self.settings.plate_seam)
        steps.end('measure')
        return PlatesSeen(image.stamp_ns, regions, survey, _choice(survey, self.settings.plates), steps.ms)

    def overlay(self, image: CameraImage, result: PlatesSeen) -> ImageArray:
        """See Station: every seam with its measures, and the regions that have none with the reason."""
        chosen = result.choice if isinstance(result.choice, int) else None
        return draw_plate_seams(image.pixels, result.survey, result.regions.boxes_xyxy, chosen)

    def status(self, result: PlatesSeen) -> PlateSeamStatus:
        """See Station."""
        seams, refused = result.survey.seams, len(result.survey.refusals)
        if isinstance(result.choice, PlateSeamError):
            error = type(result.choice).__name__
            return PlateSeamStatus(result.stamp_ns, len(seams), refused, result.ms, error=error)
        seam = seams[result.choice]
        return PlateSeamStatus(
            result.stamp_ns,
            len(seams),
            refused,
            result.ms,
            number=1 + result.choice,
            length_mm=seam.length_mm,
            straightness_mm=seam.straightness_mm,
            gap_mm=float(np.median(seam.gap_mm)),
            gap_least_mm=float(seam.gap_mm.min()),
            gap_most_mm=float(seam.gap_mm.max()),
            seen_share=seam.seen_share,
            scatter_mm=seam.scatter_mm,
            confidence=seam.confidence,
            lengths_mm=np.array([each.length_mm for each in seams]),
            confidences=np.array([each.confidence for each in seams]),
            middles_px=np.array([each.path_px[len(each.path_px) // 2] for each in seams]),
        )

    def reset(self) -> str:
        """See Station."""
        return 'Nothing is remembered between images.'

    def _work_plane(self, camera: CameraModel, T_base_camera: FloatArray) -> WorkPlane:
        above_m = 1e-3 * self.settings.plates.thickness_mm
        return WorkPlane.level(camera, T_base_camera, self.settings.work_plane.height_m + above_m)

    def _region_finder(self) -> RegionFinder:
        """A new one where the settings have changed."""
        wanted = self.settings.plates, self.settings.locate
        if wanted != self._made:
            self._finder, self._made = make_region_finder(*wanted), wanted
        return self._finder


class _Steps:
    """Processing times of steps that follow each other."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._began_s = time.perf_counter()

    def end(self, name: str) -> None:
        """A step is over, and the next one begins."""
        now_s = time.perf_counter()
        self.ms[name], self._began_s = 1e3 * (now_s - self._began_s), now_s


def _choice(survey: Survey, settings: PlatesSettings) -> int | PlateSeamError:
    """The seam to weld, or the reason why there is none."""
    if survey.seams:
        try:
            return chosen_seam(survey.seams, settings)
        except PlateSeamAbsentError as error:
            return error.with_traceback(None)
    if survey.refusals:
        return survey.refusals[0]
    return PlateSeamAbsentError(
        'The image shows no seam between plates.',
        'Are plates clamped under the area camera, and lit? plate_seam/overlay shows what it sees.',
    )
