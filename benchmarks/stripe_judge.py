"""The laser chain before the renderer of tests/judges, which shares no code with sim/; prints a table, JSON on wish.

    python benchmarks/stripe_judge.py [--images 20] [--seed 7000] [--types v,lap] [--looks plain,wide] [--json FILE]
    python benchmarks/stripe_judge.py --scans 1 [--seed 7000] [--types v,lap] [--looks plain,wide] [--json FILE]
    python benchmarks/stripe_judge.py --photographs 500

Of each joint type and look: how many images are told their type by the shipped model, and told another one; how many
vote for their type and for another one, by the seam that they show; the type that all of them vote for; the seam's
error in mm by the rule of the true type (median, 95th percentile, refused, more than 1 mm off), and how many are more
than 1 mm off by the rule of the type that they vote for.

Of scans of each joint type and look (straight, bent in an arc, bent in waves; so many of each) through the offline
replay: whose type the vote tells, and tells wrongly; how many paths are fitted, are more than 1 mm off the true seam
anywhere, and begin or end more than 2 mm short; the error of the paths' points in mm (median, 95th percentile,
worst); what the butt and v gaps differ from the true ones; and why paths were refused. A scan whose type is not told
rightly is fitted by the right type as well.

Photographs are crops of ../shared/data that show no laser
line: how many give a stripe.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'judges'))

from stripe_looks import KINDS, TURNS, TYPES, drawn  # noqa: E402
from stripe_scans import SHAPES, drawn_scan  # noqa: E402
from stripe_score import judged, judged_scan, laserless_crops  # noqa: E402

from weld_cell.errors import StripeError  # noqa: E402
from weld_cell.joint_type import JointTypeClassifier, JointTypeSettings  # noqa: E402
from weld_cell.stripe import StripeSettings, extract_stripe  # noqa: E402

_WRONG_MM, _SHORT_MM = 1.0, 2.0
_SPREAD = {'median': 50, 'p95': 95, 'worst': 100}


def main():
    """Judge what the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=20, help='of each joint type and look')
    parser.add_argument('--seed', type=int, default=7000, help='of the first image')
    parser.add_argument('--types', default=','.join(TYPES))
    parser.add_argument('--looks', help='default: all')
    parser.add_argument('--scans', type=int, help='instead: so many scans of each type, look and shape of the seam')
    parser.add_argument('--photographs', type=int, help='instead: so many photographs without a laser line')
    parser.add_argument('--json', type=Path, help='file for the figures and every image')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.photographs is not None:
        return photographs(arguments.photographs, arguments.seed)
    kinds = [kind for kind in all_kinds() if kind[0] in arguments.types.split(',')]
    kinds = [kind for kind in kinds if not arguments.looks or kind[1] in arguments.looks.split(',')]
    report = scans(kinds, arguments) if arguments.scans is not None else images(kinds, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + '\n')
    return 0


def images(kinds, arguments):
    """The report on single images; prints a table."""
    report, seeds = {}, range(arguments.seed, arguments.seed + arguments.images)
    print(f'{"type":13}{"look":12} right wrong  votes wrong vote          median    p95 refused wrong chain_wrong')
    for name, look in kinds:
        rows = rows_of(name, look, seeds)
        report[f'{name}/{look}'] = {**summary(rows), 'images': [vars(row) for row in rows]}
        print(line_of(name, look, report[f'{name}/{look}']), flush=True)
    return report


def scans(kinds, arguments):
    """The report on scans; prints a table."""
    report, every, seeds = {}, [], range(arguments.seed, arguments.seed + arguments.scans)
    print(f'{"type":13}{"look":12} right wrong fitted off>1 short   median    p95  worst  gap off')
    for name, look in kinds:
        rows = [scan_of(name, look, shape, seed) for shape in SHAPES for seed in seeds]
        every += rows
        report[f'{name}/{look}'] = {**scans_summary(rows), 'scans': [vars(row) for row in rows]}
        print(f'{name:13}{look:12}' + scans_line(report[f'{name}/{look}']), flush=True)
    report['all'] = scans_summary(every)
    print(f'{"all":25}' + scans_line(report['all']))
    return report


def scan_of(name, look, shape, seed):
    """The score of one scan; by the right type, where the vote tells none or another one, with what the vote told."""
    scan, stripe = drawn_scan(name, look, shape, seed), stripe_settings(look)
    voted = judged_scan(scan, stripe=stripe)
    if voted.told == name:
        return voted
    return replace(judged_scan(scan, name, stripe), told=voted.told)


def scans_summary(rows):
    """Figures of some scans."""
    fitted = [row for row in rows if row.off_mm]
    off = np.concatenate([np.empty(0), *[row.off_mm for row in fitted]])
    gaps = [row.gap_mm - row.true_gap_mm for row in fitted if row.true_gap_mm]
    return {
        'count': len(rows),
        'told_right': sum(row.told == row.true for row in rows),
        'told_wrong': sum(row.told not in (row.true, '') for row in rows),
        'fitted': len(fitted),
        'wrong': sum(max(row.off_mm) > _WRONG_MM for row in fitted),
        'short': sum(max(row.short_mm) > _SHORT_MM for row in fitted),
        **{f'{key}_mm': float(np.percentile(off, at)) if len(off) else None for key, at in _SPREAD.items()},
        'gap_off_mm': float(np.median(gaps)) if gaps else None,
        'why': Counter(row.why[:160] for row in rows if row.why).most_common(),
    }


def scans_line(figures):
    """A line of the table."""
    spread = ''.join(
        f'{figures[key]:8.3f}' if figures[key] is not None else '       -'
        for key in (*[f'{key}_mm' for key in _SPREAD], 'gap_off_mm')
    )
    counts = [figures[key] for key in ('told_right', 'told_wrong', 'fitted', 'wrong', 'short')]
    return ''.join(f'{count:6}' for count in counts) + spread + ''.join(f'  {why}' for why, _ in figures['why'][:1])


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
