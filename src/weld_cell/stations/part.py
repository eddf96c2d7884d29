"""The part on the table: identification, position and rotation.

The templates are square to the part and at one scale, so the image is first drawn as a metric view of a plane. The
plane is that in which the upper sides of the parts lie: the table's top at `work_plane.height_m`, and above it the
thickness of the sheets. Where sheets of several thicknesses are in the library, it is their mean, and each part that
is found is moved along its viewing ray into its own upper side.
"""

from dataclasses import dataclass

import numpy as np

from weld_cell.errors import PartAmbiguousError, PartError, PartLibraryError, PartUnknownError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.metric_view import MetricView
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.images import to_grey
from weld_cell.part_library import LibraryPart, PartLibrary
from weld_cell.parts.identify import PartIdentifier
from weld_cell.records import CameraImage, FloatArray, ImageArray, PartMatch, PartSighting
from weld_cell.records.status import PartStatus
from weld_cell.report.part_overlay import draw_parts
from weld_cell.settings import PartStationSettings
from weld_cell.stations.station import Cameras, PoseOf
from weld_cell.wording import counted

_SAME_SCALE = 1e-3


@dataclass(frozen=True, eq=False)
class PartsSeen:
    """What lies on the table.

    Attributes:
        stamp_ns: Of the image.
        view: The image as a metric view.
        matches: The parts that are known, in the view.
        sightings: The same on the table.
        refusals: Why other things are not identified.
    """

    stamp_ns: int
    view: ImageArray
    matches: tuple[PartMatch, ...]
    sightings: tuple[PartSighting, ...]
    refusals: tuple[PartError, ...]

    def the_part(self) -> tuple[PartSighting, PartMatch]:
        """The one part that lies there.

        Raises:
            PartError: none, one that is not identified with certainty, or several.
        """
        if self.refusals:
            raise self.refusals[0]
        if len(self.sightings) != 1:
            codes = ', '.join(sorted(sighting.code for sighting in self.sightings))
            raise PartError(
                f'{counted(len(self.sightings), "part lies", "parts lie")} on the table: {codes}.',
                'Leave the one to be welded.',
            )
        return self.sightings[0], self.matches[0]


class PartStation:
    """Names the part on the table.

    Args:
        library: The parts; how they differ is learned from them here, which takes a while.
        T_base_camera: Where the camera is.
        settings: As they stand; those of the matching are read here.

    Attributes:
        settings: As they stand.
        cameras: Intrinsics by image size.

    Raises:
        PartLibraryError: no parts, parts at several scales, or parts that cannot be distinguished.
    """

    def __init__(self, library: PartLibrary, T_base_camera: PoseOf, settings: PartStationSettings) -> None:
        self.settings = settings
        self.cameras = Cameras()
        self._T_base_camera = T_base_camera
        self._parts = {part.code: part for part in library.parts}
        self._templates = [part.template for part in library.parts]
        self._identifier = PartIdentifier(self._templates, settings.parts)
        self._mm_per_px = _scale(library.parts)
        self._mean_thickness_m = 1e-3 * float(np.mean([part.thickness_mm for part in library.parts]))
        self._view: tuple[bytes, MetricView] | None = None

    def prepare(self) -> None:
        """See Station: there is nothing to load, it was done in __init__."""

    def look(self, image: CameraImage) -> PartsSeen:
        """See Station.

        Raises:
            CalibrationError, TransformError: how or from where the camera sees is not known.
            ImageError: the image is smaller than a part.
        """
        height, width = image.pixels.shape[:2]
        view = self._metric_view(self.cameras.of((width, height)), self._T_base_camera(image))
        seen = view.image(to_grey(image.pixels))
        findings = self._identifier.look(seen)
        judged = [(match, _doubt(match, self._parts[match.code])) for match in findings.matches]
        matches = tuple(match for match, doubt in judged if doubt is None)
        refusals = findings.refusals + tuple(doubt for _, doubt in judged if doubt is not None)
        sightings = tuple(self._sighting(match, view, image.stamp_ns) for match in matches)
        return PartsSeen(image.stamp_ns, seen, matches, sightings, refusals)

    def overlay(self, image: CameraImage, result: PartsSeen) -> ImageArray:
        """See Station: outline, axes, code and margin of each part in the metric view."""
        return draw_parts(result.view, result.matches, self._templates, result.refusals)

    def status(self, result: PartsSeen) -> PartStatus:
        """See Station."""
        try:
            sighting, match = result.the_part()
        except PartError as error:
            return PartStatus(result.stamp_ns, len(result.matches), len(result.refusals), error=type(error).__name__)
        x_mm, y_mm, z_mm = (1e3 * sighting.T_base_part[:3, 3]).tolist()
        turn_deg = float(np.degrees(np.arctan2(sighting.T_base_part[1, 0], sighting.T_base_part[0, 0])))
        return PartStatus(
            result.stamp_ns,
            1,
            0,
            code=sighting.code,
            x_mm=x_mm,
            y_mm=y_mm,
            z_mm=z_mm,
            turn_deg=turn_deg,
            score=match.score,
            margin=match.margin,
            runner_up=match.runner_up or None,
        )

    def reset(self) -> str:
        """See Station."""
        return 'Nothing is remembered between images.'

    def _metric_view(self, camera: CameraModel, T_base_camera: FloatArray) -> MetricView:
        """Made once for a camera that stays where it is."""
        height_m = self.settings.work_plane.height_m + self._mean_thickness_m
        numbers = (camera.matrix.ravel(), camera.distortion, camera.size_px, T_base_camera.ravel(), [height_m])
        key = np.concatenate(numbers).astype(float).tobytes()
        if self._view is None or self._view[0] != key:
            plane = WorkPlane.level(camera, T_base_camera, height_m)
            self._view = key, MetricView.of(plane, self._mm_per_px)
        return self._view[1]

    def _sighting(self, match: PartMatch, view: MetricView, stamp_ns: int) -> PartSighting:
        pose = view.pose(match.origin_px, match.axis_deg)
        eye = view.plane.T_base_camera[:3, 3]
        upper_m = self.settings.work_plane.height_m + 1e-3 * self._parts[match.code].thickness_mm
        nearer = (upper_m - pose[2, 3]) / (eye[2] - pose[2, 3])
        pose[:3, 3] += nearer * (eye - pose[:3, 3])
        return PartSighting(match.code, pose, stamp_ns)


def _scale(parts: tuple[LibraryPart, ...]) -> float:
    """Size of the pixels of all templates."""
    sizes = {part.code: part.mm_per_px for part in parts}
    least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    if sizes[most] > sizes[least] * (1.0 + _SAME_SCALE):
        raise PartLibraryError(
            f'Templates of several scales: {least} has {sizes[least]:g} mm/px, {most} {sizes[most]:g} mm/px.',
            'Add all parts at one scale: weld_cell parts add --mm-per-px.',
        )
    return sizes[least]


def _doubt(match: PartMatch, part: LibraryPart) -> PartError | None:
    """Why a match misses the limits that a person gave its part."""
    limits = part.thresholds
    if match.score > limits.score_max:
        return PartUnknownError(
            f'{match.code} matches with F {match.score:.2g}; its score_max is {limits.score_max:g}.',
            'Clean lens and table, or correct thresholds in its part.yaml.',
        )
    if match.margin < limits.margin_min:
        return PartAmbiguousError(
            f'{match.code} is distinguished from {match.runner_up} by a margin of {match.margin:.2g}; its '
            f'margin_min is {limits.margin_min:g}.',
            'Lay it flat at another place, or correct thresholds in its part.yaml.',
        )
    return None
