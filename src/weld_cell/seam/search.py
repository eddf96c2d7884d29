"""Detection of the joint before its type is known, to stop over its start and centre the sensor."""

import numpy as np
from scipy.ndimage import median_filter

from weld_cell.errors import SeamError
from weld_cell.records import FloatArray

FILTER_ROWS = 9
MIN_ROWS = 60


def find_joint(profile_m: FloatArray, min_depth_mm: float = 0.5) -> FloatArray:
    """The point of a profile furthest from the chord between its ends: groove, gap, step or corner.

    Args:
        profile_m: (n, 3) the profile in order, any frame.
        min_depth_mm: A profile flatter than this shows no joint.

    Returns:
        (3,) that point, in the profile's frame.

    Raises:
        SeamError: the profile is too short, or flat.
    """
    if len(profile_m) < MIN_ROWS:
        raise SeamError(f'The profile has {len(profile_m)} rows, {MIN_ROWS} are needed.', 'Check the laser stripe.')
    smooth = median_filter(profile_m, size=(FILTER_ROWS, 1))[FILTER_ROWS:-FILTER_ROWS]
    chord = smooth[-1] - smooth[0]
    chord /= np.linalg.norm(chord)
    offsets = smooth - smooth[0]
    distances = np.linalg.norm(offsets - np.outer(offsets @ chord, chord), axis=1)
    furthest = int(distances.argmax())
    if 1000 * distances[furthest] < min_depth_mm:
        raise SeamError(
            f'The profile is flat within {1000 * distances[furthest]:.2f} mm: no joint in view.',
            'Move the sensor over the joint.',
        )
    point: FloatArray = smooth[furthest]
    return point


class StartFinder:
    """Tells when the plates come into view, from the profiles of a scan that begins before them.

    A profile speaks for the plates if it has relief (a joint, or the plates' edge over the table), if it lies
    well above the table, or if the table is out of view.

    Args:
        normal: (3,) direction out of the plates.
        images: How many profiles in a row must speak for them.
        table_m: (n, 3) a profile of what lies before the plates, None where that is out of view.
        rise_mm: How far above the table a profile must lie.
    """

    def __init__(
        self,
        normal: FloatArray,
        images: int,
        table_m: FloatArray | None,
        rise_mm: float = 8.0,
    ) -> None:
        self._normal, self._images = normal, images
        self._least_m = -np.inf if table_m is None else self._height_m(table_m) + rise_mm / 1000
        self._row: set[int] = set()

    @property
    def found(self) -> bool:
        """Whether the plates are in view."""
        return len(self._row) >= self._images

    def update(self, stamp_ns: int, profile_m: FloatArray) -> None:
        """Take a profile (n, 3); the same one again does not count twice."""
        if stamp_ns in self._row:
            return
        if self._height_m(profile_m) > self._least_m or _has_relief(profile_m):
            self._row.add(stamp_ns)
        else:
            self._row.clear()

    def _height_m(self, profile_m: FloatArray) -> float:
        return float(np.median(profile_m @ self._normal))


def _has_relief(profile_m: FloatArray) -> bool:
    try:
        find_joint(profile_m)
    except SeamError:
        return False
    return True
