"""Plain sheets for tests of the area camera, drawn by their distance from an outline."""

import numpy as np

from weld_cell.sim.sheet import Sheet

TEXELS_PER_MM = 4.0


def grid_mm(size_mm, texels_per_mm=TEXELS_PER_MM, margin_mm=2.0):
    """(h, w) x and y of the texels of a picture about its middle, y upwards."""
    columns, rows = np.round((np.asarray(size_mm) + 2 * margin_mm) * texels_per_mm).astype(int)
    x, y = (
        (np.arange(columns) - (columns - 1) / 2) / texels_per_mm,
        ((rows - 1) / 2 - np.arange(rows)) / texels_per_mm,
    )
    return np.meshgrid(x, y)


def share_inside(distance_mm, texels_per_mm=TEXELS_PER_MM):
    """(h, w) share of each texel inside an outline, from its middle's distance to it (outside positive)."""
    return np.clip(0.5 - distance_mm * texels_per_mm, 0.0, 1.0).astype(np.float32)


def sheet_of(cover, reflectance=0.5, texels_per_mm=TEXELS_PER_MM, thickness_m=0.0, slope=None):
    """A sheet with its origin in the middle of its picture."""
    even = np.full(cover.shape, reflectance, np.float32) if np.isscalar(reflectance) else reflectance
    flat = np.zeros((*cover.shape, 2), np.float32)
    middle = (np.array(cover.shape[::-1]) - 1.0) / 2.0
    return Sheet(even, cover, flat if slope is None else slope, middle, texels_per_mm, thickness_m)


def rectangle(size_mm=(200.0, 120.0), hole_mm=30.0, **options):
    """A rectangle with a round hole in its middle."""
    x, y = grid_mm(size_mm)
    outside = np.maximum(np.abs(x) - size_mm[0] / 2, np.abs(y) - size_mm[1] / 2)
    return sheet_of(share_inside(np.maximum(outside, hole_mm - np.hypot(x, y))), **options)


def dotted(places_mm, radius_mm, size_mm, texels_per_mm=2.0):
    """A dark sheet with bright dots at places (n, 2)."""
    x, y = grid_mm(size_mm, texels_per_mm)
    reflectance = np.full(x.shape, 0.02, np.float32)
    half = int(1.5 * radius_mm * texels_per_mm)
    for place_x, place_y in places_mm:
        row, column = np.abs(y[:, 0] - place_y).argmin(), np.abs(x[0] - place_x).argmin()
        window = (slice(row - half, row + half + 1), slice(column - half, column + half + 1))
        distance = np.hypot(x[window] - place_x, y[window] - place_y) - radius_mm
        reflectance[window] += 0.8 * share_inside(distance, texels_per_mm)
    return sheet_of(np.ones(x.shape, np.float32), reflectance, texels_per_mm)
