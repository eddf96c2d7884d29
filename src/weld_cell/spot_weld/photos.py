"""Welds of a bank from photographs of good ones, each with the name of its photograph."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from weld_cell.errors import FeatureBankError
from weld_cell.images import read_image, to_grey
from weld_cell.records import ImageArray
from weld_cell.spot_weld.building import GoodWelds
from weld_cell.spot_weld.crops import boxes_about, cells_of, cut_out
from weld_cell.spot_weld.find import WeldFinder
from weld_cell.spot_weld.inspect import is_whole
from weld_cell.spot_weld.settings import BankSettings


def read_grey(path: Path) -> ImageArray:
    """(h, w) uint8 of a file, grey or in colours.

    Raises:
        ImageError: missing, cut, or no image.
    """
    return to_grey(read_image(path))


def good_welds(
    photos: Iterable[Path], finder: WeldFinder, settings: BankSettings, single: bool, told: Callable[[str], object]
) -> GoodWelds:
    """Every weld of the photos.

    Args:
        photos: Files.
        finder: Says where the welds are.
        settings: How the bank is made.
        single: Whether a photo shows one weld, so that the surest region counts alone.
        told: Hears of photos in which no weld is found.

    Raises:
        ImageError: a file is no image.
        FeatureBankError: too few welds in all.
    """
    crops, cells, sources = [], [], list[str]()
    for photo in photos:
        grey = read_grey(photo)
        whole = [region for region in finder.regions(grey) if is_whole(region, grey.shape)]
        regions = whole[:1] if single else whole
        if not regions:
            told(f'{photo.name}: no weld found in it, so it is left out')
            continue
        boxes = boxes_about(regions, settings)
        crops.append(cut_out(grey, boxes, settings.grid))
        cells.append(cells_of(boxes, settings.grid))
        sources += [photo.name] * len(regions)
    if not sources:
        raise FeatureBankError('No weld was found in the photos.', "Look at them, and set the finder's diameters.")
    return GoodWelds(np.concatenate(crops), tuple(sources), np.concatenate(cells))
