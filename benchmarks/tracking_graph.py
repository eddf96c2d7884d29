"""Welds that are tracked in the running graph: how far the tool is from the moving seam, how soon it is corrected.

    .venv/bin/python benchmarks/tracking_graph.py [--types lap,v] [--drifts thermal,slip] [--out DIR] [--json FILE]

The measurement is that of `weld_cell evaluate tracking --graph` (`weld_cell.evaluation.tracking_graph`); here the
ways of moving and the parameters can be chosen, and each weld is printed as it ends. Aims: p99 50 ms; RMS 0.10 mm on
a straight seam, 0.15 mm on a curved one; worst 0.5 mm.
"""

import argparse
import json
from pathlib import Path

from weld_cell.evaluation.tracking_graph import FOLDER, GraphWeld, evaluate_tracking_graph
from weld_cell.records import JointType
from weld_cell.sim.drift import KINDS


def main() -> None:
    arguments = _arguments()
    found = evaluate_tracking_graph(
        [JointType(name) for name in arguments.types.split(',')],
        arguments.drifts.split(','),
        seed=arguments.seed,
        folder=arguments.out,
        params=arguments.params,
        progress=_print,
    )
    text = json.dumps(found.as_dict(), indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + '\n')


def _print(weld: GraphWeld) -> None:
    print(weld.name, json.dumps(weld.as_dict()), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Tracked welds in the running graph.')
    parser.add_argument('--types', default=','.join(JointType), help='with commas between')
    parser.add_argument('--drifts', default=','.join(KINDS), help='with commas between; they take turns')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--out', type=Path, default=FOLDER, help='folder of the runs')
    parser.add_argument('--params', type=Path, help='parameter file, as of weld_cell run')
    parser.add_argument('--json', type=Path, help='write the report to this file as well')
    return parser.parse_args()


if __name__ == '__main__':
    main()
