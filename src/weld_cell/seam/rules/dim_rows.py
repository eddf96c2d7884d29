"""Rows of an interruption whose light is too dim beside the plates to count as stripe: the walls of a steep notch.

A wall that stands at 20 degrees to the laser has a third of the plate's light, as little as lens and bloom spill over
the plate's edge. In the gap between two plates' edges it is the light that is seen: it is measured again there.
"""

from dataclasses import replace

import numpy as np

from weld_cell.compiled import IMAGE, compiled
from weld_cell.geometry.laser_plane import triangulate
from weld_cell.records import FloatArray, ImageArray, IntArray
from weld_cell.seam.cross_section import CrossSection

_BOX = 2  # pixels on either side that are averaged
_BESIDE_PX = 6  # of the plates' stripes, towards the sensor
_CLEAR = 4.0  # in sigmas of the averaged noise
_LEAST_GREY = 4.0
_PROBE_M = 1e-3
_LEAST_COLUMNS = 24  # by which background and noise are told


def with_dim_rows(section: CrossSection, before: int, after: int) -> tuple[CrossSection, int]:
    """A section with the rows between two of its points in which any light is seen.

    Args:
        section: The measured profile.
        before, after: Indices of the points.

    Returns:
        The section, and the index of the point `after` in it; as they were where a row shows no light.
    """
    between = int(section.rows[after] - section.rows[before]) - 1
    if section.light.size == 0 or between == after - before - 1:
        return section, after
    unseen = np.ones(between, np.bool_)
    unseen[section.rows[before + 1 : after] - section.rows[before] - 1] = False
    missing = section.rows[before] + 1 + np.flatnonzero(unseen)
    left, top = section.light_origin_px
    nearest, towards = _nearest_plate(section, before, after)
    columns, grey = _centres(section.light, missing - top, nearest - left, towards)
    if len(columns) < len(missing):
        return section, after
    normal = np.cross(section.across, section.up)
    pixels = section.turn.to_image(np.column_stack([columns + left, missing]))
    points = triangulate(section.camera, normal / float(normal @ section.origin), pixels)
    relative = points - section.origin
    order = np.argsort(np.concatenate([section.rows, missing]))
    more = replace(
        section,
        rows=np.concatenate([section.rows, missing])[order],
        y=np.concatenate([section.y, relative @ section.across])[order],
        z=np.concatenate([section.z, relative @ section.up])[order],
        intensity=np.concatenate([section.intensity, grey])[order],
        points_m=np.concatenate([section.points_m, points])[order],
    )
    return more, after + len(missing)


def _nearest_plate(section: CrossSection, before: int, after: int) -> tuple[int, int]:
    """Column of the one of two points that is nearer to the sensor, and `deeper`."""
    columns, towards = section.upright_px(section.points_m[[before, after]])[:, 0], deeper(section, before)
    return round(float(towards * min(towards * columns[0], towards * columns[1]))), towards


def deeper(section: CrossSection, index: int) -> int:
    """+1 where the stripe moves to larger columns with depth, -1 where it moves to smaller ones; at a point."""
    point = section.points_m[index]
    columns = section.upright_px(np.array([point, point - _PROBE_M * section.up]))[:, 0]
    return 1 if columns[1] > columns[0] else -1


@compiled(f'UniTuple(float64[::1], 2)({IMAGE}, int64[::1], int64, int64)')
def _centres(light: ImageArray, rows: IntArray, nearest: int, deeper: int) -> tuple[FloatArray, FloatArray]:
    """Columns and grey values of the strongest light in each row (n,), up to the first row without any.

    Args:
        light: (h, w).
        rows: (n,).
        nearest: Column of the plate nearer to the sensor.
        deeper: Direction in which the stripe moves with depth.
    """
    height, width = light.shape
    columns, grey = np.empty(len(rows)), np.empty(len(rows))
    first, last = (nearest - _BESIDE_PX, width) if deeper > 0 else (0, nearest + _BESIDE_PX + 1)
    first, last = max(first, _BOX), min(last, width - _BOX)
    if last - first < _LEAST_COLUMNS:
        return columns[:0], grey[:0]
    for k in range(len(rows)):
        if not 0 <= rows[k] < height:
            return columns[:k], grey[:k]
        line = light[rows[k]].astype(np.float64)
        ordered = np.sort(line[first:last])
        level = ordered[len(ordered) // 2]
        noise = (level - ordered[len(ordered) // 6]) / np.sqrt(2.0 * _BOX + 1.0)
        best, peak = first, -1.0
        for u in range(first, last):
            mean = line[u - _BOX : u + _BOX + 1].mean()
            if mean > peak:
                best, peak = u, mean
        peak -= level
        if peak < max(_CLEAR * noise, _LEAST_GREY):
            return columns[:k], grey[:k]
        total, moment = 0.0, 0.0
        for step in (-1, 1):
            u = best if step > 0 else best - 1
            while 0 <= u < width and line[u] - level > 0.5 * peak:
                total += line[u] - level
                moment += (line[u] - level) * u
                u += step
        columns[k] = moment / total if total > 0.0 else best
        grey[k] = peak + level
    return columns, grey
