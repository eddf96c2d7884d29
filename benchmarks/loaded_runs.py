"""`weld_cell run` on a busy machine, over joints and seeds, judged by the simulator's truth; JSON out.

    python benchmarks/loaded_runs.py [--runs 40] [--first-seed 101] [--busy 8] [--joint v] [--json FILE]

Runs one cell after the other, the joints in turn, beside so many processes that do nothing but work (--busy 0 where
the machine is loaded anyway). Each run ends as one of

    right      the weld is done, type and path right, both ends where the workpiece's seam has them
    refused    a fault with its reason and remedy
    short      done, but an end is missing or too long, and nobody said so
    wrong      done, but of another type, or off the seam
    unnamed    a fault without a reason, or no record at all
    hung       not at its end after --patience seconds

Lines of the log that warn in a run that is right are counted too. Exit code 0 only if all are right or refused and
the right ones quiet.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.records import JointType
from weld_cell.report.run_record import load_record
from weld_cell.report.run_summary import END_TOLERANCE_MM, SEAM_TOLERANCE_MM
from weld_cell.sim.cell_scene import cell_scene

GOOD = ('right', 'refused')
NOISE = re.compile(r'\[(WARN|WARNING|ERROR|FATAL)\]|Traceback|failed to terminate')
BUSY_LOOP = 'while True: pass'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=40, help='default: %(default)s')
    parser.add_argument('--first-seed', type=int, default=101, help='of the first run (default: %(default)s)')
    parser.add_argument('--joint', choices=[str(joint) for joint in JointType], help='this one alone')
    parser.add_argument('--busy', type=int, default=8, help='processes that only work (default: %(default)s)')
    parser.add_argument('--patience', type=float, default=600.0, help='seconds for one run (default: %(default)s)')
    parser.add_argument('--minutes', type=float, default=float('inf'), help='begin no run after these')
    parser.add_argument('--out', type=Path, default=Path('out/loaded_runs'), help='folder (default: %(default)s)')
    parser.add_argument('--json', type=Path, help='to write the results to, after each run')
    arguments = parser.parse_args()
    busy = [subprocess.Popen([sys.executable, '-c', BUSY_LOOP]) for _ in range(arguments.busy)]
    try:
        runs = _runs(arguments)
    finally:
        for process in busy:
            process.kill()
    return 0 if all(run['outcome'] in GOOD and not run['noise'] for run in runs) else 1


def _runs(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    joints = [arguments.joint] if arguments.joint else [str(joint) for joint in JointType]
    last_s = time.monotonic() + 60.0 * arguments.minutes
    runs: list[dict[str, Any]] = []
    for number in range(arguments.runs):
        if time.monotonic() > last_s:
            break
        runs.append(_one(joints[number % len(joints)], arguments.first_seed + number, arguments))
        print(json.dumps(runs[-1]), flush=True)
        if arguments.json:
            figures = {'outcomes': Counter(run['outcome'] for run in runs), 'runs': runs}
            arguments.json.write_text(json.dumps(figures, indent=1) + '\n')
    print(json.dumps(Counter(run['outcome'] for run in runs)), file=sys.stderr)
    return runs


def _one(joint: str, seed: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the cell once; what came of it."""
    folder = arguments.out / f'{joint}_{seed}'
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / 'log.txt'
    command = ['weld_cell', 'run', '--joint', joint, '--seed', str(seed), '--out', str(folder)]
    began_s, load_before = time.monotonic(), os.getloadavg()[0]
    with log.open('w') as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=subprocess.STDOUT)
        hung = _hangs(process, arguments.patience)
    facts = {
        'joint': joint,
        'seed': seed,
        'load': [round(load_before, 1), round(os.getloadavg()[0], 1)],
        'seconds': round(time.monotonic() - began_s, 1),
        'exit_code': process.returncode,
    }
    return facts | _judge(joint, seed, folder, hung)


def _hangs(process: 'subprocess.Popen[bytes]', patience_s: float) -> bool:
    """Wait for its end; end it where that does not come."""
    try:
        process.wait(patience_s)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        process.wait()
        return True


def _judge(joint: str, seed: int, folder: Path, hung: bool) -> dict[str, Any]:
    """Outcome, lengths and errors of a run, from its summary and its record."""
    noise = [line for line in (folder / 'log.txt').read_text().splitlines() if NOISE.search(line)]
    if hung:
        return {'outcome': 'hung', 'noise': noise}
    if not (folder / 'summary.json').exists():
        return {'outcome': 'unnamed', 'reason': 'no record', 'noise': noise}
    summary = json.loads((folder / 'summary.json').read_text())
    outcome = _outcome(summary)
    truth_m = cell_scene(JointType(joint), seed).truth.positions_m
    return {
        'outcome': outcome,
        'length_mm': _length_mm(load_record(folder).welded_path),
        'length_truth_mm': _length_mm(truth_m),
        **{name: summary[f'seam_{name}'] for name in ('max_mm', 'rms_mm', 'start_error_mm', 'end_error_mm')},
        'images': summary['images'],
        'images_lost': summary['images_lost'],
        'latency_ms': summary['latency_ms'],
        'reason': summary['note'],
        'noise': noise if outcome != 'refused' else [],
    }


def _outcome(summary: dict[str, Any]) -> str:
    if summary['last_stage'] != 'done':
        return 'refused' if summary['last_stage'] == 'fault' and 'Remedy:' in summary['note'] else 'unnamed'
    if summary['joint_type'] != summary['joint_type_truth']:
        return 'wrong'
    if summary['seam_max_mm'] is None or summary['seam_max_mm'] > SEAM_TOLERANCE_MM:
        return 'wrong'
    ends_mm = max(abs(summary['seam_start_error_mm']), abs(summary['seam_end_error_mm']))
    return 'right' if ends_mm <= END_TOLERANCE_MM else 'short'


def _length_mm(path_m: Any) -> float | None:
    if len(path_m) < 2:
        return None
    return round(1000 * float(np.linalg.norm(np.diff(path_m, axis=0), axis=1).sum()), 2)


if __name__ == '__main__':
    sys.exit(main())
