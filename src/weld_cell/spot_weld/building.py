"""Building of a feature bank from good welds, without labels or training; outliers are named."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from weld_cell.errors import FeatureBankError
from weld_cell.records import FloatArray
from weld_cell.spot_weld.bank import FeatureBank
from weld_cell.spot_weld.coreset import greedy_coreset
from weld_cell.spot_weld.crops import diameters_of
from weld_cell.spot_weld.describe import Places, Whitening, places_that_count, rings
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.judgement import GoodLook, compare, fused_scores
from weld_cell.spot_weld.profile import ProfileBank, profiles_of
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import BankSettings
from weld_cell.spot_weld.sharpness import sharpness
from weld_cell.spot_weld.threshold import Thresholds, odd_ones

LEAST_WELDS = 4
MOST_FOLDS = 5
_SHARPNESS_LEFT = 0.8
_BLURRED = 0.05  # of the good welds may be less sharp than the others


@dataclass(frozen=True, eq=False)
class GoodWelds:
    """Crops of good welds.

    Attributes:
        crops: (n, g, g) grey values.
        sources: (n) names of the photos that they are from.
        cells_px: (n,) side of a cell of each in pixels of its photo.
    """

    crops: Float32Array
    sources: tuple[str, ...]
    cells_px: FloatArray

    def __post_init__(self) -> None:
        if len(self.crops) < LEAST_WELDS:
            raise FeatureBankError(
                f'{len(self.crops)} good welds are too few for a bank.', f'Give photos of {LEAST_WELDS} at least.'
            )


def build_bank(
    welds: GoodWelds, features: Features, settings: BankSettings, rng: Generator, accept_odd: bool = False
) -> FeatureBank:
    """Make a bank; its thresholds come from welds that were left out of it in turn.

    Args:
        welds: At least LEAST_WELDS.
        features: What describes them.
        settings: How the bank is made.
        rng: Where folds, draws and projections come from.
        accept_odd: Do not refuse welds that are unlike the others.

    Raises:
        FeatureBankError: some welds are unlike the others; names their photos.
    """
    copies = copies_of(welds.crops, features, settings)
    held_out = cross_compared(copies, welds.sources, settings, rng)
    limits = Thresholds.of(
        held_out.local, held_out.whole, held_out.greatest, settings.false_alarms, settings.doubtful
    )
    if not accept_odd:
        refuse_odd(fused_scores(held_out.local, held_out.whole, limits), welds.sources)
    good = learned(copies, settings, rng)
    least = _SHARPNESS_LEFT * float(np.quantile(sharpness(welds.crops, welds.cells_px), _BLURRED))
    diameters_px = diameters_of(welds.cells_px, settings)
    sizes_px = (float(diameters_px.min()), float(diameters_px.max()))
    return FeatureBank(good, features.version, settings, limits, least, len(welds.crops), sizes_px)


def copies_of(crops: Float32Array, features: Features, settings: BankSettings) -> Float32Array:
    """(n, rotations, rows, columns, c) features of crops (n, g, g) and of turned copies; the first is unturned."""
    places = Places.of(turned(crops, settings.rotations), features).features
    return np.moveaxis(places.reshape(settings.rotations, len(crops), *places.shape[1:]), 0, 1)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Good welds against banks of other ones.

    Attributes:
        local: (n,) scores of their places.
        whole: (n,) scores of them as a whole.
        greatest: (n,) greatest values of their maps.
    """

    local: FloatArray
    whole: FloatArray
    greatest: FloatArray


def cross_compared(copies: Float32Array, sources: Sequence[str], settings: BankSettings, rng: Generator) -> HeldOut:
    """Each good weld against a bank of the others, of other photos where there are several.

    Args:
        copies: As of `copies_of`.
        sources: (n) photos of the welds.
        settings: How the bank is made.
        rng: Where folds, draws and projections come from.
    """
    folds = _folds(sources, rng)
    local, whole, greatest = (np.empty(len(folds)) for _ in range(3))
    for fold in np.unique(folds):
        left_out = folds == fold
        found = compare(Places(copies[left_out, 0]), settings, learned(copies[~left_out], settings, rng))
        local[left_out], whole[left_out], greatest[left_out] = found.local.scores, found.whole, found.greatest
    return HeldOut(local, whole, greatest)


def refuse_odd(scores: FloatArray, sources: Sequence[str]) -> None:
    """Refuse good welds of which one is not like the others.

    Args:
        scores: (n,) of each against the others.
        sources: Photos of the welds.

    Raises:
        FeatureBankError: names the photos.
    """
    odd, usual = odd_ones(scores), float(np.median(scores))
    if odd.any():
        names = sorted(
            {f'{sources[n]} (score {scores[n] / usual:.1f} times the usual)' for n in odd.nonzero()[0].tolist()}
        )
        raise FeatureBankError(
            f'Not like the other good welds: {", ".join(names)}.',
            'Look at these photos and take out those that show no good weld; --accept-odd keeps them.',
        )


def turned(crops: Float32Array, rotations: int) -> Float32Array:
    """(n * rotations, g, g) copies of crops (n, g, g), evenly turned about their middle."""
    side = crops.shape[1]
    middle = ((side - 1) / 2.0,) * 2
    copies = [crops]
    for step in range(1, rotations):
        turn = cv2.getRotationMatrix2D(middle, 360.0 * step / rotations, 1.0)
        copies.append(np.stack([cv2.warpAffine(c, turn, (side, side), borderMode=cv2.BORDER_REFLECT) for c in crops]))
    return np.concatenate(copies)


def learned(copies: Float32Array, settings: BankSettings, rng: Generator) -> GoodLook:
    """What welds look like that are all good.

    Args:
        copies: (n, rotations, rows, columns, c) features, as of `copies_of`.
        settings: How the bank is made.
        rng: Where draws and projections come from.
    """
    features = copies.reshape(-1, *copies.shape[2:])
    inside = places_that_count(features.shape[1:3], settings)
    ring = rings(features.shape[1:3], settings)[inside]
    whitening = Whitening.of(features[:, inside], ring)
    vectors = Places(features).vectors(whitening, settings)
    vectors = vectors.reshape(-1, vectors.shape[-1])
    chosen = np.ascontiguousarray(vectors[greedy_coreset(vectors, settings.vectors, rng)])
    profiles = ProfileBank.of(profiles_of(copies[:, 0][:, inside], ring)) if settings.place_weight else None
    return GoodLook(chosen, whitening, profiles)


def _folds(sources: Sequence[str], rng: Generator) -> NDArray[np.intp]:
    """(n,) the fold of each weld; all welds of a photo are in one where there are photos enough."""
    names = sorted(set(sources))
    groups = (
        np.array([names.index(source) for source in sources])
        if len(names) >= LEAST_WELDS
        else np.arange(len(sources))
    )
    fold_of_group = rng.permutation(int(groups.max()) + 1) % min(int(groups.max()) + 1, max(MOST_FOLDS, 1))
    return np.asarray(fold_of_group[groups], np.intp)
