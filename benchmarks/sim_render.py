"""How fast the simulated line-laser sensor renders: one thread, six joints, straight and curved, JSON out.

wall_ms is what a user waits; cpu_ms is what one core spends, whatever else the machine does.

    python benchmarks/sim_render.py [--images 60] [--json out.json]
"""

import argparse
from dataclasses import fields

import numpy as np
from render_timing import milliseconds, one_thread, write_report

from weld_cell.records import JointType
from weld_cell.sim.effects import HardEffects
from weld_cell.sim.scene import Scene

EFFECTS = {
    'none': HardEffects.none(),
    'nominal': HardEffects.nominal(),
    'all_at_full': HardEffects(**{f.name: 1.0 for f in fields(HardEffects)}),
}


def row(name: str, joint_type: JointType, curved: bool, images: int) -> dict[str, object]:
    scene = Scene.random(joint_type, np.random.default_rng(1), effects=EFFECTS[name], curved=curved)
    taken = []
    for place in np.linspace(0.02, 0.09, images):
        pose = scene.scan_pose(place)
        taken.append(milliseconds(lambda pose=pose, place=place: scene.render(pose, 10.0 * place)))
    wall, cpu = np.median(taken, axis=0).round(3).tolist()
    return {'effects': name, 'joint_type': str(joint_type), 'curved': curved, 'wall_ms': wall, 'cpu_ms': cpu}


def images_per_second(rows: list[dict[str, object]], clock: str) -> float:
    return round(1e3 / float(np.mean([row[f'{clock}_ms'] for row in rows])), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', type=int, default=60, help='images of each kind (default: %(default)s)')
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    arguments = parser.parse_args()
    one_thread()
    row('nominal', JointType.LAP, False, 2)  # makes the pools that all scenes share
    rows = {
        name: [
            row(name, joint_type, curved, arguments.images) for joint_type in JointType for curved in (False, True)
        ]
        for name in EFFECTS
    }
    summary = {
        name: {f'images_per_second_{clock}': images_per_second(of_name, clock) for clock in ('wall', 'cpu')}
        for name, of_name in rows.items()
    }
    write_report(
        {'images_per_scene': arguments.images, 'summary': summary, 'rows': sum(rows.values(), [])}, arguments.json
    )


if __name__ == '__main__':
    main()
