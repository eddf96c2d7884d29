"""Rendering: from the lit stripe to the grey values that the camera delivers.

Each lit sample is laid into the image as a point of light that keeps its sub-pixel place, then the whole band of
columns around the stripe is blurred by the thickness of the laser sheet and the lens (a Gaussian profile),
grained by speckle, surrounded by its bloom, and cut off at the sensor's full well.
"""

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.records import FloatArray, ImageArray
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.image_noise import Float32Array, ImageNoise
from weld_cell.sim.lit_stripe import LitStripe
from weld_cell.sim.reflections import Ghost
from weld_cell.sim.sensor import LaserSensor
from weld_cell.sim.surface import Surface

_FULL_WELL = 255.0
_MARGIN_PX = 32  # around the image, so that light just outside still blurs into it
_BAND_MARGIN_PX = 48  # the bloom has faded here
_SHEET_HALF_M = 0.25e-3  # the sheet is laid as three sheets this far apart, weighted 1:2:1
_SHEET_WEIGHTS = ((-1.0, 0.25), (0.0, 0.5), (1.0, 0.25))
_SIGMA_U_PX = 1.85  # with the three sheets: a stripe 5 to 8 px wide at grey value 220
_SIGMA_V_PX = 0.7
_GLINT_EXPONENT = 60


class LaserImager:
    """Makes the images of one scene; buffers are made once.

    Args:
        sensor: The rig's numbers.
        effects: The dials.
        surface: Texture of the workpiece.
        rng: Where the scene's light and exposure are drawn from.
    """

    def __init__(self, sensor: LaserSensor, effects: HardEffects, surface: Surface, rng: Generator) -> None:
        self._sensor, self._effects, self._surface = sensor, effects, surface
        self._width, self._height = sensor.camera.size_px
        self._noise = ImageNoise(sensor.camera.size_px, effects, rng)
        exposure = (2.5 + 3.0 * effects.saturation) * (1.0 + 0.15 * effects.saturation * rng.uniform(-1, 1))
        self._row_energy = exposure * _FULL_WELL * np.sqrt(2 * np.pi) * np.hypot(_SIGMA_U_PX, 1.0)
        self._plate_facing = float(-sensor.T_sensor_stripe[2, 2])
        self._canvas = np.zeros((self._height + 2 * _MARGIN_PX, self._width + 2 * _MARGIN_PX), dtype=np.float32)

    def brightness(self, stripe: LitStripe, s_offset_m: float = 0.0) -> FloatArray:
        """(n,) light that samples send to the camera, in parts of what a plain plate sends from one row."""
        texture = self._surface.at(stripe.s_m + s_offset_m, stripe.along_m)
        glint = self._surface.glint * np.maximum(stripe.glint, 0.0) ** _GLINT_EXPONENT
        shine = stripe.facing / self._plate_facing + glint
        light: FloatArray = np.where(stripe.seen, stripe.flux * stripe.reflectance * texture * shine, 0.0)
        return light

    def image(self, stripe: LitStripe | None, ghosts: list[Ghost], rng: Generator) -> ImageArray:
        """(height, width) uint8 of a stripe and its ghosts; None: the laser is off."""
        picture = self._noise.background(rng)
        self._noise.add_spatter(picture, rng)
        if stripe is None:
            return picture
        pixels, energy = self._points_of_light(stripe, ghosts)
        columns = self._splat(pixels, energy)
        if columns.stop > columns.start:
            band = self._band(columns, rng)
            part = picture[:, columns]
            part[:] = cv2.add(np.ascontiguousarray(part), band)
        return picture

    def _points_of_light(self, stripe: LitStripe, ghosts: list[Ghost]) -> tuple[FloatArray, FloatArray]:
        """Pixels (n, 2) and energy (n,): the sheet's three parts, so that texture acts across its thickness."""
        per_metre = self._pixels_per_metre_of_travel(stripe)
        pixels, energy = [ghost.pixels for ghost in ghosts], [ghost.energy for ghost in ghosts]
        for side, weight in _SHEET_WEIGHTS:
            offset = side * _SHEET_HALF_M
            pixels.append(stripe.pixels + offset * per_metre)
            energy.append(weight * self.brightness(stripe, offset))
        return np.concatenate(pixels), np.concatenate(energy)

    def _pixels_per_metre_of_travel(self, stripe: LitStripe) -> FloatArray:
        """(n, 2) motion in the image of surface points along the seam, which is where the sheet is thick."""
        travel = self._sensor.T_sensor_stripe[:3, 0]
        focal = self._sensor.camera.matrix[[0, 1], [0, 1]]
        x_y, z = stripe.points_m[:, :2], stripe.points_m[:, 2:]
        motion: FloatArray = focal * (travel[:2] * z - x_y * travel[2]) / z**2
        return motion

    def _splat(self, pixels: FloatArray, energy: FloatArray) -> slice:
        """Lay points of light into the canvas by bilinear weights, which keep their centroid; used columns."""
        u, v = pixels.T + _MARGIN_PX
        rows, width = self._canvas.shape
        inside = (energy > 0) & (u >= 0) & (u < width - 1) & (v >= 0) & (v < rows - 1)
        u, v, light = u[inside], v[inside], energy[inside] * self._row_energy
        if not len(u):
            return slice(0, 0)
        column, row = u.astype(np.intp), v.astype(np.intp)
        right, down = u - column, v - row
        first = row * width + column
        place = np.concatenate([first, first + 1, first + width, first + width + 1])
        share = np.concatenate(
            [
                light * (1 - right) * (1 - down),
                light * right * (1 - down),
                light * (1 - right) * down,
                light * right * down,
            ]
        )
        np.add.at(self._canvas.reshape(-1), place, share.astype(np.float32))
        low, high = int(column.min()) - _MARGIN_PX, int(column.max()) - _MARGIN_PX
        return slice(max(low - _BAND_MARGIN_PX, 0), min(high + _BAND_MARGIN_PX, self._width))

    def _band(self, columns: slice, rng: Generator) -> ImageArray:
        """(height, n) uint8 of the band, and a clean canvas for the next image."""
        wide = slice(columns.start, columns.stop + 2 * _MARGIN_PX)
        kernel_u, kernel_v = self._blur_kernels(rng)
        blurred = cv2.sepFilter2D(self._canvas[:, wide], cv2.CV_32F, kernel_u, kernel_v)
        self._canvas[:, wide] = 0.0
        inner = blurred[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]
        band = np.asarray(cv2.multiply(inner, self._noise.speckle(columns, rng)), np.float32)
        if self._effects.blooming:
            cv2.add(band, _bloom(band, self._effects.blooming), dst=band)
        return np.asarray(cv2.convertScaleAbs(band))

    def _blur_kernels(self, rng: Generator) -> tuple[Float32Array, Float32Array]:
        """Gaussian of sheet and lens, drawn out by motion during the exposure."""
        shake_u, shake_v = 6.0 * self._effects.motion_blur * rng.uniform(0.2, 1.0, 2)
        return _kernel(_SIGMA_U_PX, shake_u), _kernel(_SIGMA_V_PX, shake_v)


def _kernel(sigma_px: float, motion_px: float) -> Float32Array:
    """(k,) Gaussian blur with even motion added: the integral of the Gaussian over the motion."""
    half = int(np.ceil(3.5 * sigma_px + motion_px / 2))
    at = np.arange(-half, half + 1)
    starts = np.linspace(-motion_px / 2, motion_px / 2, 7)
    kernel = np.exp(-0.5 * ((at[:, None] - starts) / sigma_px) ** 2).sum(axis=1)
    normalised: Float32Array = (kernel / kernel.sum()).astype(np.float32)
    return normalised


def _bloom(band: Float32Array, dial: float) -> Float32Array:
    """Light that spills some ten pixels far; computed at a quarter of the size, as it is smooth."""
    height, width = band.shape
    small = cv2.resize(band, (max(width // 4, 1), height // 4), interpolation=cv2.INTER_AREA)
    halo = cv2.GaussianBlur(small, (0, 0), 2.0) + 0.5 * cv2.GaussianBlur(small, (0, 0), 3.5)
    return np.asarray(cv2.resize(0.25 * dial * halo, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
