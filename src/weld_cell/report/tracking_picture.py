"""Pictures of a tracked weld: commanded correction against the true seam, and what adaptive fill changed."""

from pathlib import Path

import matplotlib

matplotlib.use('Agg')  # a cell PC has no screen
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from weld_cell.records import FloatArray
from weld_cell.report.filled_weld import FilledWeld
from weld_cell.report.tracked_course import TrackedCourse
from weld_cell.wording import counted

TOLD, ERROR, WITHOUT, MUTED, LOST = '#1d5fbf', '#b3261e', '#55606e', '#8a939e', '#e0a100'
LEAST_SHOWN_MM = 0.4


def draw_tracking(
    along_mm: FloatArray,
    told_mm: FloatArray,
    errors_mm: FloatArray,
    uncorrected_mm: FloatArray,
    blind_from: int,
    path: Path,
) -> None:
    """Correction and error along the seam.

    Args:
        along_mm: (n,) where the tool was.
        told_mm: (n, 2) its correction to the left and upwards.
        errors_mm: (n,) its distance from the true seam.
        uncorrected_mm: (n,) the same had it not been corrected.
        blind_from: From which row on the sensor no longer saw the seam.
        path: Of the picture.
    """
    figure, (course, error) = plt.subplots(2, 1, figsize=(11, 5.6), layout='constrained', sharex=True)
    course.plot(along_mm, uncorrected_mm, '--', color=WITHOUT, label='true seam from the scanned one')
    course.plot(along_mm, (told_mm**2).sum(axis=1) ** 0.5, color=TOLD, label='correction of the tool')
    course.plot(along_mm, told_mm[:, 0], ':', color=TOLD, lw=1, label='to the left')
    course.plot(along_mm, told_mm[:, 1], '-.', color=TOLD, lw=1, label='upwards')
    course.set(ylabel='mm', title='Course')
    error.plot(along_mm, errors_mm, color=ERROR, label='tool from the true seam')
    error.set(xlabel='along the seam (mm)', ylabel='mm', ylim=(0, 1.1 * max(0.2, float(errors_mm.max()))))
    for axes in (course, error):
        if blind_from < len(along_mm):
            axes.axvspan(along_mm[blind_from], along_mm[-1], color=MUTED, alpha=0.2, label='beyond the sensor')
        axes.grid(alpha=0.3)
        axes.legend(loc='upper left', bbox_to_anchor=(1.0, 1.0), fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_course(course: TrackedCourse, path: Path) -> None:
    """The correction of a recorded weld along its seam, the true drift, and where the stripe was lost.

    Args:
        course: Of the weld.
        path: Of the picture.
    """
    known = len(course.drift_mm) > 0
    figure, panels = plt.subplots(
        2 + known, 1, figsize=(11, 5.6 + 1.6 * known), layout='constrained', sharex=True, squeeze=False
    )
    for column, (axes, where) in enumerate(zip(panels[:2, 0], ('to the left', 'out of the joint'), strict=True)):
        if known:
            axes.plot(
                course.along_mm, course.drift_mm[:, column], '--', color=WITHOUT, label='true drift of the seam'
            )
        axes.plot(course.along_mm, course.told_mm[:, column], color=TOLD, label='correction of the tool')
        axes.set(ylabel='mm', title=where.capitalize())
    if known:
        misses = panels[2, 0]
        misses.plot(course.along_mm, course.misses_mm, color=ERROR, label='wire from the true seam')
        misses.set(ylabel='mm', title='Error', ylim=(0, 1.1 * max(0.2, float(course.misses_mm.max()))))
    for axes in panels[:, 0]:
        _mark(axes, course)
        axes.grid(alpha=0.3)
        axes.legend(loc='upper left', bbox_to_anchor=(1.0, 1.0), fontsize=8)
    panels[-1, 0].set(xlabel='along the seam (mm)')
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _mark(axes: Axes, course: TrackedCourse) -> None:
    """Where the sensor had lost the stripe, and where it had left the seam."""
    for number, (since_mm, until_mm) in enumerate(course.lost_mm):
        label = None if number else f'stripe lost ({counted(len(course.lost_mm), "time")})'
        axes.axvspan(since_mm, max(until_mm, since_mm + LEAST_SHOWN_MM), color=LOST, alpha=0.45, label=label)
    last_mm = float(course.along_mm[-1])
    if course.seen_until_mm is not None and course.seen_until_mm < last_mm:
        axes.axvspan(course.seen_until_mm, last_mm, color=MUTED, alpha=0.2, label='beyond the sensor')


def draw_fill(weld: FilledWeld, path: Path) -> None:
    """Root gap, speed, wire feed and weave of a weld with adaptive fill along its seam.

    Args:
        weld: The weld.
        path: Of the picture.
    """
    fill = weld.fill
    figure, (gap, speed, feed) = plt.subplots(3, 1, figsize=(11, 7.2), layout='constrained', sharex=True)
    gap.plot(fill.along_mm, fill.gap_mm, '.-', color=TOLD, label='root gap, measured')
    if len(weld.true_gap_mm):
        gap.plot(fill.along_mm, weld.true_gap_mm, '--', color=WITHOUT, label='root gap, true')
    gap.plot(fill.along_mm, fill.mismatch_mm, ':', color=MUTED, label='mismatch, measured')
    speed.plot(weld.along_mm, weld.speeds_mm_s, color=MUTED, lw=0.6, label='of the tool, as the robot moved')
    speed.plot(fill.along_mm, fill.travel_speed_mm_s, '.-', color=TOLD, label='chosen')
    feed.plot(fill.along_mm, fill.wire_feed_m_min, '.-', color=TOLD, label='wire feed (m/min)')
    feed.plot(fill.along_mm, fill.weave_width_mm, '.-', color=ERROR, label='weave width (mm)')
    for axes, name in ((speed, 'travel_speed_mm_s'), (feed, 'wire_feed_m_min')):
        if name in weld.planned:
            axes.axhline(weld.planned[name], ls='--', lw=1, color=WITHOUT, label='procedure, without adaptive fill')
    gap.set(ylabel='mm', title='Root gap')
    most_mm_s = max(*fill.travel_speed_mm_s, *weld.planned.values(), 1.0)
    speed.set(ylabel='mm/s', title='Travel speed', ylim=(0, 1.4 * most_mm_s))
    feed.set(xlabel='along the seam (mm)', title='Wire feed and weave', xlim=(-2.0, fill.along_mm[-1] + 2.0))
    for axes in (gap, speed, feed):
        axes.grid(alpha=0.3)
        axes.legend(loc='upper left', bbox_to_anchor=(1.0, 1.0), fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)
