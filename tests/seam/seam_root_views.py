"""The root of a v groove as a camera sees it, point by point: independent of the code under test.

Each wall, backing and root face is a chain of points of light, each blurred by itself.
"""

import numpy as np

from weld_cell.seam.rules.v.evidence import RootView

ROWS, COLUMNS, APEX = 29, 39, (14, 24)
GEOMETRY = np.array([0.0, 1.0, np.tan(np.radians(30.0)), 0.0, -3.2, 6.6, 0.0])
STEP_MM = 0.005


def chain(begin, end, light):
    """Points (n, 2) across, up of a straight piece and the light of each."""
    count = max(int(np.hypot(*np.subtract(end, begin)) / STEP_MM), 1)
    at = (np.arange(count) + 0.5)[:, None] / count
    points = (1.0 - at) * begin + at * np.array(end)
    rows = abs(end[0] - begin[0]) * GEOMETRY[5] / count
    return points, np.full(count, light * rows)


def picture(gap, face, backing, light=1.2, sigma=2.3, sigma_rows=0.8):
    """(29, 39) unsaturated light of a symmetric groove; backing: its light, 0 for none."""
    tangent = GEOMETRY[2]
    low = 0.5 * gap / tangent
    pieces = [chain((side * 4.0, 4.0 / tangent), (side * gap / 2, low), light) for side in (-1, 1)]
    if backing and gap:
        pieces.append(chain((-gap / 2, low - face), (gap / 2, low - face), backing))
    points, lights = (np.concatenate(part) for part in zip(*pieces, strict=True))
    row = points[:, 0] * GEOMETRY[5] + APEX[0]
    column = points[:, 1] * GEOMETRY[4] + APEX[1]
    along = np.exp(-0.5 * ((np.arange(ROWS)[:, None] - row) / sigma_rows) ** 2) / (sigma_rows * np.sqrt(2 * np.pi))
    across = np.exp(-0.5 * ((np.arange(COLUMNS)[:, None] - column) / sigma) ** 2)
    return (along * lights) @ across.T


def views(gap, face, backing, rng, count=40, ambient=0.1):
    """Views of one scan: each as bright as chance has it, with noise, saturated."""
    plain = picture(gap, face, backing)
    made = []
    for _ in range(count):
        grey = 255.0 * (plain * rng.uniform(0.8, 1.2) + ambient) + rng.normal(0.0, 3.0, plain.shape)
        made.append(RootView(np.clip(np.rint(grey), 0, 255).astype(np.uint8), GEOMETRY))
    return made
