"""Time from the image to the joint type, by parts, on simulated hard images; prints one JSON object.

    python benchmarks/joint_type.py [--images 60] [--json FILE]

Beside our chain (ridge, extended features) stands the paper's (opening, V1..V7, its own machine), so that the ratio
does not depend on the machine. The parts of one image follow each other as on the cell: stripe, features (all but the
network's), network, vote. Thread time is what one thread computes; wall time, with two threads, has their waiting
in it, and whatever else the machine does.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from weld_cell.errors import WeldCellError
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings
from weld_cell.joint_type.curve import continuous_curve
from weld_cell.joint_type.feature_sets import feature_vector
from weld_cell.joint_type.plates import joint_shape
from weld_cell.joint_type.stripe_net import net_features
from weld_cell.records import JointType
from weld_cell.sim.dataset import labelled_images
from weld_cell.stripe import StripeSettings, extract_stripe

ROUNDS = 10
CHAINS = {'ours': ('ridge', 'extended'), 'paper': ('paper', 'paper')}
CLOCKS = {'thread': time.thread_time, 'wall': time.perf_counter}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=60, help='images of all six types together')
    parser.add_argument('--json', type=Path, help='write here as well')
    arguments = parser.parse_args()
    images = hard_images(arguments.images)
    result = {'images': len(images)}
    for threads in (1, 2):
        cv2.setNumThreads(threads)
        with threadpool_limits(threads):
            result[f'{threads}_thread'] = times(images)
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n')
    return 0


def hard_images(count):
    """Pixels of the six joint types in equal numbers, every effect at random, each image of a scene of its own."""
    each = -(-count // len(JointType))
    return [
        image.pixels
        for joint_type in JointType
        for image in labelled_images(joint_type, each, seed=2026, split='test')
    ]


def times(images):
    """Median and 99th percentile in ms of every part of both chains by both clocks, and the ratio of the medians."""
    result = {}
    for clock in CLOCKS:
        chains = {name: parts_in_ms(images, *ways, CLOCKS[clock]) for name, ways in CHAINS.items()}
        result[clock] = {
            name: {
                part: {'median': round(float(np.median(ms)), 3), 'p99': round(float(np.percentile(ms, 99)), 3)}
                for part, ms in parts.items()
            }
            for name, parts in chains.items()
        }
        ours, paper = (np.median(chains[name]['all']) for name in CHAINS)
        result[clock]['ours_to_paper'] = round(float(ours / paper), 3)
    return result


def parts_in_ms(images, method, feature_set, clock):
    """(n,) milliseconds of each part for all images in which a stripe is found, over again."""
    stripe_settings, settings = StripeSettings(method=method), JointTypeSettings(feature_set=feature_set)
    classifier = JointTypeClassifier.load(settings=settings)
    rows = []
    for _ in range(ROUNDS):
        for pixels in images:
            start = clock()
            try:
                profile = extract_stripe(pixels, stripe_settings)
                found = clock()
                features = feature_vector(profile, settings)
            except WeldCellError:
                continue
            told = clock()
            classifier.classify_features(features)
            end = clock()
            network = network_seconds(profile, clock) if feature_set == 'extended' else 0.0
            rows.append((found - start, told - found - network, network, end - told, end - start))
    names = ('stripe', 'features', 'network', 'vote', 'all')
    return dict(zip(names, 1e3 * np.array(rows[len(images) :]).T, strict=True))


def network_seconds(profile, clock):
    """What the network alone takes: measured by itself, as the features call it in their midst."""
    curve = continuous_curve(profile)
    plates = joint_shape(curve.columns_px).plates
    start = clock()
    net_features(curve, plates)
    return clock() - start


if __name__ == '__main__':
    sys.exit(main())
