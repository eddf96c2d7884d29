"""How fast the simulated area camera renders: one thread, the whole scene and a further exposure, JSON out.

wall_ms is what a user waits; cpu_ms is what one core spends, whatever else the machine does.

    python benchmarks/area_render.py [--scenes 20] [--json out.json]
"""

import argparse

import numpy as np
from render_timing import milliseconds, one_thread, write_report

from weld_cell.calibration.rig import load_rig
from weld_cell.paths import config_file
from weld_cell.sim.area_effects import AreaEffects
from weld_cell.sim.area_layouts import LAYOUTS
from weld_cell.sim.area_scene import AreaScene


def row(lies: str, effects: AreaEffects, scenes: int) -> dict[str, object]:
    rig = load_rig(str(config_file('rig.yaml')))
    taken = []
    for seed in range(scenes):
        rng, sheets = np.random.default_rng(seed), LAYOUTS[lies](seed, rig)
        scene = AreaScene(rig.mako.camera, rig.mako.T_parent_sensor, sheets, effects, rng)
        taken.append([milliseconds(lambda scene=scene, rng=rng: scene.image(rng)) for _ in range(2)])
    (wall, cpu), (again_wall, again_cpu) = np.median(taken, axis=0).round(1).tolist()
    return {'lies': lies, 'wall_ms': wall, 'cpu_ms': cpu, 'again_wall_ms': again_wall, 'again_cpu_ms': again_cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--scenes', type=int, default=20, help='scenes of each kind (default: %(default)s)')
    parser.add_argument('--json', default='-', help='file to write; - for standard output')
    arguments = parser.parse_args()
    one_thread()
    effects = {'nominal': AreaEffects.nominal(), 'hard': AreaEffects.hard(np.random.default_rng(0))}
    row('none', effects['nominal'], 1)  # makes the rays and pools that all scenes share
    rows = [
        {'effects': name, **row(lies, dials, arguments.scenes)} for name, dials in effects.items() for lies in LAYOUTS
    ]
    write_report({'scenes': arguments.scenes, 'rows': rows}, arguments.json)


if __name__ == '__main__':
    main()
