"""Robot programs: random welds written, read again and held against the plan, language by language; prints JSON.

    .venv/bin/python benchmarks/robot_programs.py [--seams 200] [--languages rapid,urscript] [--seed 7] [--json FILE]

Of each language: the worst deviation of a planned tool pose from the path that the reader finds (aim: 0.05 mm and
0.05 deg), the worst difference of the robot joints to which its configuration data lead, and how many moves it takes.
"""

import argparse
import json
import time
from pathlib import Path

from tqdm import tqdm

from weld_cell.calibration.rig import load_rig
from weld_cell.evaluation.robot_programs import random_welds, round_trip, summary
from weld_cell.paths import config_file
from weld_cell.programs.settings import load_program_settings
from weld_cell.records import ProgramLanguage
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot


def main() -> None:
    arguments = _arguments()
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    procedures = load_procedures(str(config_file('weld_procedures.yaml')))
    tool = load_rig(str(config_file('rig.yaml'))).T_tool0_tool
    settings = load_program_settings(str(config_file('robot_programs.yaml')))
    welds = random_welds(arguments.seams, arguments.seed, robot, procedures, tool, settings)
    results = {}
    for language in arguments.languages.split(','):
        begun = time.perf_counter()
        trips = [
            round_trip(trajectory, program, ProgramLanguage(language), robot, settings)
            for trajectory, program in tqdm(welds, desc=language, unit='seam')
        ]
        results[language] = {**summary(trips), 'seconds': round(time.perf_counter() - begun, 1)}
    text = json.dumps({'seed': arguments.seed, 'languages': results}, indent=1)
    print(text)
    if arguments.json:
        Path(arguments.json).write_text(text + '\n')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Round trip of robot programs.')
    parser.add_argument('--seams', type=int, default=200)
    parser.add_argument('--languages', default=','.join(ProgramLanguage), help='with commas between')
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--json', help='write the report to this file as well')
    return parser.parse_args()


if __name__ == '__main__':
    main()
