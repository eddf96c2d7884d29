"""Time and accuracy of the stripe stage on simulated images; prints one JSON object.

    python benchmarks/stripe.py [--images 60] [--json FILE]

Beside the two methods stands a naive reading of the paper's chain (whole image, no cropping), so that ratios do not
depend on the machine. Accuracy is against the simulator's truth: error of the rows within 2 px of it, share of rows
farther off, share of rows without truth (a row in which the stripe is hidden) and of rows missed.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from weld_cell.errors import StripeError
from weld_cell.geometry.transforms import make_transform
from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.stripe import StripeSettings, extract_stripe

INLIER_PX = 2.0
WARM_UP = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=60, help='images for each kind')
    parser.add_argument('--json', type=Path, help='write here as well')
    arguments = parser.parse_args()
    sets = {kind: simulated_images(kind, arguments.images) for kind in ('nominal', 'hard')}
    result = {
        'images': arguments.images,
        'ms': {f'{threads}_thread': times(sets['nominal'], threads) for threads in (1, 2)},
        'accuracy': {
            kind: {method: accuracy(images, StripeSettings(method=method)) for method in ('ridge', 'paper')}
            for kind, images in sets.items()
        },
    }
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n')
    return 0


def simulated_images(kind, count):
    """(pixels, truth) of the six joint types in turn; for hard ones the sensor is off by up to 10 deg and 20 mm."""
    images = []
    for k in range(count):
        rng = np.random.default_rng([2026, k, kind == 'hard'])
        joint_type = list(JointType)[k % len(JointType)]
        effects = HardEffects.hard(rng) if kind == 'hard' else HardEffects.nominal()
        scene = Scene.random(joint_type, rng, effects=effects)
        angles = Rotation.from_euler('xyz', rng.uniform(-10, 10, 3), degrees=True)
        off = make_transform((0.0, 0.0, rng.uniform(-0.02, 0.02)), angles) if kind == 'hard' else None
        images.append(scene.render(scene.seam_pose(rng.uniform(0.2, 0.8) * scene.truth.length_m, off), 0.0))
    return images


def times(images, threads):
    """Median and 99th percentile in ms for each way, and ratios of the medians."""
    cv2.setNumThreads(threads)
    ridge, paper = StripeSettings(), StripeSettings(method='paper')
    ways = {
        'ridge': lambda pixels: extract_stripe(pixels, ridge),
        'paper': lambda pixels: extract_stripe(pixels, paper),
        'paper_naive': naive_paper_chain,
    }
    spent = {name: time_of_each(way, images) for name, way in ways.items()}
    medians = {name: float(np.median(ms)) for name, ms in spent.items()}
    return {
        **{
            name: {'median': round(medians[name], 3), 'p99': round(float(np.percentile(ms, 99)), 3)}
            for name, ms in spent.items()
        },
        'ridge_to_paper': round(medians['ridge'] / medians['paper'], 3),
        'ridge_to_naive': round(medians['ridge'] / medians['paper_naive'], 3),
    }


def time_of_each(way, images, rounds=10):
    """Milliseconds of every call."""
    spent = []
    for k in range(rounds * len(images)):
        pixels = images[k % len(images)][0]
        start = time.perf_counter()
        try:
            way(pixels)
        except StripeError:
            continue
        spent.append(1e3 * (time.perf_counter() - start))
    return np.array(spent[WARM_UP:])


def naive_paper_chain(pixels):
    """The paper's steps one after the other on the whole image."""
    smooth = cv2.medianBlur(pixels, 5)
    opened = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, np.ones((7, 3), np.uint8)).astype(float)
    opened[opened < 220] = 0.0
    rows = np.flatnonzero(opened.any(axis=1))
    return rows, opened[rows] @ np.arange(pixels.shape[1]) / opened[rows].sum(axis=1)


def accuracy(images, settings):
    """Errors against the truth over all images."""
    errors, rows_of_truth, without_truth, refused = [], 0, 0, {}
    for pixels, truth in images:
        lit = truth.stripe_px[np.isin(np.round(truth.stripe_px[:, 1]), np.arange(pixels.shape[0]))]
        try:
            profile = extract_stripe(pixels, settings).measured()
        except StripeError as error:
            refused[type(error).__name__] = refused.get(type(error).__name__, 0) + 1
            continue
        rows_of_truth += len(np.unique(np.round(lit[:, 1])))
        nearest = nearest_errors(profile, lit)
        without_truth += int(np.isnan(nearest).sum())
        errors.append(nearest[~np.isnan(nearest)])
    errors = np.concatenate(errors)
    near = np.abs(errors) < INLIER_PX
    return {
        'rms_px': round(float(np.sqrt(np.mean(errors[near] ** 2))), 4),
        'bias_px': round(float(errors[near].mean()), 4),
        'off_pct': round(100 * float(np.count_nonzero(~near)) / rows_of_truth, 3),
        'hidden_rows_pct': round(100 * without_truth / rows_of_truth, 3),
        'missed_pct': round(100 * (1 - float(np.count_nonzero(near)) / rows_of_truth), 3),
        'refused': refused,
    }


def nearest_errors(profile, lit):
    """(n,) signed distance to the nearest true column in the row; NaN where the row has none."""
    same_row = np.round(lit[:, 1])[None] == profile.rows_px[:, None]
    distance = np.where(same_row, profile.columns_px[:, None] - lit[:, 0][None], np.inf)
    nearest = distance[np.arange(len(distance)), np.abs(distance).argmin(axis=1)]
    return np.where(np.isfinite(nearest), nearest, np.nan)


if __name__ == '__main__':
    sys.exit(main())
