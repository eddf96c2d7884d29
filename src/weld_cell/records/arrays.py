"""Array types for annotations; shapes are documented where they are used."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]
BoolArray = NDArray[np.bool_]
ImageArray = NDArray[np.uint8]
