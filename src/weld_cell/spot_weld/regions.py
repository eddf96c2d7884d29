"""Spot-weld detection by the region network, with ONNX Runtime."""

from pathlib import Path

import cv2
import numpy as np

from weld_cell.models.card import TensorSignature
from weld_cell.models.loader import ModelKind
from weld_cell.models.network import Network
from weld_cell.records import FloatArray, ImageArray, WeldRegion
from weld_cell.spot_weld.find import FindSettings, suppress_near
from weld_cell.spot_weld.reduce import FACTOR, STRIDE, reduce_image

SHIPPED_NET = 'spot_weld_regions.onnx'
INPUT = 'image'
OUTPUTS = (
    TensorSignature('heat', (1, 'rows', 'columns'), 'float32', "how likely a weld's middle lies there, 0 to 1"),
    TensorSignature(
        'circles',
        (1, 3, 'rows', 'columns'),
        'float32',
        'u, v and radius in pixels of the reduced image, edges between pixels',
    ),
)
SPOT_WELD_REGIONS = ModelKind(
    'spot_weld_regions',
    1,
    'weld_cell train spot-weld',
    (TensorSignature(INPUT, (1, 1, 'rows', 'columns'), 'float32', 'the image at half its size, standardised'),),
    OUTPUTS,
)


class NetworkFinder:
    """The trained region network.

    Args:
        path: The ONNX file; its card lies beside it.
        settings: Which of its answers count.
        threads: Of one run.

    Raises:
        ModelError: missing, damaged, of another kind or version.
    """

    def __init__(self, path: Path, settings: FindSettings | None = None, threads: int = 1) -> None:
        self._network = Network(path, SPOT_WELD_REGIONS, threads)
        self.settings = settings or FindSettings()

    def regions(self, grey: ImageArray) -> tuple[WeldRegion, ...]:
        """Spot welds in an image (h, w) uint8, best first; empty where there are none."""
        heat, circles = self._network.run(image=reduce_image(grey)[None, None])
        return read_circles(heat[0], circles[0], self.settings)


def read_circles(heat: FloatArray, circles: FloatArray, settings: FindSettings) -> tuple[WeldRegion, ...]:
    """The welds that the network's answers tell of, best first, in pixels of the image.

    Args:
        heat: (rows, columns).
        circles: (3, rows, columns).
        settings: Which of them count.
    """
    peaks = (heat == cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat >= settings.min_heat)
    found = []
    for row, column in np.argwhere(peaks):
        u, v, radius = (FACTOR * circles[:, row, column]).tolist()
        if settings.least_diameter_px <= 2.0 * radius <= settings.greatest_diameter_px:
            found.append(WeldRegion(np.array([u, v]) - 0.5, radius, float(heat[row, column])))
    found.sort(key=lambda region: -region.score)
    return suppress_near(found, settings.apart)


def place_of(centres_px: FloatArray) -> FloatArray:
    """(n, 2) place of the answers' grid, as column and row, in which middles (n, 2) in pixels of the image lie."""
    return np.asarray(np.floor((centres_px + 0.5) / (FACTOR * STRIDE)), float)
