"""How fast the simulated camera renders: one thread, six joints, straight and curved, JSON out.

wall_ms is what a user waits; cpu_ms is what one core spends, whatever else the machine does.

    python benchmarks/sim_render.py [--images 60] [--json out.json]
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')

from dataclasses import fields

import cv2
import numpy as np

from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene

EFFECTS = {
    'none': HardEffects.none(),
    'nominal': HardEffects.nominal(),
    'all_at_full': HardEffects(**{f.name: 1.0 for f in fields(HardEffects)}),
}


def milliseconds_per_image(scene: Scene, images: int) -> np.ndarray:
    """(images, 2) wall and CPU time."""
    taken = []
    for place in np.linspace(0.02, 0.09, images):
        pose = scene.scan_pose(place)
        wall, cpu = time.perf_counter(), time.process_time()
        scene.render(pose, 10.0 * place)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    return 1e3 * np.array(taken)


def row(name: str, joint_type: JointType, curved: bool, images: int) -> dict[str, object]:
    scene = Scene.random(joint_type, np.random.default_rng(1), effects=EFFECTS[name], curved=curved)
    wall, cpu = np.median(milliseconds_per_image(scene, images), axis=0)
    return {
        'effects': name,
        'joint_type': str(joint_type),
        'curved': curved,
        'wall_ms': round(float(wall), 3),
        'cpu_ms': round(float(cpu), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--images', type=int, default=60, help='images for each scene')
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    row('nominal', JointType.LAP, False, 2)  # makes the pools that all scenes share
    rows = [
        row(name, joint_type, curved, arguments.images)
        for name in EFFECTS
        for joint_type in JointType
        for curved in (False, True)
    ]
    summary = {
        name: {
            f'images_per_second_{clock}': round(
                1e3 / float(np.mean([r[f'{clock}_ms'] for r in rows if r['effects'] == name])), 1
            )
            for clock in ('wall', 'cpu')
        }
        for name in EFFECTS
    }
    text = json.dumps({'images_per_scene': arguments.images, 'summary': summary, 'rows': rows}, indent=2)
    if arguments.json == '-':
        sys.stdout.write(text + '\n')
    else:
        with open(arguments.json, 'w', encoding='utf-8') as stream:
            stream.write(text + '\n')


if __name__ == '__main__':
    main()
