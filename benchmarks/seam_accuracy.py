"""Accuracy of the seam: simulated scans of the six joints through stripe, seam point and path, against the truth.

    .venv/bin/python benchmarks/seam_accuracy.py [--scenes 8] [--nominal] [--joints v,butt] [--json FILE]

The same evaluation as `weld_cell evaluate seam`, for single joints and for the nominal cell as well; prints JSON.
"""

import argparse
import json
from pathlib import Path

import cv2

from weld_cell.evaluation.seam import evaluate_seam
from weld_cell.records import JointType


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    evaluation = evaluate_seam(
        arguments.scenes,
        arguments.seed,
        None if arguments.nominal else arguments.hardness,
        joint_types=[JointType(name) for name in arguments.joints.split(',')],
    )
    text = json.dumps(evaluation.as_dict(), indent=2)
    print(text)
    if arguments.json:
        Path(arguments.json).write_text(text + '\n')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Accuracy of the seam path in simulated scans.')
    parser.add_argument('--scenes', type=int, default=8, help='scenes per joint type, half of them curved')
    parser.add_argument('--hardness', type=float, default=1.0, help='each effect is drawn from 0 to this dial')
    parser.add_argument('--nominal', action='store_true', help='the nominal cell instead of the hard one')
    parser.add_argument('--joints', default=','.join(JointType), help='joint types, with commas between')
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--json', help='write the report to this file as well')
    return parser.parse_args()


if __name__ == '__main__':
    main()
