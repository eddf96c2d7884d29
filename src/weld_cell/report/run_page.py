"""Report of a run: summary.json and index.html."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.report.page import Picture, write_page
from weld_cell.report.run_pictures import draw_profile, draw_seam, draw_trajectory
from weld_cell.report.run_record import (
    JOINT_TYPE_PICTURE,
    PART_PICTURE,
    PATH_PICTURE,
    PLATE_PATH_PICTURE,
    PLATE_PICTURE,
    PROFILE_PICTURE,
    SEAM_PICTURE,
    SUMMARY_FILE,
    TRAJECTORY_PICTURE,
    RunRecord,
    load_record,
)
from weld_cell.report.run_summary import RunTruth, summarise, verdict
from weld_cell.trajectory.robot_model import RobotModel

PLATE_CAPTIONS = {
    PLATE_PICTURE: 'What the area camera saw: where it looked (blue), the seam to weld from dot to arrow (green), '
    'others (yellow), and where there is none, why (orange)',
    PLATE_PATH_PICTURE: 'The seam between the plates on the work plane, and the truth',
}
CAPTIONS = {
    PART_PICTURE: 'The part on the table, seen straight from above: outline, frame (x red, y green), code and margin',
    JOINT_TYPE_PICTURE: 'Joint type: the stripe (green), bridged stretches (orange), and the vote',
    SEAM_PICTURE: 'Seam point (red) and break points (blue) in the image',
    PROFILE_PICTURE: 'Cross-section of the joint in the laser plane, with its break points',
    PATH_PICTURE: 'Seam path, the points that it was made from, and the truth',
    TRAJECTORY_PICTURE: 'Robot joint trajectory as sent, and the speed of the tool as the robot moved',
}


def write_run_page(folder: Path, truth: RunTruth | None, robot: RobotModel, rig: Rig) -> dict[str, Any]:
    """Write summary.json and index.html beside the record of a run.

    Args:
        folder: Where the record is.
        truth: Of a simulated run.
        robot: The robot that moved.
        rig: The calibration in force.

    Returns:
        The summary.

    Raises:
        ConfigurationError: the folder holds no record.
    """
    record = load_record(folder)
    summary = summarise(record, truth, robot, rig.T_tool0_tool)
    (folder / SUMMARY_FILE).write_text(json.dumps(summary, indent=1) + '\n', encoding='utf-8')
    if len(record.profile):
        draw_profile(record, rig.laser_sensor, folder / PROFILE_PICTURE)
    if len(record.path) > 1:
        draw_seam(record.path[:, :3], record.seam_points, truth.seam_m if truth else None, folder / PATH_PICTURE)
    if len(record.plate_path) > 1:
        draw_seam(record.plate_path, np.empty((0, 3)), truth.plate_m if truth else None, folder / PLATE_PATH_PICTURE)
    if len(record.trajectory):
        draw_trajectory(record, robot, rig.T_tool0_tool, folder / TRAJECTORY_PICTURE)
    stages = {f'{seconds:.1f} s': f'{stage} {note}' for seconds, stage, note in record.facts.stages}
    good, sentence = verdict(summary)
    latency = summary['latency_ms']
    numbers = {**summary, 'latency_ms': f'p50 {latency["p50"]}, p99 {latency["p99"]}'}
    write_page(
        folder,
        'run.html.j2',
        title=f'Run: {_title(record, truth)}',
        good=good,
        sentence=sentence,
        pictures=_shown(CAPTIONS, folder),
        plate_pictures=_shown(PLATE_CAPTIONS, folder),
        plate_numbers={name: value for name, value in numbers.items() if name.startswith('plate_')},
        numbers={name: value for name, value in numbers.items() if not name.startswith('plate_')},
        stages=stages,
    )
    return summary


def _title(record: RunRecord, truth: RunTruth | None) -> str:
    if truth is None:
        return record.facts.source
    return truth.joint_type or 'plate seam'


def _shown(captions: dict[str, str], folder: Path) -> list[Picture]:
    """Those that there are."""
    return [Picture(name, text) for name, text in captions.items() if (folder / name).exists()]
