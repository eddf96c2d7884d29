"""The laser chain before the renderer of tests/judges, which shares no code with sim/; prints a table, JSON on wish.

    python benchmarks/stripe_judge.py [--images 20] [--seed 7000] [--types v,lap] [--looks plain,wide] [--json FILE]
    python benchmarks/stripe_judge.py --photographs 500

Of each joint type and look: how many images are told their type by the shipped model, and told another one; how many
vote for their type and for another one, by the seam that they show; the type that all of them vote for; the seam's
error in mm by the rule of the true type (median, 95th percentile, refused, more than 1 mm off), and how many are more
than 1 mm off by the rule of the type that they vote for. Photographs are crops of ../shared/data that show no laser
line: how many give a stripe.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'judges'))

from stripe_looks import KINDS, TURNS, TYPES, drawn  # noqa: E402
from stripe_score import judged, laserless_crops  # noqa: E402

from weld_cell.errors import StripeError  # noqa: E402
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings  # noqa: E402
from weld_cell.stripe import StripeSettings, extract_stripe  # noqa: E402

_WRONG_MM = 1.0


def main():
    """Judge what the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=20, help='of each joint type and look')
    parser.add_argument('--seed', type=int, default=7000, help='of the first image')
    parser.add_argument('--types', default=','.join(TYPES))
    parser.add_argument('--looks', help='default: all')
    parser.add_argument('--photographs', type=int, help='instead: so many photographs without a laser line')
    parser.add_argument('--json', type=Path, help='file for the figures and every image')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.photographs is not None:
        return photographs(arguments.photographs, arguments.seed)
    kinds = [kind for kind in all_kinds() if kind[0] in arguments.types.split(',')]
    kinds = [kind for kind in kinds if not arguments.looks or kind[1] in arguments.looks.split(',')]
    seeds = range(arguments.seed, arguments.seed + arguments.images)
    report = {}
    print(f'{"type":13}{"look":12} right wrong  votes wrong vote          median    p95 refused wrong chain_wrong')
    for name, look in kinds:
        rows = rows_of(name, look, seeds)
        report[f'{name}/{look}'] = {**summary(rows), 'images': [vars(row) for row in rows]}
        print(line_of(name, look, report[f'{name}/{look}']), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + '\n')
    return 0


def all_kinds():
    """Every joint type and look."""
    return [*KINDS, *[(name, look) for look in TURNS for name in TYPES]]


def rows_of(name, look, seeds):
    """The scores of some images."""
    classifier, stripe = JointTypeClassifier.load(), stripe_settings(look)
    return [judged(drawn(name, look, seed), classifier, stripe) for seed in seeds]


def stripe_settings(look):
    """As an integrator would set them for a sensor that is mounted so."""
    if look in TURNS and hasattr(StripeSettings(), 'direction'):
        return StripeSettings(direction='auto')
    return StripeSettings()


def summary(rows):
    """Figures of one joint type and look."""
    name = rows[0].true
    off, chain = (np.array([getattr(row, key) for row in rows]) for key in ('off_mm', 'chain_mm'))
    found = off[~np.isnan(off)]
    return {
        'right': sum(row.told == name for row in rows) / len(rows),
        'told_wrong': sum(row.told != name and not row.told.startswith('!') for row in rows) / len(rows),
        'votes_right': sum(row.votes == name for row in rows) / len(rows),
        'votes_wrong': sum(row.votes not in (name, '') for row in rows) / len(rows),
        'vote': vote_of(rows),
        'median_mm': float(np.median(found)) if len(found) else None,
        'p95_mm': float(np.percentile(found, 95)) if len(found) else None,
        'refused': float(np.isnan(off).mean()),
        'wrong': float((found > _WRONG_MM).sum() / len(off)),
        'chain_wrong': float((chain > _WRONG_MM).sum() / len(chain)),
        'why': Counter(row.why.split('.')[0][:90] for row in rows if row.why).most_common(3),
    }


def vote_of(rows):
    """What the images vote for, as in a scan; empty: no clear one."""
    votes = Counter(row.votes for row in rows if row.votes)
    if not votes or votes.most_common(1)[0][1] < JointTypeSettings().minimum_share * votes.total():
        return ''
    return votes.most_common(1)[0][0]


def line_of(name, look, figures):
    """A line of the table."""
    median, p95 = (
        f'{figures[key]:7.3f}' if figures[key] is not None else '      -' for key in ('median_mm', 'p95_mm')
    )
    return (
        f'{name:13}{look:12}{figures["right"]:6.2f}{figures["told_wrong"]:6.2f} {figures["votes_right"]:6.2f}'
        f'{figures["votes_wrong"]:6.2f} {figures["vote"] or "-":13}{median}'
        f'{p95}{figures["refused"]:8.2f}{figures["wrong"]:6.3f}{figures["chain_wrong"]:6.3f}'
    )


def photographs(count, seed):
    """Count the stripes in photographs that show none."""
    found = 0
    for crop in laserless_crops(count, seed):
        try:
            profile = extract_stripe(crop, StripeSettings())
        except StripeError:
            continue
        found += 1
        print(f'a stripe of {np.count_nonzero(~profile.bridged)} measured and {profile.bridged.sum()} bridged rows')
    print(f'{found} stripes in {count} photographs without a laser line')
    return 0


if __name__ == '__main__':
    sys.exit(main())
