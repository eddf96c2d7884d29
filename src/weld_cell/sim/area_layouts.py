"""What may lie under the simulated area camera, by name.

Who simulates something new enters a function here: from a seed and the rig to the sheets that lie on the table. The
node that renders and the report that knows the truth call the same.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.calibration.rig import Rig
from weld_cell.errors import ConfigurationError
from weld_cell.records import FloatArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_scene import TABLE_TOP_M, AreaScene, PlacedSheet
from weld_cell.sim.panel_on_fixture import FIXTURE_M, PANEL, panel_under
from weld_cell.sim.part_on_table import PART_LAYOUTS, in_reach, part_on_table
from weld_cell.sim.plate_scene import PlateLayout, butt_layout, random_plates
from weld_cell.sim.plate_surface import PlateEffects
from weld_cell.sim.sheet import Float32Array, Sheet

Layout = Callable[[int, Rig], list[PlacedSheet]]

_TEXELS_PER_MM = 4.0
_SIZE_MM = np.array([240.0, 160.0])
_MARGIN_MM = 2.0
PLATES = 'plates'
"""Name of the layout with two plates and the seam between them."""
PLATE_THICKNESS_M = 0.0015
"""Theirs: who clamps plates knows it, and says so by plates.thickness_mm."""
HOLES_MM = ((-90.0, 50.0, 12.0), (90.0, 50.0, 12.0), (40.0, -35.0, 25.0))
"""x, y and radius of the holes of the test sheet, in its frame."""


def area_cell_scene(lies: str, seed: int, rig: Rig) -> AreaScene:
    """The scene of a simulated run.

    Args:
        lies: A name of LAYOUTS.
        seed: What lies where, lamp, table and chip are drawn from it.
        rig: Whose area camera looks.

    Raises:
        ConfigurationError: no such layout.
    """
    if lies not in LAYOUTS:
        raise ConfigurationError(
            f'sim.lies: expected one of {", ".join(LAYOUTS)}, got "{lies}".', 'Correct the parameter.'
        )
    mako, rng = rig.mako, np.random.default_rng(seed)
    sheets, top_m = LAYOUTS[lies](seed, rig), FIXTURE_M if lies == PANEL else TABLE_TOP_M
    return AreaScene(mako.camera, mako.T_parent_sensor, sheets, AreaEffects.nominal(), rng, top_m)


def _nothing(seed: int, rig: Rig) -> list[PlacedSheet]:
    return []


def _test_sheet(seed: int, rig: Rig) -> list[PlacedSheet]:
    """The test sheet somewhere under the camera, turned at random."""
    rng = np.random.default_rng([seed, 1])
    under = rig.mako.T_parent_sensor[:2, 3]
    return [PlacedSheet.lying(brushed_sheet(), under + rng.uniform(-0.12, 0.12, 2), rng.uniform(-180.0, 180.0))]


def _part(code: str, seed: int, rig: Rig) -> list[PlacedSheet]:
    return [part_on_table(code, seed, rig).placed_sheet(seed)]


def brushed_sheet() -> Sheet:
    """A rectangle of brushed metal, 240 x 160 x 2 mm, with three holes and a bead; its origin in its middle."""
    x, y = _grid_mm()
    outside = np.maximum(np.abs(x) - _SIZE_MM[0] / 2, np.abs(y) - _SIZE_MM[1] / 2)
    for hole_x, hole_y, radius in HOLES_MM:
        outside = np.maximum(outside, radius - np.hypot(x - hole_x, y - hole_y))
    cover = np.clip(0.5 - outside * _TEXELS_PER_MM, 0.0, 1.0).astype(np.float32)
    middle = (np.array(cover.shape[::-1]) - 1.0) / 2.0
    return Sheet(_brushed(cover.shape), cover, _bead(x, y), middle, _TEXELS_PER_MM, 2e-3)


def _grid_mm() -> tuple[FloatArray, FloatArray]:
    """(h, w) x and y of the texels."""
    columns, rows = np.round((_SIZE_MM + 2 * _MARGIN_MM) * _TEXELS_PER_MM).astype(int)
    x = (np.arange(columns) - (columns - 1) / 2) / _TEXELS_PER_MM
    y = ((rows - 1) / 2 - np.arange(rows)) / _TEXELS_PER_MM
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x, grid_y


def _brushed(shape: tuple[int, ...]) -> Float32Array:
    """(h, w) reflectance, brushed along x; the same for all."""
    grain = np.random.default_rng(20205).standard_normal(shape[:2], dtype=np.float32)
    brushed = np.asarray(cv2.GaussianBlur(grain, (0, 0), sigmaX=40.0, sigmaY=0.8), np.float32)
    return np.asarray(0.5 * (1.0 + 0.06 * brushed / brushed.std()), np.float32)


def _bead(x: FloatArray, y: FloatArray) -> Float32Array:
    """(h, w, 2) slope of a bead 1.5 mm high and 12 mm wide, 100 mm long along x."""
    along, across = np.clip((np.abs(x + 40.0) - 44.0) / 6.0, 0.0, 1.0), (y + 30.0) / 6.0
    distance = np.minimum(np.hypot(along, across), 1.0)
    steepness = 1.5 / 6.0 * np.pi / 2 * np.sin(np.pi * distance) / np.maximum(distance, 1e-6)
    return np.dstack([-steepness * along * np.sign(x + 40.0), -steepness * across]).astype(np.float32)


def _plates(seed: int, rig: Rig) -> list[PlacedSheet]:
    """Two clamped plates with a seam, straight or bent, somewhere under the camera and in the robot's reach."""
    return plates_under(seed, rig).sheets


def _panel(seed: int, rig: Rig) -> list[PlacedSheet]:
    """A body panel with spot welds on a fixture."""
    return [panel_under(seed, rig).placed]


def plates_under(seed: int, rig: Rig) -> PlateLayout:
    """The layout "plates" with the truth of its seam."""
    rng = np.random.default_rng([seed, 2])
    drawn = random_plates(rng, curved=bool(rng.random() < 0.3))
    pair = replace(drawn, thickness_m=PLATE_THICKNESS_M)
    place = _place_in_reach(pair.curve.chord_m, rig.mako.T_parent_sensor[:2, 3], rng)
    return butt_layout(pair, *place, PlateEffects.nominal(), rng, clamps=int(rng.integers(0, 3)))


def plates_of_layout(lies: str, seed: int, rig: Rig) -> PlateLayout | None:
    """The plates on the table of a simulated run; None where its layout has none."""
    return plates_under(seed, rig) if lies == PLATES else None


def _place_in_reach(chord_m: float, under_m: FloatArray, rng: Generator) -> tuple[FloatArray, float]:
    """Middle (2,) and direction in degrees of a seam, both of whose ends the robot reaches."""
    while True:
        middle, angle_deg = under_m + rng.uniform(-0.06, 0.06, 2), float(rng.uniform(-180.0, 180.0))
        half = 0.5 * chord_m * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
        if in_reach(np.stack([middle - half, middle + half])):
            return middle, angle_deg


LAYOUTS: dict[str, Layout] = {
    'none': _nothing,
    'test_sheet': _test_sheet,
    PLATES: _plates,
    PANEL: _panel,
    **{name: partial(_part, code) for name, code in PART_LAYOUTS.items()},
}
