"""`weld_cell report run`: the page of a recorded run, made again."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.paths import config_file
from weld_cell.records import JointType
from weld_cell.report.run_page import write_run_page
from weld_cell.report.run_record import load_record
from weld_cell.report.run_summary import RunTruth, verdict
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.part_on_table import part_of_layout
from weld_cell.trajectory.robot_model import load_robot

EXAMPLES = """Examples:
  weld_cell report run out/run

Writes summary.json and index.html beside the record that the node run_recorder left in the folder. Exit code 0
only if the run came to its end and, in simulation, the joint type is right and the seam within 0.3 mm everywhere."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.epilog = EXAMPLES
    parser.add_argument('folder', type=Path, help='folder of the record')


def run(arguments: argparse.Namespace) -> int:
    """Make the page."""
    return report(arguments.folder)


def report(folder: Path) -> int:
    """Write the page of a recorded run, say what it found, and judge it; the exit code.

    Raises:
        ConfigurationError: the folder holds no record.
    """
    robot = load_robot(str(config_file('robot/arc_robot.urdf')), str(config_file('robot/limits.yaml')))
    rig = load_rig(str(config_file('rig.yaml')))
    summary = write_run_page(folder, _truth(folder, rig), robot, rig)
    good, sentence = verdict(summary)
    print(json.dumps(summary, indent=1))
    print(f'{sentence}\nLook at {folder / "index.html"}', file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def _truth(folder: Path, rig: Rig) -> RunTruth | None:
    facts: Any = load_record(folder).facts
    if facts.source != 'sim' or not facts.joint_type_set:
        return None
    part = part_of_layout(facts.lies, facts.seed, rig)
    scene = cell_scene(JointType(facts.joint_type_set), facts.seed, part=part)
    if part is None:
        return RunTruth(str(scene.joint_type), scene.truth.positions_m)
    return RunTruth(str(scene.joint_type), scene.truth.positions_m, part.code, part.T_base_part)
