"""Ring signature of a blob's shape: the rotation between two shapes is the peak of their correlation."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

from weld_cell.parts.pixel_loops import Float32Array, samples
from weld_cell.records import ImageArray

RINGS = 16
ANGLES = 256
REACH = 2.2
"""Radius of the outermost ring over that of a disc of the blob's area: a part four times as long as wide fits."""

_SHARE = (np.arange(RINGS) + 0.5) / RINGS * REACH
_DIRECTIONS = 2.0 * np.pi * np.arange(ANGLES) / ANGLES
_COSINES, _SINES = np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)


@dataclass(frozen=True, eq=False)
class Outline:
    """A blob's shape, whatever its place and size.

    Attributes:
        spectrum: (RINGS, ANGLES // 2 + 1) complex64 of each ring's greys along the angle, of unit energy in all.
        area_px: Of the blob, in the image at full size.
        centre_px: Its centroid there.
    """

    spectrum: 'np.ndarray[tuple[int, int], np.dtype[np.complex64]]'
    area_px: float
    centre_px: tuple[float, float]


def outline_of(cover: ImageArray, corner_px: tuple[int, int], factor: int) -> Outline:
    """Shape of a blob.

    Args:
        cover: (m, n) 255 where a pixel is the blob's, less where only part of it is.
        corner_px: Column and row of its top left pixel in the image at the level of `factor`.
        factor: Level of the pyramid.
    """
    total = float(cover.sum(dtype=np.int64))
    column = float(cover.sum(axis=0, dtype=np.int64) @ np.arange(cover.shape[1])) / total
    row = float(cover.sum(axis=1, dtype=np.int64) @ np.arange(cover.shape[0])) / total
    area = total / 255.0
    radii = math.sqrt(area / math.pi) * _SHARE
    u, v = column + np.outer(radii, _COSINES), row + np.outer(radii, _SINES)
    rings = samples(cover, u.ravel(), v.ravel()).reshape(RINGS, ANGLES)
    centre = tuple((at + corner + 0.5) * factor - 0.5 for at, corner in zip((column, row), corner_px, strict=True))
    return Outline(_unit_spectrum(rings), area * factor**2, (centre[0], centre[1]))


def _unit_spectrum(rings: Float32Array) -> 'np.ndarray[tuple[int, int], np.dtype[np.complex64]]':
    weight = _SHARE / _SHARE.sum()
    levelled = (rings - float(weight @ rings.mean(axis=1))) * np.sqrt(weight)[:, None].astype(np.float32)
    spectrum = scipy.fft.rfft(levelled.astype(np.float32), axis=1)
    return np.asarray(spectrum / max(math.sqrt(float((levelled**2).sum())), 1e-6), np.complex64)


def correlations(shape: Outline, spectra: 'np.ndarray[tuple[int, int, int], np.dtype[np.complex64]]') -> Float32Array:
    """(k, ANGLES) correlation of a shape with k others, at each turn of theirs; 1 is the same shape.

    Args:
        shape: Of the blob.
        spectra: (k, RINGS, ANGLES // 2 + 1) of the others.
    """
    product = np.einsum('krf,rf->kf', spectra.conj(), shape.spectrum)
    return np.asarray(scipy.fft.irfft(product, ANGLES, axis=1), np.float32)


def peak_turns(correlation: Float32Array, most: int, least_share: float) -> list[tuple[float, float]]:
    """The turns at which a correlation (ANGLES,) peaks, in degrees, and how high; best first.

    Args:
        correlation: Over the turn.
        most: At most so many.
        least_share: Only those that reach this share of the best.
    """
    before, after = np.roll(correlation, 1), np.roll(correlation, -1)
    peaks = np.flatnonzero((correlation >= before) & (correlation > after))
    peaks = peaks[np.argsort(-correlation[peaks])][:most]
    found = []
    for k in peaks[correlation[peaks] >= least_share * correlation.max()]:
        bend = before[k] - 2.0 * correlation[k] + after[k]
        offset = 0.5 * float(before[k] - after[k]) / float(bend) if bend < 0.0 else 0.0
        found.append((360.0 * (k + offset) / ANGLES, float(correlation[k])))
    return found
