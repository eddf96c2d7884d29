"""Accuracy of the seam: simulated scans of the six joints through stripe, seam point and path, against the truth.

    .venv/bin/python benchmarks/seam_accuracy.py [--scenes 2] [--hard] [--step-mm 1.0] [--json FILE]

For each joint type, straight and curved seams are scanned along the nominal path, which is wrong by up to 20 mm and
5 degrees. The distance of each path point from the true seam is measured; prints JSON.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from scipy.interpolate import interp1d
from scipy.spatial import cKDTree

from weld_cell.errors import WeldCellError
from weld_cell.records import FloatArray, JointType, SeamPoint
from weld_cell.seam import PathSettings, SeamSettings, fit_seam_path, locate_seam, to_base
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene
from weld_cell.stripe import StripeSettings, extract_stripe

SCAN_SPEED_M_S = 0.020
RUN_UP_M = 0.012
TRUTH_STEP_M = 0.01e-3


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    errors, failures, locate_ms = defaultdict(list), defaultdict(list), []
    started = time.perf_counter()
    for joint_type in JointType:
        for index in range(2 * arguments.scenes):
            curved = bool(index % 2)
            rng = np.random.default_rng([arguments.seed, index, list(JointType).index(joint_type)])
            effects = HardEffects.hard(rng) if arguments.hard else HardEffects.nominal()
            scene = Scene.random(joint_type, rng, effects=effects, curved=curved)
            points = scan(scene, arguments.step_mm * 1e-3, locate_ms)
            try:
                errors[joint_type, curved].append(path_errors_mm(points, scene))
            except WeldCellError as error:
                failures[str(joint_type)].append(error.message)
    report = summary(errors, failures, locate_ms)
    report |= {'hard': arguments.hard, 'scenes_per_type': 2 * arguments.scenes, 'seed': arguments.seed,
               'seconds': round(time.perf_counter() - started, 1)}
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        Path(arguments.json).write_text(text + '\n')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Accuracy of the seam path in simulated scans.')
    parser.add_argument('--scenes', type=int, default=2, help='scenes per joint type, straight and curved each')
    parser.add_argument('--hard', action='store_true', help='all effects at random instead of the nominal cell')
    parser.add_argument('--step-mm', type=float, default=1.0, help='distance between images (the cell: 0.5)')
    parser.add_argument('--seed', type=int, default=1000)
    parser.add_argument('--json', help='write the report to this file as well')
    return parser.parse_args()


def scan(scene: Scene, step_m: float, locate_ms: list[float]) -> list[SeamPoint]:
    """Seam points of one scan along the nominal seam; images that show none are left out, as on the cell."""
    points, sensor = [], scene.sensor
    length = float(np.linalg.norm(scene.nominal_end_m - scene.nominal_start_m))
    for along in np.arange(-RUN_UP_M, length + RUN_UP_M, step_m):
        T_base_tool0, time_s = scene.scan_pose(along), (along + RUN_UP_M) / SCAN_SPEED_M_S
        pixels, _ = scene.render(T_base_tool0, time_s)
        try:
            profile = extract_stripe(pixels, StripeSettings())
            began = time.perf_counter()
            observation = locate_seam(
                profile, scene.joint_type, sensor.camera, sensor.laser_plane, SeamSettings(), int(1e9 * time_s))
            locate_ms.append(1e3 * (time.perf_counter() - began))
        except WeldCellError:
            continue
        points.append(to_base(observation, T_base_tool0 @ sensor.T_tool0_sensor))
    return points


def path_errors_mm(points: list[SeamPoint], scene: Scene) -> FloatArray:
    """Distance of each point of the fitted path from the true seam."""
    path, truth = fit_seam_path(points, PathSettings()), scene.truth
    at = np.linspace(0.0, truth.length_m, len(truth.positions_m))
    fine = interp1d(at, truth.positions_m, axis=0)(np.arange(0.0, truth.length_m, TRUTH_STEP_M))
    return 1e3 * cKDTree(fine).query(path.positions_m)[0]


def summary(errors: dict, failures: dict, locate_ms: list[float]) -> dict:
    """RMS and greatest error in all, by shape and by joint type."""
    def rms(rows: list[FloatArray]) -> float | None:
        return round(float(np.sqrt(np.mean(np.concatenate(rows) ** 2))), 4) if rows else None

    def by_shape(curved: bool) -> list[FloatArray]:
        return [row for (_, bent), rows in errors.items() if bent is curved for row in rows]

    per_joint = {}
    for joint_type in JointType:
        straight, curved = errors[joint_type, False], errors[joint_type, True]
        per_joint[str(joint_type)] = {
            'rms_mm_straight': rms(straight), 'rms_mm_curved': rms(curved),
            'max_mm': round(float(max((row.max() for row in straight + curved), default=np.nan)), 4),
            'failed': failures[str(joint_type)]}
    return {'rms_mm_straight': rms(by_shape(False)), 'rms_mm_curved': rms(by_shape(True)),
            'locate_ms_median': round(float(np.median(locate_ms)), 3), 'per_joint': per_joint}


if __name__ == '__main__':
    main()
