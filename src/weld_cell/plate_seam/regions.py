"""Search regions for a seam: the whole image, the network's regions, or a fixed box."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from weld_cell.errors import ConfigurationError, ImageError
from weld_cell.geometry.work_plane import WorkPlane
from weld_cell.models.loader import find_model
from weld_cell.plate_seam.confirm import confirm
from weld_cell.plate_seam.locate import SHIPPED_NET, PlateSeamLocator, Regions
from weld_cell.plate_seam.plates import PlatesSettings
from weld_cell.plate_seam.settings import LocateSettings, PlateSeamSettings
from weld_cell.plate_seam.survey import Survey, find_all_seams, find_seams
from weld_cell.records import ImageArray

LEAST_PX = 8
"""Side of the smallest region in which a seam can be traced."""


class RegionFinder(Protocol):
    """Says where in an image seams may be."""

    def regions(self, grey: ImageArray) -> Regions:
        """Regions of an image (h, w) uint8.

        Raises:
            WeldCellError: they cannot be told.
        """


@dataclass(frozen=True)
class WholeImage:
    """The image itself is the one region."""

    def regions(self, grey: ImageArray) -> Regions:
        """See RegionFinder.

        Raises:
            ImageError: the image is too small for a seam.
        """
        height, width = grey.shape
        if min(height, width) < LEAST_PX:
            raise ImageError(
                f'The image has {width} x {height} px, a seam needs {LEAST_PX} x {LEAST_PX}.',
                'Look at the camera: does it send whole images?',
            )
        return Regions(np.array([[0.0, 0.0, width, height]]), np.ones(1), one_each=False)


@dataclass(frozen=True)
class ConfirmedWholeImage:
    """The whole image, beside which the network says where seams are.

    Attributes:
        locator: The network.
    """

    locator: PlateSeamLocator

    def regions(self, grey: ImageArray) -> Regions:
        """See RegionFinder; raises as WholeImage."""
        whole = WholeImage().regions(grey)
        seen = self.locator.regions(grey, self.locator.settings.min_confirming_score)
        return replace(whole, confirming_xyxy=seen.boxes_xyxy)


@dataclass(frozen=True)
class FixedBox:
    """A region where a fixture holds the seam.

    Attributes:
        box_xyxy: Left, top, right and bottom in pixels.
    """

    box_xyxy: tuple[float, ...]

    def regions(self, grey: ImageArray) -> Regions:
        """See RegionFinder.

        Raises:
            ConfigurationError: the region lies outside of the image, or is too small for a seam.
        """
        box = np.array(self.box_xyxy)
        inside = np.clip(box, 0.0, np.tile(grey.shape[::-1], 2))
        if (inside[2:] - inside[:2]).min() < LEAST_PX:
            raise ConfigurationError(
                f'plates.box_xyxy: {box.tolist()} has less than {LEAST_PX} x {LEAST_PX} px in an image of '
                f'{grey.shape[1]} x {grey.shape[0]}.',
                'Give left, top, right and bottom in pixels; plate_seam/overlay shows the image.',
            )
        return Regions(inside[None], np.ones(1))


def make_region_finder(plates: PlatesSettings, locate: LocateSettings) -> RegionFinder:
    """What the settings ask for.

    Raises:
        ModelError: the network is missing or damaged.
    """
    if plates.locate == 'whole':
        return WholeImage()
    if plates.locate == 'box':
        return FixedBox(plates.box_xyxy)
    locator = PlateSeamLocator(find_model(plates.model_file or SHIPPED_NET), locate)
    return locator if plates.locate == 'network' else ConfirmedWholeImage(locator)


def traceable(regions: Regions) -> Regions:
    """Those that are large enough for a seam: at the image's border a network may see less of one."""
    sides = regions.boxes_xyxy[:, 2:] - regions.boxes_xyxy[:, :2]
    large = (sides >= LEAST_PX).all(axis=1)
    return replace(regions, boxes_xyxy=regions.boxes_xyxy[large], scores=regions.scores[large])


def seams_in(grey: ImageArray, regions: Regions, plane: WorkPlane, settings: PlateSeamSettings) -> Survey:
    """The seams of an image (h, w) uint8 in its regions; raises as `survey.find_seams`."""
    if regions.one_each:
        return find_seams(grey, regions.boxes_xyxy, plane, settings, regions.about)
    survey = find_all_seams(grey, plane, settings)
    if regions.confirming_xyxy is None:
        return survey
    return confirm(survey, regions.confirming_xyxy, settings)
