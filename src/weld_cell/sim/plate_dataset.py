"""Labelled images of plates under many cameras, lamps and noises: what a network learns to locate their seams from.

A fixed cell has one camera; a network that is to serve any cell must not learn its distance and its lamp. So each
image has a camera of its own: near or far, somewhat tilted, over bright or dark plates, in its own light.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.calibration.rig import Rig
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.arc_light import (
    with_arc_glare,
    with_gaussian_noise,
    with_impulses,
    with_multiplicative_noise,
    with_smoke,
)
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_layouts import brushed_sheet
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet
from weld_cell.sim.plate_scene import PlateLayout, PlateSeamTruth, butt_layout, lap_layout, random_plates
from weld_cell.sim.plate_surface import PlateEffects
from weld_cell.sim.plates import PlatePair
from weld_cell.sim.sheet import Sheet

MARGIN_SHARE = 0.0165
"""Of the image's longest side: so far a label's box reaches beyond the seam."""
SPLITS = ('train', 'held_out', 'test')
_LEAST_SEEN_SHARE = 0.1  # of that side: a shorter piece of a seam in view has no label
_LEAST_GAP_PX = 0.3  # a narrower gap is one that nobody would label
_KINDS = ('seam', 'two', 'lap', 'plate', 'sheet', 'table')
_SHARES = (0.6, 0.15, 0.05, 0.08, 0.06, 0.06)
_NEAREST, _FARTHEST = 0.25, 1.15  # distance of the camera, as a part of the rig's
_FULL_TILT_DEG = 15.0
_EFFECT_CHANCE = 0.2
_BRIGHT_TABLE_CHANCE = 0.25
_LEAST_BRIGHT = 45.0  # a person opens the aperture until bright parts are brighter than this

Effect = Callable[[ImageArray, Generator], ImageArray]


@dataclass(frozen=True, eq=False)
class LabelledPlates:
    """An image and where its seams are.

    Attributes:
        pixels: (h, w) uint8.
        boxes_xyxy: (n, 4) about each seam, within the image; n from 0.
        kind: What was laid: seam, two, lap, plate, sheet or table.
    """

    pixels: ImageArray
    boxes_xyxy: FloatArray
    kind: str


def plate_image(rig: Rig, split: str, seed: int, number: int) -> LabelledPlates:
    """An image of a set by its number; no scene is in two splits, nor under two seeds.

    Args:
        rig: Whose area camera looks.
        split: One of SPLITS.
        seed: Of the set.
        number: From 0.
    """
    return labelled_plates(rig, np.random.default_rng([SPLITS.index(split), seed, number]))


def labelled_plates(rig: Rig, rng: Generator) -> LabelledPlates:
    """One image of a scene of its own.

    Args:
        rig: Whose area camera looks, from another place each time.
        rng: Where everything is drawn from.
    """
    kind = str(rng.choice(_KINDS, p=_SHARES))
    distance = float(np.exp(rng.uniform(np.log(_NEAREST), np.log(_FARTHEST))))
    height_m = distance * (rig.mako.T_parent_sensor[2, 3] - TABLE_TOP_M)
    camera = rig.mako.camera
    mm_per_px = 1e3 * height_m / camera.matrix[0, 0]
    sheets, truths = _laid(kind, mm_per_px, rng)
    effects = AreaEffects.nominal() if rng.random() < 0.4 else AreaEffects.at_random(rng, 0.8)
    effects = replace(effects, shadows=max(effects.shadows, 0.4))  # by which a lap seam is seen
    scene = AreaScene(camera, _camera_pose(truths, height_m, camera.size_px, rng), sheets, effects, rng)
    pixels = _disturbed(scene.image(rng), rng)
    boxes = [box for truth in truths if (box := seam_box(truth, scene)) is not None]
    return LabelledPlates(pixels, np.array(boxes).reshape(-1, 4), kind)


def seam_box(truth: PlateSeamTruth, scene: AreaScene) -> FloatArray | None:
    """(4,) xyxy about what is seen of a seam, with the margin of a label; None where too little is in view."""
    size = np.array(scene.view.camera.size_px, dtype=float)
    pixels = scene.view.project(truth.path_m)
    seen = pixels[((pixels >= 0.0) & (pixels <= size - 1.0)).all(axis=1)]
    longest = float(size.max())
    if not len(seen) or float(np.ptp(seen, axis=0).max()) < _LEAST_SEEN_SHARE * longest:
        return None
    margin = MARGIN_SHARE * longest
    return np.concatenate(
        [np.maximum(seen.min(axis=0) - margin, 0.0), np.minimum(seen.max(axis=0) + margin, size - 1.0)]
    )


def _laid(kind: str, mm_per_px: float, rng: Generator) -> tuple[list[PlacedSheet], list[PlateSeamTruth]]:
    """What lies on the table, about base_link's origin."""
    backdrop = [_bright_table(rng)] if rng.random() < _BRIGHT_TABLE_CHANCE else []
    if kind == 'table':
        return backdrop, []
    if kind == 'sheet':
        return [
            *backdrop,
            PlacedSheet.lying(brushed_sheet(), rng.uniform(-0.05, 0.05, 2), rng.uniform(-180.0, 180.0)),
        ], []
    layouts = [_layout(kind, mm_per_px, np.zeros(2), rng)]
    if kind == 'plate':
        return [*backdrop, *layouts[0].sheets[:1]], []  # the lower one: its edges are no seams
    if kind == 'two':
        layouts.append(_beside(layouts[0], mm_per_px, rng))
    tone = float(rng.uniform(0.25, 1.0)) if rng.random() < 0.5 else 1.0
    sheets = [_toned(placed, tone) for layout in layouts for placed in layout.sheets]
    return [*backdrop, *sheets], [layout.truth for layout in layouts]


def _bright_table(rng: Generator) -> PlacedSheet:
    """A white table, over the whole view."""
    white = np.full((200, 200), rng.uniform(0.5, 0.95), np.float32) * (1.0 + 0.02 * rng.standard_normal((200, 200)))
    sheet = Sheet(
        white.astype(np.float32),
        np.ones((200, 200), np.float32),
        np.zeros((200, 200, 2), np.float32),
        np.full(2, 99.5),
        0.1,
        1e-4,
    )
    return PlacedSheet.lying(sheet, np.zeros(2), float(rng.uniform(-180.0, 180.0)))


def _layout(kind: str, mm_per_px: float, xy_m: FloatArray, rng: Generator) -> PlateLayout:
    pair = _visible(random_plates(rng, curved=bool(rng.random() < 0.3)), mm_per_px, rng)
    effects = PlateEffects.at_random(rng, 1.0)
    angle = float(rng.uniform(-180.0, 180.0))
    if kind in ('lap', 'plate'):
        return lap_layout(pair, xy_m, angle, effects, rng)
    layout = butt_layout(pair, xy_m, angle, effects, rng, clamps=int(rng.integers(0, 3)))
    return layout if rng.random() < 0.5 else _backed(layout, pair)


def _visible(pair: PlatePair, mm_per_px: float, rng: Generator) -> PlatePair:
    """The plates with a gap that can be seen; some gaps are wide ones."""
    least, wide = _LEAST_GAP_PX * mm_per_px, 2.0 if rng.random() < 0.15 else 0.0
    first, last = (max(gap + wide, least) for gap in pair.gap_mm)
    return replace(pair, gap_mm=(first, last))


def _beside(first: PlateLayout, mm_per_px: float, rng: Generator) -> PlateLayout:
    """A second pair of plates, parallel to the first and clear of it."""
    start, end = first.truth.path_m[0, :2], first.truth.path_m[-1, :2]
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]])
    pair = _visible(random_plates(rng, curved=bool(rng.random() < 0.3)), mm_per_px, rng)
    narrow = replace(pair, widths_mm=(float(rng.uniform(15.0, 60.0)), float(rng.uniform(15.0, 60.0))))
    apart_m = 0.125 + 1e-3 * narrow.widths_mm[1] + rng.uniform(0.005, 0.04)
    middle = 0.5 * (start + end) + apart_m * across
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    return butt_layout(narrow, middle, angle, PlateEffects.at_random(rng, 1.0), rng)


def _backed(layout: PlateLayout, pair: PlatePair) -> PlateLayout:
    """The plates over something dark, as thick ones are: no light comes out of their gap."""
    path = layout.truth.path_m
    chord, middle = path[-1, :2] - path[0, :2], 0.5 * (path[0, :2] + path[-1, :2])
    shape = (40, max(int(1e3 * pair.curve.chord_m) - 4, 8))
    dark = np.full(shape, 0.02, np.float32)
    origin = (np.array(shape[::-1]) - 1.0) / 2.0
    strip = Sheet(dark, np.ones(shape, np.float32), np.zeros((*shape, 2), np.float32), origin, 1.0, 1e-4)
    angle = float(np.degrees(np.arctan2(chord[1], chord[0])))
    return replace(layout, sheets=[PlacedSheet.lying(strip, middle, angle), *layout.sheets])


def _toned(placed: PlacedSheet, tone: float) -> PlacedSheet:
    sheet = replace(placed.sheet, reflectance=placed.sheet.reflectance * np.float32(tone))
    return PlacedSheet(sheet, placed.T_base_sheet)


def _camera_pose(
    truths: list[PlateSeamTruth], height_m: float, size_px: tuple[int, int], rng: Generator
) -> FloatArray:
    """(4, 4) of a camera that has a place on the first seam, or near the middle, somewhere in its image."""
    look_at = np.zeros(2) if not truths else truths[0].path_m[rng.integers(len(truths[0].path_m)), :2]
    aside = 0.15 * height_m * rng.uniform(-1.0, 1.0, 2)
    down = Rotation.from_euler('x', 180.0, degrees=True)
    tilt = Rotation.from_euler('xy', rng.uniform(-1.0, 1.0, 2) * rng.uniform(0.0, _FULL_TILT_DEG), degrees=True)
    turn = Rotation.from_euler('z', rng.uniform(-180.0, 180.0), degrees=True)
    rotation = turn * tilt * down
    axis = rotation.as_matrix()[:, 2]
    x, y = look_at + aside + axis[:2] / axis[2] * height_m
    return make_transform((float(x), float(y), TABLE_TOP_M + height_m), rotation)


def _disturbed(pixels: ImageArray, rng: Generator) -> ImageArray:
    """The image in another light, and now and then under smoke, glare or noise."""
    lit = _toned_image(pixels, rng)
    place = rng.uniform([0.0, 0.0], [pixels.shape[1], pixels.shape[0]])
    effects: list[tuple[Effect, float]] = [
        (lambda image, r: with_smoke(image, float(r.uniform(0.1, 0.8)), r), 0.6),
        (lambda image, r: with_arc_glare(image, place, float(r.uniform(0.2, 1.0)), r), 0.6),
        (partial(_noisy, with_impulses), 1.0),
        (partial(_noisy, with_multiplicative_noise), 1.0),
        (partial(_noisy, with_gaussian_noise), 1.0),
    ]
    for effect, share in effects:
        if rng.random() < share * _EFFECT_CHANCE:
            lit = effect(lit, rng)
    return lit


def _noisy(
    noise: Callable[[ImageArray, float, Generator], ImageArray], image: ImageArray, rng: Generator
) -> ImageArray:
    return noise(image, float(rng.uniform(0.1, 0.6)), rng)


def _toned_image(pixels: ImageArray, rng: Generator) -> ImageArray:
    """Another exposure and, for one image of three, the light of a spot lamp."""
    height, width = pixels.shape
    light = pixels / np.float32(255.0)
    if rng.random() < 0.33:
        u, v = np.meshgrid(np.linspace(0.0, 1.0, 64), np.linspace(0.0, 1.0, 48))
        middle, spread = rng.uniform(0.1, 0.9, 2), rng.uniform(0.2, 0.6)
        spot = np.exp(-0.5 * ((u - middle[0]) ** 2 + (v - middle[1]) ** 2) / spread**2)
        ambient = rng.uniform(0.03, 0.5)
        light = light * cv2.resize((ambient + (1.0 - ambient) * spot).astype(np.float32), (width, height))
    light = np.power(light, np.float32(rng.uniform(0.7, 1.4))) * np.float32(
        np.exp(rng.uniform(np.log(0.3), np.log(1.3)))
    )
    light *= max(1.0, _LEAST_BRIGHT / max(255.0 * float(np.percentile(light[::8, ::8], 97)), 1.0))
    noisy = 255.0 * light + rng.normal(0.0, rng.uniform(0.3, 1.5), pixels.shape).astype(np.float32)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)
