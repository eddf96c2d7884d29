"""All 9720 images of the paper's protocol and more, and the paper's own search beside the fast one; prints JSON.

    python benchmarks/parts.py [--share 1.0] [--literal 20] [--json FILE]

The same evaluation as `weld_cell evaluate parts`, which takes a subset; all of it takes about 40 minutes on one core.
`--share 0.1` takes a tenth of the images. `--literal N` also identifies N images by `method: literal`, some seconds
each.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from weld_cell.evaluation.part_images import SheetMetal, any_photograph, pairs_of_parts, templates_of
from weld_cell.evaluation.parts import ASYMMETRY_PCT, FULL, PartsSize, answer_of, evaluate_parts, main_verdicts
from weld_cell.parts import PartIdentifier, PartSettings


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    size = PartsSize(
        max(1, round(arguments.share * FULL.places)), max(2, round(arguments.share * FULL.turns)), FULL.library
    )
    with threadpool_limits(1):
        figures = evaluate_parts(SheetMetal(), size, arguments.seed)
        figures['literal'] = literal(arguments.literal, arguments.seed)
    text = json.dumps(figures, indent=1)
    print(text)
    if arguments.json:
        Path(arguments.json).write_text(text + '\n', encoding='utf-8')


def literal(images: int, seed: int) -> dict[str, float]:
    """The paper's search and its F as written, on images that nothing disturbs."""
    rng, renderer = np.random.default_rng([seed, 9720]), SheetMetal()
    parts = pairs_of_parts(renderer, ASYMMETRY_PCT, rng)
    identifier = PartIdentifier(templates_of(renderer, parts, rng), PartSettings(method='literal'))
    answers, spent = [], []
    for k in range(images):
        code = list(parts)[k % len(parts)]
        image = any_photograph(renderer, code, parts[code], rng)
        began = time.thread_time()
        answers.append(answer_of(identifier, image))
        spent.append((time.thread_time() - began) / len(parts))
    told = [answer for answer in answers if np.isfinite(answer.angle_deg)]
    return {
        'images': images,
        'right_percent': 100.0 * main_verdicts(answers)['right'] / max(images, 1),
        'ms_match': round(1e3 * float(np.median(spent)), 1) if spent else 0.0,
        'angle_p95_deg': round(float(np.percentile([a.angle_deg for a in told], 95)), 4) if told else 0.0,
        'position_p95_px': round(float(np.percentile([a.position_px for a in told], 95)), 4) if told else 0.0,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Sheet-metal parts told apart, on all images of the protocol.')
    parser.add_argument('--share', type=float, default=1.0, help='of the 9720 images')
    parser.add_argument('--literal', type=int, default=20, help="images for the paper's own search")
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--json', help='write the report to this file as well')
    return parser.parse_args()


if __name__ == '__main__':
    main()
