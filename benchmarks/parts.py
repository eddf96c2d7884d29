"""All 9720 images of the paper's protocol and more, and the paper's own search beside the fast one; prints JSON.

    python benchmarks/parts.py [--share 1.0] [--literal 20] [--answers FILE] [--json FILE]

The same evaluation as `weld_cell evaluate parts`, which takes a subset: the 9720 images with hands that differ in
0.34 % of the area, then as many with 0.30 and 0.15 %, then 200 different parts; some hours on one core. Each answer
is kept in the file --answers as it comes; after Ctrl-C or a crash the same command goes on from there.
`--share 0.1` takes a tenth of the images. `--literal N` also identifies N images by `method: literal`, some seconds
each.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import weld_cell
from weld_cell.cli import INTERRUPTED, interruptible
from weld_cell.commands.seed import add_seed_argument
from weld_cell.errors import EvaluationError
from weld_cell.evaluation.answer_log import AnswerLog
from weld_cell.evaluation.part_images import CATEGORIES, SheetMetal, any_photograph, pairs_of_parts, templates_of
from weld_cell.evaluation.parts import ASYMMETRY_PCT, FULL, PartsSize, answer_of, evaluate_parts, main_verdicts
from weld_cell.parts.identify import PartIdentifier
from weld_cell.parts.settings import PartSettings

SOURCES = ('parts/*.py', 'evaluation/part*.py', 'sim/sheet_metal*.py')
"""What the answers depend on: those of other code are not mixed with them."""
SECONDS_BETWEEN_LINES = 60.0


def main() -> int:
    arguments = _arguments()
    cv2.setNumThreads(1)
    share = arguments.share
    size = PartsSize(max(1, round(share * FULL.places)), max(2, round(share * FULL.turns)), FULL.library)
    identity = {'size': str(size), 'seed': arguments.seed, 'code': digest_of_code()}
    try:
        log = AnswerLog(arguments.answers, identity)
    except (EvaluationError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        with interruptible(), threadpool_limits(1):
            figures = measured(size, arguments, log)
    except KeyboardInterrupt:
        print(f'{table_of(log)}interrupted; the same command goes on from {arguments.answers}', file=sys.stderr)
        return INTERRUPTED
    text = json.dumps(figures, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n', encoding='utf-8')
    return 0


def measured(size: PartsSize, arguments: argparse.Namespace, log: AnswerLog) -> dict[str, Any]:
    every_s = 0.1 if sys.stderr.isatty() else SECONDS_BETWEEN_LINES
    with tqdm(total=size.images, unit='image', mininterval=every_s, maxinterval=every_s) as bar:
        figures = evaluate_parts(SheetMetal(), size, arguments.seed, bar.update, log)
    figures['literal'] = literal(arguments.literal, arguments.seed)
    return figures


def digest_of_code() -> str:
    """Of the matcher, of what draws the images, and of what compares the answers with the truth."""
    package = Path(weld_cell.__file__).parent
    files = [file for pattern in SOURCES for file in sorted(package.glob(pattern))]
    return hashlib.sha256(b''.join(file.read_bytes() for file in files)).hexdigest()[:16]


def table_of(log: AnswerLog) -> str:
    """Right of all, by series and category, so far."""
    lines = ''
    for series in log.series():
        answers = log.answers(series)
        shares = {
            category: [a.verdict == 'right' for a in answers if a.category == category] for category in CATEGORIES
        }
        told = ', '.join(f'{category} {sum(right)} of {len(right)}' for category, right in shares.items() if right)
        verdicts = ', '.join(f'{count} {verdict}' for verdict, count in sorted(main_verdicts(answers).items()))
        lines += f'{series}: {len(answers)} images, {verdicts or "none"}; right: {told or "none"}\n'
    return lines


def literal(images: int, seed: int) -> dict[str, float]:
    """The paper's search and its F as written, on images that nothing disturbs."""
    rng, renderer = np.random.default_rng([seed, 9720]), SheetMetal()
    parts = pairs_of_parts(renderer, ASYMMETRY_PCT, rng)
    identifier = PartIdentifier(templates_of(renderer, parts, rng), PartSettings(method='literal'))
    answers, spent = [], []
    for k in tqdm(range(images), unit='image', desc='literal'):
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--share', type=_share, default=1.0, help='of the 9720 images (default: %(default)s)')
    parser.add_argument(
        '--literal',
        type=int,
        default=20,
        metavar='N',
        help="images for the paper's own search (default: %(default)d)",
    )
    parser.add_argument(
        '--answers',
        type=Path,
        default=Path('out/parts_answers.jsonl'),
        metavar='FILE',
        help='where answers are kept, and where an earlier run is taken up (default: %(default)s)',
    )
    add_seed_argument(parser, 7, 'everything comes from it')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the report to this file as well')
    return parser.parse_args()


def _share(text: str) -> float:
    share = float(text)
    if not 0.0 < share <= 1.0:
        raise argparse.ArgumentTypeError(f'expected a share above 0 and up to 1, got {text}')
    return share


if __name__ == '__main__':
    sys.exit(main())
