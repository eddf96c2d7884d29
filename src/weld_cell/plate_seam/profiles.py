"""Brightness across the seam, and where both edges of its gap lie in it, to a part of a pixel.

A gap that is narrower than the lens's blur is a dip of which depth and width cannot both be told. So the profile of
two plates and a gap between them, blurred, is fitted to what is seen: centre, width and both plates' brightness are
free; the brightness inside a gap too narrow to show it is taken as a known share of the plates'.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.special import ndtr

from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.records import BoolArray, FloatArray, ImageArray

STEP_PX = 0.5
ALONG_PX = np.arange(-3.0, 3.5)
"""Where along the seam the profiles of one reading are taken; their median is read."""
_ROUNDS = 10
_BLUR_TO_WIDTH = 2.3548  # from a normal distribution's standard deviation to its width at half height
_DAMPING = 1e-3


@dataclass(frozen=True, eq=False)
class Readings:
    """What is read across the seam at n stations.

    Attributes:
        offset_px: (n,) of the seam along the normal, from the station.
        width_px: (n,) of the gap.
        plate: (n,) brightness of the darker side.
        depth: (n,) how much darker the gap's middle is than the plates' mean, as a part of it.
        contrast: (n,) the same over the scatter of what the model does not explain.
    """

    offset_px: FloatArray
    width_px: FloatArray
    plate: FloatArray
    depth: FloatArray
    contrast: FloatArray

    def seen(self, settings: PlateSeamSettings) -> BoolArray:
        """(n,) whether the seam is seen at all."""
        seen: BoolArray = (
            (self.depth >= settings.min_depth)
            & (self.contrast >= settings.min_contrast_sigma)
            & self.on_plates(settings.min_plate_share)
            & (self.width_px <= settings.max_gap_px)
            & (np.abs(self.offset_px) <= 0.5 * settings.max_gap_px + 2.0)
        )
        return seen

    def on_plates(self, least_share: float) -> BoolArray:
        """(n,) whether the darker side is at least this part as bright as it usually is: a plate, not the table."""
        on_plates: BoolArray = self.plate >= least_share * np.median(self.plate)
        return on_plates


def profiles(
    grey: ImageArray, centres_px: FloatArray, normals: FloatArray, reach_px: float
) -> tuple[FloatArray, FloatArray]:
    """Offsets (m,) along the normals, and the brightness (n, m) there.

    Args:
        grey: (h, w).
        centres_px: (n, 2).
        normals: (n, 2) unit vectors.
        reach_px: To both sides.
    """
    count = int(np.ceil(reach_px / STEP_PX))
    offsets: FloatArray = STEP_PX * np.arange(-count, count + 1, dtype=float)
    tangents = np.column_stack([normals[:, 1], -normals[:, 0]])
    places = (
        centres_px[:, None, None]
        + offsets[:, None, None] * normals[:, None, None]
        + ALONG_PX[:, None] * tangents[:, None, None]
    )
    values = map_coordinates(grey.astype(np.float32), [places[..., 1], places[..., 0]], order=1, mode='nearest')
    return offsets, np.asarray(np.median(values, axis=2), float)


def read_gaps(grey: ImageArray, centres_px: FloatArray, normals: FloatArray, settings: PlateSeamSettings) -> Readings:
    """Read the gap of a butt seam at stations near it, see `profiles`."""
    reach = 0.5 * settings.max_gap_px + 4.0 * settings.blur_px + 4.0
    offsets, light = profiles(grey, centres_px, normals, reach)
    start = _first_guess(offsets, light, settings)
    dark = _inside(light, start, settings)
    fitted, missed = _fitted(offsets, light, start, dark, settings)
    centre, width, left, right = fitted.T
    lowest = _model(centre[:, None], fitted, dark, settings.blur_px)[0][:, 0]
    between = 0.5 * (left + right)
    dip = between - lowest
    return Readings(
        centre, width, np.minimum(left, right), dip / np.maximum(between, 1.0), dip / np.maximum(missed, 0.5)
    )


def _first_guess(offsets: FloatArray, light: FloatArray, settings: PlateSeamSettings) -> FloatArray:
    """(n, 4) centre, width, and the brightness left and right of the gap."""
    inner = np.abs(offsets) <= 0.5 * settings.max_gap_px + 1.0
    at = np.flatnonzero(inner)[light[:, inner].argmin(axis=1)]
    sides = np.array([_side_levels(row, place) for row, place in zip(light, at, strict=True)])
    half = 0.5 * (light[np.arange(len(light)), at] + sides.min(axis=1))
    edges = np.array([_run_below(row, place, level) for row, place, level in zip(light, at, half, strict=True)])
    centre = offsets[0] + STEP_PX * edges.mean(axis=1)
    return np.column_stack([centre, STEP_PX * np.diff(edges, axis=1)[:, 0], sides])


def _side_levels(row: FloatArray, place: int) -> tuple[float, float]:
    left, right = row[: max(place, 1)], row[place + 1 :] if place + 1 < len(row) else row[-1:]
    return float(np.percentile(left, 70.0)), float(np.percentile(right, 70.0))


def _run_below(row: FloatArray, place: int, level: float) -> tuple[int, int]:
    """First and last number about a place at which the values stay below a level."""
    above = np.flatnonzero(row > level)
    before, after = above[above < place], above[above > place]
    return (before[-1] + 1 if len(before) else 0), (after[0] - 1 if len(after) else len(row) - 1)


def _inside(light: FloatArray, start: FloatArray, settings: PlateSeamSettings) -> FloatArray:
    """(n,) brightness inside the gaps: as seen in a wide one, a share of the darker plate's in a narrow one."""
    wide = start[:, 1] > 2.0 * _BLUR_TO_WIDTH * settings.blur_px
    narrow = np.minimum(settings.dark_share * start[:, 2:].min(axis=1), light.min(axis=1))
    return np.asarray(np.where(wide, light.min(axis=1), narrow), float)


def _fitted(
    offsets: FloatArray, light: FloatArray, start: FloatArray, dark: FloatArray, settings: PlateSeamSettings
) -> tuple[FloatArray, FloatArray]:
    """Parameters (n, 4) after Gauss-Newton steps for all stations at once, and what they leave unexplained (n,)."""
    fitted = start.copy()
    fitted[:, 1] = np.maximum(fitted[:, 1] - _BLUR_TO_WIDTH * settings.blur_px, 0.3)
    reach = 0.5 * start[:, 1] + 3.0 * settings.blur_px + 2.0
    weights = (np.abs(offsets - start[:, :1]) <= reach[:, None]).astype(float)
    for _ in range(_ROUNDS):
        model, slopes = _model(np.broadcast_to(offsets, light.shape), fitted, dark, settings.blur_px)
        weighted = weights[..., None] * slopes
        normal = np.einsum('nmi,nmj->nij', weighted, slopes)
        normal += _DAMPING * np.einsum('nii->n', normal)[:, None, None] * np.eye(4) / 4.0 + 1e-9 * np.eye(4)
        step = np.linalg.solve(normal, np.einsum('nmi,nm->ni', weighted, light - model)[..., None])[..., 0]
        fitted[:, :2] += np.clip(step[:, :2], -1.0, 1.0)
        fitted[:, 2:] = np.maximum(fitted[:, 2:] + step[:, 2:], dark[:, None] + 0.5)
        fitted[:, 0] = np.clip(fitted[:, 0], offsets[0], offsets[-1])
        fitted[:, 1] = np.clip(fitted[:, 1], 0.0, offsets[-1] - offsets[0])
    model, _ = _model(np.broadcast_to(offsets, light.shape), fitted, dark, settings.blur_px)
    return fitted, np.sqrt((weights * (light - model) ** 2).sum(axis=1) / weights.sum(axis=1))


def _model(x: FloatArray, fitted: FloatArray, dark: FloatArray, blur: float) -> tuple[FloatArray, FloatArray]:
    """Blurred profiles (n, m) of two plates and a gap at offsets x (n, m), and their slopes (n, m, 4)."""
    centre, width, left, right = (column[:, None] for column in fitted.T)
    left_edge, right_edge = (x - centre + 0.5 * width) / blur, (x - centre - 0.5 * width) / blur
    left_share, right_share = ndtr(-left_edge), ndtr(right_edge)
    brighter_left, brighter_right = left - dark[:, None], right - dark[:, None]
    model = dark[:, None] + brighter_left * left_share + brighter_right * right_share
    left_slope = brighter_left * _density(left_edge) / blur
    right_slope = brighter_right * _density(right_edge) / blur
    slopes = [left_slope - right_slope, -0.5 * (left_slope + right_slope), left_share, right_share]
    return model, np.stack(slopes, axis=-1)


def _density(x: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)
    return density
