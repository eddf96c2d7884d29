"""Scenes of clamped plates under the area camera, with the truth of their seam in base_link."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.geometry.transforms import make_transform, transform_points
from weld_cell.records import FloatArray
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet
from weld_cell.sim.plate_surface import PlateEffects, Tack
from weld_cell.sim.plates import PlatePair
from weld_cell.sim.seam_curve import SeamCurve, random_seam
from weld_cell.sim.sheet import Sheet

_TRUTH_STEP_M = 1e-3
_CLAMP_MM = (26.0, 46.0)
_CLAMP_TEXELS_PER_MM = 2.0


@dataclass(frozen=True, eq=False)
class PlateSeamTruth:
    """Where a seam is.

    Attributes:
        path_m: (n, 3) its centre line in base_link, a millimetre apart, its ends included.
        gap_mm: (n,) width of the gap there; 0 for a lap seam.
    """

    path_m: FloatArray
    gap_mm: FloatArray

    def box_px(self, scene: AreaScene, margin_px: float = 12.0) -> FloatArray:
        """(4,) xyxy of what the camera sees of it, by OpenCV, with a margin."""
        pixels = scene.view.project(self.path_m)
        return np.concatenate([pixels.min(axis=0) - margin_px, pixels.max(axis=0) + margin_px])


@dataclass(frozen=True, eq=False)
class PlateLayout:
    """Plates and clamps on the table.

    Attributes:
        sheets: In the order in which they are laid.
        truth: Of the seam.
        top_m: Height in base_link of the side of the plates on which the seam lies.
        curve: The seam in the plates' frame.
        T_base_plates: (4, 4) that frame: x along the seam's chord from its start, z up out of that side.
    """

    sheets: list[PlacedSheet]
    truth: PlateSeamTruth
    top_m: float
    curve: SeamCurve
    T_base_plates: FloatArray


def random_plates(rng: Generator, curved: bool, length_m: float | None = None) -> PlatePair:
    """Plates of a random size, with a gap of 0.1 to 2 mm and some tack welds.

    Args:
        rng: Where all is drawn from.
        curved: Whether the seam is bent.
        length_m: Of the seam; 0.2 to 0.45 m where left out, bent ones 0.12 to 0.25 m.
    """
    length = length_m if length_m is not None or curved else float(rng.uniform(0.2, 0.45))
    curve = random_seam(rng, curved, length)
    gap = rng.uniform(0.1, 2.0)
    ends = (float(gap), float(np.clip(gap + rng.uniform(-0.3, 0.3), 0.1, 2.0)))
    places = np.arange(rng.uniform(20.0, 60.0), 1e3 * curve.chord_m - 10.0, rng.uniform(70.0, 120.0))
    tacks = tuple(Tack(float(x), rng.uniform(3.0, 7.0), rng.uniform(3.0, 5.0)) for x in places)
    widths = (float(rng.uniform(60.0, 120.0)), float(rng.uniform(60.0, 120.0)))
    return PlatePair(curve, ends, widths, float(rng.choice([0.001, 0.002, 0.003])), tacks)


def butt_layout(
    pair: PlatePair, xy_m: FloatArray, angle_deg: float, effects: PlateEffects, rng: Generator, clamps: int = 0
) -> PlateLayout:
    """Plates whose seam's chord has its middle at a place on the table.

    Args:
        pair: The plates.
        xy_m: (2,) in base_link.
        angle_deg: Of the chord from base_link's x axis.
        effects: What lies on them.
        rng: Where that and the clamps' places are drawn from.
        clamps: That hold them down, over the seam.
    """
    top = TABLE_TOP_M + pair.thickness_m
    T = _frame(pair, xy_m, angle_deg, top)
    sheets = [PlacedSheet(pair.butt(effects, rng), T)]
    sheets += [_placed_clamp(pair, T, place, rng) for place in _clamp_places(pair, clamps, rng)]
    return PlateLayout(sheets, _truth(pair, T, butt=True), top, pair.curve, T)


def lap_layout(
    pair: PlatePair, xy_m: FloatArray, angle_deg: float, effects: PlateEffects, rng: Generator
) -> PlateLayout:
    """The second plate on the first; the seam is its edge, on its upper side. Arguments as of `butt_layout`."""
    top = TABLE_TOP_M + 2.0 * pair.thickness_m
    T = _frame(pair, xy_m, angle_deg, top)
    T_lower = _frame(pair, xy_m, angle_deg, top - pair.thickness_m)
    lower, upper = pair.lap(effects, rng)
    sheets = [PlacedSheet(lower, T_lower), PlacedSheet(upper, T)]
    return PlateLayout(sheets, _truth(pair, T, butt=False), top, pair.curve, T)


def _frame(pair: PlatePair, xy_m: FloatArray, angle_deg: float, top_m: float) -> FloatArray:
    turn = np.deg2rad(angle_deg)
    x, y = np.asarray(xy_m) - 0.5 * pair.curve.chord_m * np.array([np.cos(turn), np.sin(turn)])
    return make_transform((float(x), float(y), top_m), Rotation.from_euler('z', angle_deg, degrees=True))


def _truth(pair: PlatePair, T_base_plates: FloatArray, butt: bool) -> PlateSeamTruth:
    count = int(np.ceil(pair.curve.length_m / _TRUTH_STEP_M)) + 1
    s = np.linspace(0.0, pair.curve.length_m, count)
    points = pair.curve.evaluate(s)[0]
    path = transform_points(T_base_plates, np.column_stack([points, np.zeros(count)]))
    return PlateSeamTruth(path, pair.gap_at_mm(s) if butt else np.zeros(count))


def _clamp_places(pair: PlatePair, count: int, rng: Generator) -> FloatArray:
    """(count,) m along the chord: evenly over it, each somewhat out of its place."""
    share = (np.arange(count) + 0.5 + rng.uniform(-0.15, 0.15, count)) / max(count, 1)
    return np.asarray(pair.curve.chord_m * share)


def _placed_clamp(pair: PlatePair, T_base_plates: FloatArray, x_m: float, rng: Generator) -> PlacedSheet:
    s = pair.curve.evaluate(np.array([x_m]))[0][0]
    place = make_transform(
        (float(s[0]), float(s[1]), 0.006), Rotation.from_euler('z', rng.uniform(-15.0, 15.0), degrees=True)
    )
    return PlacedSheet(clamp_sheet(rng), T_base_plates @ place)


def clamp_sheet(rng: Generator) -> Sheet:
    """A clamp across the seam with the head of its bolt, 6 mm high; its origin in its middle."""
    width, height = (int(side * _CLAMP_TEXELS_PER_MM) for side in _CLAMP_MM)
    reflectance = np.full((height, width), rng.uniform(0.08, 0.6), np.float32)
    middle = (width // 2, height // 2)
    cv2.circle(reflectance, middle, int(7 * _CLAMP_TEXELS_PER_MM), float(rng.uniform(0.2, 0.7)), -1, cv2.LINE_AA)
    cv2.circle(reflectance, middle, int(3 * _CLAMP_TEXELS_PER_MM), 0.05, -1, cv2.LINE_AA)
    flat = np.zeros((height, width, 2), np.float32)
    origin = np.array([(width - 1) / 2.0, (height - 1) / 2.0])
    return Sheet(reflectance, np.ones_like(reflectance), flat, origin, _CLAMP_TEXELS_PER_MM, 0.006)
