"""From images of the stripe on a plate, a step or a sphere to the views that a calibration uses.

The stripe stage finds where light is; here the part of it that belongs to the target is chosen. The laser plane that
is believed in serves only to choose, with a tolerance that a wrong one passes.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from weld_cell.calibration.scans.model import Sensor
from weld_cell.calibration.scans.targets import Part
from weld_cell.calibration.scans.views import StripeView
from weld_cell.errors import StripeAbsentError
from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.laser_plane import line_direction, plane_basis, triangulate
from weld_cell.geometry.undistortion import exact_rays
from weld_cell.images import to_grey
from weld_cell.records import BoolArray, FloatArray, ImageArray, IntArray, StripeProfile
from weld_cell.stripe import StripeSettings
from weld_cell.stripe.extractor import extract_in_direction
from weld_cell.stripe.turning import nearest_angle, turned

TARGETS = ('plate', 'step', 'sphere')
LEAST_ROWS = 40
_LINE_PX = 1.5
_TRIES = 300
_CIRCLE = 0.04  # of the radius: so far from a circle a wrong laser plane draws the sphere
_END_ROWS = 10
_BLURRED_ROWS, _GAP_ROWS = 5, 3
_STEP_AWAY_PX = 2.0  # the second plate's stripe is this far from the line of the first

Chosen = tuple[FloatArray, IntArray]
"""Pixels (n, 2) and `Part` (n,) of each."""


def stripe_view(
    name: str,
    image: ImageArray,
    T_base_tool0: FloatArray,
    target: str,
    camera: CameraModel,
    sensor: Sensor,
    size_m: float,
    settings: StripeSettings | None = None,
) -> StripeView:
    """What one image shows of a target.

    Args:
        name: Of the image.
        image: (h, w) or (h, w, 3).
        T_base_tool0: (4, 4) where the robot held the sensor.
        target: One of `TARGETS`.
        camera: Intrinsics.
        sensor: As it is believed to sit.
        size_m: Height of the step, radius of the sphere.
        settings: Of the stripe stage; the direction of the stripe follows from the sensor's laser plane.

    Raises:
        StripeError: no stripe, or none that shows the target.
    """
    settings = replace(settings or StripeSettings(), direction='auto')
    profile, angle_deg = extract_in_direction(image, settings, followed_deg(sensor.laser_plane))
    profile = profile.measured()
    rng = np.random.default_rng(0)
    if target == 'plate':
        chosen = _plate(profile.pixels, camera, rng)
    elif target == 'step':
        chosen = _step(profile, turned(to_grey(image), angle_deg)[0], camera, sensor, rng)
    else:
        chosen = _sphere(profile, camera, sensor, size_m, rng)
    return StripeView(name, T_base_tool0, *chosen, profile.turn.right)


def followed_deg(laser_plane: FloatArray) -> int:
    """The angle of `turning.ANGLES_DEG` by which the stripe of a laser plane (3,) is followed."""
    right, down = line_direction(laser_plane)
    return nearest_angle(math.degrees(math.atan2(-right, down)))


def _plate(pixels: FloatArray, camera: CameraModel, rng: Generator) -> Chosen:
    on_line = _most_in_line(exact_rays(camera, pixels)[:, :2], _LINE_PX / float(camera.matrix[0, 0]), rng)
    _require_rows(on_line, 'a straight stripe of the plate')
    inner = _inner(on_line)
    return pixels[inner], np.full(len(inner), int(Part.SURFACE))


def _inner(members: BoolArray) -> IntArray:
    """Numbers of the rows that are not at an end, where the light of something else falls in."""
    return np.flatnonzero(members)[_BLURRED_ROWS:-_BLURRED_ROWS]


def _step(profile: StripeProfile, grey: ImageArray, camera: CameraModel, sensor: Sensor, rng: Generator) -> Chosen:
    """The two plates, and where the stripe on the upper one ends; grey (h, w) is the upright image."""
    pixels, rows = profile.pixels, profile.rows_px
    flat, tolerance = exact_rays(camera, pixels)[:, :2], _LINE_PX / float(camera.matrix[0, 0])
    one = _most_in_line(flat, tolerance, rng)
    rest = np.flatnonzero(_off_line(flat, one) > _STEP_AWAY_PX * tolerance)
    other = np.zeros(len(flat), bool)
    if len(rest) >= LEAST_ROWS:
        other[rest] = _most_in_line(flat[rest], tolerance, rng)
    _require_rows(one, 'the straight stripe of a plate')
    _require_rows(other, 'the second plate of the step')
    middle_row = 0.5 * (np.median(rows[one]) + np.median(rows[other]))
    nearness = [_nearness(flat[part], rows[part], middle_row, sensor) for part in (one, other)]
    upper, lower = (one, other) if nearness[0] > nearness[1] else (other, one)
    end = profile.turn.to_image(_end_of_upper(profile, upper, lower, grey)[None])
    inner = [_inner(upper), _inner(lower)]
    chosen = np.vstack([pixels[inner[0]], pixels[inner[1]], end])
    parts = np.repeat([int(Part.SURFACE), int(Part.LOWER), int(Part.EDGE)], [len(inner[0]), len(inner[1]), 1])
    return chosen, parts


def _nearness(flat: FloatArray, rows: FloatArray, row: float, sensor: Sensor) -> float:
    """1 / depth of a line at a row."""
    x, y = (np.polyval(np.polyfit(rows, flat[:, axis], 1), row) for axis in (0, 1))
    return float(np.array([x, y, 1.0]) @ sensor.laser_plane)


def _end_of_upper(profile: StripeProfile, upper: BoolArray, lower: BoolArray, grey: ImageArray) -> FloatArray:
    """(2,) column and row of the upright image grey (h, w) where the light on the upper plate has fallen to a half,
    followed along its line."""
    rows = profile.rows_px[upper]
    onwards = 1.0 if np.median(profile.rows_px[lower]) > np.median(rows) else -1.0
    last = rows.max() if onwards > 0 else rows.min()
    line = np.polyfit(rows, profile.columns_px[upper], 1)
    places = last + onwards * np.arange(-_END_ROWS, _END_ROWS + 1)
    inside = (places >= 0) & (places < grey.shape[0])
    columns = np.rint(np.polyval(line, places[inside])).astype(int).clip(0, grey.shape[1] - 1)
    light = grey[places[inside].astype(int), columns].astype(float)
    half = 0.5 * float(np.median(profile.intensity[upper]))
    dark = np.flatnonzero(light < half)
    if not len(dark) or dark[0] == 0:
        raise StripeAbsentError(
            'The stripe on the upper plate has no clear end.', 'Scan across the edge of the step.'
        )
    before, after = light[dark[0] - 1], light[dark[0]]
    row = places[inside][dark[0] - 1] + onwards * (before - half) / (before - after)
    return np.array([np.polyval(line, row), row])


def _sphere(profile: StripeProfile, camera: CameraModel, sensor: Sensor, radius_m: float, rng: Generator) -> Chosen:
    pixels = profile.pixels
    origin, across, up = plane_basis(sensor.laser_plane, profile.turn.down)
    flat = (triangulate(camera, sensor.laser_plane, pixels) - origin) @ np.column_stack([across, up])
    best = np.zeros(len(flat), bool)
    for _ in range(_TRIES):
        centre, radius = _circle(flat[rng.choice(len(flat), 3, replace=False)])
        if not 0.2 * radius_m < radius < 1.1 * radius_m:
            continue
        on_circle = np.abs(np.linalg.norm(flat - centre, axis=1) - radius) < _CIRCLE * radius_m
        on_circle &= flat[:, 1] > centre[1]
        best = on_circle if on_circle.sum() > best.sum() else best
    arc = _longest_run(best, profile.rows_px)
    _require_rows(arc, f'an arc of a sphere of {1e3 * radius_m:g} mm')
    inner = _inner(arc)
    return pixels[inner], np.full(len(inner), int(Part.SURFACE))


def _longest_run(members: BoolArray, rows: FloatArray) -> BoolArray:
    """(n,) the longest stretch of members without a gap: an arc is one piece, what crosses its circle is another."""
    numbers = np.flatnonzero(members)
    breaks = np.flatnonzero(np.diff(rows[numbers]) > _GAP_ROWS) + 1
    run = max(np.split(numbers, breaks), key=len)
    chosen = np.zeros(len(members), bool)
    chosen[run] = True
    return chosen


def _circle(three: FloatArray) -> tuple[FloatArray, float]:
    """Centre (2,) and radius of the circle through three points (3, 2); radius 0 where they lie on a line."""
    rows = 2.0 * (three[1:] - three[0])
    if abs(np.linalg.det(rows)) < 1e-12:
        return three[0], 0.0
    centre = np.linalg.solve(rows, (three[1:] ** 2).sum(axis=1) - (three[0] ** 2).sum())
    return centre, float(np.linalg.norm(centre - three[0]))


def _most_in_line(flat: FloatArray, tolerance: float, rng: Generator) -> BoolArray:
    """(n,) the points (n, 2) of the line that most of them lie on."""
    best = np.zeros(len(flat), bool)
    for _ in range(_TRIES):
        one, two = flat[rng.choice(len(flat), 2, replace=False)]
        on_line = np.abs(_beside(flat, one, two - one)) < tolerance
        best = on_line if on_line.sum() > best.sum() else best
    return _off_line(flat, best) < tolerance


def _off_line(flat: FloatArray, members: BoolArray) -> FloatArray:
    """(n,) distances of points (n, 2) from the line of some of them."""
    middle = flat[members].mean(axis=0)
    along = np.linalg.svd(flat[members] - middle, full_matrices=False)[2][0]
    return np.abs(_beside(flat, middle, along))


def _beside(flat: FloatArray, through: FloatArray, along: FloatArray) -> FloatArray:
    off = flat - through
    beside: FloatArray = (off[:, 0] * along[1] - off[:, 1] * along[0]) / max(float(np.linalg.norm(along)), 1e-12)
    return beside


def _require_rows(chosen: BoolArray, what: str) -> None:
    if chosen.sum() < LEAST_ROWS:
        raise StripeAbsentError(
            f'The image shows {what} in {chosen.sum()} rows, {LEAST_ROWS} are needed.',
            'Hold the sensor so that the stripe lies on the target.',
        )
