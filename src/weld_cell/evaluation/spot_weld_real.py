"""Real surfaces and real coupons, where the folder of other people's photographs is there."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score

from weld_cell.evaluation.spot_weld_pixels import ScoredPixels, pixel_auroc
from weld_cell.records import FloatArray, ImageArray, WeldRegion
from weld_cell.spot_weld.anomaly import of_distances
from weld_cell.spot_weld.building import copies_of, cross_compared, learned
from weld_cell.spot_weld.coreset import greedy_coreset
from weld_cell.spot_weld.crops import box_about, cut_out
from weld_cell.spot_weld.describe import Places, Whitening
from weld_cell.spot_weld.features import Features
from weld_cell.spot_weld.find import ClassicalFinder, FindSettings
from weld_cell.spot_weld.judgement import compare
from weld_cell.spot_weld.nearest import nearest
from weld_cell.spot_weld.photos import read_grey
from weld_cell.spot_weld.roi_align import Float32Array
from weld_cell.spot_weld.settings import BankSettings
from weld_cell.spot_weld.threshold import Thresholds

COUPON_BANK = 6
_TILE_VECTORS = 1000
_TILE_PLACES = 60_000  # of free tiles, drawn at random
_COUPON_DIAMETERS = FindSettings(least_diameter_px=80.0, greatest_diameter_px=220.0)


def tile_number(path: Path) -> str:
    """The tile of an image: one recurs under several exposures, as exp1_num_123.jpg and exp4_num_123.jpg."""
    return path.stem.rpartition('_')[2]


def tile_figures(folder: Path, features: Features, rng: np.random.Generator) -> dict[str, Any]:
    """Pixel AUROC on magnetic tiles with blowholes and with breaks, by whitened and by plain standardised features.

    Args:
        folder: With MT_Free, MT_Blowhole and MT_Break.
        features: What describes the surface.
        rng: Where the bank's places are drawn from.
    """
    tested = {kind: sorted((folder / f'MT_{kind}').glob('*.jpg')) for kind in ('Blowhole', 'Break')}
    numbers = {tile_number(path) for paths in tested.values() for path in paths}
    free = [path for path in sorted((folder / 'MT_Free').glob('*.jpg')) if tile_number(path) not in numbers]
    maps = [_features(read_grey(path), features) for path in free]
    flat = np.concatenate([each.reshape(-1, each.shape[-1]) for each in maps])
    flat = flat[rng.choice(len(flat), min(len(flat), _TILE_PLACES), replace=False)]
    one_ring = np.zeros(1, int)
    whitened = Whitening.of(flat[:, None], one_ring)
    scale = np.diag(1.0 / np.maximum(flat.std(axis=0), 1e-9)).astype(np.float32)
    ways = {'': whitened, '_plain': Whitening(whitened.mean, scale[None])}
    told: dict[str, Any] = {'free_tiles': len(free)}
    for suffix, way in ways.items():
        vectors = way.apply(flat[:, None], one_ring)[:, 0]
        bank = np.ascontiguousarray(vectors[greedy_coreset(vectors, _TILE_VECTORS, rng)])
        for kind, paths in tested.items():
            scored = [_scored(path, features, way, bank) for path in paths]
            told[f'{kind.lower()}{suffix}'] = round(pixel_auroc(scored), 4)
            told[f'{kind.lower()}_tiles'] = len(paths)
    return told


def _features(grey: ImageArray, features: Features) -> Float32Array:
    """(rows, columns, c) of a whole image."""
    whole: Float32Array = Places.of(grey[None].astype(np.float32), features).features[0]
    return whole


def _scored(path: Path, features: Features, way: Whitening, bank: Float32Array) -> ScoredPixels:
    grey, mask = read_grey(path), read_grey(path.with_suffix('.png')) > 127
    maps = _features(grey, features)
    rows, columns = maps.shape[:2]
    vectors = way.apply(maps.reshape(1, rows * columns, -1), np.zeros(rows * columns, int))
    found = of_distances(vectors, np.ones((rows, columns), bool), nearest(vectors[0], bank), bank)
    whole = cv2.resize(found.maps[0].astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return ScoredPixels.of(np.asarray(whole, float), mask, np.ones(grey.shape, bool))


def coupon_figures(folder: Path, features: Features, rng: np.random.Generator) -> dict[str, Any]:
    """Coupons found, and how well good ones are told from others with a bank of COUPON_BANK good ones.

    Args:
        folder: With ok, not_ok and boxes.json.
        features: What describes the surface.
        rng: Where folds and draws come from.
    """
    boxes = json.loads((folder / 'boxes.json').read_text(encoding='utf-8'))
    settings = BankSettings(rotations=1, vectors=500)
    finder = ClassicalFinder(_COUPON_DIAMETERS)
    crops, good, found = [], [], 0
    for name, label in boxes.items():
        grey = read_grey(folder / name)
        region = finder.regions(grey)[0]
        crops.append(cut_out(grey, box_about(region, settings.context)[None], settings.grid)[0])
        good.append(name.startswith('ok/'))
        found += _is_found(region, np.array(label['box_xywh'], float))
    aurocs = _all_choices(np.array(crops), np.array(good), features, settings, rng)
    return {
        'found': found,
        'of': len(boxes),
        'auroc': round(float(np.mean(aurocs)), 4),
        'auroc_worst': round(float(np.min(aurocs)), 4),
        'choices': len(aurocs),
    }


def _is_found(region: WeldRegion, box_xywh: FloatArray) -> bool:
    """Whether a region's middle lies in the loose box of the label."""
    return bool((np.abs(region.centre_px - box_xywh[:2] - 0.5 * box_xywh[2:]) < 0.5 * box_xywh[2:]).all())


def _all_choices(
    crops: Float32Array, good: 'np.ndarray', features: Features, settings: BankSettings, rng: np.random.Generator
) -> list[float]:
    copies = copies_of(crops, features, settings)
    aurocs = []
    for choice in combinations(np.flatnonzero(good).tolist(), COUPON_BANK):
        held_out = np.setdiff1d(np.arange(len(crops)), choice)
        chosen = copies[list(choice)]
        cross = cross_compared(chosen, [str(n) for n in choice], settings, rng)
        limits = Thresholds.of(cross.local, cross.whole, cross.greatest, settings.false_alarms, settings.doubtful)
        found = compare(Places(copies[held_out, 0]), settings, learned(chosen, settings, rng))
        aurocs.append(float(roc_auc_score(~good[held_out], found.scores(limits))))
    return aurocs


def real_figures(data: Path, features: Features, rng: np.random.Generator) -> dict[str, Any]:
    """What can be measured of the real images that are there; says of the others that they are not.

    Args:
        data: Folder with surface_defects and spot_weld.
        features: What describes the surface.
        rng: Where everything random is drawn from.
    """
    told: dict[str, Any] = {}
    parts = (('real_tiles', 'surface_defects', tile_figures), ('real_coupons', 'spot_weld', coupon_figures))
    for name, under, measure in parts:
        folder = data / under
        if folder.is_dir():
            told[name] = measure(folder, features, rng)
    return told
