"""Seam regions in the image by the trained network, with ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weld_cell.geometry.boxes import suppress
from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind
from weld_cell.models.network import Network
from weld_cell.plate_seam.reduce import reduce_image
from weld_cell.plate_seam.settings import LocateSettings
from weld_cell.records import FloatArray, ImageArray

SHIPPED_NET = 'plate_seam_net'
INPUT = 'image'
OUTPUTS = (
    TensorSignature(
        'boxes', (1, 'anchors', 4), 'float32', 'xyxy in pixels of the reduced image, edges between pixels'
    ),
    TensorSignature('scores', (1, 'anchors'), 'float32', 'how likely a seam is there, 0 to 1'),
)
PLATE_SEAM_NET = ModelKind(
    'plate_seam_net',
    1,
    'weld_cell train plate-seam',
    (
        TensorSignature(
            INPUT, (1, 3, 'rows', 'columns'), 'float32', 'mean, mean - minimum and maximum - mean of blocks, 0 to 1'
        ),
    ),
    OUTPUTS,
)


@dataclass(frozen=True, eq=False)
class Regions:
    """Where seams are likely.

    Attributes:
        boxes_xyxy: (n, 4) in pixels of the image, within it, best first; n from 0.
        scores: (n,) 0 to 1.
        one_each: Whether a region shows one seam; the whole image may show any number.
        about: Whether it lies closely about the seam.
        confirming_xyxy: (m, 4) where the network sees seams, each of which confirms one line; None: none is needed.
    """

    boxes_xyxy: FloatArray
    scores: FloatArray
    one_each: bool = True
    about: bool = False
    confirming_xyxy: FloatArray | None = None


class PlateSeamLocator:
    """The trained network.

    Args:
        path: The ONNX file; its card lies beside it.
        settings: Which boxes count.
        threads: Of one run.

    Raises:
        ModelError: missing, damaged, of another kind or version.
    """

    def __init__(self, path: Path, settings: LocateSettings, threads: int = 1) -> None:
        self._network = Network(path, PLATE_SEAM_NET, threads)
        self.settings = settings

    def regions(self, grey: ImageArray, min_score: float | None = None) -> Regions:
        """Regions of an image (h, w) uint8 with the settings' least score, or another one."""
        reduced = reduce_image(grey)
        boxes, scores = (answer[0].astype(float) for answer in self._network.run(image=reduced.channels[None]))
        likely = scores >= (self.settings.min_score if min_score is None else min_score)
        boxes, scores = boxes[likely], scores[likely]
        kept = suppress(boxes, scores, self.settings.most_overlap)
        most = np.array([grey.shape[1], grey.shape[0]] * 2) - 1.0
        return Regions(np.clip(reduced.to_image(boxes[kept]), 0.0, most), scores[kept], about=True)
