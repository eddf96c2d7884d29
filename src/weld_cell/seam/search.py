"""Where the joint is, before its type is known: enough to stop over its start and bring the sensor over it."""

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
            'Move the sensor over the joint.')
    point: FloatArray = smooth[furthest]
    return point


class StartFinder:
    """Tells when the plates come into view, from the profiles of a scan that begins before them.

    A profile speaks for the plates if it has relief (a joint, or the plates' edge over the table), if it lies
    well above the first profile (the table), or if none came before it (the table is out of view).

    Args:
        normal: (3,) direction out of the plates.
        images: How many profiles in a row must speak for them.
        dark_s: Without a profile for so long, the table is out of view; less, and a busy machine may be late.
        rise_mm: How far above the table a profile must lie.
    """

    def __init__(self, normal: FloatArray, images: int, dark_s: float = 0.4, rise_mm: float = 8.0) -> None:
        self._normal, self._images, self._dark_ns, self._rise_m = normal, images, int(1e9 * dark_s), rise_mm / 1000
        self._begin_ns: int | None = None
        self._table_m: float | None = None
        self._row: set[int] = set()

    def begin(self, stamp_ns: int) -> None:
        """The scan begins."""
        self._begin_ns, self._table_m = stamp_ns, None
        self._row.clear()

    @property
    def found(self) -> bool:
        """Whether the plates are in view."""
        return len(self._row) >= self._images

    def update(self, stamp_ns: int, profile_m: FloatArray) -> None:
        """Take a profile (n, 3); the same one again does not count twice."""
        if self._begin_ns is None or stamp_ns < self._begin_ns or stamp_ns in self._row:
            return
        height_m = float(np.median(profile_m @ self._normal))
        if self._table_m is None:
            self._table_m = -np.inf if stamp_ns - self._begin_ns > self._dark_ns else height_m
        if height_m - self._table_m > self._rise_m or _has_relief(profile_m):
            self._row.add(stamp_ns)
        else:
            self._row.clear()


def _has_relief(profile_m: FloatArray) -> bool:
    try:
        find_joint(profile_m)
    except SeamError:
        return False
    return True
