"""The lamp over the table: how much of its light metal sends to the area camera.

Matt light follows Lambert. The shine is a lobe over the slope of the surface: a facet shines as far as its slope is
near the one that mirrors the lamp into the camera (Beckmann and Spizzichino 1963, for small slopes).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from weld_cell.geometry.transforms import invert, rotate_vectors, unit
from weld_cell.records import FloatArray
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_view import Picture
from weld_cell.sim.sheet import Float32Array

_AMBIENT = 0.3  # share of the light that comes from the room, from everywhere
_FIELD = 40  # nodes along each side of a picture between which the light, which has no edges, is interpolated
METAL_ROUGHNESS = 0.16  # standard deviation of the facets' slope
TABLE_ROUGHNESS = 0.45
_FULL_SHINE = 2.2


@dataclass(frozen=True, eq=False)
class Lamp:
    """A lamp beside the camera.

    Attributes:
        position_m: (3,) in base_link.
        middle_m: (3,) the place in base_link where its light is 1.
        unevenness: 0: the same light everywhere; 1: all that distance and angle make of it.
        shine: Strength of the specular lobe against the matt light.
        radius_m: Of what shines; the edges of shadows are as soft as it is large.
    """

    position_m: FloatArray
    middle_m: FloatArray
    unevenness: float
    shine: float
    radius_m: float = 0.06

    def towards(self, T_base_plane: FloatArray) -> FloatArray:
        """(2,) by how much the way to the lamp leads along x and y of a plane's frame for each metre upwards."""
        x, y, z = rotate_vectors(invert(T_base_plane), self.position_m - T_base_plane[:3, 3])
        return np.array([x / z, y / z])

    def light(
        self, picture: Picture, slope: Float32Array | None, eye_m: FloatArray, roughness: float
    ) -> Float32Array:
        """Light that reaches the camera from a surface of reflectance 1.

        Args:
            picture: Where the surface lies.
            slope: (h, w, 2) its gradient on the picture's texels; None: it is flat.
            eye_m: (3,) the camera in base_link.
            roughness: Standard deviation of the slope of its facets.

        Returns:
            (h, w) as the picture.
        """
        height, width = picture.values.shape[:2]
        field = self._field(picture, eye_m)
        if slope is None:
            flat = self._reflected(field, np.zeros((*field.shape[:2], 2), np.float32), roughness)
            return np.asarray(cv2.resize(flat, (width, height)), np.float32)
        return self._reflected(np.asarray(cv2.resize(field, (width, height)), np.float32), slope, roughness)

    def _field(self, picture: Picture, eye_m: FloatArray) -> Float32Array:
        """(_FIELD, _FIELD, 5) irradiance; way to the lamp; slope of a mirror. Nodes lie as cv2.resize reads them."""
        height, width = picture.values.shape[:2]
        share = (np.arange(_FIELD) + 0.5) / _FIELD
        columns, rows = np.meshgrid(share * width - 0.5, share * height - 0.5)
        points = picture.points_m(np.column_stack([columns.ravel(), rows.ravel()]))
        into_plane = invert(picture.T_base_plane)
        to_lamp, to_eye = (rotate_vectors(into_plane, unit(place - points)) for place in (self.position_m, eye_m))
        half = to_lamp + to_eye
        field = np.column_stack(
            [self._irradiance(points), to_lamp[:, :2] / to_lamp[:, 2:], -half[:, :2] / half[:, 2:]]
        )
        return field.reshape(_FIELD, _FIELD, 5).astype(np.float32)

    def _irradiance(self, points_m: FloatArray) -> FloatArray:
        """(n,) of level surfaces: the lamp's cosine over its squared distance, 1 in the middle."""

        def of(points: FloatArray) -> FloatArray:
            away = self.position_m - points
            falling: FloatArray = away[..., 2] / np.linalg.norm(away, axis=-1) ** 3
            return falling

        return 1.0 + self.unevenness * (of(points_m) / of(self.middle_m) - 1.0)

    def _reflected(self, field: Float32Array, slope: Float32Array, roughness: float) -> Float32Array:
        irradiance, lamp_x, lamp_y, mirror_x, mirror_y = cv2.split(field)
        x, y = cv2.split(slope)
        matt = np.maximum(1.0 - x * lamp_x - y * lamp_y, 0.0) / np.sqrt(1.0 + x * x + y * y)
        lobe = cv2.exp(-((x - mirror_x) ** 2 + (y - mirror_y) ** 2) / np.float32(2.0 * roughness**2))
        direct = np.float32(1.0 - _AMBIENT) * irradiance * (matt + np.float32(self.shine) * lobe)
        return np.asarray(np.float32(_AMBIENT) + direct, np.float32)


def random_lamp(rng: Generator, effects: AreaEffects, middle_m: FloatArray) -> Lamp:
    """A lamp on any side of the table, 0.9 to 1.6 m away and 35 to 65 degrees high."""
    side, height = rng.uniform(-np.pi, np.pi), np.deg2rad(rng.uniform(35.0, 65.0))
    direction = np.array([np.cos(side) * np.cos(height), np.sin(side) * np.cos(height), np.sin(height)])
    place = middle_m + rng.uniform(0.9, 1.6) * direction
    return Lamp(place, middle_m, effects.uneven_light, _FULL_SHINE * effects.specular)


def shadow_depth(effects: AreaEffects) -> float:
    """Share of the light that a shadow takes away."""
    return effects.shadows * (1.0 - _AMBIENT)
