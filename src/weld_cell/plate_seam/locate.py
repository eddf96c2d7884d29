"""Where in the image seams are, by the trained network."""

from dataclasses import dataclass
from pathlib import Path

from weld_cell.config import Settings, bounded
from weld_cell.errors import ModelError
from weld_cell.records import FloatArray, ImageArray


@dataclass(frozen=True)
class LocateSettings(Settings):
    """Which of the network's answers count."""

    min_score: float = bounded(0.25, 0.0, 1.0, '', 'least score of a region')


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions of an image that show a seam each.

    Attributes:
        boxes_xyxy: (n, 4) left, top, right, bottom in pixels of the image.
        scores: (n,) 0 to 1.
    """

    boxes_xyxy: FloatArray
    scores: FloatArray


class PlateSeamLocator:
    """The network.

    Raises:
        ModelError: there is none yet.
    """

    def __init__(self, path: Path, settings: LocateSettings, threads: int = 1) -> None:
        raise ModelError(f'{path}: there is no such model.', 'Set plates.locate to whole or box.')

    def regions(self, grey: ImageArray) -> Regions:
        """Regions of an image (h, w)."""
        raise NotImplementedError
