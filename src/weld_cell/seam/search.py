"""Where in a profile the joint is, before its type is known: enough to bring the sensor over it."""

import numpy as np
from scipy.signal import medfilt

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
    smooth = np.column_stack([medfilt(profile_m[:, k], FILTER_ROWS) for k in range(3)])[FILTER_ROWS:-FILTER_ROWS]
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
