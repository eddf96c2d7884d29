"""From a measured seam to its weld path."""

import numpy as np

from weld_cell.geometry.transforms import unit
from weld_cell.records import PlateSeam, SeamPath


def weld_path(seam: PlateSeam) -> SeamPath:
    """The path along a seam between level plates, which is welded from above.

    Args:
        seam: As measured, in base_link; its points are even apart.
    """
    steps_m = np.linalg.norm(np.diff(seam.path_m, axis=0), axis=1)
    return SeamPath(
        positions_m=seam.path_m,
        tangents=unit(np.gradient(seam.path_m, axis=0)),
        normals=np.tile([0.0, 0.0, 1.0], (len(seam.path_m), 1)),
        spacing_m=float(np.median(steps_m)),
        length_m=float(steps_m.sum()),
        rejected=0,
    )
