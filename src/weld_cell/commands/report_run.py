"""`weld_cell report run`: write the page of a recorded run again."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.calibration.rig import Rig, load_rig
from weld_cell.paths import config_file
from weld_cell.records import FloatArray, JointType, SeamSource
from weld_cell.report.run_page import write_run_page
from weld_cell.report.run_record import RunRecord, load_record
from weld_cell.report.run_summary import RunTruth, runs_against, verdict
from weld_cell.report.run_truth import MovingSeam
from weld_cell.sim.area_layouts import plates_of_layout
from weld_cell.sim.cell_scene import cell_scene
from weld_cell.sim.drift import drift_of_cell
from weld_cell.sim.part_on_table import part_of_layout
from weld_cell.sim.plate_scene import PlateLayout
from weld_cell.sim.scene import Scene
from weld_cell.supervisor.tracked_weld import ahead_sensor
from weld_cell.trajectory.procedures import load_procedures
from weld_cell.trajectory.robot_model import load_robot
from weld_cell.trajectory.settings import TrajectorySettings

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
    tracked = load_record(folder).facts.track
    rig = load_rig(str(config_file('rig_tracking.yaml' if tracked else 'rig.yaml')))
    summary = write_run_page(folder, _truth(folder, rig), robot, rig)
    good, sentence = verdict(summary)
    print(json.dumps(summary, indent=1))
    print(f'{sentence}\nLook at {folder / "index.html"}', file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def _truth(folder: Path, rig: Rig) -> RunTruth | None:
    record = load_record(folder)
    facts: Any = record.facts
    if facts.source != 'sim' or not facts.joint_type_set:
        return None
    plates = plates_of_layout(facts.lies, facts.seed, rig)
    if plates is not None:
        return _plates_truth(record, plates)
    part = part_of_layout(facts.lies, facts.seed, rig)
    scene = cell_scene(JointType(facts.joint_type_set), facts.seed, part=part)
    if part is None:
        return RunTruth(str(scene.joint_type), scene.truth.positions_m, moving=_moving(record, scene, rig))
    return RunTruth(str(scene.joint_type), scene.truth.positions_m, part.code, part.T_base_part)


def _moving(record: RunRecord, scene: Scene, rig: Rig) -> MovingSeam | None:
    """The seam while it was welded, by how the simulator said that it moved; None where it said nothing."""
    facts, told = record.facts, record.facts.sim_weld
    if not told or facts.joint_type not in list(JointType):
        return None
    procedure = load_procedures(str(config_file('weld_procedures.yaml')))[JointType(facts.joint_type)]
    length_m, began_s = scene.truth.length_m, told['began_ns'] / 1e9
    opens_mm = told.get('opens_mm', 0.0)
    drift = drift_of_cell(told['drift'], told['drift_mm'], facts.seed, length_m, told['lasts_s'], opens_mm)
    scene.begin_weld(0.0, 0.0, drift)
    gap_m, places_m = scene.workpiece.section.gap_m, np.linspace(0.0, length_m, len(scene.truth.positions_m))

    def opening_m(time_s: float) -> FloatArray:
        return np.array([gap_m + drift.opened_m(time_s - began_s, place_m) for place_m in places_m])

    return MovingSeam(
        lambda time_s: scene.truth_at(time_s - began_s).positions_m,
        1e-3 * (procedure.stick_out_mm - TrajectorySettings().calibrated_stick_out_mm),
        ahead_sensor(rig).ahead_m,
        opening_m if gap_m else None,
    )


def _plates_truth(record: RunRecord, plates: PlateLayout) -> RunTruth:
    """The seam between plates in the direction in which it was found; where it was scanned, as the laser saw it."""
    facts, plate_m = record.facts, plates.truth.path_m
    scanned = facts.seam_source == SeamSource.LASER
    scene = cell_scene(JointType.BUTT, facts.seed, plates=plates)
    seam_m = scene.truth.positions_m if scanned else plate_m
    if len(record.plate_path) > 1 and runs_against(record.plate_path, plate_m):
        seam_m, plate_m = seam_m[::-1], plate_m[::-1]
    gap_mm = float(np.median(plates.truth.gap_mm))
    return RunTruth(str(scene.joint_type) if scanned else None, seam_m, plate_m=plate_m, plate_gap_mm=gap_mm)
