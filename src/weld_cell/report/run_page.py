"""Report of a run: summary.json and index.html."""

import json
import re
from dataclasses import dataclass
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from weld_cell.calibration.rig import Rig
from weld_cell.report.filled_weld import filled_weld
from weld_cell.report.page import Picture, write_page
from weld_cell.report.run_figures import figure_sections, words_of
from weld_cell.report.run_pictures import draw_profile, draw_seam, draw_trajectory
from weld_cell.report.run_record import (
    FILL_PICTURE,
    JOINT_TYPE_PICTURE,
    PART_PICTURE,
    PATH_PICTURE,
    PLATE_PATH_PICTURE,
    PLATE_PICTURE,
    PROFILE_PICTURE,
    SEAM_PICTURE,
    SUMMARY_FILE,
    TRACKING_PICTURE,
    TRAJECTORY_PICTURE,
    RunFacts,
    RunRecord,
    load_record,
)
from weld_cell.report.run_summary import RunTruth, summarise, verdict
from weld_cell.report.tracked_course import seam_of_run, tracked_course
from weld_cell.report.tracking_picture import draw_course, draw_fill
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
    TRACKING_PICTURE: 'Correction of the tool along the seam as commanded, the true drift of the workpiece (in '
    'simulation), and where the sensor had lost the stripe',
    FILL_PICTURE: 'What adaptive fill changed along the seam: root gap, and by it speed, wire feed and weave',
}

_NUMBER = re.compile(r'\d+(\.\d+)?')


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
    seam = seam_of_run(folder, record.facts)
    tracking, moving = seam.tracking if seam else None, truth.moving if truth else None
    arm = robot, rig.T_tool0_tool
    fill = tracking.fill if tracking else None
    filled = filled_weld(record, fill, seam.procedure, moving, *arm) if seam and fill else None
    summary = summarise(record, truth, *arm, tracking, filled)
    (folder / SUMMARY_FILE).write_text(json.dumps(summary, indent=1) + '\n', encoding='utf-8')
    if len(record.profile):
        draw_profile(record, rig.laser_sensor, folder / PROFILE_PICTURE)
    if len(record.path) > 1:
        draw_seam(record.path[:, :3], record.seam_points, truth.seam_m if truth else None, folder / PATH_PICTURE)
    if len(record.plate_path) > 1:
        draw_seam(record.plate_path, np.empty((0, 3)), truth.plate_m if truth else None, folder / PLATE_PATH_PICTURE)
    if len(record.trajectory):
        sent = seam.trajectory if seam else None
        draw_trajectory(record, robot, rig.T_tool0_tool, folder / TRAJECTORY_PICTURE, sent)
    course = tracked_course(record, tracking, moving, *arm) if tracking else None
    if course is not None:
        draw_course(course, folder / TRACKING_PICTURE)
    if filled is not None:
        draw_fill(filled, folder / FILL_PICTURE)
    good, sentence = verdict(summary)
    write_page(
        folder,
        'run.html.j2',
        title=f'Run: {_title(record, truth)}',
        good=good,
        sentence=sentence,
        pictures=_shown(CAPTIONS, folder),
        plate_pictures=_shown(PLATE_CAPTIONS, folder),
        words=words_of(summary),
        sections=figure_sections(summary),
        stages=stage_rows(record.facts),
        summary_file=SUMMARY_FILE,
    )
    return summary


@dataclass(frozen=True)
class StageRow:
    """A stage of a run.

    Attributes:
        stage: Its name.
        begun_s: Since the start of the run.
        lasted_s: Until the next one; None of the last.
        notes: What was told in it; of counting ones the last.
    """

    stage: str
    begun_s: float
    lasted_s: float | None
    notes: tuple[str, ...]


def stage_rows(facts: RunFacts) -> list[StageRow]:
    """A row for each stage, in order."""
    visits = [list(told) for _, told in groupby(facts.stages, lambda each: each[1])]
    begun = [visit[0][0] for visit in visits]
    lasted = [until_s - since_s for since_s, until_s in pairwise(begun)]
    return [
        StageRow(visit[0][1], since_s, lasted_s, _notes(visit))
        for visit, since_s, lasted_s in zip_longest(visits, begun, lasted)
    ]


def _notes(visit: list[tuple[float, str, str]]) -> tuple[str, ...]:
    """Notes of a stage; of those that differ in their numbers alone, the last."""
    last = {_NUMBER.sub('#', note): note for _, _, note in visit if note}
    return tuple(last.values())


def _title(record: RunRecord, truth: RunTruth | None) -> str:
    if truth is None:
        return record.facts.source
    return truth.joint_type or 'plate seam'


def _shown(captions: dict[str, str], folder: Path) -> list[Picture]:
    """Those that there are."""
    return [Picture(name, text) for name, text in captions.items() if (folder / name).exists()]
