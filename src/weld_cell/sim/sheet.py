"""A flat piece of metal as the simulated area camera sees it: what lies on the table is made of these."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weld_cell.records import FloatArray

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet as a picture of its upper side.

    Its frame has x along the picture's columns and y against its rows (z up, out of the sheet), in metres.

    Attributes:
        reflectance: (h, w) float32 share of the light that each texel returns, 0 to 1.
        cover: (h, w) float32 share of each texel that is metal, 0 to 1: outlines keep their place within a texel.
        slope: (h, w, 2) float32 gradient of the height along x and y; zeros where the sheet is flat. Bends and
            embossings catch light by it.
        origin_texel: (2,) column and row of the frame's origin.
        texels_per_mm: Resolution.
        thickness_m: Of the metal: its upper side lies so high above what it lies on.
    """

    reflectance: Float32Array
    cover: Float32Array
    slope: Float32Array
    origin_texel: FloatArray
    texels_per_mm: float
    thickness_m: float
