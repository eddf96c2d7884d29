"""The plate seam stage before the renderer of tests/judges, which shares no code with sim/; prints JSON.

    python benchmarks/plate_seam_judge.py [--images 10] [--seed 5000] [--kinds straight,arc] [--json FILE]

Each image is judged twice: in the true region with each side moved by up to 10 % of the box, and with the whole image
as region. A seam is right where every point beside the truth lies within 1 mm of it; what lies beside no truth is
invented. `refusal_curve` says what would be left were only seams of at least a confidence believed.
"""

import argparse
import json
import pickle
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'judges'))

from judge_score import score  # noqa: E402
from plate_render import KINDS, render  # noqa: E402

from weld_cell.geometry.camera import CameraModel  # noqa: E402
from weld_cell.geometry.work_plane import WorkPlane  # noqa: E402
from weld_cell.plate_seam.settings import PlateSeamSettings  # noqa: E402
from weld_cell.plate_seam.survey import find_all_seams, find_seams  # noqa: E402

_JITTER = 0.1
_RIGHT_MM, _CLOSE_MM = 1.0, 0.15
_SAME_MM = 3.0
_SHORT = 0.95


def judged_boxes(judged, rng):
    """(n, 4) the true regions, each side moved by up to a tenth of the box."""
    boxes = np.array([truth.box_px for truth in judged.truths]).reshape(-1, 4)
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return boxes + rng.uniform(-_JITTER, _JITTER, boxes.shape) * sides


def plane_of(judged):
    camera = CameraModel(judged.camera.matrix, judged.camera.distortion, judged.camera.size_px)
    return WorkPlane.level(camera, judged.camera.T_base_camera_m, 1e-3 * judged.height_mm)


def rows_of(judged, survey, mode):
    """One row for each seam found and for each truth that was not."""
    rows, left = [], list(range(len(judged.truths)))
    for seam in survey.seams:
        scores = [score(1e3 * seam.path_m, seam.gap_mm, truth) for truth in judged.truths]
        best = int(np.argmin([s.mean_mm for s in scores])) if scores else -1
        told = any(str(end) in ('unseen', 'region_border', 'hidden') for end in getattr(seam, 'ends', ()))
        row = {'kind': judged.kind, 'mode': mode, 'confidence': seam.confidence, 'told': told}
        if best < 0 or scores[best].mean_mm > _SAME_MM or best not in left:
            rows.append({**row, 'outcome': 'invented'})
            continue
        left.remove(best)
        right = scores[best].max_mm <= _RIGHT_MM and scores[best].over_mm <= 5.0
        rows.append({**row, 'outcome': 'right' if right else 'wrong', **asdict(scores[best])})
    reasons = [type(r).__name__ + ': ' + str(r) for r in survey.refusals]
    return rows + [{'kind': judged.kind, 'mode': mode, 'outcome': 'refused', 'why': reasons} for _ in left]


def judge(kind, seed, cache):
    """All rows of one image."""
    judged = cached(kind, seed, cache)
    plane, rows = plane_of(judged), []
    boxes = judged_boxes(judged, np.random.default_rng(seed))
    settings = PlateSeamSettings(kind='lap' if kind.startswith('lap') else 'butt', min_confidence=0.0)
    if len(boxes):
        rows += rows_of(judged, find_seams(judged.grey, boxes, plane, settings), 'box')
    rows += rows_of(judged, find_all_seams(judged.grey, plane, settings), 'whole')
    return [{**row, 'seed': seed} for row in rows]


def cached(kind, seed, folder):
    path = Path(folder) / f'{kind}_{seed}.pickle' if folder else None
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    judged = render(kind, seed)
    judged.camera.__dict__.pop('rays', None)
    if path:
        path.write_bytes(pickle.dumps(judged))
    return judged


def believed(row):
    """The row; refused, or nothing where it was invented, when its confidence is too low."""
    if row.get('confidence', 1.0) >= PlateSeamSettings().min_confidence:
        return row
    return {} if row['outcome'] == 'invented' else {**row, 'outcome': 'refused'}


def summary(rows):
    """Figures of the rows of one kind and mode, with the stage's own least confidence."""
    rows = [row for row in (believed(row) for row in rows) if row]
    found = [row for row in rows if row['outcome'] in ('right', 'wrong')]
    counts = {name: sum(row['outcome'] == name for row in rows) for name in ('right', 'wrong', 'refused', 'invented')}
    if not found:
        return counts
    gaps = [row['gap'] for row in found if row['gap']]
    return {
        **counts,
        'mean_mm': round(float(np.mean([row['mean_mm'] for row in found])), 4),
        'max_mm': round(max(row['max_mm'] for row in found), 3),
        'close': round(float(np.mean([row['max_mm'] <= _CLOSE_MM for row in found])), 3),
        'gap_bias': round(float(np.median(gaps)), 3) if gaps else 0.0,
        'length_share': round(float(np.mean([row['share'] for row in found])), 3),
        'short_untold': sum(row['share'] < _SHORT and not row['told'] for row in found),
        'over_mm': round(max(row['over_mm'] for row in found), 2),
    }


def refusal_curve(rows):
    """What stays, and how much of it is not right, by least confidence."""
    kept = [row for row in rows if 'confidence' in row]
    curve = []
    for least in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        stay = [row['outcome'] == 'right' for row in kept if row['confidence'] >= least]
        curve.append({'least': least, 'right': sum(stay), 'not_right': len(stay) - sum(stay)})
    return curve


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--images', type=int, default=10, help='of each kind')
    parser.add_argument('--seed', type=int, default=5000, help='of the first image')
    parser.add_argument('--kinds', default=','.join(KINDS))
    parser.add_argument('--cache', help='folder that keeps the images from one run to the next')
    parser.add_argument('--rows', help='file for every single row')
    parser.add_argument('--json', help='file for what is printed')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [
        row
        for kind in arguments.kinds.split(',')
        for seed in range(arguments.seed, arguments.seed + arguments.images)
        for row in judge(kind, seed, arguments.cache)
    ]
    groups = defaultdict(list)
    for row in rows:
        groups[row['kind'], row['mode']].append(row)
    names = [(kind, mode) for kind in arguments.kinds.split(',') for mode in ('box', 'whole')]
    table = [
        {'kind': kind, 'region': mode, **summary(groups[kind, mode])}
        for kind, mode in names
        if mode == 'whole' or not kind.startswith('no_')
    ]
    curves = {mode: refusal_curve([row for row in rows if row['mode'] == mode]) for mode in ('box', 'whole')}
    text = '\n'.join(json.dumps(line) for line in table)
    text = '{"table": [\n' + text.replace('}\n', '},\n') + '\n],\n"refusal_curve": ' + json.dumps(curves) + '}'
    print(text)
    for name, content in ((arguments.rows, json.dumps(rows, indent=1)), (arguments.json, text)):
        if name:
            Path(name).write_text(content + '\n')


if __name__ == '__main__':
    main()
