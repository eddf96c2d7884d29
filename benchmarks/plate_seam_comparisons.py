"""The comparisons of the paper for plate seams, on our images; JSON out.

    python benchmarks/plate_seam_comparisons.py [--images 24] [--json FILE] [--plot FILE]

Each row is the paper's chain (`method: paper`) with one setting changed, and at the end this package's own method:
mean distance of the path from the true seam, the worst one, how many images give no seam, and the time of an image.
Source: Machines 2025, 13(11), 992, tables 3 to 5 and figures 20 to 23.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import cv2
import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

from weld_cell.errors import WeldCellError
from weld_cell.evaluation.plate_seam import distances_mm, path_image, shipped_locator, the_rig
from weld_cell.plate_seam.settings import PlateSeamSettings
from weld_cell.plate_seam.survey import find_seam
from weld_cell.sim.arc_light import with_gaussian_noise, with_impulses, with_multiplicative_noise

SEED = 14900
FILTERS = [('none', 3)] + [(kind, px) for kind in ('median', 'mean') for px in (3, 5, 7, 9)]
OPERATORS = ('canny', 'log', 'sobel', 'roberts', 'prewitt', 'improved_prewitt')
SWEEPS = {
    'hough_threshold': (60, 90, 120, 150, 180, 210, 240),
    'hough_length_px': (40, 60, 80, 100, 120, 150, 200),
    'hough_gap_px': (2, 5, 10, 15, 20, 30),
    'denoise_px': (3, 5, 7, 9),
}
NOISES = (with_impulses, with_multiplicative_noise, with_gaussian_noise)
PAPER = {'method': 'paper'}


def images(count: int) -> list[tuple[Any, Any, Any, Any]]:
    """Pixels, box of the network or None, true path and plane; every image has one of the paper's three noises."""
    rig, locator, made = the_rig(), shipped_locator(), []
    for number in tqdm(range(count), desc='images'):
        pixels, layout, plane = path_image('straight', SEED, number, rig)
        pixels = NOISES[number % 3](pixels, 0.3, np.random.default_rng([SEED, number]))
        boxes = locator.regions(pixels).boxes_xyxy
        made.append((pixels, boxes[0] if len(boxes) else None, layout.truth.path_m, plane))
    return made


def measure(
    samples: list[tuple[Any, Any, Any, Any]], settings: PlateSeamSettings, whole: bool = False
) -> dict[str, Any]:
    """Of all images that have a region."""
    means, worst, spent, refused = [], [], [], 0
    for pixels, box, truth, plane in samples:
        region = np.array([0.0, 0.0, pixels.shape[1] - 1.0, pixels.shape[0] - 1.0]) if whole else box
        if region is None:
            continue
        began = time.perf_counter()
        try:
            seam = find_seam(pixels, region, plane, settings)
        except WeldCellError:
            refused += 1
            continue
        finally:
            spent.append(1e3 * (time.perf_counter() - began))
        away = distances_mm(seam.path_m, truth)
        means.append(float(away.mean()))
        worst.append(float(away.max()))
    return {
        'mean_mm': round(float(np.mean(means)), 4) if means else None,
        'median_mm': round(float(np.median(means)), 4) if means else None,
        'worst_mm': round(max(worst), 3) if worst else None,
        'refused': refused,
        'ms': round(float(np.median(spent)), 2),
    }


def compare(samples: list[tuple[Any, Any, Any, Any]]) -> dict[str, Any]:
    rows: dict[str, Any] = {'images': sum(box is not None for _, box, _, _ in samples)}
    rows['filters'] = {
        f'{kind} {px}' if kind != 'none' else 'none': measure(
            samples, PlateSeamSettings(**PAPER, denoise=kind, denoise_px=px)
        )
        for kind, px in tqdm(FILTERS, desc='filters')
    }
    rows['operators'] = {
        name: measure(samples, PlateSeamSettings(**PAPER, operator=name))
        for name in tqdm(OPERATORS, desc='operators')
    }
    rows['sweeps'] = {
        name: {str(value): measure(samples, PlateSeamSettings(**PAPER, **{name: value})) for value in values}
        for name, values in tqdm(SWEEPS.items(), desc='sweeps')
    }
    rows['region'] = {
        'region first': measure(samples, PlateSeamSettings(**PAPER)),
        'whole image': measure(samples, PlateSeamSettings(**PAPER), whole=True),
    }
    rows['method'] = {
        'paper': rows['region']['region first'],
        'this package': measure(samples, PlateSeamSettings()),
    }
    return rows


def plot(rows: dict[str, Any], path: Path) -> None:
    """The four sensitivity curves."""
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.2), constrained_layout=True)
    for axis, (name, values) in zip(axes, rows['sweeps'].items(), strict=True):
        x = [float(value) for value in values]
        axis.plot(x, [row['median_mm'] for row in values.values()], 'o-', label='median error, mm')
        axis.set_xlabel(name)
        axis.set_ylim(bottom=0.0)
        refused = axis.twinx()
        refused.bar(x, [row['refused'] for row in values.values()], width=0.03 * max(x), color='0.8', zorder=0)
        refused.set_ylim(0, rows['images'])
        axis.set_zorder(1)
        axis.patch.set_visible(False)
    axes[0].set_ylabel('median error, mm (line)')
    figure.suptitle('Sensitivity of the chain of the paper; bars: images without a seam', fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=24)
    parser.add_argument('--json', type=Path)
    parser.add_argument('--plot', type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = compare(images(arguments.images))
    text = json.dumps(rows, indent=1)
    print(text)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text + '\n')
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == '__main__':
    main()
