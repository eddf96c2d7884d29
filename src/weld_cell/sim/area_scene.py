"""A scene of the area camera: sheets that lie on a table under a lamp, with its truth.

A scene stands still, so its light is rendered once; each image is another exposure of it. Sheets are laid one after
the other, each over what it lies on. Of a thick sheet the upper side is seen and its shadow, not its edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.random import Generator
from scipy.spatial.transform import Rotation

from weld_cell.geometry.camera import CameraModel
from weld_cell.geometry.transforms import make_transform, transform_points
from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_lamp import METAL_ROUGHNESS, TABLE_ROUGHNESS, Lamp, random_lamp, shadow_depth
from weld_cell.sim.area_sensor import AreaSensor
from weld_cell.sim.area_table import TEXELS_PER_MM, add_dust, table_picture
from weld_cell.sim.area_view import AreaView, Picture
from weld_cell.sim.sheet import Float32Array, Sheet

TABLE_TOP_M = 0.2
"""Height of the table's top in base_link: where the simulated cell's seams nominally lie (sim/scene.py)."""

_PIXEL_SIGMA_PX = 12**-0.5  # of the even weight of a pixel's area
_LENS_SIGMA_PX = 0.45
_FULL_DEFOCUS_PX = 1.8
_SHADOW_TEXELS_PER_MM = 2.0
_CONTACT_SIGMA_MM = 0.25  # of a shadow's edge, where a sheet touches what it lies on
_AXIS_STEP_M = 1e-4


@dataclass(frozen=True, eq=False)
class PlacedSheet:
    """A sheet and where it lies.

    Attributes:
        sheet: As drawn.
        T_base_sheet: (4, 4) its frame, which lies in its upper side, in base_link.
    """

    sheet: Sheet
    T_base_sheet: FloatArray

    @classmethod
    def lying(cls, sheet: Sheet, xy_m: FloatArray, angle_deg: float, on_m: float = TABLE_TOP_M) -> 'PlacedSheet':
        """A sheet that lies level.

        Args:
            sheet: As drawn.
            xy_m: (2,) its frame's origin in base_link.
            angle_deg: From base_link's x axis to the sheet's, about z.
            on_m: Height in base_link of what it lies on.
        """
        place = (float(xy_m[0]), float(xy_m[1]), on_m + sheet.thickness_m)
        return cls(sheet, make_transform(place, Rotation.from_euler('z', angle_deg, degrees=True)))


@dataclass(frozen=True, eq=False)
class SheetTruth:
    """Where a sheet is.

    Attributes:
        T_base_sheet: (4, 4) its frame in base_link.
        origin_px: (2,) u, v of its frame's origin.
        axis_deg: Direction of its x axis in the image at its origin, from +u towards +v.
    """

    T_base_sheet: FloatArray
    origin_px: FloatArray
    axis_deg: float


class AreaScene:
    """What the area camera looks at.

    Args:
        camera: Intrinsics.
        T_base_camera: (4, 4) optical frame into base_link.
        sheets: What lies on the table; a later one lies on those before it.
        effects: The dials.
        rng: Where lamp, table, dust and the chip's fixed pattern are drawn from.
        table_m: Height of the table's top in base_link.

    Attributes:
        view: The camera.
        sheets: As given.
        effects: As given.
        lamp: Where the light comes from.
        T_base_table: (4, 4) the table's top where the optical axis meets it, with base_link's axes.
    """

    def __init__(
        self,
        camera: CameraModel,
        T_base_camera: FloatArray,
        sheets: Sequence[PlacedSheet],
        effects: AreaEffects,
        rng: Generator,
        table_m: float = TABLE_TOP_M,
    ) -> None:
        self.view, self.sheets, self.effects = AreaView(camera, T_base_camera), tuple(sheets), effects
        self.T_base_table = make_transform(_below(T_base_camera, table_m))
        self.lamp: Lamp = random_lamp(rng, effects, self.T_base_table[:3, 3])
        self._table_rng, self._chip_rng = rng.spawn(2)
        self._sigma_px = float(np.hypot(_PIXEL_SIGMA_PX, _LENS_SIGMA_PX + _FULL_DEFOCUS_PX * effects.defocus))

    def render(self) -> None:
        """Render the light now, so that the first image does not wait for it."""
        _ = self._sensor

    def image(self, rng: Generator) -> ImageArray:
        """One exposure, (height, width) uint8.

        Args:
            rng: Where the noise of this image is drawn from.
        """
        return self._sensor.image(rng)

    @property
    def truths(self) -> tuple[SheetTruth, ...]:
        """Where the sheets are, in their order."""
        return tuple(self._truth(index) for index in range(len(self.sheets)))

    def sheet_pixels(self, index: int, points_m: FloatArray) -> FloatArray:
        """Pixels (n, 2) of points (n, 2) x, y of a sheet's frame, on its upper side; by OpenCV."""
        lifted = np.column_stack([points_m, np.zeros(len(points_m))])
        return self.view.project(transform_points(self.sheets[index].T_base_sheet, lifted))

    def _truth(self, index: int) -> SheetTruth:
        side = np.array([_AXIS_STEP_M, 0.0])
        origin, before, after = self.sheet_pixels(index, np.stack([np.zeros(2), -side, side]))
        u, v = after - before
        return SheetTruth(self.sheets[index].T_base_sheet, origin, float(np.degrees(np.arctan2(v, u))))

    @cached_property
    def _sensor(self) -> AreaSensor:
        light = self._table_light()
        for placed in self.sheets:
            self._throw_shadow(light, placed)
            self._lay(light, placed)
        return AreaSensor(light, self.view.rays, self.effects, self._chip_rng)

    @property
    def _eye_m(self) -> FloatArray:
        eye: FloatArray = self.view.T_base_camera[:3, 3]
        return eye

    def _table_light(self) -> Float32Array:
        """(h, w) light of the table, of which the picture repeats itself mirrored where it ends."""
        values = table_picture(self._table_rng, self.effects)
        middle = (np.array(values.shape[::-1]) - 1.0) / 2.0
        picture = Picture(values, self.T_base_table, middle, TEXELS_PER_MM)
        coarse = replace(
            picture, values=np.zeros((64, 64), np.float32), origin_texel=np.full(2, 31.5), texels_per_mm=0.04
        )
        width, height = self.view.camera.size_px
        whole = (slice(0, height), slice(0, width))
        lit = replace(coarse, values=self.lamp.light(coarse, None, self._eye_m, TABLE_ROUGHNESS))
        light = self.view.seen(picture, whole, cv2.BORDER_REFLECT)
        light *= self.view.seen_smooth(lit)
        add_dust(light, self.effects.dust, self._table_rng)
        return np.asarray(cv2.GaussianBlur(light, (0, 0), self._sigma_px), np.float32)

    def _lay(self, light: Float32Array, placed: PlacedSheet) -> None:
        """Lay a sheet over what is there, each pixel by the share of it that the sheet covers."""
        sheet = placed.sheet
        picture = Picture(sheet.cover, placed.T_base_sheet, sheet.origin_texel, sheet.texels_per_mm)
        slope = sheet.slope if sheet.slope.any() else None
        lit = sheet.reflectance * self.lamp.light(picture, slope, self._eye_m, METAL_ROUGHNESS)
        blurred = self._blurred(replace(picture, values=np.dstack([sheet.cover * lit, sheet.cover])))
        window = self.view.window(blurred)
        if not light[window].size:
            return
        shining, cover = cv2.split(self.view.seen(blurred, window))
        light[window] += shining - cover * light[window]

    def _blurred(self, picture: Picture) -> Picture:
        """A picture as lens and pixels blur it, wider by what spills over its border."""
        sigma = self._sigma_px * self.view.texels_per_px(picture)
        wide = _widened(picture, int(np.ceil(3.0 * sigma)) + 1)
        return replace(wide, values=np.asarray(cv2.GaussianBlur(wide.values, (0, 0), sigma), np.float32))

    def _throw_shadow(self, light: Float32Array, placed: PlacedSheet) -> None:
        """Darken what lies under a sheet where the sheet stands in the lamp's way."""
        depth = shadow_depth(self.effects)
        if not depth:
            return
        shadow = _shadow(placed, self.lamp)
        window = self.view.window(shadow)
        if light[window].size:
            light[window] *= 1.0 - np.float32(depth) * self.view.seen(shadow, window)


def _below(T_base_camera: FloatArray, height_m: float) -> tuple[float, float, float]:
    """Where the optical axis meets a height in base_link.

    Raises:
        ValueError: it does not, in front of the camera.
    """
    place, axis = T_base_camera[:3, 3], T_base_camera[:3, 2]
    if not axis[2] < 0.0 or not height_m < place[2]:
        raise ValueError(f'a camera at {place} that looks along {axis} does not see a table at {height_m} m')
    x, y, _ = place + axis * (height_m - place[2]) / axis[2]
    return float(x), float(y), height_m


def _widened(picture: Picture, by: int) -> Picture:
    values = cv2.copyMakeBorder(picture.values, by, by, by, by, cv2.BORDER_CONSTANT)
    return replace(picture, values=np.asarray(values, np.float32), origin_texel=picture.origin_texel + by)


def _shadow(placed: PlacedSheet, lamp: Lamp) -> Picture:
    """The shadow of a sheet as a picture on what it lies on: 1 where its body hides the middle of the lamp."""
    sheet, under = placed.sheet, placed.T_base_sheet.copy()
    under[:3, 3] -= sheet.thickness_m * under[:3, 2]
    share = min(_SHADOW_TEXELS_PER_MM / sheet.texels_per_mm, 1.0)
    cover = np.asarray(cv2.resize(sheet.cover, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.float32)
    true_share = np.array(cover.shape[::-1]) / sheet.cover.shape[::-1]
    small = Picture(cover, under, (sheet.origin_texel + 0.5) * true_share - 0.5, sheet.texels_per_mm * share)
    towards = lamp.towards(under)
    softness_mm = _CONTACT_SIGMA_MM + 0.5e3 * sheet.thickness_m * lamp.radius_m * (1.0 + towards @ towards) ** 0.5
    reach = 1e3 * sheet.thickness_m * small.texels_per_mm * towards * [1.0, -1.0]
    sigma = float(softness_mm * small.texels_per_mm)
    wide = _widened(small, int(np.ceil(np.abs(reach).max() + 3.0 * sigma)) + 1)
    body = cv2.dilate(wide.values, _stroke(reach))
    return replace(wide, values=np.asarray(cv2.GaussianBlur(body, (0, 0), sigma), np.float32))


def _stroke(reach: FloatArray) -> ImageArray:
    """A kernel with a line from its middle over a reach (2,) in texels."""
    half = int(np.ceil(np.abs(reach).max()))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.uint8)
    end = np.round(reach).astype(int) + half
    cv2.line(kernel, (half, half), (int(end[0]), int(end[1])), 1, 1)
    return kernel
